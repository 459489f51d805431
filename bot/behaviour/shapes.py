"""What sort of values an argument takes, and more values of that sort.

A shape is read from values that were seen, from an annotation, or, in need, from a parameter's name. New values stay
inside what the shape has seen (signs, alphabets, element kinds), because a function owes nothing outside its domain.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 7
"""Elements in a generated container."""
DEEPEST = 4
"""Levels of nesting that are looked into."""
ALPHABET = "abcxyzABZ 019"


@dataclass(frozen=True)
class Shape:
    """A sort of value: ``kind`` is the type's name, or ``any``."""

    kind: str
    parts: tuple[Shape, ...] = ()
    """Elements' shape of a list or set; of each position of a tuple with ``fixed``; key and value of a dict."""
    fixed: bool = False
    """A tuple whose length means something."""
    low: float = 0
    high: float = 10
    pool: tuple[Any, ...] = ()
    """Values that were seen, to draw from."""
    none: bool = False
    """``None`` was seen or is allowed."""


INT = Shape("int")
STR = Shape("str")
ANY = Shape("any")


def shape_of(values: Sequence[Any], depth: int = 0) -> Shape:
    """Return the shape that all ``values`` have in common; ``any`` with the values as its pool where they have none."""
    present = [value for value in values if value is not None]
    none = len(present) < len(values)
    kinds = {type(value).__name__ for value in present}
    if kinds == {"int", "float"}:
        kinds = {"float"}
    if len(kinds) != 1 or depth > DEEPEST:
        return Shape("any", pool=tuple(present), none=none)
    kind = kinds.pop()
    if kind in {"int", "float"}:
        return Shape(kind, low=min(0, *present, 0), high=max(10, *present, 10), pool=tuple(present), none=none)
    if kind in {"list", "set", "frozenset"}:
        return Shape(kind, (shape_of(_chain(present), depth + 1),), pool=tuple(present), none=none)
    if kind == "tuple":
        return _tuple_shape(present, depth, none=none)
    if kind == "dict":
        keys, inside = _chain(each.keys() for each in present), _chain(each.values() for each in present)
        return Shape(kind, (shape_of(keys, depth + 1), shape_of(inside, depth + 1)), pool=tuple(present), none=none)
    return Shape(kind, pool=tuple(present), none=none)


def _chain(many: Iterable[Iterable[Any]]) -> list[Any]:
    return [value for inner in many for value in inner][:200]


def _tuple_shape(present: list[Any], depth: int, *, none: bool) -> Shape:
    lengths = {len(value) for value in present}
    mixed = any(len({type(item) for item in value}) > 1 for value in present)
    if len(lengths) == 1 and (mixed or len(present) > 1 or depth):
        parts = tuple(shape_of([value[at] for value in present], depth + 1) for at in range(lengths.pop()))
        return Shape("tuple", parts, fixed=True, pool=tuple(present), none=none)
    return Shape("tuple", (shape_of(_chain(present), depth + 1),), pool=tuple(present), none=none)


_PLAIN = {
    "int": INT,
    "float": Shape("float"),
    "str": STR,
    "bool": Shape("bool"),
    "bytes": Shape("bytes"),
    "None": Shape("NoneType"),
    "list": Shape("list", (INT,)),
    "List": Shape("list", (INT,)),
    "Sequence": Shape("list", (INT,)),
    "Iterable": Shape("list", (INT,)),
    "set": Shape("set", (INT,)),
    "Set": Shape("set", (INT,)),
    "tuple": Shape("tuple", (INT,)),
    "Tuple": Shape("tuple", (INT,)),
    "dict": Shape("dict", (STR, INT)),
    "Dict": Shape("dict", (STR, INT)),
    "Mapping": Shape("dict", (STR, INT)),
}


def annotated(annotation: ast.expr | None) -> Shape | None:
    """Return the shape an annotation states, or None where it states none that values can be made for."""
    if isinstance(annotation, ast.Constant):
        return _annotated_constant(annotation)
    if isinstance(annotation, ast.Name | ast.Attribute):
        return _PLAIN.get(annotation.id if isinstance(annotation, ast.Name) else annotation.attr)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _either(annotated(annotation.left), annotated(annotation.right))
    if isinstance(annotation, ast.Subscript):
        return _subscripted(annotation)
    return None


