"""Answering: a question about the code goes to the reader; suspected bugs are run. Nothing is planned, specified or changed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from bot.context.gather import gather
from bot.context.shelf import Shelf
from bot.duties.reader import Question, answer
from bot.errors import Fatal, InputError, UserError
from bot.history import Answered, Suspect
from bot.lab import Lab
from bot.llm.asking import NOBODY, Asker, Duty, Passage
from bot.run import Inquiry, Run, State
from bot.spec.showing import Showing, Shown, Suspicion, show
from bot.stage import Outcome, Stage, Tools

MOST_TOKENS = 16_000
"""Of the repository that are shown along with a question; a model reads the rest itself."""
MOST_POINTED = 50
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")


async def run(run: Run, tools: Tools) -> Outcome:
    """Answer, or refuse where nobody can, or where nothing of the answer holds."""
    wish, asker = run.instruction, tools.asker
    if wish.inquiry is None:
        raise Fatal(f"run {run.id} came to answering without a question")
    if asker is None or not asker.authors(Duty.READER):
        return Outcome(State.REFUSED, NOBODY)
    tools.progress("read")
    root = await tools.lay_out(wish.head or wish.base)
    shelf = Shelf(root)
    if wish.inquiry is Inquiry.DEBUG:
        _require_place(wish.text.strip(), shelf)
    found = await asyncio.to_thread(_answered, asker, wish.inquiry, wish.text.strip(), shelf, tools)
    if found.suspects:
        found = await _tried(found, run, root, tools)
    return Outcome(State.DONE, _told(found), found)


def _require_place(where: str, shelf: Shelf) -> None:
    """Raise InputError where one path is named that is not there; several words are a description."""
    if _PATH.fullmatch(where) and ("/" in where or "." in where) and not shelf.holds(where):
        raise InputError(
            f"there is no file or folder {where!r} to look for bugs in: name one of this repository, or none for all"
        )


def _answered(asker: Asker, inquiry: Inquiry, text: str, shelf: Shelf, tools: Tools) -> Answered:
    passages = _gathered(shelf.root, text, shelf)
    tools.progress(f"{inquiry}: {asker.authors(Duty.READER)[0]}")
    return answer(asker, Question(inquiry, text, passages), shelf)


def _gathered(root: Path, text: str, shelf: Shelf) -> tuple[Passage, ...]:
    """Return what of the repository is shown along with the question; the rest is there to be looked at."""
    named = tuple(each.rstrip("/") for each in _PATH.findall(text) if shelf.holds(each))
    paths = [path for each in named for path in ([each] if shelf.read(each) is not None else shelf.files(each))]
    return gather(root, text, paths=paths[:MOST_POINTED], tokens=MOST_TOKENS, hide=lambda _path: False, numbered=True)


async def _tried(found: Answered, run: Run, root: Path, tools: Tools) -> Answered:
    """Run what is said to show each suspected bug; where that cannot be, each says why."""
    tools.progress("run what is suspected")
    if run.instruction.head is not None and not tools.runner.here:
        results = _not_run(found.suspects, "the code of a pull request does not run on this machine")
    else:
        results = await _run(found.suspects, run, root, tools)
    suspects = tuple(
        replace(each, shown=result.outcome, saw=result.saw) for each, result in zip(found.suspects, results, strict=True)
    )
    return replace(found, suspects=tuple(sorted(suspects, key=lambda each: list(Shown).index(each.shown))))


async def _run(suspects: tuple[Suspect, ...], run: Run, root: Path, tools: Tools) -> tuple[Showing, ...]:
    try:
        lab: Lab = await tools.lab(run.instruction.base)
        return await asyncio.to_thread(show, [_suspicion(each) for each in suspects], root, lab)
    except UserError as error:  # the answer is there all the same: it says that nothing of it was run, and why
        return _not_run(suspects, str(error))


def _suspicion(each: Suspect) -> Suspicion:
    return Suspicion(each.call, each.expected, each.citation.path, each.citation.first)


def _not_run(suspects: tuple[Suspect, ...], why: str) -> tuple[Showing, ...]:
    return tuple(Showing(Shown.NOT_RUN, why) for _ in suspects)


def _told(found: Answered) -> str:
    """Return what was found, in one sentence of Pawl's own."""
    if found.paragraphs:
        cited = sum(len(each.citations) for each in found.paragraphs)
        bare = sum(not each.citations for each in found.paragraphs)
        rest = f", {bare} of {len(found.paragraphs)} paragraphs not backed by the code" if bare else ""
        return f"answered by {found.author}, {_counted(cited, 'checked citation')}{rest}"
    shown = sum(each.shown is Shown.SHOWN for each in found.suspects)
    return f"{_counted(len(found.suspects), 'suspected bug')} by {found.author}, {shown} shown by running the code"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


STAGE = Stage("answer", State.ANSWERING, run)
