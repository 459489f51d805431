"""The reader: answers questions about the code, explains it, and looks for bugs in it; what it says is held to the files.

A citation whose quote does not stand in its file is dropped; a paragraph left with none is kept and known as not backed by the
code; where nothing at all holds, the answer is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.capability import exactly
from bot.change.outline import parse, touched
from bot.context.shelf import Shelf
from bot.errors import Refused
from bot.history import Answered, Paragraph, Suspect
from bot.llm.asking import Answer, Ask, Asker, Duty, Passage
from bot.llm.citation import Citation, Dropped, folded, held
from bot.prompts.prompt import prompt
from bot.run import Inquiry

MOST_PARAGRAPHS: Final = 30
MOST_CITATIONS: Final = 8
"""Of one paragraph."""
MOST_SUSPECTS: Final = 10
MOST_CHARACTERS: Final = 1_500
"""Of one paragraph, or of what is said of one bug."""
MOST_CODE: Final = 400
"""Characters of a call, and of what it should give."""
_TEXT: Final = {"type": "string"}
_LINE: Final = {"type": "integer"}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


PARAGRAPHS: Final = exactly(
    paragraphs=_list(exactly(text=_TEXT, citations=_list(exactly(path=_TEXT, first=_LINE, last=_LINE, quote=_TEXT))))
)
"""JSON schema of an answer."""
BUGS: Final = exactly(bugs=_list(exactly(path=_TEXT, line=_LINE, quote=_TEXT, what=_TEXT, call=_TEXT, expected=_TEXT)))
"""JSON schema of what was found on looking for bugs."""


@dataclass(frozen=True)
class Question:
    """What is asked, in a stranger's words, and what was gathered for it."""

    inquiry: Inquiry
    text: str
    """For debugging where to look; empty for everywhere."""
    passages: tuple[Passage, ...] = ()


def answer(asker: Asker, question: Question, shelf: Shelf) -> Answered:
    """Return what the reader's model says, with the citations that hold; suspected bugs are not run yet.

    Raises:
        Refused: nothing of the answer holds.
        NoAnswer: no model answered.
        OverBudget: the run may not spend as much.
    """
    debugging = question.inquiry is Inquiry.DEBUG
    said = asker.ask(
        Ask(
            Duty.READER,
            prompt(question.inquiry.value),
            (Passage("where to look" if debugging else "question", question.text or "everywhere"), *question.passages),
            BUGS if debugging else PARAGRAPHS,
            shelf.tools(),
        )
    )
    return _suspected(said, shelf) if debugging else _answered(said, shelf)


def _answered(said: Answer, shelf: Shelf) -> Answered:
    paragraphs: list[Paragraph] = []
    dropped: list[Dropped] = []
    for each in said.data["paragraphs"][:MOST_PARAGRAPHS]:
        found = [held(_citation(one), shelf.read) for one in each["citations"][:MOST_CITATIONS]]
        dropped += [one for one in found if isinstance(one, Dropped)]
        if each["text"].strip():
            kept = dict.fromkeys(one for one in found if isinstance(one, Citation))
            paragraphs.append(Paragraph(_short(each["text"]), tuple(kept)))
    if not any(each.citations for each in paragraphs):
        raise Refused(_nothing_holds(said.author, dropped))
    return Answered(tuple(paragraphs), (), tuple(dropped), said.author, said.usage)


def _suspected(said: Answer, shelf: Shelf) -> Answered:
    found: dict[str, Suspect] = {}
    dropped: list[Dropped] = []
    for each in said.data["bugs"][:MOST_SUSPECTS]:
        citation = held(Citation(each["path"], each["line"], each["line"], each["quote"]), shelf.read)
        if isinstance(citation, Dropped):
            dropped.append(citation)
            continue
        id_ = bug_id(citation, shelf.read(citation.path) or "")
        found.setdefault(
            id_, Suspect(id_, citation, _short(each["what"]), *_claim(each["call"].strip(), each["expected"].strip()))
        )
    if dropped and not found:
        raise Refused(_nothing_holds(said.author, dropped))
    return Answered((), tuple(found.values()), tuple(dropped), said.author, said.usage)


def _claim(call: str, expected: str) -> tuple[str, str]:
    """Return a call and what it should give; both empty where they are no single lines that can be shown as code."""
    both = f"{call}{expected}"
    usable = call and expected and both.isprintable() and "`" not in both and len(both) <= MOST_CODE
    return (call, expected) if usable else ("", "")


def bug_id(citation: Citation, source: str) -> str:
    """Return the name of a bug: the same for the same words in the same function, wherever its lines have moved to."""
    inside = touched(source, frozenset({citation.first})) if parse(source) else ()
    identity = "\0".join((citation.path, *inside, folded(citation.quote)))
    return f"bug:{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def _citation(said: Mapping[str, Any]) -> Citation:
    return Citation(said["path"], said["first"], said["last"], said["quote"])


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _nothing_holds(author: str, dropped: Sequence[Dropped]) -> str:
    first = f"{dropped[0].citation.path[:100]!r}: {dropped[0].why}" if dropped else ""
    why = f"citations that do not hold: {len(dropped)}, the first {first}" if dropped else "it cites nothing"
    return (
        f"nothing that {author} answered is backed by the code ({why}),"
        " so it is not shown: ask again, and name a file or a function"
    )
