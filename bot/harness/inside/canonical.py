"""One text for one value, whatever order, address or type of generator it came in, so that two programs can be compared."""

from __future__ import annotations

import collections
import enum
import itertools
import math
import re
import types
from typing import Any

from . import verdict

ITEMS = 1000
DEEP = 12
LENGTH = 20000
_WIDE = 8000
"""Bits from which an integer is written in hexadecimal: Python refuses decimals of more than 4,300 digits."""
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+|0x[0-9a-f]{8,}")
_STREAMS = (types.GeneratorType, range, zip, map, filter, enumerate, reversed, itertools.chain, itertools.islice)
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


def text(value: Any) -> str:
    """Return a value's canonical text, cut where it is very long. May raise what the value's own code raises."""
    return _clip(_Writer().write(value, 0))


def plain_text(words: str) -> str:
    """Return text of the program's own making without addresses and control characters."""
    return verdict.clean(_ADDRESS.sub("", words))


def _clip(words: str) -> str:
    return words if len(words) <= LENGTH else words[:LENGTH] + f"… {len(words)} characters"


class _Writer:
    """Writes one value; knows what it is inside of, so that cycles end."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        self._written = 0

    def write(self, value: Any, depth: int) -> str:
        if depth > DEEP or self._written > LENGTH:
            return "…"
        simple = _simple(value)
        if simple is not None:
            self._written += len(simple)
            return simple
        if id(value) in self._open:
            return f"<cycle {depth - self._open[id(value)]}>"
        self._open[id(value)] = depth
        try:
            return self._compound(value, depth + 1)
        finally:
            del self._open[id(value)]

    def _compound(self, value: Any, depth: int) -> str:
        kind = type(value)
        if isinstance(value, (list, tuple, collections.deque)):
            return self._sequence(value, kind, depth)
        if isinstance(value, dict):
            return self._mapping(value, kind, depth)
        if isinstance(value, (set, frozenset)):
            return self._named(kind, "{" + ", ".join(sorted(self._items(value, depth))) + "}", (set,))
        if isinstance(value, _VIEWS):
            return "{}({})".format(kind.__name__, ", ".join(self._items(value, depth)))
        if isinstance(value, _STREAMS) or _is_iterator(value):
            return "<{}>[{}]".format("range" if kind is range else "iterator", ", ".join(self._items(value, depth)))
        return self._object(value, kind, depth)

    def _items(self, values: Any, depth: int) -> list[str]:
        found = [self.write(each, depth) for each in itertools.islice(values, ITEMS + 1)]
        return found if len(found) <= ITEMS else [*found[:ITEMS], "…"]

    def _sequence(self, value: Any, kind: type, depth: int) -> str:
        inner = ", ".join(self._items(value, depth))
        if isinstance(value, tuple):
            fields = getattr(kind, "_fields", None)
            if fields and len(fields) == len(value):
                pairs = [f"{name}={self.write(each, depth)}" for name, each in zip(fields, value)]  # noqa: B905
                return "{}({})".format(verdict.type_name(kind), ", ".join(pairs))
            return self._named(kind, "({})".format(inner + "," if len(value) == 1 else inner), (tuple,))
        return self._named(kind, f"[{inner}]", (list,))

    def _mapping(self, value: Any, kind: type, depth: int) -> str:
        pairs = [f"{self.write(key, depth)}: {self.write(each, depth)}" for key, each in itertools.islice(value.items(), ITEMS)]
        return self._named(kind, "{" + ", ".join(sorted(pairs)) + "}", (dict,))

    @staticmethod
    def _named(kind: type, inner: str, plain: Any) -> str:
        return inner if kind in plain else f"{verdict.type_name(kind)}({inner})"

    def _object(self, value: Any, kind: type, depth: int) -> str:
        name = verdict.type_name(kind)
        if isinstance(value, BaseException):
            return "{}({})".format(name, ", ".join(self._items(value.args, depth)))
        attributes = _public(value)
        if attributes:
            return "{}({})".format(name, ", ".join(f"{key}={self.write(each, depth)}" for key, each in attributes))
        return f"{name}()" if _has_no_text(kind) else f"{name}<{plain_text(repr(value))}>"


_NAMED = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_LITERAL = frozenset({type(None), bool, bytes, bytearray, str, type(...), type(NotImplemented)})


def _simple(value: Any) -> str | None:
    """Return the text of a value that holds no others; None for one that may."""
    kind = type(value)
    words = None
    if kind in _LITERAL:
        words = repr(value)
    elif kind in (int, float, complex):
        words = _number(value)
    elif isinstance(value, enum.Enum):
        words = f"{verdict.type_name(kind)}.{value.name}"
    elif isinstance(value, type):
        words = f"<class {verdict.type_name(value)}>"
    elif isinstance(value, _NAMED):
        words = "<function {}.{}>".format(getattr(value, "__module__", ""), getattr(value, "__qualname__", ""))
    elif isinstance(value, types.ModuleType):
        words = f"<module {value.__name__}>"
    return words


def _number(value: Any) -> str:
    if isinstance(value, int):
        return repr(value) if value.bit_length() < _WIDE else hex(value)
    if isinstance(value, complex):
        return f"complex({_number(value.real)}, {_number(value.imag)})"
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    short = float(f"{value:.12g}")
    return repr(short + 0.0)


def _has_no_text(kind: type) -> bool:
    mine: object = kind.__repr__
    return mine is object.__repr__


def _is_iterator(value: Any) -> bool:
    return hasattr(type(value), "__next__") and hasattr(type(value), "__iter__") and not hasattr(type(value), "read")


def _public(value: Any) -> list[Any]:
    """Return an object's own public attributes, slots included, by name."""
    found = dict(getattr(value, "__dict__", None) or {})
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                found.setdefault(name, getattr(value, name))
    return sorted((str(name), each) for name, each in found.items() if not str(name).startswith("_"))
