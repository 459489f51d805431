"""Characters that nobody sees, or that look like others: text whose meaning differs from its looks.

The bidirectional controls are those of "Trojan Source" (Boucher and Anderson, 2021, CVE-2021-42574); mixed-script names those of
CVE-2021-42694. Tag characters carry hidden text that machines read and people do not.
"""

from __future__ import annotations

import io
import re
import tokenize
import unicodedata
from dataclasses import dataclass
from typing import Final

_SEEN: Final = re.compile(r"[\t\r\f\x20-\x7e]*")
"""Lines of these alone, as nearly all are, need no second look."""
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0")
_TAGS: Final = range(0xE0000, 0xE0080)
_ALLOWED_CONTROLS: Final = frozenset("\t\r\f")
_JOINERS: Final = frozenset("\u200c\u200d")
"""The joiner of emoji and Indic scripts, and the one that parts letters in Persian and Indic scripts."""
_SHOWN_FORMATS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are drawn: number signs and the like."""
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
ALWAYS_HIDDEN: Final = re.compile(
    f"[{''.join(sorted(_BIDI | _INVISIBLE))}\U000e0000-\U000e007f]+|[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]{{4,}}"
)
"""Runs of characters that nobody sees wherever they stand."""
_MIXED_WITH_LATIN: Final = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


@dataclass(frozen=True)
class Hidden:
    """One character to look at, by its column (from 1)."""

    column: int
    code: str
    why: str


def hidden_characters(line: str) -> tuple[Hidden, ...]:
    """Return the characters of a line that nobody sees or that reorder what is seen."""
    if _SEEN.fullmatch(line):
        return ()
    found: list[Hidden] = []
    for at, character in enumerate(line):
        why = _why(character, line, at)
        if why:
            found.append(Hidden(at + 1, f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}", why))
    return tuple(found)


def lookalike_names(source: str) -> tuple[tuple[int, str], ...]:
    """Return (line, name) of Python names that mix Latin letters with ones that look like them."""
    if source.isascii():
        return ()
    found: list[tuple[int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            found += [(token.start[0], token.string)] * (token.type == tokenize.NAME and _mixed(token.string))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return tuple(found)
    return tuple(found)


def _why(character: str, line: str, at: int) -> str:
    if character.isascii():
        return "a control character" if not character.isprintable() and character not in _ALLOWED_CONTROLS else ""
    if character in _BIDI:
        return "it reorders the text that people see"
    if character in _JOINERS:
        return "" if _joins(line, at) else "it joins nothing and cannot be seen"
    if _is_selector(character):
        return "" if _selects(line, at) else "it chooses the look of nothing and cannot be seen"
    return _why_by_kind(character)


def _why_by_kind(character: str) -> str:
    kind = unicodedata.category(character)
    if character in _INVISIBLE or ord(character) in _TAGS or (kind == "Cf" and character not in _SHOWN_FORMATS):
        return "it cannot be seen"
    return "it breaks lines for some programs and not for others" if kind in {"Cc", "Zl", "Zp"} else ""


def _joins(line: str, at: int) -> bool:
    """Tell whether a joiner stands between two symbols or two letters that are not ASCII, as in emoji and Indic scripts."""
    around = line[max(0, at - 1) : at] + line[at + 1 : at + 2]
    return len(around) == len("ab") and not any(each.isascii() or each in _JOINERS for each in around)


def _is_selector(character: str) -> bool:
    return any(ord(character) in each for each in _SELECTORS)


def _selects(line: str, at: int) -> bool:
    """Tell whether a variation selector follows a character that has looks to choose from, and not another selector."""
    before = line[max(0, at - 1) : at]
    if before.isascii():
        return before != "" and before in "0123456789#*" and line[at] in "\ufe0e\ufe0f"
    return before not in _JOINERS and not _is_selector(before) and not before.isspace()


def _mixed(name: str) -> bool:
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in name if letter.isalpha()}
    return "LATIN" in scripts and not scripts.isdisjoint(_MIXED_WITH_LATIN)