def _annotated_constant(annotation: ast.Constant) -> Shape | None:
    if annotation.value is None:
        return _PLAIN["None"]
    if not isinstance(annotation.value, str):
        return None
    try:
        return annotated(ast.parse(annotation.value, mode="eval").body)
    except (SyntaxError, ValueError):
        return None


def _either(left: Shape | None, right: Shape | None) -> Shape | None:
    if left is None or right is None:
        return left or right
    if left.kind == "NoneType":
        left, right = right, left
    return Shape(left.kind, left.parts, left.fixed, none=True) if right.kind == "NoneType" else left


def _subscripted(annotation: ast.Subscript) -> Shape | None:
    outer = ast.unparse(annotation.value).rpartition(".")[2]
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    if outer == "Optional":
        return _either(annotated(inner[0]), _PLAIN["None"])
    if outer == "Union":
        return _either(annotated(inner[0]), annotated(inner[-1]))
    base = _PLAIN.get(outer)
    if base is None:
        return None
    ellipsis = isinstance(inner[-1], ast.Constant) and inner[-1].value is Ellipsis
    parts = tuple(annotated(each) or INT for each in inner if not (ellipsis and each is inner[-1]))
    return Shape(base.kind, parts, fixed=base.kind == "tuple" and not ellipsis)


_NAMED = {
    INT: (
        *("n", "k", "m", "i", "j", "x", "y", "z", "a", "b", "num", "number", "count", "size", "limit", "index", "start", "end"),
        *("low", "high", "lo", "hi", "age", "year", "base", "capacity", "amount", "target", "value"),
    ),
    STR: (
        *("s", "t", "text", "string", "word", "sentence", "name", "char", "ch", "prefix", "suffix", "line", "message", "st"),
        *("s1", "s2", "str1", "str2", "txt", "path", "pattern"),
    ),
    Shape("list", (INT,)): (
        *("l", "lst", "arr", "array", "nums", "numbers", "items", "seq", "sequence", "values", "elements", "xs", "data"),
        *("l1", "l2", "lst1", "lst2", "list1", "list2"),
    ),
    Shape("list", (STR,)): ("strings", "words", "lines", "names"),
    Shape("dict", (STR, INT)): ("d", "dct", "dict_", "mapping", "counts", "dictionary"),
}
"""The usual sorts of values by a parameter's name, for functions that nobody calls or annotates."""


def named(name: str) -> Shape:
    """Return the shape that a parameter of this name usually has; ``any`` where its name says nothing."""
    return next((shape for shape, names in _NAMED.items() if name.lower() in names), ANY)


def generated(shape: Shape, rng: random.Random, depth: int = 0) -> Any:
    """Return one random value of ``shape``, mostly small."""
    if shape.none and rng.random() < 0.1:  # noqa: PLR2004 - one in ten
        return None
    if shape.pool and (shape.kind not in _MAKERS or rng.random() < 0.15):  # noqa: PLR2004 - sometimes a value that was seen
        return rng.choice(shape.pool)
    make = _MAKERS.get(shape.kind)
    return make(shape, rng, depth) if make else rng.choice((0, 1, 2, 5, "a", "ab", "", [1, 2], []))


def _number(shape: Shape, rng: random.Random, _depth: int) -> int:
    low, high = int(shape.low), int(shape.high)
    return rng.randint(max(low, -12), min(max(high, 2), 12)) if rng.random() < 0.7 else rng.randint(low, high)  # noqa: PLR2004 - mostly small


def _real(shape: Shape, rng: random.Random, depth: int) -> float:
    return _number(shape, rng, depth) + rng.choice((0.0, 0.5, 0.25, 0.1))


def _text(shape: Shape, rng: random.Random, depth: int) -> str:
    letters = sorted({letter for value in shape.pool for letter in value}) or list(ALPHABET)
    longest = max((len(value) for value in shape.pool), default=LONGEST)
    length = min(rng.randint(0, max(LONGEST, longest)), 1 if depth and longest == 1 else 30)
    return "".join(rng.choice(letters) for _ in range(length))


def _items(shape: Shape, rng: random.Random, depth: int) -> list[Any]:
    part = shape.parts[0] if shape.parts else INT
    return [generated(part, rng, depth + 1) for _ in range(rng.randint(0, max(1, LONGEST - 2 * depth)))]


