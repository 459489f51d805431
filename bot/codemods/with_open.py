"""Close files whatever happens."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree, has_comment
from bot.syntax.names import bound

_OPEN = m.SimpleStatementLine(body=[m.Assign(targets=[m.AssignTarget(m.Name())], value=m.Call(func=m.Name("open")))])


class _Files(cst.CSTTransformer):
    def leave_IndentedBlock(self, _original: cst.IndentedBlock, updated: cst.IndentedBlock) -> cst.IndentedBlock:  # noqa: N802
        """Rewrite inside functions and other blocks."""
        body = _closed(updated.body)
        return updated if body is None else updated.with_changes(body=body)

    def leave_Module(self, _original: cst.Module, updated: cst.Module) -> cst.Module:  # noqa: N802
        """Rewrite at the top of a file."""
        body = _closed(updated.body)
        return updated if body is None else updated.with_changes(body=body)


def _closed(body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement] | None:
    """Return the statements with the first ``f = open(…) … f.close()`` as a with block, or None where there is none."""
    for start, statement in enumerate(body):
        if m.matches(statement, _OPEN):
            opened = cst.ensure_type(statement, cst.SimpleStatementLine)
            end = _end(body, start, _name(opened).value)
            if end is not None:
                return [*body[:start], _with(opened, list(body[start + 1 : end])), *body[end + 1 :]]
    return None


def _name(opened: cst.SimpleStatementLine) -> cst.Name:
    assign = cst.ensure_type(opened.body[0], cst.Assign)
    return cst.ensure_type(assign.targets[0].target, cst.Name)


def _end(body: Sequence[cst.BaseStatement], start: int, name: str) -> int | None:
    """Return where the file is closed in the same block, where nothing in between gives the name another meaning."""
    close = m.SimpleStatementLine(body=[m.Expr(m.Call(func=m.Attribute(value=m.Name(name), attr=m.Name("close")), args=[]))])
    end = next((at for at in range(start + 2, len(body)) if m.matches(body[at], close)), None)
    if end is None or has_comment(body[end]) or name in bound(body[start + 1 : end]):
        return None
    earlier = m.Call(func=m.Attribute(value=m.Name(name), attr=m.Name("close")))
    return None if any(m.findall(each, earlier) for each in body[start + 1 : end]) else end


def _with(opened: cst.SimpleStatementLine, body: list[cst.BaseStatement]) -> cst.With:
    assign = cst.ensure_type(opened.body[0], cst.Assign)
    name = cst.AsName(
        _name(opened), whitespace_before_as=cst.SimpleWhitespace(" "), whitespace_after_as=cst.SimpleWhitespace(" ")
    )
    block = cst.IndentedBlock(body, header=opened.trailing_whitespace)
    return cst.With([cst.WithItem(assign.value, name)], block, leading_lines=opened.leading_lines)


CODEMOD = Codemod(
    name="with-open",
    does="Opens files that are closed in the same block in a with statement, so that errors close them, too.",
    transform=by_tree(_Files, r"=\s*open\("),
    examples=(
        example(
            "def f(p):\n    h = open(p)  # here\n    x = h.read()\n    h.close()\n    return x\n",
            "def f(p):\n    with open(p) as h:  # here\n        x = h.read()\n    return x\n",
        ),
        *unchanged(
            "def f(p):\n    h = open(p)\n    return h.read()\n",
            "h = open(p)\nh = g(h)\nh.close()\n",
            "h = open(p)\nx = h.read()\nif x:\n    h.close()\n",
        ),
    ),
    phrases=(r"\bcontext\s+managers?\b", r"\bwith\s+open\b", r"\bwith[- ]statements?\b"),
)
