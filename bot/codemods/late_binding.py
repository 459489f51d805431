"""Let a function made in a loop keep the loop variable's value."""

from __future__ import annotations

import libcst as cst

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree
from bot.syntax.names import bound, names


class _Closures(cst.CSTTransformer):
    """Binds loop variables as defaults of lambdas and functions defined in the loop's body."""

    def __init__(self) -> None:
        super().__init__()
        self.loops: list[set[str]] = [set()]

    def on_visit(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.For(target=target):
                self.loops.append(self.loops[-1] | bound([cst.AssignTarget(target)]))
            case cst.BaseComp(for_in=cst.CompFor(target=target)):
                self.loops.append(self.loops[-1] | bound([cst.AssignTarget(target)]))
            case cst.Lambda() | cst.FunctionDef():
                self.loops.append(set())
            case _:
                pass
        return super().on_visit(node)

    def on_leave(
        self, original: cst.CSTNodeT, updated: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if isinstance(original, cst.For | cst.BaseComp | cst.Lambda | cst.FunctionDef):
            self.loops.pop()
        return super().on_leave(original, updated)

    def leave_Lambda(self, _original: cst.Lambda, updated: cst.Lambda) -> cst.Lambda:  # noqa: N802 - libcst's name for it
        wanted = self._late(updated.params, [updated.body])
        if not wanted:
            return updated
        spaced = cst.SimpleWhitespace(" ")
        return updated.with_changes(params=_with(updated.params, wanted), whitespace_after_lambda=spaced)

    def leave_FunctionDef(self, _original: cst.FunctionDef, updated: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802
        wanted = self._late(updated.params, [updated.body])
        return updated.with_changes(params=_with(updated.params, wanted)) if wanted else updated

    def _late(self, parameters: cst.Parameters, body: list[cst.CSTNode]) -> list[str]:
        """Return the loop variables that the body reads and does not bind itself; none where no default can be added."""
        if parameters.star_kwarg is not None or isinstance(parameters.star_arg, cst.Param):
            return []
        own = bound([parameters, *body])
        used = names(body)
        return sorted(name for name in self.loops[-1] if name in used and name not in own)


def _with(parameters: cst.Parameters, wanted: list[str]) -> cst.Parameters:
    """Add keyword-only defaults, so that no positional argument can land in one."""
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = [cst.Param(cst.Name(name), default=cst.Name(name), equal=tight) for name in wanted]
    star = parameters.star_arg if isinstance(parameters.star_arg, cst.ParamStar) else cst.ParamStar()
    return parameters.with_changes(star_arg=star, kwonly_params=[*_separated(parameters.kwonly_params), *new])


def _separated(parameters: object) -> list[cst.Param]:
    listed = [each for each in parameters if isinstance(each, cst.Param)] if isinstance(parameters, list | tuple) else []
    return [each.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))) for each in listed]


CODEMOD = Codemod(
    name="late-binding",
    does="Binds the loop variable's value in functions that are made in a loop and called after it.",
    transform=by_tree(_Closures, r"\blambda\b|\n[ \t]+(?:async[ \t]+)?def\b"),
    examples=(
        example("fs = [lambda x: x * n for n in range(3)]\n", "fs = [lambda x, *, n=n: x * n for n in range(3)]\n"),
        example(
            "for n in ns:\n    def f():\n        return n\n    fs.append(f)\n",
            "for n in ns:\n    def f(*, n=n):\n        return n\n    fs.append(f)\n",
        ),
        *unchanged("fs = [lambda x, n=n: x * n for n in range(3)]\n", "f = lambda xs: [x for x in xs]\n"),
    ),
    phrases=(
        r"\blate[- ]binding\b",
        r"\bclosures?\s+(?:\w+\s+){0,3}loops?\b",
        r"\bloop\s+variables?\s+(?:\w+\s+){0,3}closures?\b",
    ),
    keeps_behaviour=False,
    repairs=True,
)
