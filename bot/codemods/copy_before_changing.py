"""Loop over a copy of what the loop changes."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_CHANGES = ("remove", "pop", "popitem", "discard", "add", "append", "insert", "clear", "update", "extend")


class _Loops(cst.CSTTransformer):
    def leave_For(self, _original: cst.For, updated: cst.For) -> cst.For:  # noqa: N802 - libcst's name for it
        """Wrap what is looped over in ``list()``."""
        name = _looped(updated.iter)
        if name is None or not _changes(updated.body, name):
            return updated
        iterated = updated.iter.with_changes(lpar=[], rpar=[])
        spaced = cst.SimpleWhitespace(" ")
        return updated.with_changes(iter=cst.Call(cst.Name("list"), [cst.Arg(iterated)]), whitespace_after_in=spaced)


def _looped(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return the collection itself: of ``xs``, ``self.xs``, ``d.items()``."""
    match node:
        case cst.Name() | cst.Attribute():
            return node.with_changes(lpar=[], rpar=[])
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="items" | "keys" | "values")), args=[]):
            return inner if isinstance(inner, cst.Name | cst.Attribute) else None
        case _:
            return None


def _changes(body: cst.BaseSuite, name: cst.BaseExpression) -> bool:
    """Return whether the loop's body may make the collection longer or shorter."""
    same = m.MatchIfTrue[cst.BaseExpression](lambda node: node.deep_equals(name))
    method = m.OneOf(*(m.Name(each) for each in _CHANGES))
    call = m.Call(func=m.Attribute(value=same, attr=method))
    delete = m.Del(target=m.Subscript(value=same))
    return bool(m.findall(body, m.OneOf(call, delete)))


CODEMOD = Codemod(
    name="copy-before-changing",
    does="Loops over a copy of a collection that the loop's body makes longer or shorter.",
    transform=by_tree(_Loops, rf"\.(?:{'|'.join(_CHANGES)})\(|\bdel\b"),
    examples=(
        example(
            "for x in xs:\n    if x < 0:\n        xs.remove(x)\n",
            "for x in list(xs):\n    if x < 0:\n        xs.remove(x)\n",
        ),
        example(
            "for k, v in d.items():\n    if v:\n        del d[k]\n", "for k, v in list(d.items()):\n    if v:\n        del d[k]\n"
        ),
        *unchanged("for x in list(xs):\n    xs.remove(x)\n", "for x in xs:\n    ys.remove(x)\n", "for k in d:\n    d[k] = 1\n"),
    ),
    phrases=(r"\b(?:chang|modif|mutat)\w*\s+(?:\w+\s+){0,4}(?:while|during)\s+(?:iterat|loop)",),
    keeps_behaviour=False,
    repairs=True,
)
