"""The repository map: files with what they define, import and say, and who calls whom; drawn within a budget of characters.

::

    shop/cart.py, 42 lines: Carts and what they cost.
      imports shop/prices.py
      class Cart(Base) 8-40: A cart.
      def Cart.add(self, item: Item) -> None 12-20: Put an item in. calls shop/prices.py:price; called by shop/order.py:buy

Calls are read off names: what an object is, nobody knows, so ``x.add()`` means every method ``add`` where there are few.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.change.outline import definitions
from bot.syntax.modules import Modules

Key = tuple[str, str]
"""(path, dotted name inside the file)."""

_MOST_MEANT: Final = 3
"""A method's bare name that more classes define than that says nothing of who is called."""
_MOST_TOLD: Final = 6
"""Callers or callees that are listed for one definition."""
_MOST_SAYING: Final = 120
_MOST_HEAD: Final = 200
_TOP_LEVEL: Final = re.compile(r"^(?:async[ ]+)?(?:def|class)[ ]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Symbol:
    """A class or function."""

    path: str
    name: str
    first: int
    """First line, decorators included."""
    last: int
    head: str
    """``def add(self, item: Item) -> None`` or ``class Cart(Base)``, on one line."""
    says: str
    """First line of its docstring."""
    calls: tuple[str, ...]
    """Dotted names that it calls, as written; those of functions inside it included."""
    body: int = 0
    """First line of a class's first method; its last line where it has none."""

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.path, self.name


@dataclass(frozen=True)
class Sheet:
    """One Python file on the map."""

    path: str
    lines: int
    says: str
    symbols: tuple[Symbol, ...]
    imports: tuple[str, ...]
    """Files of the repository that it imports."""
    names: Mapping[str, Key]
    """What imported names mean: (file, name inside it); the name is empty for a module."""


def read_sheet(path: str, text: str, tree: ast.Module, modules: Modules) -> Sheet:
    """Return what one file holds."""
    names = dict(_imported(tree, path, modules))
    symbols = tuple(_symbol(path, each.name, each.node, each.first, each.last) for each in definitions(tree))
    imports = tuple(dict.fromkeys(file for file, _ in names.values() if file != path))
    return Sheet(path, len(text.splitlines()), _first_line(ast.get_docstring(tree)), symbols, imports, names)


def _symbol(path: str, name: str, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, first: int, last: int) -> Symbol:
    calls = dict.fromkeys(filter(None, (_dotted(each.func) for each in ast.walk(node) if isinstance(each, ast.Call))))
    inner = [_start(each) for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return Symbol(
        path,
        name,
        first,
        last,
        _head(node, name)[:_MOST_HEAD],
        _first_line(ast.get_docstring(node)),
        tuple(calls),
        min(inner, default=last),
    )


def _start(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _head(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(each) for each in [*node.bases, *node.keywords])
        return f"class {name}({bases})" if bases else f"class {name}"
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    gives = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{word} {name}({ast.unparse(node.args)}){gives}"


def _first_line(docstring: str | None) -> str:
    line = (docstring or "").strip().partition("\n")[0].strip()
    return line if len(line) <= _MOST_SAYING else line[: _MOST_SAYING - 1] + "…"


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts)) if parts != ["?"] else ""


def _imported(tree: ast.Module, path: str, modules: Modules) -> Iterator[tuple[str, Key]]:
    """Yield the names that a file imports from the repository, with what they mean."""
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    for statement in statements:
        for each in statement.names:
            origin = _origin(statement, each.name, path, modules)
            if origin is not None:
                yield each.asname or each.name, origin


def _origin(statement: ast.Import | ast.ImportFrom, name: str, path: str, modules: Modules) -> Key | None:
    """Return what a name in an import of the file at ``path`` means; None where it is from outside the repository."""
    if isinstance(statement, ast.Import):
        file = modules.find(name, path)
        return None if file is None else (file, "")
    module = "." * statement.level + (statement.module or "")
    joint = module if module.endswith(".") else f"{module}."
    whole = modules.find(f"{joint}{name}", path)
    if whole is not None:
        return whole, ""
    home = modules.find(module, path)
    return None if home is None else (home, name)


@dataclass(frozen=True)
class Map:
    """The sheets that were read, by path, and the files of which only the names are known."""

    sheets: Mapping[str, Sheet]
    others: Mapping[str, str]
    """Path -> text of Python files that were not taken apart, and other files with an empty text."""
    left_out: str = ""
    """What is not on the map at all, one sentence; empty where all is."""

    @cached_property
    def symbols(self) -> Mapping[Key, Symbol]:
        """Every class and function; of equal names in one file the last."""
        return {each.key: each for sheet in self.sheets.values() for each in sheet.symbols}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Symbol, ...]]:
        """Symbols by the last part of their names."""
        found: dict[str, list[Symbol]] = {}
        for each in self.symbols.values():
            found.setdefault(each.name.rpartition(".")[2], []).append(each)
        return {name: tuple(each) for name, each in found.items()}

    @cached_property
    def callees(self) -> Mapping[Key, tuple[Key, ...]]:
        """Whom each symbol calls."""
        return {each.key: tuple(dict.fromkeys(self._called(each))) for each in self.symbols.values()}

    @cached_property
    def callers(self) -> Mapping[Key, tuple[Key, ...]]:
        """Who calls each symbol that somebody calls."""
        found: dict[Key, list[Key]] = {}
        for caller, called in self.callees.items():
            for each in called:
                found.setdefault(each, []).append(caller)
        return {key: tuple(each) for key, each in found.items()}

    def find(self, name: str) -> tuple[Symbol, ...]:
        """Return what a name may mean; ``pkg.module.Class.method`` finds ``Class.method`` of that file before others."""
        last = name.rpartition(".")[2]
        return tuple(
            each
            for each in self.by_name.get(last, ())
            if f".{each.path.removesuffix('.py').replace('/', '.')}.{each.name}".endswith(f".{name}")
        )

    def _called(self, symbol: Symbol) -> Iterator[Key]:
        for name in symbol.calls:
            yield from (key for key in self._meant(name, symbol) if key != symbol.key)

    def _meant(self, name: str, symbol: Symbol) -> Iterable[Key]:
        head, _, rest = name.partition(".")
        sheet = self.sheets[symbol.path]
        if head in {"self", "cls"} and rest:
            own = (symbol.path, f"{symbol.name.rpartition('.')[0]}.{rest}")
            return (own,) if own in self.symbols else self._methods(rest)
        for key in _spellings(name, sheet):
            if key in self.symbols:
                return (key,)
        if rest:
            return self._methods(rest)
        inner = [(symbol.path, f"{scope}{name}") for scope in _scopes(symbol.name)]
        return [key for key in inner if key in self.symbols][:1]

    def _methods(self, name: str) -> tuple[Key, ...]:
        found = [each.key for each in self.by_name.get(name.rpartition(".")[2], ()) if "." in each.name]
        return tuple(found) if len(found) <= _MOST_MEANT else ()


