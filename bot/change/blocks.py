"""Edits as a model answers them, turned into whole files: found exactly, or nearly and still without doubt, or refused.

A block is one of::

    {"path": …, "search": …, "replace": …}      the lines to find, and what stands there afterwards
    {"path": …, "content": …}                   a whole file, new or written anew
    {"path": …, "delete": true}

Blocks of one file apply in order, each to what the ones before it left. A search is tried in four ways, strictest first, and
the first way that finds anything decides: it must find one place. Whole lines; lines that differ in spaces at their end or in
how far they are indented together; a part of the text; lines that differ in spaces between words, too. What is not replaced
stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from bot.change.change import Edit, Edits
from bot.change.patch import MOST_CONTENT, fold, path_problem

MOST_BLOCKS = 100
MOST_PLACES = 5
"""Places named where a search finds several."""
AROUND = 3
"""Lines shown on each side of the one that comes nearest to what was searched."""
MOST_LINE = 160
LEAST_ALIKE = 0.5
"""Under this similarity (0 to 1) no line counts as near."""

SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "anyOf": [
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "search", "replace"],
                "properties": {
                    "path": {"type": "string", "description": "Relative to the repository's root, with forward slashes."},
                    "search": {"type": "string", "description": "Whole lines copied from the file; they stand there once."},
                    "replace": {"type": "string", "description": "What stands there instead; empty takes the lines away."},
                },
            },
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "content"],
                "properties": {
                    "path": {"type": "string"},
                    "content": {"type": "string", "description": "The whole text of a new file, or of one written anew."},
                },
            },
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "delete"],
                "properties": {"path": {"type": "string"}, "delete": {"type": "boolean", "enum": [True]}},
            },
        ]
    },
}
"""JSON schema of a list of blocks, in the subset that every vendor takes."""


@dataclass(frozen=True)
class Block:
    """One block; ``search`` with ``replace``, or ``content``, or neither, which deletes the file."""

    path: str
    search: str | None = None
    replace: str = ""
    content: str | None = None


@dataclass(frozen=True)
class Problem:
    """Why a block cannot be applied, in words that help whoever wrote it to write it right."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path[:200]}: {self.what}"


Read = Callable[[str], str | None]
"""Return a file's text, None where there is no such file."""


