"""Templates on names: another variable, function, attribute or method."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher

from bot.repair.kinds import compatible
from bot.repair.prose import spoken_of
from bot.repair.source import Fragment
from bot.repair.template import Rewrite, Site, Template

_FUNCTIONS = (
    ("max", "min"),
    ("any", "all"),
    ("sorted", "reversed", "list", "set", "tuple"),
    ("int", "float", "round", "str", "abs", "bool"),
    ("len", "sum", "max", "min"),
    ("range", "enumerate", "reversed"),
    ("ord", "chr", "int", "str"),
    ("floor", "ceil", "round", "int", "trunc"),
    ("map", "filter"),
    ("zip", "zip_longest", "enumerate"),
    ("isinstance", "issubclass"),
)
_METHODS = (
    ("upper", "lower", "swapcase", "title", "capitalize"),
    ("append", "extend", "add", "insert", "remove", "update"),
    ("startswith", "endswith"),
    ("find", "rfind", "index", "rindex", "count"),
    ("strip", "lstrip", "rstrip"),
    ("isupper", "islower", "isalpha", "isdigit", "isalnum", "isnumeric", "isspace"),
    ("remove", "discard", "pop", "popleft", "add"),
    ("keys", "values", "items"),
    ("append", "appendleft"),
    ("split", "rsplit", "splitlines", "partition"),
    ("union", "intersection", "difference", "symmetric_difference"),
    ("match", "search", "fullmatch", "findall"),
    ("floor", "ceil", "sqrt", "trunc"),
    ("get", "pop", "setdefault"),
    ("removeprefix", "removesuffix", "lstrip", "rstrip"),
)


def family(name: str, families: tuple[tuple[str, ...], ...]) -> dict[str, float]:
    """Return the names that are confused with ``name``, the first families' members first."""
    found: dict[str, float] = {}
    for members in families:
        if name in members:
            for other in members:
                if other != name:
                    found.setdefault(other, 1.0 if len(members) == 2 else 0.7)  # noqa: PLR2004 - one of two
    return found


def variable(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A variable becomes another one in scope, of a fitting kind."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or _is_called(site, node):
        return
    routine = site.routine
    kind = routine.kinds.kind(node)
    for name, natural in routine.visible(node, node.lineno).items():
        if name == node.id:
            continue
        prior = natural * compatible(kind, routine.kinds.of.get(name, ""))
        if name in routine.parameters and not routine.uses.get(name):
            prior = min(1.0, 2 * prior)
        yield site.expression(node, Fragment(name), prior * (0.7 + 0.3 * _alike(name, node.id)))


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _is_called(site: Site, node: ast.expr) -> bool:
    parent = site.file.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node


def target(site: Site) -> Iterator[Rewrite]:
    """The variable assigned to becomes another one."""
    node = site.statement
    if not isinstance(node, ast.Assign | ast.AugAssign):
        return
    for each in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(each, ast.Name):
            yield from _other_variables(site, each)
        elif isinstance(each, ast.Subscript | ast.Attribute):
            yield from _other_places(site, each)


def _other_variables(site: Site, node: ast.Name) -> Iterator[Rewrite]:
    kinds = site.routine.kinds.of
    kind = kinds.get(node.id, "")
    for name in site.routine.first_bound:
        if name != node.id:
            yield site.expression(node, Fragment(name), compatible(kind, kinds.get(name, "")))


def _other_places(site: Site, node: ast.Subscript | ast.Attribute) -> Iterator[Rewrite]:
    """An element or attribute assigned to becomes one that the function names elsewhere."""
    for donor in site.routine.expressions:
        if isinstance(donor, ast.Subscript | ast.Attribute) and not isinstance(getattr(donor, "slice", None), ast.Slice):
            yield site.expression(node, site.fragment(donor), 0.5)


def function(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``max(…)`` becomes ``min(…)``; a function of the module becomes another that takes as many arguments."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    for other, prior in family(node.id, _FUNCTIONS).items():
        yield site.expression(node, Fragment(other), prior * spoken_of(other, site.routine.words))
    if not _is_called(site, node):
        return
    known = site.routine.functions
    for other, count in known.items():
        if other != node.id and count == known.get(node.id, count):
            yield site.expression(node, Fragment(other), 0.5)


def attribute(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``.upper()`` becomes ``.lower()``; ``self.left`` becomes ``self.right``."""
    if not isinstance(node, ast.Attribute):
        return
    end = site.file.span(node)[1]
    start = end - len(node.attr)
    if site.file.text[start:end] != node.attr:
        return
    for other, prior in family(node.attr, _METHODS).items():
        yield site.exact(start, end, other, prior * spoken_of(other, site.routine.words))
    owned = isinstance(node.value, ast.Name) and node.value.id == "self"
    for other in (*(site.routine.attributes if owned else ()), *sibling_attributes(site, node)):
        if other != node.attr:
            yield site.exact(start, end, other, 0.4 + 0.4 * _alike(other, node.attr))


def sibling_attributes(site: Site, node: ast.Attribute) -> tuple[str, ...]:
    """Return the attributes that the function reads from variables of the same or an unknown sort, calls not among them."""
    if _is_called(site, node):
        return ()
    found = [
        each.attr
        for each in ast.walk(site.routine.body)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and not _is_called(site, each)
    ]
    return tuple(dict.fromkeys(found))


def attribute_of(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """``node`` becomes ``node.next``, and back."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and not _is_called(site, node):
        yield site.expression(node, site.fragment(node.value), 0.5)
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or _is_called(site, node):
        return
    used = {
        each.attr: 0.7
        for each in ast.walk(site.routine.body)
        if isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Name)
        and each.value.id == node.id
        and not _is_called(site, each)
    }
    for name, prior in used.items():
        yield site.expression(node, Fragment(f"{node.id}.{name}"), prior)


TEMPLATES = (
    Template("variable", 10.0, variable),
    Template("assigned variable", 1.5, statement=target),
    Template("function", 6.0, function),
    Template("attribute or method", 6.0, attribute),
    Template("attribute of a variable", 2.0, attribute_of),
)