def _scopes(name: str) -> Iterator[str]:
    """Yield the prefixes under which a bare name is looked up, the innermost first."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        yield ".".join(parts[:count]) + "."
    yield ""


def _spellings(name: str, sheet: Sheet) -> Iterator[Key]:
    """Yield what an imported dotted name may mean, by the longest part that was imported."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        meant = sheet.names.get(".".join(parts[:count]))
        if meant is not None:
            yield meant[0], ".".join(filter(None, (meant[1], *parts[count:])))


def draw(chart: Map, dearest: Sequence[str], most: int) -> str:
    """Return the map in ``most`` characters, the files in ``dearest`` in ever less detail.

    Where the mere paths would take half the room, the files that nobody pointed at are counted by their folders.
    """
    paths = sorted({*chart.sheets, *chart.others})
    crowded = sum(len(path) + 1 for path in paths) > most / 2
    rest = _counted(paths) if crowded else []
    ranked = list(dict.fromkeys([*(path for path in dearest if path in chart.sheets or path in chart.others), *paths]))
    shown = {} if crowded else {path: path for path in paths}
    room = most - sum(len(each) + 1 for each in [*shown, *rest]) - len(chart.left_out) - 1
    for path in ranked if not crowded else ranked[: len(dearest)]:
        held = len(shown[path]) + 1 if path in shown else 0
        detail = next((each for each in _details(chart, path) if len(each) + 1 <= room + held), None)
        if detail is not None:
            shown[path], room = detail, room + held - len(detail) - 1
    return _whole_lines("\n".join(filter(None, [*(shown[path] for path in sorted(shown)), *rest, chart.left_out])), most)


def _counted(paths: Sequence[str]) -> list[str]:
    """Return a line for each folder: how many files it has."""
    folders = Counter(_folder(path) for path in paths)
    return [f"{name}: {count} file{'s' * (count > 1)}, those shown here included" for name, count in sorted(folders.items())]


def _folder(path: str) -> str:
    parts = path.split("/")[:-1]
    return "/".join(parts[:2]) + "/" if parts else "the root"


def _whole_lines(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(0, text.rfind("\n", 0, most))]


def _details(chart: Map, path: str) -> Iterator[str]:
    """Yield ever shorter descriptions of a file."""
    sheet = chart.sheets.get(path)
    if sheet is None:
        names = _TOP_LEVEL.findall(chart.others[path])
        if names:
            yield f"{path}: {', '.join(names[:30])}{', …' if len(names) > 30 else ''}"  # noqa: PLR2004 - a line is enough
        yield path
        return
    title = f"{path}, {sheet.lines} lines" + (f": {sheet.says}" if sheet.says else "")
    imports = [f"  imports {', '.join(sheet.imports)}"] * bool(sheet.imports)
    yield "\n".join([title, *imports, *(f"  {_line(each, chart)}" for each in sheet.symbols)])
    yield "\n".join([title, *imports, *(f"  {each.head} {each.first}-{each.last}" for each in sheet.symbols)])
    top = ", ".join(each.name for each in sheet.symbols if "." not in each.name)
    if top:
        yield f"{title}; defines {top}"
    yield path


def _line(symbol: Symbol, chart: Map) -> str:
    told = [f"{symbol.head} {symbol.first}-{symbol.last}" + (f": {symbol.says}" if symbol.says else "")]
    for word, keys in (("calls", chart.callees[symbol.key]), ("called by", chart.callers.get(symbol.key, ()))):
        if keys:
            names = ", ".join(name if path == symbol.path else f"{path}:{name}" for path, name in keys[:_MOST_TOLD])
            told.append(f"{word} {names}{', …' if len(keys) > _MOST_TOLD else ''}")
    return "; ".join(told)
