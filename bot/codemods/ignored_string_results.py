"""Keep what string methods give back."""

from __future__ import annotations

import libcst as cst

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_PURE = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "swapcase", "removeprefix", "removesuffix"}
)
"""Methods that only strings have, and that do nothing but return another string."""


class _Results(cst.CSTTransformer):
    def leave_Expr(self, _original: cst.Expr, updated: cst.Expr) -> cst.Expr | cst.Assign:  # noqa: N802
        """Rewrite the statement ``name.strip()``."""
        match updated.value:
            case cst.Call(func=cst.Attribute(value=cst.Name() as name, attr=cst.Name(value=method))) if method in _PURE:
                target = cst.AssignTarget(name.with_changes(lpar=[], rpar=[]))
                return cst.Assign([target], updated.value, semicolon=updated.semicolon)
            case _:
                return updated


CODEMOD = Codemod(
    name="ignored-string-results",
    does="Assigns the new string where a string method's result was thrown away.",
    transform=by_tree(_Results, rf"(?m)^\s*\w+\.(?:{'|'.join(sorted(_PURE))})\("),
    examples=(
        example("def f(name):\n    name.strip()\n    return name\n", "def f(name):\n    name = name.strip()\n    return name\n"),
        *unchanged("name.strip()[0]\n", "self.name.strip()\n", "path.replace(a, b)\n", "name = name.strip()\n"),
    ),
    phrases=(r"\bignored?\s+(?:\w+\s+)?(?:results?|return values?)\s+of\s+str",),
    keeps_behaviour=False,
    repairs=True,
)
