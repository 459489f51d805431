"""Renaming a module's own name wherever the project means it: scopes and imports decide, never the spelling alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, QualifiedName, QualifiedNameProvider, QualifiedNameSource

from bot.errors import Refused
from bot.syntax.concrete import read, source
from bot.syntax.modules import Modules
from bot.syntax.names import names

Place = tuple[str, str]
"""(file, name inside it)."""


def rename_global(files: Mapping[str, str], path: str, old: str, new: str, leave: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the files that change when the module-level name ``old`` of ``path`` becomes ``new``.

    Files in ``leave`` stay as they are; where they take the name from, the old one is kept beside the new one.

    Raises:
        Refused: ``new`` is in use where it would be needed, or a use of ``old`` cannot be told for certain.
    """
    modules = Modules(files)
    word = re.compile(rf"\b{re.escape(old)}\b")
    trees = {each: tree for each, text in files.items() if each.endswith(".py") and word.search(text) and (tree := read(text))}
    exported = _exported(trees, modules, path, old, leave)
    changed: dict[str, str] = {}
    needed: set[Place] = set()
    for each, tree in sorted(trees.items()):
        renamer = _Renamer(modules, each, exported, old, new)
        result = MetadataWrapper(tree, unsafe_skip_copy=False).visit(renamer)
        if each in leave:
            needed |= renamer.met
            continue
        if result.code == tree.code:
            continue
        if renamer.bare and names([tree])[new]:
            msg = f"{new} is in use in {each} already: choose another name for {old}"
            raise Refused(msg)
        changed[each] = result.code
    for each in {place[0] for place in needed} & changed.keys():
        changed[each] = f"{changed[each].rstrip()}\n\n\n{old} = {new}\n"
    return changed


def _exported(trees: Mapping[str, cst.Module], modules: Modules, path: str, old: str, leave: frozenset[str]) -> frozenset[Place]:
    """Return the place itself and every file that imports it under its own name, and so hands it on."""
    touched = {each: tree for each, tree in trees.items() if each not in leave}
    found = {(path, old)}
    while True:
        more = {(each, old) for each, tree in touched.items() if _takes_from(tree, each, modules, found, old)}
        if more <= found:
            return frozenset(found)
        found |= more


def _takes_from(tree: cst.Module, path: str, modules: Modules, places: Collection[Place], old: str) -> bool:
    """Tell whether a file imports ``old`` from one of the places under its own name; raises Refused where by a star."""
    takes = False
    for module, alias in _from_imports(tree):
        if alias in {old, "*"} and (modules.find(module, path), old) in places:
            _check_star(path, alias, old)
            takes = True
    return takes


def _check_star(path: str, alias: str, old: str) -> None:
    if alias == "*":
        msg = f"{path} imports * from a module that has {old}: import it by name there first"
        raise Refused(msg)


def _from_imports(tree: cst.Module) -> Iterator[tuple[str, str]]:
    """Yield (module as written with its dots, name) for names imported without an alias, and stars."""
    for node in m.findall(tree, m.ImportFrom()):
        statement = cst.ensure_type(node, cst.ImportFrom)
        if isinstance(statement.names, cst.ImportStar):
            yield module_of(statement), "*"
        else:
            yield from ((module_of(statement), each.evaluated_name) for each in statement.names if each.asname is None)


def module_of(statement: cst.ImportFrom) -> str:
    """Return the module of a from-import as it is written, dots in front."""
    return "." * len(statement.relative) + (source(statement.module) if statement.module else "")


