"""Compares type annotations as written: did a return get wider, a parameter narrower, a type weaker?"""

from __future__ import annotations

import ast
from typing import Final

ANYTHING: Final = frozenset({"Any", "object"})
_UNION, _OPTIONAL = "Union", "Optional"
_BUILTIN: Final = frozenset({"List", "Dict", "Set", "FrozenSet", "Tuple", "Type"})


def members(annotation: ast.expr | None) -> frozenset[str]:
    """Return the alternatives of a type: ``int | None`` has two; a missing annotation has none."""
    if annotation is None:
        return frozenset()
    return frozenset(_members(annotation))


def wider(old: ast.expr | None, new: ast.expr | None) -> str:
    """Say how values of the new type go beyond the old one; '' where they do not, or nothing was promised before."""
    before, after = members(old), members(new)
    if not before or before & ANYTHING or before == after:
        return ""
    if not after:
        return f"the type {ast.unparse(old)} was dropped" if old else ""
    more = sorted(after - before)
    if not more:
        return ""
    return f"{' | '.join(sorted(before))} became {' | '.join(sorted(after))}"


def only_more(old: ast.expr | None, new: ast.expr | None) -> bool:
    """Tell whether every old alternative is still there and new ones came: surely wider, whatever the names mean."""
    return members(old) < members(new) or bool(members(new) & ANYTHING - members(old))


def _members(node: ast.expr) -> set[str]:
    match node:
        case ast.Constant(value=str(text)):
            return _quoted(text)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _members(left) | _members(right)
        case ast.Subscript(value=value, slice=inside) if _plain(value) == _OPTIONAL:
            return _members(inside) | {"None"}
        case ast.Subscript(value=value, slice=ast.Tuple(elts=parts)) if _plain(value) == _UNION:
            return set().union(*map(_members, parts))
        case ast.Subscript(value=value, slice=inside):
            return {f"{_plain(value)}[{_inside(inside)}]"}
        case _:
            return {_plain(node)}


def _quoted(text: str) -> set[str]:
    try:
        return _members(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return {text}


def _inside(node: ast.expr) -> str:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return ", ".join(
        " | ".join(sorted(_members(each))) if not isinstance(each, ast.List) else ast.unparse(each) for each in parts
    )


def _plain(node: ast.expr) -> str:
    """Return a type's name without its module, built-in generics in lower case."""
    name = node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
    return name.lower() if name in _BUILTIN else name
