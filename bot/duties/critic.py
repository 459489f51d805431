"""The critic: asked to refute a change by counter-examples, which others run; its words alone count for nothing.

It sees the instruction, the change, the functions that the change touches and the shown tests of the spec; never a held-out one.
What it names is parsed and checked like anybody's input, and what cannot be tried is kept with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.capability import exactly
from bot.change.change import Change, FileChange
from bot.context.discretion import discreet, holds_secrets
from bot.credentials import without_secrets
from bot.llm.asking import Ask, Asker, Duty, NoAnswer, OverBudget, Passage
from bot.prompts.prompt import prompt
from bot.spec.challenge import Challenge, Criticism, Dropped
from bot.spec.ground import Ground

MOST: Final = 8
"""Counter-examples taken of one answer."""
MOST_TEXT: Final = 60_000
"""Characters of one passage."""
MOST_PART: Final = 1_000
"""Characters of a call, a value, a statement or a quote."""
_TEXT: Final = {"type": "string"}

_TEXTS: Final = {"type": "array", "items": _TEXT}
_NAMED: Final = exactly(setup=_TEXTS, call=_TEXT, expected=_TEXT, raises=_TEXT, because=_TEXT)
ANSWER: Final = exactly(counter_examples={"type": "array", "items": _NAMED})
"""JSON schema of an answer."""


@dataclass(frozen=True)
class Brief:
    """What a critic is shown."""

    instruction: str
    change: Change
    ground: Ground
    tests: tuple[tuple[str, str], ...] = ()
    """(path, text) of the files with the spec's shown tests."""
    avoid: frozenset[str] = frozenset()
    """Who wrote the change and its tests: somebody else should refute them where there is anybody else."""


def challenge(asker: Asker, brief: Brief) -> Criticism | None:
    """Return what a critic names against a change; None where none is configured or no function was touched.

    A critic that gives no answer, or that the budget forbids to ask, is told of in the criticism, never passed over.
    """
    if not asker.authors(Duty.CRITIC) or not brief.ground.routines:
        return None
    try:
        answer = asker.ask(Ask(Duty.CRITIC, prompt("critic"), tuple(_passages(brief)), ANSWER, avoid=brief.avoid))
    except (NoAnswer, OverBudget) as error:
        return Criticism(unanswered=str(error))
    return _checked(answer.data["counter_examples"], answer.author, brief.ground)


def _passages(brief: Brief) -> Iterator[Passage]:
    yield Passage("instruction", _cut(brief.instruction))
    yield Passage("change, as a diff", _cut("\n".join(_diff(brief.change.files))), code=True)
    yield Passage("functions that the change touches, as they are now", _cut("\n\n".join(_functions(brief.ground))), code=True)
    for path, text in brief.tests:
        yield Passage(f"shown tests, file {path}", _cut(without_secrets(text, path)), code=True)


def _diff(files: Iterable[FileChange]) -> Iterator[str]:
    for file in discreet(files):
        if holds_secrets(file.path):
            yield f"--- {file.path}: not shown, it keeps secrets"
            continue
        yield f"--- {file.old_path or file.path}\n+++ {file.path}"
        for hunk in file.hunks:
            yield f"@@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@"
            yield "\n".join(hunk.lines)


def _functions(ground: Ground) -> Iterator[str]:
    sources = {file.path: file.source.splitlines() for file in ground.files if not holds_secrets(file.path)}
    for each in ground.routines.values():
        if each.path in sources:
            text = "\n".join(sources[each.path][each.first - 1 : each.last])
            yield f"# {each.path}:{each.first}, {each.module}.{each.qualname}\n{without_secrets(text, each.path)}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}\n… cut here: {len(text) - MOST_TEXT} more characters"


def _checked(named: Iterable[Mapping[str, Any]], author: str, ground: Ground) -> Criticism:
    resolver = ground.resolver()
    kept: list[Challenge] = []
    dropped: list[Dropped] = []
    for number, each in enumerate(named):
        one = _read(each, author)
        if number >= MOST:
            dropped.append(Dropped(one.written[:MOST_PART], f"more than {MOST} were named"))
            break
        reason = "a part of it is too long" if _is_long(one) else ground.draft(one, resolver)
        if isinstance(reason, str):
            dropped.append(Dropped(one.written[:MOST_PART], reason))
        else:
            kept.append(one)
    return Criticism(author, tuple(kept), tuple(dropped))


def _read(said: Mapping[str, Any], author: str) -> Challenge:
    return Challenge(
        said["call"].strip(),
        said["expected"].strip(),
        said["raises"].strip(),
        tuple(each.strip() for each in said["setup"] if each.strip()),
        said["because"].strip(),
        author,
    )


def _is_long(one: Challenge) -> bool:
    return any(len(each) > MOST_PART for each in (one.call, one.expected, one.raises, one.because, *one.setup))