class _Renamer(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def __init__(self, modules: Modules, path: str, exported: frozenset[Place], old: str, new: str) -> None:
        super().__init__()
        self.modules = modules
        self.path = path
        self.exported = exported
        self.old = old
        self.new = new
        self.bare = (path, old) in exported
        """Whether the plain name stands for it in this file, so that the new one must be free."""
        self.met: set[Place] = set()
        """The places from which this file takes the name."""
        self.annotations = 0

    def leave_Name(self, original: cst.Name, updated: cst.Name) -> cst.Name:  # noqa: N802 - libcst's name for it
        if original.value != self.old or not self._means_it(original):
            return updated
        self.bare = True
        return updated.with_changes(value=self.new)

    def leave_Attribute(self, original: cst.Attribute, updated: cst.Attribute) -> cst.Attribute:  # noqa: N802
        if original.attr.value != self.old or not self._means_it(original):
            return updated
        return updated.with_changes(attr=updated.attr.with_changes(value=self.new))

    def _means_it(self, node: cst.CSTNode) -> bool:
        found = self.get_metadata(QualifiedNameProvider, node, set())
        places = [self._place(each) for each in (found() if callable(found) else found or ())]
        meant = [place in self.exported for place in places]
        self.met |= {place for place in places if place is not None and place in self.exported}
        if any(meant) and not all(meant):
            msg = f"{self.old} has more than one meaning in {self.path}: give them names of their own first"
            raise Refused(msg)
        return any(meant)

    def _place(self, name: QualifiedName) -> Place | None:
        if name.source is QualifiedNameSource.LOCAL:
            return self.path, name.name
        return self.modules.split(name.name, self.path) if name.source is QualifiedNameSource.IMPORT else None

    def leave_ImportFrom(self, original: cst.ImportFrom, updated: cst.ImportFrom) -> cst.ImportFrom:  # noqa: N802
        if isinstance(updated.names, cst.ImportStar):
            return updated
        module = self.modules.find(module_of(original), self.path)
        if module is None or (module, self.old) not in self.exported:
            return updated
        if any(each.evaluated_name == self.old for each in updated.names):
            self.met.add((module, self.old))
        return updated.with_changes(names=[self._alias(each) for each in updated.names])

    def _alias(self, alias: cst.ImportAlias) -> cst.ImportAlias:
        return alias.with_changes(name=cst.Name(self.new)) if alias.evaluated_name == self.old else alias

    def leave_Global(self, _original: cst.Global, updated: cst.Global) -> cst.Global:  # noqa: N802
        if (self.path, self.old) not in self.exported:
            return updated
        items: Sequence[cst.NameItem] = updated.names
        return updated.with_changes(
            names=[i.with_changes(name=cst.Name(self.new)) if i.name.value == self.old else i for i in items]
        )

    def leave_Assign(self, original: cst.Assign, updated: cst.Assign) -> cst.Assign:  # noqa: N802
        """Rename in ``__all__``."""
        if (self.path, self.old) in self.exported and m.matches(original.targets[0].target, m.Name("__all__")):
            return updated.with_changes(value=updated.value.visit(_Listed(self.old, self.new)))
        return updated

    def visit_Annotation(self, _node: cst.Annotation) -> None:  # noqa: N802
        self.annotations += 1

    def leave_Annotation(self, _original: cst.Annotation, updated: cst.Annotation) -> cst.Annotation:  # noqa: N802
        self.annotations -= 1
        return updated

    def leave_SimpleString(self, _original: cst.SimpleString, updated: cst.SimpleString) -> cst.SimpleString:  # noqa: N802
        """Rename in quoted annotations and in strings that are nothing but the dotted name, as patching tools take it."""
        if self.annotations and (self.path, self.old) in self.exported:
            return updated.with_changes(value=re.sub(rf"(?<![\w.]){self.old}\b", self.new, updated.value))
        text = updated.raw_value
        place = self.modules.split(text, self.path) if text.endswith("." + self.old) else None
        if place is not None and place in self.exported:
            self.met.add(place)
            return updated.with_changes(value=f"{updated.value[: -len(self.old) - len(updated.quote)]}{self.new}{updated.quote}")
        return updated


class _Listed(cst.CSTTransformer):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old = old
        self.new = new

    def leave_SimpleString(self, _original: cst.SimpleString, updated: cst.SimpleString) -> cst.SimpleString:  # noqa: N802
        if updated.raw_value != self.old:
            return updated
        return updated.with_changes(value=f"{updated.prefix}{updated.quote}{self.new}{updated.quote}")
