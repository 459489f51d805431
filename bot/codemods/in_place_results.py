"""Stop using the None that methods working in place return."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_IN_PLACE = frozenset({"sort", "reverse", "append", "extend", "insert", "clear", "shuffle"})


class _Results(cst.CSTTransformer):
    def leave_Assign(self, _original: cst.Assign, updated: cst.Assign) -> cst.Assign | cst.Expr:  # noqa: N802
        """Rewrite ``xs = xs.sort()``."""
        match updated:
            case cst.Assign(
                targets=[cst.AssignTarget(target=target)],
                value=cst.Call(func=cst.Attribute(value=receiver, attr=cst.Name(value=method))) as call,
            ) if method in _IN_PLACE and target.deep_equals(receiver):
                return cst.Expr(call, semicolon=updated.semicolon)
            case _:
                return updated

    def leave_Return(self, _original: cst.Return, updated: cst.Return) -> cst.Return:  # noqa: N802
        """Rewrite ``return xs.sort(…)``, whose value is None."""
        match updated.value:
            case cst.Call(func=cst.Attribute(value=receiver, attr=cst.Name(value="sort")), args=arguments) if all(
                m.matches(each, m.Arg(keyword=m.Name())) for each in arguments
            ):
                comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")) if arguments else cst.MaybeSentinel.DEFAULT
                call = cst.Call(cst.Name("sorted"), [cst.Arg(receiver, comma=comma), *arguments])
                return updated.with_changes(value=call)
            case _:
                return updated


CODEMOD = Codemod(
    name="in-place-results",
    does="Stops assigning or returning the None that list methods working in place give back.",
    transform=by_tree(_Results, rf"(?:=|\breturn)\s*[\w.\[\]]+\.(?:{'|'.join(sorted(_IN_PLACE))})\("),
    examples=(
        example("xs = xs.sort(key=len)  # by length\n", "xs.sort(key=len)  # by length\n"),
        example("def f(xs):\n    return xs.sort(reverse=True)\n", "def f(xs):\n    return sorted(xs, reverse=True)\n"),
        *unchanged("ys = xs.sort()\n", "x = frame.sort_values()\n"),
    ),
    phrases=(r"\b(?:result|return value)\s+of\s+(?:\w+\s+){0,2}in[- ]place\b",),
    keeps_behaviour=False,
    repairs=True,
)
