"""Values as people write them in words: ``3``, ``the list [1, 2]``, ``nothing``, ``float('inf')``, ``19 - 5 = 14``."""

from __future__ import annotations

import ast
import io
import operator
import re
import tokenize
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.spec.vetting import parse_expression

_KIND = r"(?:list|string|tuple|value|integer|number|float|int|dict|dictionary|set|result|boolean|exception)"
_ARTICLE = rf"(?:(?:the|a|an)\s+)?(?:{_KIND}\b(?!\s*\()\s*:?\s*)?"
_WORDS = {"nothing": "None", "null": "None", "none": "None", "true": "True", "false": "False"}
_EMPTY = re.compile(r"(?:an?|the)\s+empty\s+(?P<what>list|string|tuple|dict|dictionary|set)\b", re.IGNORECASE)
_EMPTIES = {"list": "[]", "string": "''", "tuple": "()", "dict": "{}", "dictionary": "{}", "set": "set()"}
_GOES_ON = re.compile(r"\s*(?:(?:\*\*|//|[-+*/%=])=?\s*[-+(]*\.?\d|[+*]\s*['\"\[(]|[.:]\d)")
"""After a literal: it is part of something longer."""
_END = re.compile(r"[`\n;,)]|\.(?:\s|$)|\s(?=[A-Za-z])|$")
_EQUALS = re.compile(r"(?<![=<>!])=(?!=)")
_REACH = 200
"""Characters within which a sum is looked for."""
_LARGEST, _LARGEST_POWER = 10**9, 64
_SUMS: Mapping[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: operator.pow,
    }
)


def balanced(text: str, at: int) -> int | None:
    """Return the offset after the bracket that closes the one at ``at``; strings are passed over."""
    depth = 0
    quote = ""
    for index in range(at, min(len(text), at + 4000)):
        character = text[index]
        if quote:
            quote = "" if character == quote and text[index - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def read_value(text: str) -> ast.expr | None:
    """Return the literal that a text starts with, in backticks or bare, or None."""
    text = text.lstrip()
    if empty := _EMPTY.match(text):
        return parse_expression(_EMPTIES[empty["what"].lower()])
    text = re.sub(rf"^{_ARTICLE}", "", text, flags=re.IGNORECASE).lstrip("*_ ")
    if text.startswith("`"):
        ticks = len(text) - len(text.lstrip("`"))
        inside = text[ticks:].partition("`" * ticks)[0]
        return parse_expression(inside) if inside.strip() and _is_literal(inside) else None
    word = re.match(r"[A-Za-z]+\b", text)
    if word and word.group().lower() in _WORDS:
        return parse_expression(_WORDS[word.group().lower()])
    return _literal_prefix(text)


def _is_literal(text: str) -> bool:
    value = parse_expression(text)
    return value is not None and not (
        isinstance(value, ast.Name) or any(isinstance(each, ast.Lambda) for each in ast.walk(value))
    )


def _literal_prefix(text: str) -> ast.expr | None:
    """Return the longest literal that the text starts with: a number, a string, a display, ``None``, ``float('inf')``.

    A literal that goes on (``19 - 5``) is none: of a sum whose result is written out (``19 - 5 = 14``) it is the result.
    """
    match = re.match(
        r"[-+]?\s*(?:[\[({]|[\d.]|[bBrRuU]?['\"]|None\b|True\b|False\b|(?:float|set|frozenset|Decimal|Fraction|complex)\()", text
    )
    if match is None:
        return None
    bracket = re.match(r"[-+]?\s*(?:[A-Za-z]+)?[\[({]", text)
    end = balanced(text, bracket.end() - 1) if bracket else _token_end(text)
    if not end:
        return None
    return _result(text) if _GOES_ON.match(text, end) else parse_expression(text[:end])


def _result(text: str) -> ast.expr | None:
    """Return what a sum that a text starts with comes to, None where that is not clear.

    That is its result, where it is written out and right; else the sum itself, but not a difference: ``3 - 5`` may be a range.
    """
    for found in _END.finditer(text[:_REACH]):
        match parse_expression(_EQUALS.sub("==", text[: found.start()]).strip()):
            case ast.Compare(left=left, ops=ops, comparators=[*_, last] as rest) if all(isinstance(each, ast.Eq) for each in ops):
                result = _reckoned(last)
                right = result is not None and all(_reckoned(each) == result for each in (left, *rest))
                return last if right else None
            case ast.BinOp(op=op) as whole if not found.group().isspace() and not isinstance(op, ast.Sub):
                return whole if _reckoned(whole) is not None else None
    return None


def _reckoned(node: ast.expr) -> float | None:
    """Return what plain arithmetic comes to."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value) if abs(value) < _LARGEST:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _reckoned(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right) if reckon := _SUMS.get(type(op)):
            return _applied(reckon, _reckoned(left), _reckoned(right))
        case _:
            return None


def _applied(reckon: Callable[[float, float], float], first: float | None, second: float | None) -> float | None:
    if first is None or second is None or max(abs(first), abs(second)) >= _LARGEST:
        return None
    if reckon is operator.pow and not (first >= 0 and 0 <= second <= _LARGEST_POWER):
        return None
    try:
        return reckon(first, second)
    except (ZeroDivisionError, OverflowError):
        return None


def _token_end(text: str) -> int:
    """Return where the first number, string or name ends; a full stop after a number ends the sentence."""
    line = text.splitlines()[0]
    end = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.OP and token.string in "+-" and end == 0:
                continue
            if token.type in {tokenize.NUMBER, tokenize.STRING, tokenize.NAME}:
                end = token.end[1]
                if token.string.endswith(".") and line[end : end + 1] in {"", " "}:
                    end -= 1
            break
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return end
