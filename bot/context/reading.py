"""A tree read for one wish: its texts without what is hidden, and the syntax of the files that lie near what the wish names.

In a repository of many files the cost grows with the wish: texts are searched, but only a bounded number is taken apart.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.context.discretion import holds_secrets
from bot.context.map import Sheet, read_sheet
from bot.context.relevance import Focus, bm25
from bot.sources import MOST_BYTES_A_FILE, is_foreign, read_sources
from bot.syntax.modules import Modules
from bot.syntax.tree import parse

MOST_FILES: Final = 2_000
"""Python files and manifests that are read."""
MOST_PARSED: Final = 150
"""Files that are taken apart for one wish."""
_WAVE: Final = 50
_MOST_OTHERS: Final = 300
_DEEP: Final = 3
_TEXTUAL: Final = tuple(".md .rst .txt .toml .cfg .ini .json .yml .yaml .html .css .js .ts .sql .sh".split())  # noqa: SIM905


@dataclass(frozen=True)
class Tree:
    """A repository as far as it was read: texts by path, hidden files not in it."""

    root: Path
    texts: Mapping[str, str]
    others: tuple[str, ...]
    """Other text files, by name only."""
    left_out: str
    """What is not in it, as sentences for the map."""

    def text(self, path: str) -> str | None:
        """Return a file's text, where it is in the tree and a text of reasonable size."""
        if path in self.texts or path not in self.others:
            return self.texts.get(path)
        file = self.root / path
        if not file.is_file() or file.stat().st_size > MOST_BYTES_A_FILE:
            return None
        text = file.read_bytes().decode("utf-8", "replace")
        return None if "\0" in text else text


def read_tree(root: Path, hide: Callable[[str], bool]) -> Tree:
    """Return what may be shown of the tree under ``root``."""

    def shown(path: str) -> bool:
        return not holds_secrets(path) and not hide(path)

    sources = read_sources(root, most_files=MOST_FILES)
    texts = {path: text for path, text in sources.files.items() if shown(path)}
    others = tuple(path for path in _other_files(root) if path not in texts and shown(path))
    said = [] if sources.complete else [f"Only the first {MOST_FILES} Python files were read: the rest is not on this map."]
    skipped = sorted(path for path in sources.skipped if shown(path))
    said += [f"Not read: {', '.join(skipped[:5])}{', …' if len(skipped) > 5 else ''}."] * bool(skipped)  # noqa: PLR2004 - a line
    return Tree(root, texts, others[:_MOST_OTHERS], " ".join(said))


def _other_files(root: Path) -> Iterator[str]:
    """Yield text files that are no Python, of the upper folders: names only."""
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = sorted(each for each in folders if not each.startswith(".") and not is_foreign(Path(folder, each)))
        if len(here.parts) >= _DEEP:
            folders.clear()
        for name in sorted(names):
            if name.endswith(_TEXTUAL) and not Path(folder, name).is_symlink():
                yield (here / name).as_posix()


@dataclass(frozen=True)
class Apart:
    """Files that were taken apart, by path."""

    trees: dict[str, ast.Module]
    sheets: dict[str, Sheet]


def take_apart(texts: Mapping[str, str], focus: Focus) -> Apart:
    """Take apart what the focus points at, then in two waves what lies near it; small repositories whole."""
    python = [path for path in texts if path.endswith(".py")]
    modules = Modules(texts)
    if len(python) <= MOST_PARSED:
        return _apart(texts, python, modules)
    ranked = bm25(focus.terms, {path: texts[path] for path in python})
    likely = sorted(ranked, key=lambda path: (-ranked[path], path))
    found = wave = _apart(texts, [*_pointed(texts, focus), *likely[:_WAVE]][:_WAVE], modules)
    for _ in range(2):
        near = [each for each in _near(texts, wave.sheets.values(), focus) if each not in found.sheets]
        wave = _apart(texts, near[:_WAVE], modules)
        found = Apart(found.trees | wave.trees, found.sheets | wave.sheets)
    return found


def _pointed(texts: Mapping[str, str], focus: Focus) -> Iterator[str]:
    """Yield the files that the focus names, then those that define what it names."""
    yield from (path for path in focus.files if path in texts)
    words = [name.rpartition(".")[2] for name in focus.names]
    for path, text in texts.items():
        if any(f"def {word}(" in text or f"class {word}" in text for word in words):
            yield path


def _near(texts: Mapping[str, str], sheets: Iterable[Sheet], focus: Focus) -> Iterator[str]:
    """Yield what files import, and the files that speak of what the focus names."""
    words = {name.rpartition(".")[2] for name in focus.names} - {""}
    files = frozenset(focus.files)
    named = {
        each.name.rpartition(".")[2] for sheet in sheets for each in sheet.symbols if sheet.path in files and each.name in words
    }
    yield from (path for path, text in texts.items() if any(f"{word}(" in text for word in words | named))
    yield from dict.fromkeys(path for sheet in sheets for path in sheet.imports)


def _apart(texts: Mapping[str, str], paths: Iterable[str], modules: Modules) -> Apart:
    parsed = ((path, parse(texts[path])) for path in dict.fromkeys(paths) if path.endswith(".py"))
    trees = {path: tree for path, tree in parsed if tree is not None}
    return Apart(trees, {path: read_sheet(path, texts[path], tree, modules) for path, tree in trees.items()})
