"""Give each call a default value of its own."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree, has_comment, source

_FRESH = m.OneOf(m.List(), m.Dict(), m.Set(), m.Call(func=m.OneOf(m.Name("list"), m.Name("dict"), m.Name("set")), args=[]))
_DOCSTRING = m.SimpleStatementLine(body=[m.Expr(m.OneOf(m.SimpleString(), m.ConcatenatedString()))])


class _Defaults(cst.CSTTransformer):
    def leave_FunctionDef(self, _original: cst.FunctionDef, updated: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802
        """Default to None and make the value in the body."""
        body = updated.body
        if not isinstance(body, cst.IndentedBlock) or _is_stub(body):
            return updated
        found = [each for each in _parameters(updated.params) if _is_fresh(each)]
        if not found:
            return updated
        parameters = updated.params
        for each in found:
            parameters = cst.ensure_type(parameters.deep_replace(each, _optional(each)), cst.Parameters)
        start = 1 if m.matches(body.body[0], _DOCSTRING) else 0
        made = [_make(each) for each in found]
        lines = [*body.body[:start], *made, *body.body[start:]]
        return updated.with_changes(params=parameters, body=body.with_changes(body=lines))


def _parameters(node: cst.Parameters) -> list[cst.Param]:
    return [*node.posonly_params, *node.params, *node.kwonly_params]


def _is_fresh(parameter: cst.Param) -> bool:
    default = parameter.default
    return default is not None and m.matches(default, _FRESH) and not has_comment(default)


def _is_stub(body: cst.IndentedBlock) -> bool:
    """Return whether nothing happens in a body, so that nothing can be changed by accident."""
    nothing = m.SimpleStatementLine(body=[m.OneOf(m.Pass(), m.Expr(m.Ellipsis()), m.Raise())])
    return all(m.matches(each, m.OneOf(nothing, _DOCSTRING)) for each in body.body)


def _optional(parameter: cst.Param) -> cst.Param:
    annotation = parameter.annotation
    if annotation is not None:
        text = source(annotation.annotation)
        if not any(quote in text for quote in "\"'\n") and "None" not in text and "Optional" not in text:
            annotation = annotation.with_changes(annotation=cst.SimpleString(f'"{text} | None"'))
    return parameter.with_changes(default=cst.Name("None"), annotation=annotation)


def _make(parameter: cst.Param) -> cst.SimpleStatementLine:
    """Return one line without a branch of its own, so that any test that reaches the function covers it whole."""
    name, default = parameter.name.value, parameter.default
    test = cst.Comparison(cst.Name(name), [cst.ComparisonTarget(cst.Is(), cst.Name("None"))])
    value = cst.IfExp(test, default if default is not None else cst.Name("None"), cst.Name(name))
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])


CODEMOD = Codemod(
    name="mutable-defaults",
    does="Makes lists, dictionaries and sets that are default arguments anew in each call.",
    transform=by_tree(_Defaults, r"=\s*(?:\[|\{|(?:list|dict|set)\(\s*\))"),
    examples=(
        example(
            'def add(x, xs=[]):  # grows\n    """Add."""\n    xs.append(x)\n',
            'def add(x, xs=None):  # grows\n    """Add."""\n    xs = [] if xs is None else xs\n    xs.append(x)\n',
        ),
        example(
            "def f(*, m: dict[str, int] = {}):\n    return m\n",
            'def f(*, m: "dict[str, int] | None" = None):\n    m = {} if m is None else m\n    return m\n',
        ),
        *unchanged("def f(x=()):\n    return x\n", "def f(x=[]): ...\n", "f = lambda x=[]: x\n"),
    ),
    phrases=(r"\bmutable\s+(?:default|argument)",),
    keeps_behaviour=False,
    repairs=True,
)
