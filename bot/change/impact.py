"""Who depends on what was changed, and the facts that risk is scored by. Pure: texts come in, counts go out."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from bot.change.area import Area, area
from bot.change.change import Change, FileStatus
from bot.change.interface import Text, compare_interfaces
from bot.change.outline import bare, imports, module_name, parse, touched, touched_lines
from bot.change.risk import Facts
from bot.change.testing import disguised, is_test

MOST_FILES = 2_000
"""Bound of files looked into; beyond it the count is a lower bound."""


@dataclass(frozen=True)
class Impact:
    """Who uses what was changed."""

    changed: tuple[str, ...]
    """Dotted names of the changed definitions, module included."""
    used_by: tuple[str, ...]
    """Other source files that import the module or speak of a changed name, sorted."""
    tested_by: tuple[str, ...]
    """Test files that do."""


def facts(change: Change, base: Text, head: Text, sources: Mapping[str, str]) -> Facts:
    """Return what the two sides' code tells of a change; ``sources`` are the head's Python files, path -> text."""
    product = disguised(sources)
    interface = compare_interfaces(change, base, head, lambda path: is_test(path) and path not in product)
    return Facts(
        breaking=tuple(dict.fromkeys(each.name for each in interface.breaking if each.sure)),
        widened=interface.widened,
        cosmetic=cosmetic(change, base, head),
        fan_in=len(impact(change, head, sources, product).used_by),
        product=product.intersection(change.paths),
    )


def cosmetic(change: Change, base: Text, head: Text) -> frozenset[str]:
    """Return the Python files in which only comments, docstrings or layout differ."""
    found = set()
    for file in change.files:
        if file.status is not FileStatus.MODIFIED or not file.path.endswith(".py") or file.mode or file.binary:
            continue
        old, new = base(file.path), head(file.path)
        if old is not None and new is not None and bare(old) is not None and bare(old) == bare(new):
            found.add(file.path)
    return frozenset(found)


def impact(change: Change, head: Text, sources: Mapping[str, str], product: frozenset[str] = frozenset()) -> Impact:
    """Return who imports or calls what was changed, at most :data:`MOST_FILES` files deep.

    ``product`` are files that look like tests and are none.
    """
    changed = _changed(change, head, product)
    wanted = {name.rsplit(".", 1)[-1]: module for module, names in changed.items() for name in names if name}
    own = {each.path for each in change.files}
    users = [
        path
        for path, text in list(sources.items())[:MOST_FILES]
        if path not in own and path.endswith(".py") and _uses(path, text, changed, wanted)
    ]
    names = (f"{module}.{name}" if name else module for module, found in changed.items() for name in found)
    tests = tuple(sorted(each for each in users if is_test(each) and each not in product))
    return Impact(tuple(names), tuple(sorted(set(users) - set(tests))), tests)


def _changed(change: Change, head: Text, product: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return, per changed module, the definitions that were touched."""
    found: dict[str, tuple[str, ...]] = {}
    for file in change.files:
        code = file.path in product or area(file.path) is Area.SOURCE
        text = head(file.path) if code and file.path.endswith(".py") else None
        if text is not None:
            found[module_name(file.path)] = touched(text, touched_lines(file))
    return found


def _uses(path: str, text: str, changed: Mapping[str, tuple[str, ...]], wanted: Mapping[str, str]) -> bool:
    """Tell whether a file imports a changed module and, where the change is inside named definitions, speaks of one."""
    words = {word for module in changed for word in module.split(".")}
    if "import" not in text or not any(word in text for word in words):
        return False
    tree = parse(text)
    if tree is None:
        return False
    imported_here = imports(tree, module_name(path), is_package=path.endswith("/__init__.py"))
    if any(f"{package}.{name}" in imported_here for name, module in wanted.items() for package in _packages(module)):
        return True
    imported = imported_here & set(changed)
    if any("" in changed[module] for module in imported):
        return True
    names = {name for name, module in wanted.items() if module in imported}
    return bool(names) and any(_name(node) in names for node in ast.walk(tree))


def _packages(module: str) -> list[str]:
    """Return the packages around a module, any of which may hand its names on."""
    parts = module.split(".")
    return [".".join(parts[:size]) for size in range(1, len(parts))]


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name.rsplit(".", 1)[-1]
        case _:
            return ""
