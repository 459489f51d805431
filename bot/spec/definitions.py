"""What the repository defines: an index of its functions, classes and modules, read from syntax trees only."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from bot.change.outline import module_name
from bot.change.testing import disguised
from bot.sources import read_sources
from bot.syntax.tree import MOST_WRITTEN, parse

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Definition:
    """A function, method or class of the repository."""

    path: str
    module: str
    """As it is imported: ``pkg.module``."""
    qualname: str
    first: int
    last: int
    is_class: bool
    signature: str
    """For people: ``parse(text, strict=False)``."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Positional parameters without ``self``: (name, annotation or '')."""
    returns: str = ""
    docstring: str = ""
    is_async: bool = False
    bases: tuple[str, ...] = ()
    """Of a class: what it derives from, as written."""
    attributes: frozenset[str] = frozenset()
    """Of a class: names that its body binds, and that its methods set on ``self``."""

    @property
    def name(self) -> str:
        """The last part of its qualified name."""
        return self.qualname.rpartition(".")[2]

    @property
    def is_method(self) -> bool:
        """Whether it is defined inside a class or function."""
        return "." in self.qualname

    @property
    def lines(self) -> frozenset[int]:
        """The lines it takes in its file."""
        return frozenset(range(self.first, self.last + 1))


@dataclass(frozen=True)
class Module:
    """One source file as it is imported."""

    name: str
    path: str
    bound: frozenset[str]
    """Names that its top level defines, assigns or imports from another module."""
    imported: Mapping[str, str] = field(default_factory=dict)
    """Of these, the imported ones: name -> the module it comes from, as written."""


@dataclass(frozen=True)
class Index:
    """Everything the repository defines."""

    definitions: tuple[Definition, ...] = ()
    modules: Mapping[str, Module] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    """Source files that do not parse."""

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Definition, ...]]:
        """Definitions by their last name."""
        found: dict[str, list[Definition]] = {}
        for each in self.definitions:
            found.setdefault(each.name, []).append(each)
        return {name: tuple(each) for name, each in found.items()}

    def top_level(self, name: str) -> tuple[Definition, ...]:
        """Return the module-level definitions of that name."""
        return tuple(each for each in self.by_name.get(name, ()) if not each.is_method)

    def find(self, module: str, qualname: str) -> Definition | None:
        """Return one definition, or None."""
        return next((each for each in self.by_name.get(qualname.rpartition(".")[2], ()) if _is(each, module, qualname)), None)

    def is_foreign(self, module: str, name: str) -> bool:
        """Tell whether a module only imports a name, from somewhere outside the repository."""
        source = self.modules[module].imported.get(name, ".")
        return not source.startswith(".") and source not in self.modules

    def lacks(self, owner: Definition, attribute: str, below: frozenset[Definition] = frozenset()) -> bool:
        """Tell whether instances of a class surely have no such attribute: nowhere set, nothing foreign to inherit it from."""
        if attribute in owner.attributes or self.find(owner.module, f"{owner.qualname}.{attribute}"):
            return False
        parents = [self.top_level(each) for each in owner.bases if each not in _BARE_BASES]
        known = below | {owner}
        return all(len(each) == 1 and each[0] not in known and self.lacks(each[0], attribute, known) for each in parents)

    def path_of(self, module: str) -> str | None:
        """Return the file of a module, or where one would lie that is still to be written; None where nobody can say."""
        if module in self.modules:
            return self.modules[module].path
        package, _, name = module.rpartition(".")
        if not package:
            flat = all("/" not in each.path for each in self.modules.values())
            return f"{name}.py" if flat else None
        home = self.modules.get(package)
        if home is not None and home.path.endswith("/__init__.py"):
            return f"{home.path.removesuffix('__init__.py')}{name}.py"
        beside = next((each for each in self.modules.values() if each.name.rpartition(".")[0] == package), None)
        return f"{beside.path.rpartition('/')[0]}/{name}.py" if beside is not None else None

    def reached(self, lines: Mapping[str, frozenset[int]]) -> tuple[Definition, ...]:
        """Return the functions (innermost) that executed lines belong to."""
        functions = [each for each in self.definitions if not each.is_class and each.path in lines]
        return tuple(each for each in functions if _body_lines(each, functions) & lines[each.path])


_BARE_BASES = frozenset({"object", "ABC", "Protocol"})
"""Classes that give nothing to call."""


def _is(each: Definition, module: str, qualname: str) -> bool:
    return each.module == module and each.qualname == qualname


