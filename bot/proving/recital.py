"""Code that recites its tests: branches and tables that know an example's input together with the answer expected for it.

Only pairs count, of a literal that is compared or looked up and the literal that is then given, and only where they make up
half or more of what a function decides by literals: a table that happens to hold an example is a table. What the wish says in
words is no secret of the tests. Pure; a suspicion, not a proof: held-out tests and generated inputs judge later.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.change.outline import definitions, parse
from bot.repair.overfitting import HARMLESS

_EXAMPLE: Final = re.compile(
    r"\w[\w.]*\([^()\n]*\)\s*(?:==|=>|->|→|=|is|gives|returns|should\s+(?:be|return|give))\s*[^\n]*|^\s*>>>.*(?:\n.*)?",
    re.MULTILINE,
)
_HARMLESS: Final = frozenset(map(repr, HARMLESS)) | {"True", "False", "0.0", "1.0", "-1.0"}
LEAST_IN_A_TABLE = 2
"""Examples that a table must hold to count as recited."""

Pair = tuple[str, str]
"""Source text of an input and of the answer."""
_Decided = tuple[int, Pair, bool]
"""Line, pair, and whether it stands in a table."""


@dataclass(frozen=True)
class Recital:
    """A function that knows examples."""

    function: str
    """Dotted; '' is the module's own level."""
    line: int
    known: tuple[Pair, ...]


def recitals(before: str, after: str, tests: Sequence[str], wish: str) -> tuple[Recital, ...]:
    """Return the functions of a file's new text that recite examples of ``tests`` (sources) more than the old text did."""
    tree, old = parse(after), parse(before)
    examples = {pair for source in tests for pair in _examples(source)}
    if tree is None or not examples:
        return ()
    there = {pair for _, pair, _ in _decided(old)} if old is not None else set()
    prose = _EXAMPLE.sub(" ", wish)
    found: list[Recital] = []
    for name, own in _by_function(tree).items():
        new = [each for each in own if each[1] not in there]
        found += _recital(name, new, examples, prose)
    return tuple(found)


def _recital(function: str, new: Sequence[_Decided], examples: Collection[Pair], prose: str) -> Iterator[Recital]:
    """Yield a function's recital where it newly decides enough by examples that the wish does not name."""
    known = [each for each in new if each[1] in examples and not _said(each[1], prose)]
    if not known or 2 * len(known) < len(new):
        return
    tabled = all(table for _, _, table in known)
    if not tabled or len(known) >= LEAST_IN_A_TABLE:
        yield Recital(function, known[0][0], tuple(dict.fromkeys(pair for _, pair, _ in known)))


def _by_function(tree: ast.Module) -> dict[str, list[_Decided]]:
    """Return what is decided by literals, by the innermost definition it stands in."""
    everything = list(definitions(tree))
    found: dict[str, list[_Decided]] = {}
    for each in _decided(tree):
        inside = [one for one in everything if one.first <= each[0] <= one.last]
        found.setdefault(inside[-1].name if inside else "", []).append(each)
    return found


def _decided(tree: ast.AST) -> Iterator[_Decided]:
    """Yield every literal that leads to a literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            entries = ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)
            yield from ((key.lineno, pair, True) for key, value in entries for pair in _pairs([_literal(key)], [_literal(value)]))
        elif isinstance(node, ast.If):
            yield from ((node.lineno, pair, False) for pair in _pairs(_compared(node.test), _given(node.body)))
        elif isinstance(node, ast.IfExp):
            yield from ((node.lineno, pair, False) for pair in _pairs(_compared(node.test), [_literal(node.body)]))
        elif isinstance(node, ast.match_case):
            keys = [_literal(each.value) for each in ast.walk(node.pattern) if isinstance(each, ast.MatchValue)]
            yield from ((node.pattern.lineno, pair, False) for pair in _pairs(keys, _given(node.body)))


def _pairs(keys: Sequence[str | None], values: Sequence[str | None]) -> list[Pair]:
    return [(key, value) for key in keys for value in values if key is not None and value is not None and key not in _HARMLESS]


def _compared(test: ast.expr) -> list[str | None]:
    """Return the literals that something is said to be equal to."""
    found: list[str | None] = []
    for node in ast.walk(test):
        if not isinstance(node, ast.Compare):
            continue
        for left, kind, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            if isinstance(kind, ast.Eq | ast.Is):
                found += [_literal(left), _literal(right)]
            elif isinstance(kind, ast.In) and isinstance(right, ast.Tuple | ast.List | ast.Set):
                found += [_literal(each) for each in right.elts]
    return found


def _given(body: Sequence[ast.stmt]) -> list[str | None]:
    """Return the literals that a branch returns or assigns."""
    return [_literal(each.value) for each in body if isinstance(each, ast.Return | ast.Assign) and each.value is not None]


def _literal(node: ast.expr) -> str | None:
    """Return a literal's source in one form; None for anything that has to be worked out."""
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _examples(source: str) -> Iterator[Pair]:
    """Yield input and answer of each comparison with a call in a test, and of rows of a parametrised one."""
    tree = parse(source)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Compare):
            yield from _asserted(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("parametrize"):
            rows = [row for each in node.args[1:2] for row in getattr(each, "elts", [])]
            yield from (pair for row in rows if isinstance(row, ast.Tuple) for pair in _row(row))


def _asserted(node: ast.Compare) -> Iterator[Pair]:
    """Yield input and answer where a call is said to be equal to something, on whichever side it stands."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.Is):
        return
    sides = (node.left, node.comparators[0])
    for call, answer in (sides, sides[::-1]):
        if isinstance(call, ast.Call):
            yield from _pairs(_inputs(call), [_literal(answer)])


def _inputs(call: ast.Call) -> list[str | None]:
    """Return the literals a call is given, one by one and as the tuple of them all."""
    given = [*call.args, *(each.value for each in call.keywords)]
    together = _literal(ast.Tuple(given, ast.Load())) if len(given) > 1 else None
    return [*map(_literal, given), together]


def _row(row: ast.Tuple) -> list[Pair]:
    literals = [_literal(each) for each in row.elts]
    return [pair for value in literals for pair in _pairs([each for each in literals if each is not value], [value])]


def _said(pair: Pair, prose: str) -> bool:
    """Tell whether the wish names both in words of its own."""
    plain = [each.strip("'\"") for each in pair]
    return all(each and re.search(rf"(?<![\w.]){re.escape(each)}(?![\w])", prose) for each in plain)
