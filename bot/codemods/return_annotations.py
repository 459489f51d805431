"""Say that a function returns nothing."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, example, unchanged
from bot.syntax.concrete import by_tree

_INNER = cst.FunctionDef | cst.ClassDef | cst.Lambda
_TRIVIAL = m.SimpleStatementLine(body=[m.OneOf(m.Pass(), m.Expr(m.Ellipsis()), m.Expr(m.SimpleString()), m.Raise())])
_OPEN = m.OneOf(
    m.Name("overload"), m.Name("abstractmethod"), m.Attribute(attr=m.OneOf(m.Name("overload"), m.Name("abstractmethod")))
)


class _Returns(cst.CSTTransformer):
    def leave_FunctionDef(self, original: cst.FunctionDef, updated: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802
        """Annotate a function that certainly gives nothing back."""
        body = original.body
        if original.returns is not None or not isinstance(body, cst.IndentedBlock):
            return updated
        if any(m.matches(each.decorator, _OPEN) for each in original.decorators) or _answers(body):
            return updated
        if all(m.matches(each, _TRIVIAL) for each in body.body) or _never_ends(body.body[-1]):
            return updated
        return updated.with_changes(returns=cst.Annotation(cst.Name("None")))


def _answers(node: cst.CSTNode) -> bool:
    """Return whether there is a value to return or a yield in a function's own body."""
    if isinstance(node, cst.Yield) or (isinstance(node, cst.Return) and node.value is not None):
        return True
    return not isinstance(node, _INNER) and any(_answers(child) for child in node.children)


def _never_ends(last: cst.BaseStatement) -> bool:
    """Return whether a body may end in nothing but an exception: the type of that is another one."""
    match last:
        case cst.SimpleStatementLine(body=[*_, cst.Raise()]):
            return True
        case cst.While(test=cst.Name(value="True")):
            return True
        case _:
            return False


CODEMOD = Codemod(
    name="return-annotations",
    does="Annotates functions that never return a value with -> None.",
    transform=by_tree(_Returns, r"\bdef\b"),
    examples=(
        example("def f(x):\n    print(x)\n", "def f(x) -> None:\n    print(x)\n"),
        example(
            "class A:\n    def __init__(self):\n        self.x = 1\n",
            "class A:\n    def __init__(self) -> None:\n        self.x = 1\n",
        ),
        *unchanged(
            "def f(x):\n    if x:\n        return 1\n",
            "def f():\n    raise ValueError\n",
            "def f():\n    yield 1\n",
            "class A:\n    def f(self):\n        pass\n",
        ),
    ),
    phrases=(r"\badd\s+(?:\w+\s+){0,3}(?:type|return)\s+(?:annotations?|hints?|types?)\b", r"->\s*None\b"),
)
