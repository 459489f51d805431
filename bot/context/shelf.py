"""The shelf: a laid-out tree as a model may read it, by three tools that reach nothing else.

Only regular UTF-8 files inside the tree are on it: no link is followed, no path leads out, files that hold nothing but secrets
are not there, and what looks like a credential is struck out, without moving a line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bot.capability import exactly
from bot.change.outline import definitions, parse
from bot.context.discretion import holds_secrets
from bot.credentials import without_secrets
from bot.errors import InputError
from bot.llm.asking import Tool
from bot.sources import MOST_BYTES_A_FILE, is_foreign

MOST_SHOWN: Final = 400
"""Lines that one look at a file gives."""
MOST_WIDE: Final = 400
"""Characters of a line that are shown."""
MOST_HITS: Final = 60
MOST_LISTED: Final = 300
MOST_SEARCHED: Final = 8_000
"""Files that one search looks into."""
LEAST_SOUGHT, MOST_SOUGHT = 2, 200
"""Characters of what is searched for."""


@dataclass(frozen=True)
class Shelf:
    """One tree to read. What was read is kept, so that quotes are held to the very text that was shown."""

    root: Path
    _known: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    def read(self, path: str) -> str | None:
        """Return a file's text as a model may see it, line for line; None where it may not be read or is none."""
        if path not in self._known:
            raw = self._raw(path)
            self._known[path] = None if raw is None else without_secrets(raw, path)
        return self._known[path]

    def holds(self, path: str) -> bool:
        """Tell whether a file or folder of this path may be read; the whole tree is ``.``."""
        place = self._place(path.rstrip("/")) if path != "." else self.root
        return place is not None and (place.is_dir() or self.read(path) is not None)

    def tools(self) -> tuple[Tool, ...]:
        """Return everything that a model may do with the tree."""
        text = {"type": "string"}
        line = {"type": "integer", "minimum": 1}
        return (
            Tool(
                "read_file",
                f"Shows lines of a file with their numbers, {MOST_SHOWN} at most.",
                exactly(path=text, first=line, last=line),
                self._read_file,
            ),
            Tool("search_code", "Shows the lines of all files that hold a text, as path:line.", exactly(text=text), self._search),
            Tool(
                "outline",
                "Lists the classes and functions of a Python file with their lines, or the files of a folder ('.' for all).",
                exactly(path=text),
                self._outline,
            ),
        )

    def _raw(self, path: str) -> str | None:
        file = self._place(path)
        if file is None or not file.is_file() or file.stat().st_size > MOST_BYTES_A_FILE:
            return None
        try:
            with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8", newline="") as opened:  # noqa: PTH123 - no link
                text = opened.read()
        except (OSError, UnicodeDecodeError):
            return None
        return None if "\0" in text else text.replace("\r\n", "\n")

    def _place(self, path: str) -> Path | None:
        """Return where a path of the tree lies; None where it leads out, over a link, or to what is not shown."""
        parts = path.split("/")
        if not path or "\0" in path or "\\" in path or any(each in {"", ".", ".."} for each in parts) or holds_secrets(path):
            return None
        at = self.root
        try:
            for part in parts:
                at /= part
                if stat.S_ISLNK(at.lstat().st_mode):
                    return None
        except (OSError, ValueError):  # nothing is there, or it is no name that a file system can hold
            return None
        return at

    def files(self, folder: str = "") -> Iterator[str]:
        """Yield the paths of a folder's files, sorted, as far as they are on the shelf."""
        count = 0
        for here, folders, names in os.walk(self.root / folder):
            folders[:] = sorted(each for each in folders if each != ".git" and not is_foreign(Path(here, each)))
            for name in sorted(names):
                path = Path(here, name).relative_to(self.root).as_posix()
                if not Path(here, name).is_symlink() and not holds_secrets(path):
                    count += 1
                    if count > MOST_SEARCHED:
                        return
                    yield path

    def _read_file(self, said: Mapping[str, Any]) -> str:
        path = _text(said, "path")
        text = self.read(path)
        if text is None:
            raise InputError(f"{path!r} cannot be read: name a text file of this repository, as `outline` lists them")
        lines = text.split("\n")
        first = max(1, _number(said, "first", 1))
        last = min(len(lines), max(first, _number(said, "last", len(lines))), first + MOST_SHOWN - 1)
        if first > len(lines):
            raise InputError(f"{path!r} has {len(lines)} lines: ask for some of them")
        shown = "\n".join(f"{number:>5} | {_narrow(lines[number - 1])}" for number in range(first, last + 1))
        return f"{path}, lines {first} to {last} of {len(lines)}:\n{shown}"

    def _search(self, said: Mapping[str, Any]) -> str:
        wanted = _text(said, "text").casefold()
        if not LEAST_SOUGHT <= len(wanted) <= MOST_SOUGHT or "\n" in wanted:
            raise InputError(f"search for {LEAST_SOUGHT} to {MOST_SOUGHT} characters of one line")
        found = list(islice(self._hits(wanted), MOST_HITS))
        more = ["… and more: search for something rarer"] if len(found) == MOST_HITS else []
        return "\n".join([*found, *more]) or "nothing holds that text"

    def _hits(self, wanted: str) -> Iterator[str]:
        """Yield the lines that hold a casefolded text, as path:line."""
        for path in self.files():
            raw = self._raw(path)
            if raw is None or wanted not in raw.casefold():
                continue
            for number, line in enumerate((self.read(path) or "").split("\n"), 1):
                if wanted in line.casefold():
                    yield f"{path}:{number}: {_narrow(line.strip())}"

    def _outline(self, said: Mapping[str, Any]) -> str:
        path = _text(said, "path").strip("/")
        if path in {"", "."}:
            return _listed(self.files())
        place = self._place(path)
        if place is not None and place.is_dir():
            return _listed(self.files(path))
        text = self._raw(path) if path.endswith((".py", ".pyi")) else None  # what is struck out is no Python
        tree = parse(text) if text is not None else None
        if tree is None:
            raise InputError(f"{path!r} has no outline: name a Python file or a folder of this repository, or read the file")
        found = [f"{each.first}-{each.last} {'def' if each.function else 'class'} {each.name}" for each in definitions(tree)]
        return without_secrets("\n".join(found[:MOST_LISTED])) or "no class and no function"


def _listed(paths: Iterator[str]) -> str:
    found = list(paths)
    more = [f"… and {len(found) - MOST_LISTED} more: name a folder"] if len(found) > MOST_LISTED else []
    return "\n".join([*found[:MOST_LISTED], *more]) or "no file"


def _narrow(line: str) -> str:
    """Return a line of a file, cut where it is too wide, and then saying so."""
    return line if len(line) <= MOST_WIDE else f"{line[:MOST_WIDE]}… (cut here: {len(line) - MOST_WIDE} more characters)"


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str):
        raise InputError(f"{name!r} must be a text")
    return found


def _number(said: Mapping[str, Any], name: str, otherwise: int) -> int:
    found = said.get(name, otherwise)
    if not isinstance(found, int) or isinstance(found, bool):
        raise InputError(f"{name!r} must be a whole number")
    return found