def blocks_of(data: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    """Return the blocks in data that fits :data:`SCHEMA`."""
    return tuple(Block(str(each["path"]), each.get("search"), str(each.get("replace", "")), each.get("content")) for each in data)


def applied(read: Read, blocks: Sequence[Block], paths: Sequence[str] = ()) -> Edits | tuple[Problem, ...]:
    """Return the files that the blocks leave changed, or every problem with them; all or nothing.

    ``paths`` are the files there are, to name one where a path is wrong.
    """
    if not blocks or len(blocks) > MOST_BLOCKS:
        return (Problem("the answer", f"it has {len(blocks)} blocks: give at least one and at most {MOST_BLOCKS}"),)
    drafts = _Drafts(read, paths)
    problems: list[Problem] = []
    for block in blocks:
        wrong = drafts.take(block)
        if wrong:
            problems.append(Problem(block.path, wrong))
    if problems:
        return tuple(problems)
    edits = drafts.edits()
    return Edits(edits) if edits else (Problem("the answer", "its blocks leave every file as it is: change something"),)


class _Drafts:
    """The files that blocks name: as they were, and as the blocks taken so far leave them."""

    def __init__(self, read: Read, paths: Sequence[str]) -> None:
        self.read = read
        self.paths = paths
        self.before: dict[str, str | None] = {}
        self.now: dict[str, str | None] = {}
        self.clashes: dict[str, str] = {}
        self.taken = {fold(each): each for each in paths}

    def take(self, block: Block) -> str:
        """Apply a block to what the ones before it left; return why that cannot be, '' where it is done."""
        wrong = path_problem(block.path)
        if wrong:
            return wrong
        if block.path not in self.now:
            self._open(block.path)
        text = _after(block, self.now[block.path], self.paths)
        if isinstance(text, _Refused):
            return text.what
        if text is not None and self.clashes[block.path]:
            return self.clashes[block.path]
        self.now[block.path] = text
        return ""

    def edits(self) -> tuple[Edit, ...]:
        """Return what differs from how it was."""
        return tuple(Edit(path, text) for path, text in self.now.items() if text != self.before[path])

    def _open(self, path: str) -> None:
        self.now[path] = self.before[path] = self.read(path)
        self.clashes[path] = _clash(path, self.taken) if self.before[path] is None else ""
        self.taken.setdefault(fold(path), path)


def _clash(path: str, taken: Mapping[str, str]) -> str:
    """Return why no new file can have a name; '' where it can. ``taken`` are the paths there are, by their folded names.

    A folding file system would take it for another one, and nothing lies in a file or stands where a folder is.
    """
    folded = fold(path)
    same = taken.get(folded)
    if same == path:
        return "it is there, but is no text that can be edited: leave it as it is"
    if same is not None:
        return f"{same} has that name already, up to case: use that one, or another name"
    parents = (folded.rsplit("/", number)[0] for number in range(1, folded.count("/") + 1))
    file = next((taken[each] for each in parents if each in taken), None)
    if file is not None:
        return f"{file} is a file, so nothing can lie in it: use another name"
    return "a folder has that name already: use another name" if any(each.startswith(f"{folded}/") for each in taken) else ""


@dataclass(frozen=True)
class _Refused:
    what: str


def _after(block: Block, text: str | None, paths: Sequence[str]) -> str | _Refused | None:
    """Return the file's text after a block; None where it is deleted."""
    if block.content is not None:
        return _whole(block.content, text)
    if text is None:
        close = get_close_matches(block.path, paths, n=3, cutoff=0.5)
        near = f"; near it are {', '.join(close)}" if close else ""
        return _Refused(f"there is no such file{near}: name one that is there, or give its whole content to make it")
    if block.search is None:
        return None
    if not block.search.strip():
        return _Refused("the search is empty: copy the lines to replace, or give the file's whole content")
    return _replaced(text, block.search, block.replace)


def _whole(content: str, old: str | None) -> str | _Refused:
    problem = _content_problem(content)
    if problem:
        return _Refused(problem)
    if content and not content.endswith("\n") and (old is None or old.endswith("\n")):
        content += "\n"
    return content.replace("\n", "\r\n") if old and _is_dos(old) and "\r" not in content else content


def _content_problem(content: str) -> str:
    if "\0" in content or any("\ud800" <= char <= "\udfff" for char in content):
        return "its content is not text: give plain text"
    return "its content is larger than 2 MiB: ask for less" if len(content) > MOST_CONTENT else ""


def _is_dos(text: str) -> bool:
    """Tell whether every line ends in a carriage return and a line feed."""
    return "\r\n" in text and text.count("\r\n") == text.count("\n")


def _replaced(text: str, search: str, replace: str) -> str | _Refused:
    dos = _is_dos(text)
    if dos:
        text, search, replace = (each.replace("\r\n", "\n") for each in (text, search, replace))
    found = _found(text, search, replace)
    if isinstance(found, _Refused):
        return found
    problem = _content_problem(found)
    if problem:
        return _Refused(problem)
    return found.replace("\n", "\r\n") if dos else found


def _found(text: str, search: str, replace: str) -> str | _Refused:
    lines = _Lines(text)
    wanted, new = _line_list(search), _line_list(replace, drop_end=search.endswith("\n"))
    exact = lines.places(wanted, _same)
    if exact:
        return _one(exact, wanted) or lines.with_lines(exact[0], len(wanted), new)
    core, core_new = _without_blank_ends(wanted), _without_blank_ends(new)
    loose = lines.places(core, _same_but_for_the_end)
    if loose:
        return _one(loose, core) or _shifted(lines, loose[0], core, core_new)
    parts = _parts(text, search)
    if parts:
        numbers = [text.count("\n", 0, each) for each in parts]
        return _one(numbers, core) or text[: parts[0]] + replace + text[parts[0] + len(search) :]
    looser = lines.places(core, _same_words)
    if looser:
        return _one(looser, core) or _shifted(lines, looser[0], core, core_new)
    return _Refused(_nearest(lines.lines, core))


def _line_list(text: str, *, drop_end: bool = True) -> list[str]:
    """Return the lines of a text, none for an empty one; ``drop_end`` takes one line end at its end away."""
    lines = text.split("\n") if text else []
    return lines[:-1] if drop_end and len(lines) > 1 and not lines[-1] else lines


def _without_blank_ends(lines: list[str]) -> list[str]:
    full = [number for number, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else []


def _parts(text: str, search: str) -> list[int]:
    """Return where a text is found in another, overlapping places included; more than a few are not looked for."""
    found: list[int] = []
    at = text.find(search)
    while at >= 0 and len(found) <= MOST_PLACES:
        found.append(at)
        at = text.find(search, at + 1)
    return found


def _one(places: Sequence[int], wanted: Sequence[str]) -> _Refused | None:
    """Return why a search does not tell which place is meant; None where it found one. Places are line numbers from 0."""
    if len(places) == 1:
        return None
    shown = ", ".join(str(each + 1) for each in places[:MOST_PLACES]) + (", …" if len(places) > MOST_PLACES else "")
    first = next((line.strip() for line in wanted if line.strip()), "")[:60]
    return _Refused(f"the search {first!r} is found at lines {shown}: add lines around it until it is found once")


Alike = Callable[[Sequence[str], Sequence[str]], bool]


class _Lines:
    """A text as lines, each without its end."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.ends = text.endswith("\n")

    def places(self, wanted: Sequence[str], alike: Alike) -> list[int]:
        """Return the indices at which lines are found that are like ``wanted``."""
        if not wanted:
            return []
        last = len(self.lines) - self.ends
        return [at for at in range(last - len(wanted) + 1) if alike(self.lines[at : at + len(wanted)], wanted)]

    def with_lines(self, at: int, count: int, new: Sequence[str]) -> str:
        """Return the text with lines replaced."""
        return "\n".join([*self.lines[:at], *new, *self.lines[at + count :]])


def _same(there: Sequence[str], wanted: Sequence[str]) -> bool:
    return list(there) == list(wanted)


def _same_but_for_the_end(there: Sequence[str], wanted: Sequence[str]) -> bool:
    """Compare but for spaces at line ends, and for how far all lines together are indented."""
    pairs = list(zip(there, wanted, strict=True))
    return all(one.strip() == other.strip() for one, other in pairs) and _shift(pairs) is not None


def _same_words(there: Sequence[str], wanted: Sequence[str]) -> bool:
    """Compare as above, and of spaces between words only by their being there."""
    pairs = list(zip(there, wanted, strict=True))
    return all(one.split() == other.split() for one, other in pairs) and _shift(pairs) is not None


def _shift(pairs: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Return ``(taken, given)``, what to take from each wanted line's indentation and what to put there; None where it varies."""
    found = {(_indent(one), _indent(other)) for one, other in pairs if other.strip()}
    shifts = {
        ("", one.removesuffix(other)) if one.endswith(other) else (other.removesuffix(one), "") if other.endswith(one) else None
        for one, other in found
    }
    return shifts.pop() if len(shifts) == 1 else None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _shifted(lines: _Lines, at: int, wanted: Sequence[str], new: Sequence[str]) -> str | _Refused:
    """Return the text with lines replaced that are indented as those they stand for."""
    there = lines.lines[at : at + len(wanted)]
    taken, given = _shift(list(zip(there, wanted, strict=True))) or ("", "")
    if any(line.strip() and not line.startswith(taken) for line in new):
        return _Refused(f"the lines are found at line {at + 1}, indented less: indent search and replace as the file is")
    moved = [given + line.removeprefix(taken) if line.strip() else line for line in new]
    return lines.with_lines(at, len(wanted), moved)


def _nearest(lines: Sequence[str], wanted: Sequence[str]) -> str:
    """Return that nothing was found, with the lines of the file that come nearest and their numbers."""
    anchor = max((line.strip() for line in wanted), key=len, default="")
    said = f"the search is not found (looked for {anchor[:80]!r})"
    best = _most_like(lines, anchor)
    if best is None:
        return f"{said} and no line is like it: read the file again and copy the lines as they are"
    shown = "\n".join(_numbered(lines, range(max(0, best - AROUND), min(len(lines), best + AROUND + 1))))
    return f"{said}; the nearest lines are these: copy them as they are\n{shown}"


def _numbered(lines: Sequence[str], numbers: range) -> Iterator[str]:
    return (f"{number + 1:>5} {lines[number][:MOST_LINE]}" for number in numbers)


def _most_like(lines: Sequence[str], anchor: str) -> int | None:
    """Return the index of the line most like ``anchor``; None where none is."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(anchor[:MOST_LINE])
    best, score = None, LEAST_ALIKE
    for number, line in enumerate(lines):
        matcher.set_seq1(re.sub(r"\s+", " ", line.strip())[:MOST_LINE])
        if matcher.real_quick_ratio() > score and matcher.quick_ratio() > score and matcher.ratio() > score:
            best, score = number, matcher.ratio()
    return best
