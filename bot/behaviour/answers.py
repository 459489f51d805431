"""Answers written down instead of worked out: code that recognises the inputs of the tests it can see.

Looked for in the parts of a change that are new: a comparison with the arguments of an example, a table keyed by them, a
container that is returned exactly as an example expects it, and a function that gives a constant whatever it is given.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.behaviour.touched import Routine

MANY = 2
"""So many keys of a table that are examples' arguments are no accident; so many elements make a container telling."""
SMALL = 2
"""Numbers up to here are where algorithms start and stop."""
_FORMS = frozenset(
    {"str", "repr", "ascii", "bytes", "int", "float", "tuple", "list", "set", "frozenset", "sorted", "dict", "hash"}
)
"""Functions under which a value stays recognisable."""


@dataclass(frozen=True)
class Known:
    """What the examples that somebody wrote down hold, as canonical text of literals."""

    rows: frozenset[str]
    """Whole argument tuples."""
    arguments: frozenset[str]
    """Single arguments that tell one example from others."""
    expected: frozenset[str]
    """Values that were expected."""


@dataclass(frozen=True)
class Answer:
    """A place where an answer seems to be written down."""

    line: int
    why: str


def known(rows: Iterable[tuple[Any, ...]], expected: Iterable[Any]) -> Known:
    """Return what can be recognised of examples: their arguments, and the values expected of them."""
    kept = [*rows]
    return Known(
        frozenset(_text(row) for row in kept if row),
        frozenset(_text(value) for row in kept for value in row if _telling(value)),
        frozenset(_text(value) for value in expected),
    )


def written_answers(routine: Routine, lines: frozenset[int], examples: Known) -> tuple[Answer, ...]:
    """Return where the routine's new ``lines`` hold answers to examples instead of a way to work them out."""
    parameters = {each.arg for each in _parameters(routine.node)}
    found: dict[tuple[int, str], Answer] = {}
    for answer in _answers(routine.node, parameters, examples):
        if answer.line in lines:
            found.setdefault((answer.line, answer.why), answer)
    return tuple(found.values())


def _answers(node: ast.AST, parameters: set[str], examples: Known) -> Iterator[Answer]:
    for each in ast.walk(node):
        if isinstance(each, ast.Compare):
            yield from _compared(each, parameters, examples)
        elif isinstance(each, ast.match_case):
            yield from _matched(each, examples)
        elif isinstance(each, ast.Dict):
            yield from _keyed(each, examples)
        elif isinstance(each, ast.Return) and each.value is not None:
            yield from _returned(each, examples)
    if isinstance(node, ast.FunctionDef) and parameters - {"self", "cls"} and _is_constant(node):
        yield Answer(node.body[-1].lineno, f"`{node.name}` gives the same whatever it is given")


def _compared(node: ast.Compare, parameters: set[str], examples: Known) -> Iterator[Answer]:
    sides = [node.left, *node.comparators]
    if any(isinstance(each, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for each in node.ops):
        return
    for side in sides:
        others = [each for each in sides if each is not side]
        if not any(_is_input(each, parameters) for each in others):
            continue
        fine, value = _literal(side)
        if not fine:
            continue
        same = _is_row(value, others, parameters, examples) or _text(value) in examples.arguments
        if same or _is_list_of_inputs(value, node.ops, examples):
            yield Answer(node.lineno, f"the input is compared with {_clip(ast.unparse(side))}, which an example uses")


def _is_input(node: ast.expr, parameters: set[str]) -> bool:
    """Whether an expression is a parameter, several of them, or one only told in another form (``str(a)``, ``a[:]``)."""
    if isinstance(node, ast.Name):
        return node.id in parameters
    if isinstance(node, ast.Tuple | ast.List):
        return any(_is_input(each, parameters) for each in node.elts)
    if isinstance(node, ast.Starred | ast.Subscript | ast.NamedExpr):
        return _is_input(node.value, parameters)
    if isinstance(node, ast.Call):
        plain = isinstance(node.func, ast.Name) and node.func.id in _FORMS
        told = isinstance(node.func, ast.Attribute) and _is_input(node.func.value, parameters)
        return told or (plain and any(_is_input(each, parameters) for each in node.args))
    return False


def _is_list_of_inputs(value: Any, operators: list[ast.cmpop], examples: Known) -> bool:
    """Whether membership is asked in a collection of which half or more are examples' arguments."""
    if not isinstance(value, list | tuple | set | dict) or not any(isinstance(each, ast.In | ast.NotIn) for each in operators):
        return False
    hits = sum(_text(each) in examples.arguments or _text(each) in examples.rows for each in value)
    return hits > 0 and 2 * hits >= len(value)


def _is_row(value: Any, others: list[ast.expr], parameters: set[str], examples: Known) -> bool:
    """Whether several parameters at once are compared with an example's arguments, however small those are."""
    if not isinstance(value, tuple) or _text(value) not in examples.rows:
        return False
    return any(isinstance(each, ast.Tuple) and _names(each) & parameters for each in others)


def _matched(case: ast.match_case, examples: Known) -> Iterator[Answer]:
    for each in ast.walk(case.pattern):
        if isinstance(each, ast.MatchValue):
            fine, value = _literal(each.value)
            if fine and _text(value) in examples.arguments:
                yield Answer(each.value.lineno, f"a case is made for {_clip(ast.unparse(each.value))}, which an example uses")


def _keyed(node: ast.Dict, examples: Known) -> Iterator[Answer]:
    keys = [_literal(key) for key in node.keys if key is not None]
    values = [_literal(value) for value in node.values]
    hits = 0
    for (fine, key), (known_value, value) in zip(keys, values, strict=False):
        seen = fine and (_text(key) in examples.arguments or _text(key) in examples.rows)
        hits += bool(seen and known_value and _text(value) in examples.expected)
    if hits >= MANY or (hits and hits == len(keys)):
        yield Answer(node.lineno, "a table is keyed by the inputs of examples and holds what they expect")


def _returned(node: ast.Return, examples: Known) -> Iterator[Answer]:
    fine, value = _literal(node.value) if node.value is not None else (False, None)
    if fine and isinstance(value, list | tuple | set | dict) and len(value) >= MANY and _text(value) in examples.expected:
        yield Answer(node.lineno, f"{_clip(ast.unparse(node.value or node))} is returned, exactly what an example expects")


def _is_constant(node: ast.FunctionDef) -> bool:
    """Whether the body does nothing but return a value that is no default for what was left undone."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None or node.decorator_list:
        return False
    fine, value = _literal(body[0].value)
    return fine and _telling(value) and not node.name.startswith("__")


def _telling(value: Any) -> bool:
    """Whether a value is particular enough to point at one example, unlike 0, an empty list or a single letter."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, int | float | complex):
        return abs(value) > SMALL
    if isinstance(value, str | bytes):
        return len(value) > 1
    if isinstance(value, dict):
        value = [*value, *value.values()]
    return not isinstance(value, list | tuple | set | frozenset) or len(value) >= MANY or any(map(_telling, value))


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    given = node.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *(each for each in (given.vararg, given.kwarg) if each)]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _literal(node: ast.AST) -> tuple[bool, Any]:
    try:
        return True, ast.literal_eval(ast.unparse(node))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False, None


def _text(value: Any) -> str:
    """Return a text that is equal for equal literals: lists and tuples alike, sets sorted."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(_text, value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(sorted(f'{_text(key)}: {_text(each)}' for key, each in value.items()))}}}"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


def _clip(text: str) -> str:
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"  # noqa: PLR2004 - what fits a finding's line
