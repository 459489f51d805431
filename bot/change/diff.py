r"""Reads and writes unified diffs as git prints them: ``parse(text) -> files`` and ``render(files) -> text``.

Grammar, one section per file::

    diff --git a/OLD b/NEW
    old mode M | new mode M | new file mode M | deleted file mode M      (any of them)
    similarity index N% | rename from P | rename to P | copy from P | copy to P | index A..B M
    --- a/OLD | --- /dev/null
    +++ b/NEW | +++ /dev/null
    @@ -START[,LINES] +START[,LINES] @@ heading
     kept | -removed | +added | \ No newline at end of file
    GIT binary patch … | Binary files X and Y differ                     (instead of hunks)

Lines end at ``\n`` alone, so a carriage return or a form feed belongs to its line. Odd names come in C quotes, with the bytes
of their UTF-8 as octal escapes; bytes that are no UTF-8 are kept as lone surrogates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Final

from bot.change.change import FileChange, FileStatus, Hunk
from bot.errors import InputError

REGULAR: Final = "100644"
NO_NEWLINE: Final = "\\ No newline at end of file"
_NOWHERE: Final = "/dev/null"
_CONTEXT: Final = 3
_HUNK: Final = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_PRINTABLE: Final = range(0x20, 0x7F)
_ESCAPES: Final = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_UNESCAPES: Final = {value: letter for letter, value in _ESCAPES.items()}


class DiffError(InputError):
    """The text is no unified diff as git prints it; the message names the line."""


def parse(text: str) -> tuple[FileChange, ...]:
    """Return the files of a unified diff, in its order; a file that changed its type counts once, as modified.

    Raises:
        DiffError: the text is not what ``git diff`` prints, or is cut off; the message names the line.
    """
    reader = _Reader(text.split("\n"))
    if reader.lines[-1] == "":
        reader.lines.pop()
    files: list[FileChange] = []
    while not reader.done:
        file = _read_file(reader)
        if files and file.status is FileStatus.ADDED and _same_deleted(files[-1], file):
            files[-1] = replace(file, status=FileStatus.MODIFIED, hunks=files[-1].hunks + file.hunks)
        else:
            files.append(file)
    return tuple(files)


def render(files: tuple[FileChange, ...]) -> str:
    """Return a diff that :func:`parse` reads back as ``files``; a binary file's content is not in it."""
    return "".join(f"{line}\n" for file in files for line in _written(file))


def compare(path: str, old: str | None, new: str | None) -> FileChange:
    """Return how a text file differs; None stands for a file that is not there."""
    if old is None and new is None:
        msg = f"{path}: neither side has the file, so there is nothing to compare; give the text of one side"
        raise DiffError(msg)
    status = FileStatus.ADDED if old is None else FileStatus.DELETED if new is None else FileStatus.MODIFIED
    before, after = _split(old or ""), _split(new or "")
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT)
    hunks = tuple(_hunk(group, before, after) for group in groups)
    return FileChange(path, status, hunks, mode=REGULAR if old is None else None)


@dataclass
class _Reader:
    """The lines of a diff and how far they were read."""

    lines: list[str]
    at: int = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.lines)

    @property
    def line(self) -> str:
        return "" if self.done else self.lines[self.at]

    def take(self) -> str:
        if self.done:
            raise self.error("the diff ends in the middle")
        self.at += 1
        return self.lines[self.at - 1]

    def error(self, what: str) -> DiffError:
        shown = self.line[:80]
        return DiffError(f"line {self.at + 1} of the diff: {what} ({shown!r}); give the output of git diff as it is")


@dataclass
class _Headers:
    """What stands above a file's hunks."""

    old: str | None
    new: str | None
    status: FileStatus = FileStatus.MODIFIED
    mode: str | None = None
    renamed: bool = False
    binary: bool = False
    hunks: list[Hunk] = field(default_factory=list)

    def file(self, reader: _Reader) -> FileChange:
        path = self.old if self.status is FileStatus.DELETED else self.new
        if not path or (self.status is FileStatus.RENAMED and not self.old):
            raise reader.error("the section above names no file")
        old_path = self.old if self.status is FileStatus.RENAMED else None
        return FileChange(path, self.status, tuple(self.hunks), old_path, self.binary, self.mode)


