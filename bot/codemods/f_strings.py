"""Write formatting as f-strings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import libcst as cst

from bot.codemod import Codemod, Files, example, joined, per_file, unchanged
from bot.syntax import ruff
from bot.syntax.concrete import has_comment, rewrite, source

_MEANS = {"s": "!s", "r": "!r", "a": "!a"}


class _Percent(cst.CSTTransformer):
    """Rewrites ``"…%s…" % (a, b)`` where the right side is a tuple written out, so that counts and kinds are certain."""

    def leave_BinaryOperation(  # noqa: N802 - libcst's name for it
        self, _original: cst.BinaryOperation, updated: cst.BinaryOperation
    ) -> cst.BaseExpression:
        match updated:
            case cst.BinaryOperation(
                left=cst.SimpleString() as text, operator=cst.Modulo(), right=cst.Tuple() as values, lpar=[], rpar=[]
            ):
                return _as_f_string(text, values) or updated
            case _:
                return updated


def _as_f_string(text: cst.SimpleString, values: cst.Tuple) -> cst.BaseExpression | None:
    body = text.raw_value
    if text.prefix or "\\" in body or len(text.quote) > 1 or has_comment(values):
        return None
    fields = [_field(each, text.quote) for each in values.elements]
    pieces = re.split(r"(%.)", body, flags=re.DOTALL)
    if len([piece for piece in pieces if piece[:1] == "%" and piece != "%%"]) != len(fields) or None in fields:
        return None
    result: list[str] = []
    for piece in pieces:
        if "%" not in piece:
            result.append(piece.replace("{", "{{").replace("}", "}}"))
        elif piece == "%%":
            result.append("%")
        elif piece[1:] in _MEANS and piece.startswith("%"):
            result.append(f"{{{fields.pop(0)}{_MEANS[piece[1:]]}}}")
        else:
            return None
    return cst.parse_expression(f"f{text.quote}{''.join(result)}{text.quote}")


def _field(element: cst.BaseElement, quote: str) -> str | None:
    """Return an element's text where an f-string of any supported Python can hold it."""
    if not isinstance(element, cst.Element) or not isinstance(element.value, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
        return None
    text = source(element.value)
    return None if set(text) & {quote, "\\", "\n", "{", "}", "!", ":", "#"} else text


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    options = ("--line-length", str(ruff.width(files)), "--target-version", ruff.target(files))
    formatted = ruff.fix(files, ("UP032",), *options)
    percent = per_file(lambda text: rewrite(text, _Percent, r"[\"']\s*%\s*\("))(joined(files, formatted), {})
    return {**formatted, **percent}


CODEMOD = Codemod(
    name="f-strings",
    does="Writes str.format() calls and % with a written-out tuple as f-strings.",
    transform=_transform,
    examples=(
        example('x = "{} and {}".format(a, b)\n', 'x = f"{a} and {b}"\n'),
        example('x = "%s is %r, 100%%" % (a, b.c)\n', 'x = f"{a!s} is {b.c!r}, 100%"\n'),
        *unchanged('x = "%s" % a\n', 'x = "%5.2f" % (a,)\n', 'x = "%s" % (a["k"] if b else c,)\n', 'x = b"%s" % (a,)\n'),
    ),
    phrases=(r"\bf-?strings?\b",),
)