def _body_lines(definition: Definition, functions: list[Definition]) -> frozenset[int]:
    """Return a function's lines without its first one (run when it is defined) and without functions inside it."""
    inner = [
        each.lines for each in functions if each.path == definition.path and each.qualname.startswith(f"{definition.qualname}.")
    ]
    one_line = definition.first == definition.last
    own = definition.lines if one_line else definition.lines - {definition.first}
    return own.difference(*inner)


def build_index(root: Path, is_source: Callable[[str], bool]) -> Index:
    """Read every Python source file under ``root``; tests, links, vendored and generated code are left out."""
    definitions: list[Definition] = []
    modules: dict[str, Module] = {}
    unreadable: list[str] = []
    files = read_sources(root).files
    packages = {str(PurePosixPath(path).parent) for path in files if path.endswith("/__init__.py")}
    product = disguised(files)
    for path, text in files.items():
        if not path.endswith(".py") or not (is_source(path) or path in product):
            continue
        tree = parse(text, MOST_WRITTEN)
        if tree is None:
            unreadable.append(path)
            continue
        name = module_name(path, packages)
        definitions += _definitions(tree.body, path, name, "")
        modules.setdefault(name, Module(name, path, frozenset(_bound(tree)), dict(_imported(tree))))
    return Index(tuple(definitions), modules, tuple(unreadable))


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.ImportFrom):
            yield from (each.asname or each.name for each in node.names)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            yield from ((each.asname or each.name, f"{'.' * node.level}{node.module or ''}") for each in node.names)


def _definitions(body: list[ast.stmt], path: str, module: str, prefix: str) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, Function):
            yield _function(node, path, module, prefix)
            yield from _definitions(node.body, path, module, f"{prefix}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield _class(node, path, module, prefix)
            yield from _definitions(node.body, path, module, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try):
            yield from _definitions([*node.body, *node.orelse], path, module, prefix)


def _class(node: ast.ClassDef, path: str, module: str, prefix: str) -> Definition:
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute) and isinstance(each.ctx, ast.Store))
    names = (each.id if isinstance(each, ast.Name) else each.attr for each in stored)
    return Definition(
        path,
        module,
        f"{prefix}{node.name}",
        node.lineno,
        node.end_lineno or node.lineno,
        is_class=True,
        signature=node.name,
        docstring=ast.get_docstring(node, clean=True) or "",
        bases=tuple(ast.unparse(each) for each in node.bases),
        attributes=frozenset(names),
    )


def _function(node: Function, path: str, module: str, prefix: str) -> Definition:
    arguments = [*node.args.posonlyargs, *node.args.args]
    if prefix and arguments and arguments[0].arg in {"self", "cls"}:
        arguments = arguments[1:]
    parameters = tuple((each.arg, ast.unparse(each.annotation) if each.annotation else "") for each in arguments)
    names = ", ".join(name for name, _ in parameters)
    return Definition(
        path,
        module,
        f"{prefix}{node.name}",
        node.lineno,
        node.end_lineno or node.lineno,
        is_class=False,
        signature=f"{node.name}({names})",
        parameters=parameters,
        returns=ast.unparse(node.returns) if node.returns else "",
        docstring=ast.get_docstring(node, clean=True) or "",
        is_async=isinstance(node, ast.AsyncFunctionDef),
    )


_WORD = re.compile(r"(?P<tick>`+)?(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?P<after>`+|\()?")


def mentioned(text: str, index: Index) -> tuple[Definition, ...]:
    """Return the definitions that a text names, in order of mention.

    A plain word counts only where it looks like code: in backticks, before a parenthesis, or with an underscore or an inner
    capital. A dotted name must fit the end of the qualified one.
    """
    found: dict[tuple[str, str], Definition] = {}
    for word in _WORD.finditer(text):
        name = word["name"]
        last = name.rpartition(".")[2]
        if not (word["tick"] or word["after"] or "_" in last.strip("_") or re.search(r"[a-z][A-Z]", last)):
            continue
        for each in index.by_name.get(last, ()):
            if f".{each.module}.{each.qualname}".endswith(f".{name}"):
                found[each.path, each.qualname] = each
    return tuple(found.values())


def mentioned_modules(text: str, index: Index) -> tuple[Module, ...]:
    """Return the modules that a text names by path or dotted name."""
    found = []
    for module in index.modules.values():
        path = re.escape(module.path)
        dotted = re.escape(module.name)
        if re.search(rf"(?<![\w/.]){path}(?!\w)|`{dotted}`|(?:module|from|import)\s+`?{dotted}(?![\w.]*\w)", text) or (
            "/" not in module.path and re.search(rf"(?<![\w/.]){path}\b", text)
        ):
            found.append(module)
    return tuple(found)