def _read_file(reader: _Reader) -> FileChange:
    if not reader.line.startswith("diff --git "):
        raise reader.error("expected 'diff --git'")
    name = _common_name(reader.take().removeprefix("diff --git "), reader)
    headers = _Headers(name, name)
    while not reader.done and not reader.line.startswith(("diff --git ", "@@ ")):
        if reader.line == "GIT binary patch":
            headers.binary = True
            _skip_binary(reader)
        else:
            _read_header(headers, reader.line, reader)
            reader.take()
    while not reader.done and reader.line.startswith("@@ "):
        headers.hunks.append(_read_hunk(reader))
    return headers.file(reader)


def _skip_binary(reader: _Reader) -> None:
    while not reader.done and not reader.line.startswith("diff --git "):
        reader.take()


def _read_header(headers: _Headers, line: str, reader: _Reader) -> None:
    """Take in one line between ``diff --git`` and the first hunk."""
    for start, act in _HEADERS:
        if line.startswith(start):
            act(headers, line[len(start) :], reader)
            return
    raise reader.error("unknown header")


def _added(headers: _Headers, value: str, _reader: _Reader) -> None:
    headers.status, headers.mode = FileStatus.ADDED, value


def _deleted(headers: _Headers, _value: str, _reader: _Reader) -> None:
    headers.status = FileStatus.DELETED


def _new_mode(headers: _Headers, value: str, _reader: _Reader) -> None:
    headers.mode = value


def _from(headers: _Headers, value: str, reader: _Reader) -> None:
    headers.status, headers.old = FileStatus.RENAMED, _name(value, reader)


def _to(headers: _Headers, value: str, reader: _Reader) -> None:
    headers.new = _name(value, reader)


def _copied(headers: _Headers, value: str, reader: _Reader) -> None:
    headers.status, headers.new = FileStatus.ADDED, _name(value, reader)


def _minus(headers: _Headers, value: str, reader: _Reader) -> None:
    headers.old = _side(value, "a/", reader) or headers.old


def _plus(headers: _Headers, value: str, reader: _Reader) -> None:
    headers.new = _side(value, "b/", reader) or headers.new


def _binary(headers: _Headers, _value: str, _reader: _Reader) -> None:
    headers.binary = True


def _ignored(_headers: _Headers, _value: str, _reader: _Reader) -> None:
    """Headers that repeat what others say."""


_HEADERS: Final = (
    ("old mode ", _ignored),
    ("new mode ", _new_mode),
    ("new file mode ", _added),
    ("deleted file mode ", _deleted),
    ("similarity index ", _ignored),
    ("dissimilarity index ", _ignored),
    ("index ", _ignored),
    ("rename from ", _from),
    ("rename to ", _to),
    ("copy from ", _ignored),
    ("copy to ", _copied),
    ("--- ", _minus),
    ("+++ ", _plus),
    ("Binary files ", _binary),
)


def _read_hunk(reader: _Reader) -> Hunk:
    match = _HUNK.match(reader.line)
    if match is None:
        raise reader.error("a hunk's header is '@@ -START,LINES +START,LINES @@'")
    reader.take()
    old_start, old_lines, new_start, new_lines = (int(each) if each is not None else 1 for each in match.groups())
    old_left, new_left = old_lines, new_lines
    lines: list[str] = []
    while old_left > 0 or new_left > 0 or reader.line.startswith("\\"):
        line = reader.take() or " "
        if line[0] not in " +-\\":
            reader.at -= 1
            raise reader.error("a hunk's line starts with a space, '+', '-' or a backslash")
        old_left -= line[0] in " -"
        new_left -= line[0] in " +"
        lines.append(line)
    if old_left < 0 or new_left < 0:
        raise reader.error("the hunk above has more lines than its header says")
    return Hunk(old_start, old_lines, new_start, new_lines, tuple(lines))


def _common_name(rest: str, reader: _Reader) -> str | None:
    """Return the name in ``a/NAME b/NAME``; None where the two differ, as other headers then name both."""
    if rest.startswith('"'):
        end = _closing_quote(rest)
        return _name(rest[: end + 1], reader).removeprefix("a/") if end > 0 else None
    size = (len(rest) - 5) // 2
    old, new = rest[2 : 2 + size], rest[2 + size :]
    return old if rest.startswith("a/") and new == f" b/{old}" else None


def _closing_quote(text: str) -> int:
    at = 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at if at < len(text) else -1


