"""Catch both exceptions where only the first was caught."""

from __future__ import annotations

import libcst as cst

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree


class _Handlers(cst.CSTTransformer):
    def leave_ExceptHandler(self, _original: cst.ExceptHandler, updated: cst.ExceptHandler) -> cst.ExceptHandler:  # noqa: N802
        """Rewrite ``except A or B``, whose value is A."""
        names = _alternatives(updated.type) if updated.type is not None else []
        if len(names) < 2:  # noqa: PLR2004 - one is no alternative
            return updated
        elements = [cst.Element(each.with_changes(lpar=[], rpar=[])) for each in names]
        return updated.with_changes(type=cst.Tuple(elements), whitespace_after_except=cst.SimpleWhitespace(" "))


def _alternatives(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    match node:
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
            both = [_alternatives(left), _alternatives(right)]
            return [each for side in both for each in side] if all(both) else []
        case cst.Name() | cst.Attribute():
            return [node]
        case _:
            return []


CODEMOD = Codemod(
    name="except-or",
    does="Writes except A or B, which catches A only, as except (A, B).",
    transform=by_tree(_Handlers, r"\bexcept\b.*\bor\b"),
    examples=(
        example(
            "try:\n    f()\nexcept ValueError or KeyError as e:\n    pass\n",
            "try:\n    f()\nexcept (ValueError, KeyError) as e:\n    pass\n",
        ),
        *unchanged("try:\n    f()\nexcept (ValueError, KeyError):\n    pass\n", "try:\n    f()\nexcept a() or b:\n    pass\n"),
    ),
    phrases=(r"\bexcept\s+\w+\s+or\s+\w+",),
    keeps_behaviour=False,
    repairs=True,
)
