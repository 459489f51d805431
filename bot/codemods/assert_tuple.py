"""Make asserts on a tuple, which never fail, assert their first element."""

from __future__ import annotations

import libcst as cst

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree


class _Asserts(cst.CSTTransformer):
    def leave_Assert(self, _original: cst.Assert, updated: cst.Assert) -> cst.Assert:  # noqa: N802 - libcst's name
        """Rewrite ``assert (condition, message)``."""
        match updated:
            case cst.Assert(
                test=cst.Tuple(elements=[cst.Element(value=condition), cst.Element(value=message)], lpar=[_, *_]), msg=None
            ):
                comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
                return updated.with_changes(
                    test=condition, msg=message, comma=comma, whitespace_after_assert=cst.SimpleWhitespace(" ")
                )
            case _:
                return updated


CODEMOD = Codemod(
    name="assert-tuple",
    does="Writes assert (condition, message), which is always true, as assert condition, message.",
    transform=by_tree(_Asserts, r"\bassert\s*\("),
    examples=(
        example('assert (x > 1, "too small")\n', 'assert x > 1, "too small"\n'),
        *unchanged('assert (x > 1), "too small"\n', "assert (x, y, z)\n", 'assert (x, "m"), "n"\n'),
    ),
    phrases=(r"\bassert(?:ion)?s?\s+(?:on\s+)?(?:an?\s+)?tuples?\b",),
    keeps_behaviour=False,
    repairs=True,
)