def _side(value: str, prefix: str, reader: _Reader) -> str | None:
    """Return the name on a ``---`` or ``+++`` line; None for the side that has no file."""
    if value == _NOWHERE:
        return None
    name = _name(value if value.startswith('"') else value.removesuffix("\t"), reader)
    if not name.startswith(prefix):
        raise reader.error(f"names on this line start with {prefix!r} (diff.noprefix must be off)")
    return name.removeprefix(prefix)


def _name(text: str, reader: _Reader) -> str:
    """Undo git's C quotes."""
    if not text.startswith('"'):
        return text
    if _closing_quote(text) != len(text) - 1:
        raise reader.error("a quoted name is not closed")
    found = bytearray()
    for piece in re.finditer(r"\\([0-7]{3})|\\(.)|([^\\]+)", text[1:-1], re.DOTALL):
        octal, letter, plain = piece.groups()
        if octal:
            found.append(int(octal, 8) & 0xFF)
        elif letter is None:
            found += plain.encode("utf-8", "surrogateescape")
        elif letter in _ESCAPES:
            found.append(_ESCAPES[letter])
        else:
            raise reader.error(f"a quoted name has the unknown escape \\{letter}")
    return found.decode("utf-8", "surrogateescape")


def _quoted(name: str) -> str:
    """Put a name in C quotes where git would."""
    raw = name.encode("utf-8", "surrogateescape")
    if all(byte in _PRINTABLE and byte not in b'"\\' for byte in raw):
        return name
    return '"' + "".join(_escaped(byte) for byte in raw) + '"'


def _escaped(byte: int) -> str:
    if byte in _UNESCAPES:
        return "\\" + _UNESCAPES[byte]
    return chr(byte) if byte in _PRINTABLE else f"\\{byte:03o}"


def _same_deleted(earlier: FileChange, later: FileChange) -> bool:
    return earlier.status is FileStatus.DELETED and earlier.path == later.path


def _written(file: FileChange) -> list[str]:
    old = file.old_path or file.path
    lines = [f"diff --git {_quoted('a/' + old)} {_quoted('b/' + file.path)}"]
    if file.status is FileStatus.ADDED:
        lines.append(f"new file mode {file.mode or REGULAR}")
    elif file.status is FileStatus.DELETED:
        lines.append(f"deleted file mode {REGULAR}")
    elif file.mode:
        lines += [f"old mode {REGULAR}", f"new mode {file.mode}"]
    if file.status is FileStatus.RENAMED:
        lines += [f"rename from {_quoted(old)}", f"rename to {_quoted(file.path)}"]
    left = _NOWHERE if file.status is FileStatus.ADDED else _quoted(f"a/{old}")
    right = _NOWHERE if file.status is FileStatus.DELETED else _quoted(f"b/{file.path}")
    if file.binary:
        lines.append(f"Binary files {left} and {right} differ")
    elif file.hunks:
        lines += ["--- " + _tabbed(left), "+++ " + _tabbed(right)]
    for hunk in file.hunks:
        lines.append(f"@@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@")
        lines += hunk.lines
    return lines


def _tabbed(name: str) -> str:
    """End a name with spaces in a tab, as git does, so that other tools see where it ends."""
    return f"{name}\t" if " " in name and not name.startswith('"') else name


def _split(text: str) -> list[str]:
    r"""Split at ``\n`` alone; a last line without an end carries git's remark about it."""
    lines = text.split("\n")
    last = lines.pop()
    return [*lines, f"{last}\n{NO_NEWLINE}"] if last else lines


def _hunk(group: list[tuple[str, int, int, int, int]], before: list[str], after: list[str]) -> Hunk:
    lines: list[str] = []
    for tag, old_first, old_end, new_first, new_end in group:
        if tag == "equal":
            lines += [f" {line}" for line in before[old_first:old_end]]
            continue
        lines += [f"-{line}" for line in before[old_first:old_end]]
        lines += [f"+{line}" for line in after[new_first:new_end]]
    old_first, old_end, new_first, new_end = group[0][1], group[-1][2], group[0][3], group[-1][4]
    old_lines, new_lines = old_end - old_first, new_end - new_first
    old_start, new_start = old_first + bool(old_lines), new_first + bool(new_lines)
    flat = tuple(part for line in lines for part in line.split("\n"))
    return Hunk(old_start, old_lines, new_start, new_lines, flat)
