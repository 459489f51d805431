"""Ask for an instance, not for the exact type."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_TYPE_OF = m.Call(func=m.Name("type"), args=[m.Arg(keyword=None, star="")])
_ONE = m.OneOf(m.Equal(), m.Is())
_TWO = m.OneOf(m.NotEqual(), m.IsNot())
_CLASS: m.OneOf[m.BaseExpressionMatchType] = m.OneOf(m.Name(), m.Attribute())
_SAME = m.Comparison(left=_TYPE_OF, comparisons=[m.ComparisonTarget(operator=m.OneOf(_ONE, _TWO), comparator=_CLASS)])


class _Instances(cst.CSTTransformer):
    def leave_Comparison(self, _original: cst.Comparison, updated: cst.Comparison) -> cst.BaseExpression:  # noqa: N802
        """Rewrite ``type(x) == T``."""
        if not m.matches(updated, _SAME):
            return updated
        call = cst.ensure_type(updated.left, cst.Call)
        target = updated.comparisons[0]
        arguments = [
            call.args[0].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))),
            cst.Arg(target.comparator),
        ]
        asked = cst.Call(cst.Name("isinstance"), arguments, lpar=updated.lpar, rpar=updated.rpar)
        if m.matches(target.operator, _ONE):
            return asked
        bare = asked.with_changes(lpar=[], rpar=[])
        return cst.UnaryOperation(cst.Not(), bare, lpar=updated.lpar, rpar=updated.rpar)


CODEMOD = Codemod(
    name="type-comparison",
    does="Writes type(x) == T as isinstance(x, T), which takes subclasses, too.",
    transform=by_tree(_Instances, r"\btype\(.*\)\s*(?:==|!=|is\b)"),
    examples=(
        example("if type(x) == int:\n    pass\n", "if isinstance(x, int):\n    pass\n"),
        example("y = type(x) is not a.B\n", "y = not isinstance(x, a.B)\n"),
        *unchanged("y = type(x) == type(z)\n", "y = type(a, b, c) == int\n"),
    ),
    phrases=(r"\bisinstance\b", r"\btype\(\w*\)\s*==", r"\btype[- ]comparisons?\b"),
    keeps_behaviour=False,
    repairs=True,
)
