"""What a function's words and annotations promise of its result, as questions that can be put to any observed call.

``"return the sorted list"`` -> the result is in order; ``"count"`` -> never negative; ``-> list[int]`` -> a list of
whole numbers. Each promise answers True, False, or None where it has nothing to say of a call.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.behaviour.rows import Row
from bot.behaviour.touched import FunctionNode

Question = Callable[[Row], bool | None]


@dataclass(frozen=True)
class Promise:
    """Something that must hold of every result."""

    rule: str
    says: str
    """The sentence for people."""
    holds: Question
    examples: int = 1
    """On so many examples it must be seen to hold before it counts."""
    near: bool = False
    """Asked only where one collection differs from an example: other arguments may have to fit each other."""


def promises(node: FunctionNode, words: str) -> Iterator[Promise]:
    """Yield what the return annotation and the words promise."""
    if node.returns is not None and not _yields(node):
        annotation = node.returns
        text = ast.unparse(annotation)
        yield Promise("annotation", f"the result is not what `-> {text}` says", lambda row: conforms(row.value, annotation), 0)
    lowered = " ".join(words.lower().split())
    for rule, pattern, says, holds, examples in _STATED:
        if re.search(pattern, lowered):
            yield Promise(rule, says, holds, examples, near=True)


def _yields(node: FunctionNode) -> bool:
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node))


def conforms(value: Any, annotation: ast.expr) -> bool | None:
    """Tell whether a plain value fits an annotation; None where the annotation says nothing of plain values.

    As the type checkers have it, whole numbers fit ``float`` and truth values fit ``int``. Of None nothing is said here:
    an unasked None is a question of its own.
    """
    if isinstance(annotation, ast.Constant):
        quoted = _quoted(annotation)
        return conforms(value, quoted) if quoted is not None else (value is None if annotation.value is None else None)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _any((conforms(value, annotation.left), conforms(value, annotation.right)))
    if isinstance(annotation, ast.Subscript):
        return _parametrised(value, annotation)
    return _plain(value, ast.unparse(annotation).rpartition(".")[2])


def _quoted(annotation: ast.Constant) -> ast.expr | None:
    """Return what stands in an annotation written as text."""
    if not isinstance(annotation.value, str):
        return None
    try:
        return ast.parse(annotation.value, mode="eval").body
    except SyntaxError:
        return None


_PLAIN: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "complex": (int, float, complex),
    "bool": (bool,),
    "str": (str,),
    "bytes": (bytes,),
    "None": (type(None),),
    "list": (list,),
    "List": (list,),
    "tuple": (tuple,),
    "Tuple": (tuple,),
    "dict": (dict,),
    "Dict": (dict,),
    "set": (set,),
    "Set": (set,),
}


def _plain(value: Any, name: str) -> bool | None:
    wanted = _PLAIN.get(name)
    return None if wanted is None or value is None else isinstance(value, wanted)


def _parametrised(value: Any, annotation: ast.Subscript) -> bool | None:
    name = ast.unparse(annotation.value).rpartition(".")[2]
    inside = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    if name == "Optional":
        return True if value is None else conforms(value, inside[0])
    if name == "Union":
        return _any(tuple(conforms(value, each) for each in inside))
    outside = _plain(value, name)
    return _inside(value, inside) if outside else outside


def _inside(value: Any, inside: Sequence[ast.expr]) -> bool | None:
    if isinstance(value, list | set):
        return _all(tuple(conforms(each, inside[0]) for each in value))
    if isinstance(value, dict) and len(inside) == 2:  # noqa: PLR2004 - keys and values
        return _all(tuple(conforms(part, each) for item in value.items() for part, each in zip(item, inside, strict=True)))
    if isinstance(value, tuple):
        return _of_tuple(value, inside)
    return True


def _of_tuple(value: tuple[Any, ...], inside: Sequence[ast.expr]) -> bool | None:
    if isinstance(inside[-1], ast.Constant) and inside[-1].value is Ellipsis:
        return _all(tuple(conforms(each, inside[0]) for each in value))
    if len(value) != len(inside):
        return False
    return _all(tuple(conforms(part, each) for part, each in zip(value, inside, strict=True)))


def _any(answers: tuple[bool | None, ...]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _all(answers: tuple[bool | None, ...]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _sequence(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _given(row: Row) -> list[Any] | None:
    """Return the one sequence among the arguments; None where there is none, or more than one."""
    found = [list(each) for each in row.arguments if isinstance(each, list | tuple)]
    return found[0] if len(found) == 1 else None


def _bag(values: Sequence[Any]) -> Counter[str]:
    """Count values; observed numbers are rounded to twelve digits, so given ones are too."""
    return Counter(f"{each:.12g}" if isinstance(each, float) else repr(each) for each in values)


def _rising(row: Row) -> bool | None:
    return _in_order(row, falling=False)


def _falling(row: Row) -> bool | None:
    return _in_order(row, falling=True)


def _in_order(row: Row, *, falling: bool) -> bool | None:
    """Asked only of functions that take nothing else: a second argument may say what order is meant, or what must be given."""
    if not _sequence(row.value) or len(row.arguments) != 1:
        return None
    try:
        return list(row.value) == sorted(row.value, reverse=falling)
    except TypeError:
        return None


def _rearranged(row: Row) -> bool | None:
    given = _given(row)
    return None if given is None or not _sequence(row.value) else _bag(given) == _bag(row.value)


def _picked(row: Row) -> bool | None:
    """Every element of the result, as often as it is there, comes out of the argument."""
    given = _given(row)
    return None if given is None or not _sequence(row.value) else not _bag(row.value) - _bag(given)


def _same_length(row: Row) -> bool | None:
    given = _given(row)
    return None if given is None or not _sequence(row.value) else len(given) == len(row.value)


def _without_repeats(row: Row) -> bool | None:
    """Asked only where something was given twice: else the words may speak of what must be given."""
    given = _given(row)
    if given is None or not _sequence(row.value) or max(_bag(given).values(), default=1) == 1:
        return None
    return max(_bag(row.value).values(), default=1) == 1


def _not_negative(row: Row) -> bool | None:
    return None if isinstance(row.value, bool) or not isinstance(row.value, int | float) else row.value >= 0


def _one_of_them(row: Row) -> bool | None:
    given = _given(row)
    if not given or row.value is None or _sequence(row.value):
        return None
    return row.value in given


_STATED: tuple[tuple[str, str, str, Question, int], ...] = (
    (
        "sorted",
        r"^(?!.*\b(by|according|based|lengths?|keys?)\b).*\b(sorted (list|order|array|copy)|in (ascending|increasing) order)\b",
        "the words ask for order, and the result is not in order",
        _rising,
        3,
    ),
    (
        "sorted-down",
        r"\b(in (descending|decreasing) order|largest first|from (the )?(largest|highest|greatest))\b",
        "the words ask for falling order, and the result is not in it",
        _falling,
        3,
    ),
    (
        "same-elements",
        r"\b(sort(s|ed|ing)?|rearrang|shuffl|rotat|revers|shift)",
        "elements are lost or made up on the way",
        _rearranged,
        2,
    ),
    (
        "picked",
        r"\b(filter|remov|delet|subset|drop|keep|extract|select)",
        "the result has elements that were not given",
        _picked,
        2,
    ),
    (
        "same-length",
        r"\b(each|every|element-?wise|corresponding)\b",
        "the result has another length than what was given",
        _same_length,
        3,
    ),
    ("no-repeats", r"\b(unique|distinct|duplicates?)\b", "repeats stay in the result", _without_repeats, 1),
    ("not-negative", r"\b(count|how many|non-?negative)\b", "what is counted is negative", _not_negative, 2),
    (
        "one-of-them",
        r"\b(largest|smallest|maximum|minimum|longest|shortest|most (frequent|common))\b",
        "the result was not among those given",
        _one_of_them,
        3,
    ),
)
