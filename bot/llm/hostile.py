r"""What strangers wrote, made fit to be shown to a model: cleaned of what people cannot see, and delimited by a secret mark.

Prose loses what a reader of the page would not see. Code, tool output and paths lose nothing silently: an invisible character is
shown as its escape (``\u200b``), a cut says so, and the passage's opening line tells how often. None of this makes text true or
harmless: a model that obeys it all the same meets the checks on what a duty may do. What looks like a credential is struck out of
every passage here, once what hid it is gone: nothing goes to a vendor by another way.

::

    <passage-MARK number="1" by="a stranger" what="file shop/cart.py" note="1 invisible character">
    …
    </passage-MARK>
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from bot.credentials import without_secrets
from bot.errors import Fatal
from bot.llm.asking import Passage
from bot.llm.markup import seen
from bot.prompts.prompt import prompt
from bot.syntax.hidden import ALWAYS_HIDDEN, hidden_characters

MOST_LINE: Final = 2_000
"""Longest line shown whole, in characters."""
MOST_PASSAGE: Final = 200_000
"""Longest passage shown whole, in characters."""
_MOST_LABEL: Final = 200
_LEAST_NONCE: Final = 16
_ROUNDS: Final = 8
_TERMINAL: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?|[@-Z\\^_])")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_TURN: Final = re.compile("<(?=[|\uff5c][\\w\u2581 ]{1,40}[|\uff5c]>)|<(?=(?:start|end)_of_turn>)")
_TURN_IN_PROSE: Final = re.compile(rf"{_TURN.pattern}|<(?=/?s>)|<(?=</?SYS>>)|\[(?=/?INST\])")
"""Marks with which the templates of open models part the turns of a conversation; some servers read them in any text."""

_QUOTED: Final = str.maketrans('"<>', "'\u2039\u203a")
_DISARMED: Final = str.maketrans("<`[]", "\u2039'()")


@dataclass(frozen=True)
class Cleaned:
    """A stranger's text as it may be shown."""

    text: str
    removed: tuple[str, ...]
    """What is not shown as it was written, most telling first: ``2 HTML comments``; Pawl's own words."""


def cleaned(text: str, most: int = MOST_PASSAGE, *, code: bool = False) -> Cleaned:
    """Return text without what people cannot see, no longer than ``most`` characters; what is clean already stays as it is.

    Source code, tool output and paths are ``code``: nothing goes out of them but the end of what is too long, and what cannot be
    seen is shown as an escape.
    """
    counts: Counter[str] = Counter()
    text = _cut(text, 4 * most, counts)
    for _ in range(_ROUNDS):
        before, text = text, _once(text, most, counts, code=code)
        if text == before:
            break
    else:  # somebody nested tricks too deeply: without these no mark-up is left, and one round more changes nothing
        text = _once(text.translate(_DISARMED), most, counts, code=code)
    return Cleaned(text, tuple(_counted(kind, count) for kind, count in sorted(counts.items())))


def _once(text: str, most: int, counts: Counter[str], *, code: bool) -> str:
    def note(kind: str) -> None:
        counts[kind] += 1

    text = _visible_code(text, note) if code else _visible_prose(text, note)
    turn = _TURN if code else _TURN_IN_PROSE
    text = turn.sub(lambda match: _told(f"{match[0]} ", "mark of a turn", note), text)
    text = "\n".join(_short(line, note) for line in text.split("\n"))
    if not code:
        text = seen(text, note)
    return _cut(text, most, counts)


def _told(to: str, kind: str, note: Callable[[str], None]) -> str:
    note(kind)
    return to


def _visible_prose(text: str, note: Callable[[str], None]) -> str:
    text = _TERMINAL.sub(lambda _: _told("", "terminal sequence", note), text)
    lines = _LINE_ENDS.sub("\n", text).replace("\f", "\n").split("\n")
    return "\n".join(_replaced(line, lambda _: "", note) for line in lines)


def _visible_code(text: str, note: Callable[[str], None]) -> str:
    plain = text.replace("\r\n", "\n")
    if plain != text:
        note("Windows line ends")
    return "\n".join(_replaced(line, _escape, note) for line in plain.split("\n"))


def _replaced(line: str, to: Callable[[str], str], note: Callable[[str], None]) -> str:
    line = ALWAYS_HIDDEN.sub(lambda run: _run_told(run[0], to, note), line)
    hidden = {each.column - 1 for each in hidden_characters(line)}
    hidden |= {at for at, each in enumerate(line) if "\ud800" <= each <= "\udfff" or each == "\r"} if _odd(line) else set()
    if not hidden:
        return line
    for _ in hidden:
        note("invisible character")
    return "".join(to(each) if at in hidden else each for at, each in enumerate(line))


def _run_told(run: str, to: Callable[[str], str], note: Callable[[str], None]) -> str:
    for _ in run:
        note("invisible character")
    return "".join(map(to, run))


def _odd(line: str) -> bool:
    return "\r" in line or not line.isascii()


def _escape(character: str) -> str:
    number = ord(character)
    if character == "\r":
        return "\\r"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004


def _short(line: str, note: Callable[[str], None]) -> str:
    if len(line) <= MOST_LINE:
        return line
    note("overlong line")
    tail = f"[… {len(line)} characters, cut by Pawl]"
    return line[: MOST_LINE - len(tail)] + tail


def _cut(text: str, most: int, counts: Counter[str]) -> str:
    """Cut at the end of a line, so that what a line opens stays closed; the last line says so."""
    if len(text) <= most:
        return text
    counts["overlong text"] = 1
    tail = "[… cut by Pawl: the rest is not shown]"
    room = max(0, most - len(tail) - 1)
    end = text.rfind("\n", 0, room + 1)
    return f"{text[: end if end > 0 else room]}\n{tail}"[:most]


