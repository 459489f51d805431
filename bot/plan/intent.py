"""What an instruction wishes for, read from its words: a verb, the names and files it speaks of, the codemods it asks for.

The text comes from strangers: it is matched against fixed expressions and never obeyed as anything else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.codemod import Codemod
from bot.errors import InputError
from bot.plan.inventory import Inventory
from bot.run import Verb

MOST_CHARACTERS = 20_000
_HIDDEN_BLOCK = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^(?:```|~~~).*?(?:^(?:```|~~~)[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)

_MORE = r"(?:(?:some|more|unit|regression|missing|the|a|an|new|project|test)\s+){0,3}"
_DOCS = r"(?:docs?|docstrings?|documentation|readme)\b"
_MECHANICAL = r"(?:unused|dead|unreachable|redundant|unnecessary|needless|useless)\b"
_VERBS: tuple[tuple[Verb, tuple[str, ...]], ...] = (
    (
        Verb.TEST,
        (
            rf"(?:write|add|generate|create|improve|extend)\s+{_MORE}tests?\b",
            r"(?:test|cover)\b",
            rf"(?:increase|raise|improve)\s+{_MORE}coverage\b",
        ),
    ),
    (Verb.DOCS, (r"document\b", _DOCS, rf"(?:write|add|update|improve|fix)\s+{_MORE}{_DOCS}")),
    (
        Verb.UPGRADE,
        (r"(?:upgrade|bump)\b", rf"update\s+{_MORE}(?:dependency|dependencies|package)\b", r"update\s+\S+\s+to\s+v?\d"),
    ),
    (
        Verb.REFACTOR,
        (
            r"(?:refactor|rename|moderni[sz]e|clean|simplify|restructure|reorgani[sz]e|tidy|extract|inline|collapse|narrow)\b",
            rf"(?:remove|delete|drop)\s+(?:all\s+|the\s+)?{_MECHANICAL}",
            r"sort\s+(?:all\s+|the\s+)?imports\b",
            r"(?:replace|convert)\s+(?:\S+\s+){1,4}(?:by|with|to|into)\b",
            r"use\s+(?:f-?strings?|isinstance|context\s+managers?|comprehensions?|safe_load|yaml)\b",
            rf"add\s+{_MORE}(?:type|return)\s+(?:annotations?|hints?|types?)\b",
        ),
    ),
    (Verb.FIX, (r"(?:fix|repair|correct|resolve|solve|debug|mend|handle|prevent|stop|avoid)\b",)),
    (
        Verb.ADD,
        (r"(?:add|implement|create|introduce|write|support|build|make|complete|allow|provide|extend|generate)\b",),
    ),
)
_WORD_VERBS = tuple((verb, re.compile("|".join(patterns), re.IGNORECASE)) for verb, patterns in _VERBS)
_CODE = re.compile(r"[`(\[]|\.[A-Za-z_]")
"""After a telling word: it is a name, as in "`simplify` is wrong" or "clean('a') == 'b'"."""
_PREDICATE = re.compile(
    r"\s+(?:is|isn't|are|was|returns?|gives?|yields?|raises?|throws?|should|must|does|doesn't|fails?|crashes|breaks|hangs)\b",
    re.IGNORECASE,
)
"""After a telling word: it is what the sentence speaks of, as in "the rename is wrong"."""
_POLITE = (
    "/pawl|please|could you|can you|would you|kindly|let's|we should|we need to|we must|i want to|i want you to"
    "|i would like to|i'd like to|you should|to"
)
_COURTESY = re.compile(rf"(?:(?:{_POLITE})[\s,:]+)*", re.IGNORECASE)
_UPGRADE = re.compile(
    r"\b(?:upgrade|bump|update)\s+(?:(?:the|dependency|package)\s+){0,3}[`'\"]?(?P<package>[A-Za-z0-9][A-Za-z0-9._-]{0,99})[`'\"]?"
    r"(?:\s*\[[^\]]{0,80}\])?"
    r"(?:\s+from\s+[`'\"]?v?[\w.!+-]{1,40}[`'\"]?)?(?:\s+(?:to|->|→|==|version)\s*(?:version\s+)?[`'\"]?v?(?P<version>\d[\w.!+-]{0,60}))?",
    re.IGNORECASE,
)
_INTERFACE = re.compile(
    r"\b(?:chang\w*|break\w*|rename|remove|drop|delete|replace)\s+(?:\S+\s+){0,4}?"
    r"(?:signature|interface|api|parameter|argument|function|class|method|option)s?\b"
    r"|\badd\s+(?:\S+\s+){0,4}?(?:parameter|argument)s?\b|\bbreaking change\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wish:
    """One codemod that the instruction asks for."""

    codemod: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Intent:
    """An instruction, understood as far as its words go."""

    verb: Verb
    text: str
    """Cleaned of hidden characters and comments."""
    paths: tuple[str, ...] = ()
    """Files of the repository that it mentions."""
    names: tuple[str, ...] = ()
    """Names the repository defines that it mentions."""
    wishes: tuple[Wish, ...] = ()
    package: str = ""
    version: str = ""
    asks_interface: bool = False
    """Whether its words ask for a change of a public interface."""


def clean(text: str) -> str:
    """Return the text as a person sees it: no HTML comments, no invisible or control characters, plain line ends.

    Raises:
        InputError: empty, longer than 20,000 characters, or not text.
    """
    if len(text) > MOST_CHARACTERS:
        msg = f"the instruction has {len(text):,} characters and at most {MOST_CHARACTERS:,} are read: say it shorter"
        raise InputError(msg)
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError("the instruction is binary data, not text: give UTF-8 text, @FILE or - for standard input")
    plain = _HIDDEN_BLOCK.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    seen = "".join(char for char in plain if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cn"}).strip()
    if not seen:
        raise InputError("the instruction is empty: say what to do, for example: fix `median`, it is wrong for even lengths")
    return seen


def resolve_verb(text: str) -> Verb:
    """Return the verb a text asks for by its first telling words; a text that only describes a fault asks for ``fix``.

    Raises:
        InputError: empty, too long, or not text.
    """
    return asked_for(text) or Verb.FIX


def asked_for(text: str) -> Verb | None:
    """Return the verb that a text asks for in so many words; None where it only describes.

    Raises:
        InputError: empty, too long, or not text.
    """
    for line in clean(text).splitlines():
        for sentence in re.split(r"[.!?;]\s", line):
            words = _COURTESY.sub("", sentence.strip(" \t#>*-`"), count=1)
            for verb, pattern in _WORD_VERBS:
                if (found := pattern.match(words)) and not _is_a_thing(words, found.end(), verb):
                    return verb
    return None


def _is_a_thing(words: str, end: int, verb: Verb) -> bool:
    """Tell whether the telling words that end there name a thing; documentation is one that only ``docs`` mends."""
    return bool(_CODE.match(words, end) or (verb is not Verb.DOCS and _PREDICATE.match(words, end)))


def resolve(text: str, verb: Verb, inventory: Inventory, codemods: Mapping[str, Codemod]) -> Intent:
    """Read a text for one verb against what the repository holds.

    Raises:
        InputError: empty, too long or not text; an upgrade that names no package.
    """
    seen = clean(text)
    prose = _FENCE.sub(" ", seen)
    package, version = _package(prose) if verb is Verb.UPGRADE else ("", "")
    return Intent(
        verb=verb,
        text=seen,
        paths=inventory.paths_in(seen),
        names=inventory.names_in(seen),
        wishes=_wishes(prose, codemods) if verb is Verb.REFACTOR else (),
        package=package,
        version=version,
        asks_interface=bool(_INTERFACE.search(prose)),
    )


def _package(prose: str) -> tuple[str, str]:
    found = _UPGRADE.search(prose) or _UPGRADE.search(f"upgrade {prose}")
    if found is None:
        raise InputError("the upgrade names no package: say for example: upgrade requests to 2.32.4")
    return found["package"].rstrip("."), (found["version"] or "").rstrip(".")


def _wishes(prose: str, codemods: Mapping[str, Codemod]) -> tuple[Wish, ...]:
    """Return the codemods whose phrases occur, in the order of the text; each phrase match counts once."""
    found: list[tuple[int, Wish]] = []
    for start, wish in _phrases(prose, codemods):
        if wish not in [each for _, each in found]:
            found.append((start, wish))
    found.sort(key=lambda each: (each[0], each[1].codemod))
    return tuple(wish for _, wish in found)


def _phrases(prose: str, codemods: Mapping[str, Codemod]) -> Iterator[tuple[int, Wish]]:
    """Yield where a codemod's phrase occurs, and what it asks for."""
    for codemod in codemods.values():
        for phrase in codemod.phrases:
            for match in re.finditer(phrase, prose, re.IGNORECASE):
                yield match.start(), Wish(codemod.name, {key: value for key, value in match.groupdict().items() if value})
