"""Let exits and interrupts through."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_RERAISE = m.Raise(exc=None)


class _Handlers(cst.CSTTransformer):
    def leave_ExceptHandler(self, _original: cst.ExceptHandler, updated: cst.ExceptHandler) -> cst.ExceptHandler:  # noqa: N802
        """Name Exception where everything is caught and not raised again."""
        if updated.type is not None or m.findall(updated.body, _RERAISE):
            return updated
        return updated.with_changes(type=cst.Name("Exception"), whitespace_after_except=cst.SimpleWhitespace(" "))


CODEMOD = Codemod(
    name="bare-except",
    does="Narrows a bare except that swallows everything to Exception, so that exits and interrupts pass.",
    transform=by_tree(_Handlers, r"\bexcept\s*:"),
    examples=(
        example(
            "try:\n    f()\nexcept:  # whatever\n    pass\n",
            "try:\n    f()\nexcept Exception:  # whatever\n    pass\n",
        ),
        *unchanged("try:\n    f()\nexcept:\n    g()\n    raise\n", "try:\n    f()\nexcept ValueError:\n    pass\n"),
    ),
    phrases=(r"\bbare[- ]excepts?\b", r"\bexcept:"),
    keeps_behaviour=False,
    repairs=True,
)
