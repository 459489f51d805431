"""Compare with each alternative, not only with the first."""

from __future__ import annotations

import libcst as cst

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_CONSTANT = cst.SimpleString | cst.Integer | cst.Float


class _Alternatives(cst.CSTTransformer):
    def leave_BooleanOperation(  # noqa: N802 - libcst's name for it
        self, _original: cst.BooleanOperation, updated: cst.BooleanOperation
    ) -> cst.BaseExpression:
        """Rewrite ``x == "a" or "b"``, which is always true."""
        if not isinstance(updated.operator, cst.Or) or not isinstance(updated.right, _CONSTANT):
            return updated
        found = _asked(updated.left)
        if found is None:
            return updated
        left, values = found
        elements = [cst.Element(each.with_changes(lpar=[], rpar=[])) for each in (*values, updated.right)]
        target = cst.ComparisonTarget(cst.In(), cst.Tuple(elements))
        return cst.Comparison(left, [target], lpar=updated.lpar, rpar=updated.rpar)


def _asked(node: cst.BaseExpression) -> tuple[cst.BaseExpression, list[cst.BaseExpression]] | None:
    """Return what is compared and with which constants, for ``x == "a"`` and what an inner rewriting made of it."""
    match node:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=value)], lpar=[]):
            return (left, [value]) if isinstance(value, _CONSTANT) else None
        case cst.Comparison(
            left=left, comparisons=[cst.ComparisonTarget(operator=cst.In(), comparator=cst.Tuple(elements=elements))], lpar=[]
        ):
            return (left, [each.value for each in elements]) if all(isinstance(e.value, _CONSTANT) for e in elements) else None
        case _:
            return None


CODEMOD = Codemod(
    name="or-of-constants",
    does='Writes x == "a" or "b", which is always true, as x in ("a", "b").',
    transform=by_tree(_Alternatives, r"\bor\s+[\"'\d]"),
    examples=(
        example('if x == "a" or "b":\n    pass\n', 'if x in ("a", "b"):\n    pass\n'),
        example("y = x == 1 or 2 or 3\n", "y = x in (1, 2, 3)\n"),
        *unchanged("y = x == 1 and f() or 2\n", 'y = x == "a" or x == "b"\n', 'y = name or "b"\n', 'y = (x == "a") or "b"\n'),
    ),
    phrases=(r"==\s*\S+\s+or\s+[\"'\d]",),
    keeps_behaviour=False,
    repairs=True,
)
