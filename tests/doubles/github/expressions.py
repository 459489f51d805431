"""The expressions of workflow files, ``${{ … }}``: parsed and evaluated as GitHub documents them.

``evaluate("needs.a.result == 'success' && inputs.x || 'none'", contexts, functions)``. Values are JSON's; names are found
whatever their case, what is not there is null, strings compare without case, ``&&`` and ``||`` give back one of their sides.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))|(?P<text>'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!().,\[\]*]))"
)
EMBEDDED = re.compile(r"\$\{\{((?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*)\}\}")
WORDS = {"true": True, "false": False, "null": None}
Contexts = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]


class Malformed(Exception):
    """An expression that GitHub would not take."""


@dataclass
class _Parser:
    """Reads tokens and evaluates on the way: nothing here has side effects, so both sides may be evaluated."""

    tokens: Sequence[tuple[str, str]]
    contexts: Contexts
    functions: Functions
    at: int = 0

    def whole(self) -> Any:
        found = self.either()
        if self.at < len(self.tokens):
            raise Malformed(f"unexpected {self.tokens[self.at][1]!r}")
        return found

    def either(self) -> Any:
        found = self.both()
        while self.take("||"):
            other = self.both()
            found = found if truthy(found) else other
        return found

    def both(self) -> Any:
        found = self.equal()
        while self.take("&&"):
            other = self.equal()
            found = other if truthy(found) else found
        return found

    def equal(self) -> Any:
        found = self.order()
        while sign := self.take("==", "!="):
            found = same(found, self.order()) is (sign == "==")
        return found

    def order(self) -> Any:
        found = self.negation()
        while sign := self.take("<=", ">=", "<", ">"):
            found = _ordered(found, self.negation(), sign)
        return found

    def negation(self) -> Any:
        if self.take("!"):
            return not truthy(self.negation())
        return self.access()

    def access(self) -> Any:
        found = self.primary()
        while True:
            if self.take("."):
                name = "*" if self.take("*") else self.expect("word")
                found = member(found, name)
            elif self.take("["):
                found = member(found, "*" if self.take("*") else self.either())
                self.need("]")
            else:
                return found

    def primary(self) -> Any:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")
        self.at += 1
        if kind == "number":
            return float(int(text, 16)) if "0x" in text else float(text)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if text == "(":
            found = self.either()
            self.need(")")
            return found
        if kind != "word":
            raise Malformed(f"unexpected {text or 'end'!r}")
        if self.take("("):
            return self.call(text)
        if text.lower() in WORDS:
            return WORDS[text.lower()]
        if text.lower() not in self.contexts:
            raise Malformed(f"unrecognized named-value: {text!r}")
        return self.contexts[text.lower()]

    def call(self, name: str) -> Any:
        given = []
        if not self.take(")"):
            given.append(self.either())
            while self.take(","):
                given.append(self.either())
            self.need(")")
        known = {**FUNCTIONS, **{key.lower(): value for key, value in self.functions.items()}}
        if name.lower() not in known:
            raise Malformed(f"unrecognized function: {name!r}")
        try:
            return known[name.lower()](*given)
        except (TypeError, ValueError, IndexError) as error:
            raise Malformed(f"{name}: {error}") from None

    def take(self, *signs: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise Malformed(f"expected {sign!r}")

    def expect(self, kind: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != kind:
            raise Malformed(f"expected a {kind}")
        self.at += 1
        return self.tokens[self.at - 1][1]


def evaluate(text: str, contexts: Contexts, functions: Functions | None = None) -> Any:
    """Return the value of one expression, without ``${{ }}``; raises Malformed."""
    return _Parser(list(_tokens(text)), contexts, functions or {}).whole()


def fill(text: str, contexts: Contexts, functions: Functions | None = None) -> str:
    """Return a text with each ``${{ }}`` replaced by its value as text."""
    return EMBEDDED.sub(lambda found: as_text(evaluate(found[1], contexts, functions)), text)


def condition(text: str, contexts: Contexts, functions: Functions) -> bool:
    """Return whether an ``if`` holds; one that asks for no status holds only after success."""
    bare = text.strip()
    inside = EMBEDDED.fullmatch(bare)
    expression = inside[1] if inside else bare
    asks = re.search(r"\b(success|failure|always|cancelled)\s*\(", expression)
    if not expression.strip():
        expression = "success()"
    elif not asks:
        expression = f"success() && ({expression})"
    return truthy(evaluate(expression, contexts, functions))


def truthy(value: Any) -> bool:
    """Return what a condition makes of a value."""
    return not (value is None or value is False or value == "" or (_number_like(value) and (value == 0 or math.isnan(value))))


def as_text(value: Any) -> str:
    """Return a value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else f"{value:.15g}"
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, Sequence) else "Object"


def member(value: Any, name: Any) -> Any:
    """Return what an object or an array has under a name; null for everything else. ``*`` gathers."""
    if name == "*":
        return list(value.values()) if isinstance(value, Mapping) else list(value) if isinstance(value, list) else []
    if isinstance(value, Mapping):
        wanted = as_text(name).lower()
        return next((each for key, each in value.items() if key.lower() == wanted), None)
    if isinstance(value, list):
        if isinstance(name, str):
            return [member(each, name) for each in value if isinstance(each, Mapping)]
        number = as_number(name)
        return value[int(number)] if math.isfinite(number) and 0 <= int(number) < len(value) else None
    return None


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal, as GitHub's loose comparison has it."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other) or (_number_like(one) and _number_like(other)):
        return bool(one == other) if not isinstance(one, Mapping | list) else one is other
    left, right = as_number(one), as_number(other)
    return left == right


def as_number(value: Any) -> float:
    """Return a value as a number; what is none is NaN."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        try:
            return 0.0 if not text else float(int(text, 16)) if text.lower().startswith("0x") else float(text)
        except ValueError:
            return math.nan
    return math.nan


def _number_like(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(one: Any, other: Any, sign: str) -> bool:
    left: Any = one.lower() if isinstance(one, str) and isinstance(other, str) else as_number(one)
    right: Any = other.lower() if isinstance(one, str) and isinstance(other, str) else as_number(other)
    return bool({"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[sign])


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise Malformed(f"unexpected {text[at:].strip()[:10]!r}")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(same(each, what) for each in where)
    return as_text(what).lower() in as_text(where).lower()


def _format(text: Any, *values: Any) -> str:
    filled = re.sub(r"\{\{|\}\}|\{(\d+)\}", lambda it: it[0][0] if it[1] is None else as_text(values[int(it[1])]), as_text(text))
    return str(filled)


FUNCTIONS: Functions = {
    "contains": _contains,
    "startswith": lambda text, start: as_text(text).lower().startswith(as_text(start).lower()),
    "endswith": lambda text, end: as_text(text).lower().endswith(as_text(end).lower()),
    "format": _format,
    "join": lambda items, by=",": as_text(by).join(map(as_text, items)) if isinstance(items, list) else as_text(items),
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": lambda text: json.loads(as_text(text)),
}