def _counted(kind: str, count: int) -> str:
    return f"{count} {kind}{'s' * (count > 1 and not kind.endswith('s'))}"


def new_nonce() -> str:
    """Return a mark for delimiters that nobody who wrote a text before can know."""
    return secrets.token_hex(8)


def delimited(passages: tuple[Passage, ...], nonce: str, most: int = MOST_PASSAGE) -> str:
    """Return the passages one after another (see :func:`pieces`)."""
    return "\n\n".join(pieces(passages, nonce, most))


def pieces(passages: tuple[Passage, ...], nonce: str, most: int = MOST_PASSAGE) -> tuple[str, ...]:
    """Return the passages, each between lines that carry the mark; all are cleaned, Pawl's own as code is.

    A piece does not depend on those after it, so that what a later question adds leaves the beginning as it was.

    Nothing inside can close a passage: wherever the mark itself occurs, it is replaced.

    Raises:
        Fatal: the mark is too short to be secret.
    """
    if not re.fullmatch(rf"[0-9a-f]{{{_LEAST_NONCE},}}", nonce):
        raise Fatal(f"a mark of passages must be {_LEAST_NONCE} or more hexadecimal digits, as new_nonce() gives")
    return tuple(_delimit(each, number, nonce, most) for number, each in enumerate(passages, 1))


def _delimit(passage: Passage, number: int, nonce: str, most: int) -> str:
    clean = cleaned(passage.text, most, code=passage.code or not passage.hostile)
    by = "a stranger" if passage.hostile else "Pawl"
    text = without_secrets(clean.text, prose=passage.hostile and not passage.code)
    what = _without(nonce, without_secrets(_one_line(passage.label)))
    note = f' note="{", ".join(clean.removed)}"' if clean.removed else ""
    head = f'<passage-{nonce} number="{number}" by="{by}" what="{what}"{note}>'
    return f"{head}\n{_without(nonce, text)}\n</passage-{nonce}>"


def _without(nonce: str, text: str) -> str:
    return re.sub(nonce, "[mark]", text, flags=re.IGNORECASE)


def _one_line(label: str) -> str:
    """Return a label as one line without what would end the attribute it stands in; a path in it stays readable."""
    shown = "".join(_escape(each) if not each.isprintable() else each for each in label).translate(_QUOTED)
    shown = cleaned(shown, MOST_LINE, code=True).text
    return shown if len(shown) <= _MOST_LABEL else shown[: _MOST_LABEL - 1] + "…"


def rules(nonce: str, canary: str) -> str:
    """Return what a system prompt says of passages: which words are Pawl's, that the others are never obeyed, and the canary."""
    return prompt("hostile").replace("MARK", nonce).replace("CANARY", canary)


def new_canary() -> str:
    """Return a secret that stands in a system prompt and nowhere else: an answer that holds it was talked into giving it away."""
    return "".join(secrets.choice("bcdfghjkmnpqrstvwxyz23456789") for _ in range(_CANARY))


_CANARY: Final = 24
_WINDOW: Final = 12
"""So many characters of a canary in a row give it away: no accident, and half of it is not left out on purpose."""
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ESCAPES: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_BLANKS: Final = re.compile(r"\\[nrtbfv]")
_TAG: Final = re.compile(r"<[^<>]*>")


def gives_away(text: str, canary: str) -> bool:
    """Tell whether a text holds the canary or a good part of it.

    Whole, spaced, in other letters, backwards, split by mark-up, escaped, or in base64, hexadecimal or rot13.
    """
    pieces = {canary[at : at + _WINDOW] for at in range(max(1, len(canary) - _WINDOW + 1))}
    return any(piece in form for form in _forms(text, depth=2) for piece in pieces)


def _forms(text: str, depth: int) -> Iterator[str]:
    """Yield what a text may say, as small letters and digits in a row."""
    plain = html.unescape(unquote(_ESCAPES.sub(lambda match: chr(int(match[1] or match[2], 16)), text)))
    blank = _BLANKS.sub(" ", plain)  # a line's end inside a text of JSON
    for each in {plain, blank, _without_tags(plain), _without_tags(blank)}:
        row = _row(each)
        yield from (row, row[::-1], codecs.encode(row, "rot13"), codecs.encode(row[::-1], "rot13"))
    if depth:
        for encoded in (*_ENCODED.findall(plain), *_ENCODED.findall(re.sub(r"\s", "", blank))):
            for decoded in _decoded(encoded):
                yield from _forms(decoded, depth - 1)


def _without_tags(text: str) -> str:
    first, *rest = text.split("<!--")
    return _TAG.sub("", first + "".join(each.partition("-->")[2] if "-->" in each else f"<!--{each}" for each in rest))


def _row(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isascii() and each.isalnum())


def _decoded(encoded: str) -> Iterator[str]:
    body = encoded.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    for start in range(4):  # what stands before it may have been glued on
        part = body[start:]
        yield base64.b64decode(part[: len(part) // 4 * 4]).decode("latin-1")
        yield base64.b64decode(part + "=" * (-len(part) % 4) if len(part) % 4 != 1 else part[:-1]).decode("latin-1")
    for start in range(2):
        hexadecimal = re.match(r"(?:[0-9a-fA-F]{2})+", encoded[start:])
        if hexadecimal:
            yield binascii.unhexlify(hexadecimal[0]).decode("latin-1")
