"""Templates on methods: what the class can do already, and the class of the object at hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from bot.repair.source import Fragment, FunctionNode
from bot.repair.template import Rewrite, Site, Template


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def own_method(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A call, or an attribute of ``self``, becomes ``self.m()``: what the class has already was done again, wrongly."""
    owner, own = site.routine.owner, site.routine.node
    if owner is None or own is None or not _computed(node) or not any(_is_self(each) for each in ast.walk(node)):
        return
    parent = site.file.parents.get(node)
    if isinstance(parent, ast.Expr) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    for each in owner.body:
        if isinstance(each, FunctionNode) and each.name != own.name and not each.name.startswith("__") and _takes_nothing(each):
            yield site.expression(node, Fragment(f"self.{each.name}" if _is_property(each) else f"self.{each.name}()"))


def _computed(node: ast.expr) -> TypeGuard[ast.Call | ast.Attribute]:
    return isinstance(node, ast.Call) or (
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _is_self(node.value)
    )


def _takes_nothing(method: FunctionNode) -> bool:
    """Say whether a method can be called on ``self`` alone."""
    every = [*method.args.posonlyargs, *method.args.args]
    left = len(every) - len(method.args.defaults)
    keyword = [default for default in method.args.kw_defaults if default is None]
    return bool(every) and every[0].arg == "self" and left <= 1 and not keyword


def _is_property(method: FunctionNode) -> bool:
    return any(isinstance(each, ast.Name) and "property" in each.id for each in method.decorator_list)


def class_of_self(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """In a method of ``C``, ``C(…)`` becomes ``type(self)(…)`` or ``cls(…)``: a derived class gets its own kind."""
    owner, own = site.routine.owner, site.routine.node
    if owner is None or own is None or not isinstance(node, ast.Name) or node.id != owner.name:
        return
    parent = site.file.parents.get(node)
    if not isinstance(parent, ast.Call) or parent.func is not node:
        return
    first = [*own.args.posonlyargs, *own.args.args][:1]
    for each in first:
        if each.arg in {"self", "cls"}:
            yield site.expression(node, Fragment("type(self)" if each.arg == "self" else "cls"))


TEMPLATES = (
    Template("method of the same class", 3.0, own_method),
    Template("class of the object", 3.0, class_of_self),
)
