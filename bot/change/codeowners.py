r"""CODEOWNERS: who owns which path, as GitHub reads the file.

::

    line    = [pattern *(blanks owner)] [blanks] ["#" remark]
    pattern = a gitignore pattern; "!", "[" and "]" are not known and make the line void, "\ " is a blank in a name
    owner   = "@" login | "@" organisation "/" team | e-mail address

The last line whose pattern matches decides, even where it names nobody. A line that cannot be read is passed over, as GitHub
does it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may lie on the base branch, first found wins."""

MOST_BYTES: Final = 3 * 1024 * 1024
"""GitHub reads no larger file."""

MOST_STARS: Final = 10
"""A pattern with more could keep the matcher busy for hours; such a line is void."""

_OWNER: Final = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:/[A-Za-z0-9._-]+)?\Z|[^@\s/]+@[^@\s/]+\.[^@\s/]+\Z")
_WORD: Final = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True)
class Rule:
    """One line: a pattern and its owners, who may be nobody."""

    pattern: str
    owners: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class CodeOwners:
    """A whole file."""

    rules: tuple[Rule, ...]
    void: tuple[int, ...] = ()
    """Numbers of the lines that cannot be read."""

    def owners(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path as the file names them; nobody where no line matches or the last one names none."""
        for rule in reversed(self.rules):
            if _compiled(rule.pattern).match(path):
                return rule.owners
        return ()


NOBODY: Final = CodeOwners(())


def parse(text: str) -> CodeOwners:
    """Return what the file says; a file over GitHub's size says nothing."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        return NOBODY
    rules: list[Rule] = []
    void: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = _words(line)
        if not words:
            continue
        pattern, *owners = words
        if _is_known(pattern) and all(map(_OWNER.match, owners)):
            rules.append(Rule(pattern, tuple(owners), number))
        else:
            void.append(number)
    return CodeOwners(tuple(rules), tuple(void))


def _words(line: str) -> list[str]:
    """Return a line's words up to its remark."""
    words: list[str] = []
    for word in _WORD.findall(line):
        if word.startswith("#"):
            break
        words.append(word)
    return words


def _is_known(pattern: str) -> bool:
    """Tell whether GitHub takes the pattern."""
    if pattern.startswith(("!", "\\#")) or re.search(r"[\[\]]", pattern):
        return False
    return pattern.strip("/") != "" and pattern.count("*") <= MOST_STARS


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern as a regular expression over whole paths.

    A slash at the start or inside ties it to the root; without one it matches at any depth. What matches a folder matches all
    in it, but for a pattern that ends in ``/*``: that means the files right there.
    """
    body = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in body
    start = "" if anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        end = "/.*"
    elif body.endswith("/*"):
        end = ""
    else:
        end = "(?:/.*)?"
    pieces = re.findall(r"\*\*/|/\*\*\Z|\*\*|\*|\?|\\.|.", body, re.DOTALL)
    return re.compile(start + "".join(map(_piece, pieces)) + end + r"\Z", re.DOTALL)


def _piece(piece: str) -> str:
    simple = {"**/": "(?:.*/)?", "/**": "/.*", "**": "[^/]*", "*": "[^/]*", "?": "[^/]"}
    return simple.get(piece) or re.escape(piece[-1])
