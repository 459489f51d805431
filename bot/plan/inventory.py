"""What a repository holds: its files and the names they define, read from the syntax tree and never executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bot.syntax.tree import parse

MOST_DEFINITIONS = 50_000

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,5}")
_PATH = re.compile(r"[\w./-]{1,200}\.(?:pyi?|toml|txt|cfg|in|md|rst)\b")


class Kind(StrEnum):
    """What a name stands for."""

    FUNCTION = "function"
    CLASS = "class"
    METHOD = "method"
    VARIABLE = "variable"


@dataclass(frozen=True)
class Definition:
    """One name that a module defines."""

    path: str
    name: str
    """Within the module: ``Class.method``."""
    kind: Kind
    line: int

    @property
    def public(self) -> bool:
        """Whether no part of the name starts with an underscore (``__init__`` and its like aside)."""
        return all(not part.startswith("_") or part.startswith("__") for part in self.name.split("."))


@dataclass(frozen=True)
class Inventory:
    """Files and definitions in the order of their paths and lines."""

    paths: tuple[str, ...]
    definitions: tuple[Definition, ...]
    unreadable: tuple[str, ...] = ()
    """Files whose syntax could not be read."""

    @cached_property
    def _by_name(self) -> dict[str, tuple[Definition, ...]]:
        found: dict[str, list[Definition]] = {}
        for each in self.definitions:
            for key in {each.name, each.name.rsplit(".", 1)[-1]}:
                found.setdefault(key, []).append(each)
        return {key: tuple(value) for key, value in found.items()}

    def find(self, name: str) -> tuple[Definition, ...]:
        """Return the definitions a name may mean; ``pkg.module.Class.method`` finds ``Class.method``."""
        parts = name.split(".")
        for start in range(len(parts)):
            hits = self._by_name.get(".".join(parts[start:]), ())
            if hits:
                return hits
        return ()

    def names_in(self, text: str) -> tuple[str, ...]:
        """Return the names that a text mentions and the repository defines, in the text's order, each once.

        A bare English-looking word counts only in backticks, with an underscore, a dot, a capital inside, or before ``(``.
        """
        found: dict[str, None] = {}
        for match in _IDENTIFIER.finditer(text):
            if _looks_like_code(text, match.start(), match.end()):
                found.update((each.name, None) for each in self.find(match.group())[:3])
        return tuple(found)

    def paths_in(self, text: str) -> tuple[str, ...]:
        """Return the repository's files that a text mentions, whole or by a tail that fits only one file."""
        found: dict[str, None] = {}
        for match in _PATH.finditer(text):
            wanted = match.group().removeprefix("./")
            hits = [path for path in self.paths if path == wanted] or [p for p in self.paths if p.endswith("/" + wanted)]
            if len(hits) == 1:
                found[hits[0]] = None
        return tuple(found)


def _looks_like_code(text: str, start: int, end: int) -> bool:
    word = text[start:end]
    quoted = text[max(start - 1, 0) : start] == "`"
    called = text[end : end + 1] == "("
    return quoted or called or "_" in word or "." in word or (word != word.lower() and not word.istitle())


def take_inventory(files: Mapping[str, str]) -> Inventory:
    """Return what the files define; a file that does not parse is listed, never an error."""
    definitions: list[Definition] = []
    unreadable: list[str] = []
    for path, text in sorted(files.items()):
        if not path.endswith((".py", ".pyi")) or len(definitions) >= MOST_DEFINITIONS:
            continue
        tree = parse(text)
        if tree is None:
            unreadable.append(path)
        else:
            definitions += _definitions(path, tree.body, "")
    return Inventory(tuple(sorted(files)), tuple(definitions[:MOST_DEFINITIONS]), tuple(unreadable))


def _definitions(path: str, body: list[ast.stmt], inside: str) -> Iterator[Definition]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield Definition(path, inside + node.name, Kind.METHOD if inside else Kind.FUNCTION, node.lineno)
            case ast.ClassDef():
                yield Definition(path, inside + node.name, Kind.CLASS, node.lineno)
                yield from _definitions(path, node.body, f"{inside}{node.name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield Definition(path, inside + name, Kind.VARIABLE, node.lineno)
            case ast.If() | ast.Try():
                handlers = node.handlers if isinstance(node, ast.Try) else []
                caught = [each for handler in handlers for each in handler.body]
                yield from _definitions(path, [*node.body, *caught, *node.orelse], inside)
            case _:
                pass
