"""Which names a piece of concrete syntax binds, uses, and lies in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import libcst as cst


class _Names(cst.CSTVisitor):
    """Counts every name that occurs, attributes apart; nested scopes included, so that nothing is missed."""

    def __init__(self) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.bound: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802 - libcst's name for it
        self.names[node.value] += 1

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:  # noqa: N802
        node.value.visit(self)
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_For(self, node: cst.For) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_CompFor(self, node: cst.CompFor) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:  # noqa: N802
        self.bound |= _targets(node.name)

    def visit_Del(self, node: cst.Del) -> None:  # noqa: N802
        self.bound |= _targets(node.target)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self.bound.add(node.name.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802
        self.bound.add(node.name.value)

    def visit_Param(self, node: cst.Param) -> None:  # noqa: N802
        self.bound.add(node.name.value)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:  # noqa: N802
        self.bound.add(node.evaluated_alias or node.evaluated_name.split(".", 1)[0])
        return True

    def visit_Global(self, node: cst.Global) -> None:  # noqa: N802
        self.bound |= {each.name.value for each in node.names}

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:  # noqa: N802
        self.bound |= {each.name.value for each in node.names}

    def visit_MatchAs(self, node: cst.MatchAs) -> None:  # noqa: N802
        self.bound |= {node.name.value} if node.name else set()

    def visit_MatchStar(self, node: cst.MatchStar) -> None:  # noqa: N802
        self.bound |= {node.name.value} if node.name else set()


def _targets(node: cst.CSTNode) -> set[str]:
    match node:
        case cst.Name(value=name):
            return {name}
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return set().union(*(_targets(each.value) for each in elements))
        case _:
            return set()


def names(nodes: Iterable[cst.CSTNode]) -> Counter[str]:
    """Return how often each plain name occurs in the nodes (keyword arguments and attributes are no names)."""
    return _collect(nodes).names


def bound(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Return every name that the nodes may bind, in their own scope or a nested one."""
    return _collect(nodes).bound


def _collect(nodes: Iterable[cst.CSTNode]) -> _Names:
    collector = _Names()
    for node in nodes:
        node.visit(collector)
    return collector
