"""Find the commands in a comment.

::

    comment  = { line }
    command  = [ up to 3 spaces ] "/pawl" [ blank verb ] { blank word }     at the start of a line that GitHub shows as prose
    word     = "--" flag | key "=" value | argument
    below    = the lines after a command, up to the next one; they belong to it

Prose is what a Markdown parser says it is: not a block quote, a fence, indented code, a code span, a table, an HTML comment or
tag, nor the inside of ``<pre>``, ``<code>`` and their like. What follows the verb is data: cut into words, handed on, never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

MOST_CHARACTERS: Final = 65_536
"""Longest comment GitHub takes."""

NAME: Final = "/pawl"
"""What every command begins with."""
_CALL: Final = re.compile(r"\A( {0,3})/pawl(?=[ \t]|$)")
_VERB: Final = re.compile(r"[ \t]*([^ \t]*)(.*)", re.DOTALL)
_FLAG: Final = re.compile(r"--([a-z][a-z-]*)")
_OPTION: Final = re.compile(r"([a-z][a-z_-]*)=(\S+)")
_LINE_ENDS: Final = re.compile(r"\r\n?")
_MARK: Final = "\ue000"
_END_OF_MARK: Final = "\ue001"
_MARKED: Final = re.compile(f"{_MARK}([0-9]+){_END_OF_MARK}")
_MARKDOWN: Final = MarkdownIt("commonmark", {"maxNesting": 50}).enable("table")
_NOT_PROSE: Final = frozenset({"pre", "code", "samp", "kbd", "tt", "blockquote", "q", "template", "script", "style", "textarea"})


@dataclass(frozen=True)
class Spoken:
    """One command as somebody wrote it."""

    verb: str
    """In lower case; empty where ``/pawl`` stands alone."""
    line: str = ""
    """What follows the verb on its line."""
    below: str = ""
    """The lines after it, up to the next command."""
    ordinal: int = 0
    """The how-manieth command of its comment it is, from 0."""

    @property
    def text(self) -> str:
        """All that was said after the verb."""
        return f"{self.line}\n{self.below}".strip()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words of the line that are neither flags nor options."""
        return tuple(each for each in self.line.split() if not (_FLAG.fullmatch(each) or _OPTION.fullmatch(each)))

    @property
    def flags(self) -> frozenset[str]:
        """Words such as ``--all``, without their dashes."""
        return frozenset(found[1] for each in self.line.split() if (found := _FLAG.fullmatch(each)))

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Words such as ``engine=search``, in order; a key may come twice."""
        return tuple((found[1], found[2]) for each in self.line.split() if (found := _OPTION.fullmatch(each)))


def parse(body: str) -> tuple[Spoken, ...]:
    """Return the commands of a comment in their order; a comment that is longer than GitHub takes has none."""
    if NAME not in body or len(body) > MOST_CHARACTERS:
        return ()
    lines = _LINE_ENDS.sub("\n", body).split("\n")
    at = _shown(lines)
    spans = pairwise([*at, len(lines)])
    return tuple(_spoken(lines[first], lines[first + 1 : end], ordinal) for ordinal, (first, end) in enumerate(spans))


def _spoken(line: str, below: Sequence[str], ordinal: int) -> Spoken:
    found = _VERB.fullmatch(line.lstrip(" ").removeprefix("/pawl"))
    verb, rest = (found[1], found[2]) if found else ("", "")
    return Spoken(verb.lower(), rest.strip(), "\n".join(below).strip("\n").rstrip(), ordinal)


def _shown(lines: Sequence[str]) -> list[int]:
    """Return the numbers of the lines that call Pawl in prose."""
    marked = [_CALL.sub(rf"\g<1>{_MARK}{number}{_END_OF_MARK}", _unmarked(line), count=1) for number, line in enumerate(lines)]
    return list(_calls(_MARKDOWN.parse("\n".join(marked))))


def _unmarked(line: str) -> str:
    return line.replace(_MARK, "\ufffd").replace(_END_OF_MARK, "\ufffd")


def _calls(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield the marks that stand in prose, at the start of a line."""
    elements, quotes, block = _Elements(), 0, ""
    for token in tokens:
        if token.type in {"blockquote_open", "blockquote_close"}:
            quotes += token.nesting
        elif token.type == "html_block":
            elements.read(token.content)
        elif token.type == "inline" and token.children:
            for mark in _calls_in(token.children, elements):
                if not quotes and block in {"paragraph_open", "heading_open"}:
                    yield mark
        block = token.type


def _calls_in(children: Sequence[Token], elements: _Elements) -> Iterator[int]:
    """Yield the marks at the starts of a paragraph's lines that no HTML element takes out of the prose."""
    starts = True
    for token in children:
        found = _MARKED.match(token.content) if starts and token.type == "text" else None
        if found and not elements.within:
            yield int(found[1])
        if token.type == "html_inline":
            elements.read(token.content)
        starts = token.type in {"softbreak", "hardbreak"}


class _Elements(HTMLParser):
    """Which HTML elements that hold no prose are open; an end tag closes the last of its kind and no other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._open: list[str] = []

    @property
    def within(self) -> bool:
        """Whether prose that comes now stands in one of them, or in a comment or tag that has not ended."""
        return bool(self._open) or self.rawdata.startswith("<")

    def read(self, html: str) -> None:
        """Follow the tags in the next piece of HTML."""
        self.feed(html if self.rawdata else _without_comments(html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _NOT_PROSE:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # HTML knows no self-closing of these: the element stays open

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            last = len(self._open) - 1 - self._open[::-1].index(tag)
            del self._open[last]


def _without_comments(html: str) -> str:
    """Return HTML without its whole comments; ``<!-->`` is one to browsers, though not to Python's parser."""
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        end = html.find("-->", start + 2)
        if end < 0:
            break
        kept.append(html[at:start])
        at = end + 3
    return " ".join([*kept, html[at:]])
