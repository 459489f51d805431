"""Compare with None by identity."""

from __future__ import annotations

import re

import libcst as cst

from bot.codemod import Codemod, example, per_file, unchanged
from bot.syntax.concrete import rewrite

_OVERLOADS = re.compile(
    r"^\s*(?:from|import)\s+(?:sqlalchemy|flask_sqlalchemy|sqlmodel|peewee|pony|django|numpy|pandas|polars|pyspark|torch|z3)\b",
    re.MULTILINE,
)
"""Libraries whose == with None builds a query or compares element by element."""


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


class _Identity(cst.CSTTransformer):
    def leave_Comparison(self, _original: cst.Comparison, updated: cst.Comparison) -> cst.Comparison:  # noqa: N802
        """Rewrite a single comparison; chains stay."""
        if len(updated.comparisons) != 1:
            return updated
        target = updated.comparisons[0]
        if not (_is_none(target.comparator) and not _is_none(updated.left)):
            return updated
        match target.operator:
            case cst.Equal(whitespace_before=before, whitespace_after=after):
                operator: cst.BaseCompOp = cst.Is(_spaced(before), _spaced(after))
            case cst.NotEqual(whitespace_before=before, whitespace_after=after):
                operator = cst.IsNot(_spaced(before), cst.SimpleWhitespace(" "), _spaced(after))
            case _:
                return updated
        return updated.with_changes(comparisons=[target.with_changes(operator=operator)])


def _spaced(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    return cst.SimpleWhitespace(" ") if space.empty else space


def _change(text: str) -> str:
    return text if _OVERLOADS.search(text) else rewrite(text, _Identity, r"[!=]=\s*\(*None\b")


CODEMOD = Codemod(
    name="none-comparison",
    does="Compares with None by `is` and `is not`, but where a library gives == with None a meaning of its own.",
    transform=per_file(_change),
    examples=(
        example("if x == None:  # gone\n    pass\n", "if x is None:  # gone\n    pass\n"),
        example("y = (a.b!=None)\n", "y = (a.b is not None)\n"),
        *unchanged("y = a == None == b\n", "import numpy as np\ny = np.array([1]) == None\n"),
    ),
    phrases=(r"\b(?:compar\w+|==|!=)\s+(?:with|to)?\s*`?None\b", r"\bis\s+None\b"),
    keeps_behaviour=False,
    repairs=True,
)