def _tuple(shape: Shape, rng: random.Random, depth: int) -> tuple[Any, ...]:
    if shape.fixed:
        return tuple(generated(part, rng, depth + 1) for part in shape.parts)
    return tuple(_items(shape, rng, depth))


def _hashable(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        try:
            hash(value)
        except TypeError:
            continue
        yield value


def _mapping(shape: Shape, rng: random.Random, depth: int) -> dict[Any, Any]:
    key, inside = shape.parts if len(shape.parts) == 2 else (STR, INT)  # noqa: PLR2004 - key and value
    keys = [generated(key, rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return {name: generated(inside, rng, depth + 1) for name in _hashable(keys)}


def _coin(_shape: Shape, rng: random.Random, _depth: int) -> bool:
    return bool(rng.getrandbits(1))


def _bytes(shape: Shape, rng: random.Random, depth: int) -> bytes:
    return _text(Shape("str", pool=tuple(each.decode("latin-1") for each in shape.pool)), rng, depth).encode("latin-1")


def _set(shape: Shape, rng: random.Random, depth: int) -> set[Any]:
    return set(_hashable(_items(shape, rng, depth)))


def _frozen(shape: Shape, rng: random.Random, depth: int) -> frozenset[Any]:
    return frozenset(_set(shape, rng, depth))


def _nothing(_shape: Shape, _rng: random.Random, _depth: int) -> None:
    return None


_MAKERS: dict[str, Callable[[Shape, random.Random, int], Any]] = {
    "int": _number,
    "float": _real,
    "str": _text,
    "bool": _coin,
    "bytes": _bytes,
    "list": _items,
    "set": _set,
    "frozenset": _frozen,
    "tuple": _tuple,
    "dict": _mapping,
    "NoneType": _nothing,
}


def neighbours(value: Any, shape: Shape) -> Iterator[Any]:
    """Yield small changes of one value, simplest first, inside what ``shape`` has seen."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from _near_number(value, shape)
    elif isinstance(value, str):
        yield from _near_text(value)
    elif isinstance(value, list | tuple):
        yield from _near_sequence(value, shape)
    elif isinstance(value, dict):
        yield from _near_mapping(value, shape)
    elif isinstance(value, set | frozenset):
        ordered = sorted(value, key=repr)
        yield from (type(value)(each) for each in _near_sequence(ordered, shape) if len(set(_hashable(each))) == len(each))


def _near_number(value: float, shape: Shape) -> Iterator[float]:
    for near in (value + 1, value - 1, 0, 1, 2, value * 2, value + 10, -value):
        if near >= shape.low:
            yield near


def _near_text(value: str) -> Iterator[str]:
    yield ""
    yield value[1:]
    yield value[:-1]
    yield value[::-1]
    yield value + value[:1]
    yield value[: len(value) // 2]
    yield value + value
    yield value.swapcase()
    yield value.replace(value[len(value) // 2 : len(value) // 2 + 1], "", 1)
    yield "".join(sorted(value))
    yield from (value + strange for strange in (" ", "1", "-", "A", "é"))


def _near_sequence(value: list[Any] | tuple[Any, ...], shape: Shape) -> Iterator[Any]:
    kind, items = type(value), list(value)
    if not shape.fixed:
        for changed in ([], items[:1], items[1:], items[:-1], items[::-1], items + items[:1], items[: len(items) // 2]):
            yield kind(changed)
        yield kind([*items[1:2], *items[:1], *items[2:]])
        yield kind(sorted(items, key=lambda each: (str(type(each)), repr(each))))
    for at in (0, len(items) - 1, len(items) // 2):
        if not 0 <= at < len(items):
            continue
        part = shape.parts[at if shape.fixed else 0] if shape.parts else ANY
        for near, _ in zip(neighbours(items[at], part), range(4), strict=False):
            yield kind([*items[:at], near, *items[at + 1 :]])


def _near_mapping(value: dict[Any, Any], shape: Shape) -> Iterator[dict[Any, Any]]:
    yield {}
    inside = shape.parts[1] if len(shape.parts) == 2 else ANY  # noqa: PLR2004 - key and value
    for key in list(value)[:3]:
        yield {other: each for other, each in value.items() if other != key}
        for near, _ in zip(neighbours(value[key], inside), range(3), strict=False):
            yield {**value, key: near}
