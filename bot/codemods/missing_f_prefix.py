"""Fill in the names that a string without its ``f`` shows in braces."""

from __future__ import annotations

import re

import libcst as cst

from bot.codemod import Codemod, example, per_file, unchanged
from bot.syntax.concrete import rewrite
from bot.syntax.names import bound

_FIELDS = re.compile(r"\{([A-Za-z_]\w*)(?:[.\[][^{}]*)?\}")


class _Strings(cst.CSTTransformer):
    """Adds the prefix to strings whose every brace holds a name of the function around them."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: list[set[str]] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802 - libcst's name for it
        outer = self.scopes[-1] if self.scopes else set()
        self.scopes.append(outer | bound([node.params, node.body]))

    def leave_FunctionDef(self, _original: cst.FunctionDef, updated: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802
        self.scopes.pop()
        return updated

    def visit_Expr(self, node: cst.Expr) -> bool:  # noqa: N802
        """Pass by docstrings."""
        return not isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)

    def visit_Decorator(self, _node: cst.Decorator) -> bool:  # noqa: N802
        """Pass by decorators: routes and formats lie there."""
        return False

    def leave_SimpleString(self, _original: cst.SimpleString, updated: cst.SimpleString) -> cst.BaseExpression:  # noqa: N802
        if not self.scopes or updated.prefix or "{" not in updated.raw_value:
            return updated
        fields = _FIELDS.findall(updated.raw_value)
        left = _FIELDS.sub("", updated.raw_value)
        if not fields or "{" in left or "}" in left or not set(fields) <= self.scopes[-1] or updated.quote[0] in "".join(fields):
            return updated
        try:
            return cst.parse_expression(f"f{updated.value}")
        except cst.ParserSyntaxError:
            return updated


def _change(text: str) -> str:
    """Leave alone a file that formats anything by ``format``: its strings may be templates."""
    return text if ".format" in text else rewrite(text, _Strings, r"\{[A-Za-z_]")


CODEMOD = Codemod(
    name="missing-f-prefix",
    does="Adds the f to strings that show the function's own names in braces and are never formatted.",
    transform=per_file(_change),
    examples=(
        example('def f(name):\n    return "hello {name}"\n', 'def f(name):\n    return f"hello {name}"\n'),
        *unchanged(
            'def f(name):\n    return "hello {name}".format(name=name)\n',
            'def f(name):\n    """Say {name}."""\n',
            'def f(name):\n    return "{other} {name}"\n',
            'x = "{x}"\n',
        ),
    ),
    phrases=(r"\bmissing\s+f(?:-?strings?)?[- ]prefix",),
    keeps_behaviour=False,
    repairs=True,
)
