"""What a completion is worth: an answer, a wish for tools, something to mend, or nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.llm.conversation import Conversation, gave_away
from bot.llm.provider import Completion, Stop
from bot.llm.structure import parse


class Worth(StrEnum):
    """What to do with a completion."""

    ANSWER = "answered"
    TOOLS = "used tools"
    MENDABLE = "did not fit"
    """It may be asked once more, with what did not fit."""
    CUT = "cut by its length"
    """It may be asked once more, with room for a longer answer."""
    USELESS = "useless"
    """The next seat is to be asked."""


@dataclass(frozen=True)
class Verdict:
    """A completion's worth."""

    worth: Worth
    why: str = ""
    """In words for people and for the model: what is wrong with it."""
    data: Any = None


def most_characters(most_output: int) -> int:
    """Return the longest answer that is heard to its end: twelve characters a token is more than any text has."""
    return 12 * most_output + 2_000


def verdict(said: Completion, talk: Conversation, rounds: int) -> Verdict:
    """Return what a completion is worth to a conversation that may use tools for so many rounds."""
    useless = _useless(said, talk, rounds)
    if useless:
        return Verdict(Worth.USELESS, useless)
    if said.stop is Stop.LENGTH:
        return Verdict(Worth.CUT, f"its answer was cut at {talk.question.most_output:,} tokens")
    if said.calls:
        return Verdict(Worth.TOOLS)
    return _held(said, talk)


def _held(said: Completion, talk: Conversation) -> Verdict:
    """Return what an answer is worth that is held to its question's schema, if it has one."""
    if talk.question.schema is None:
        return Verdict(Worth.ANSWER)
    parsed = parse(said.text, talk.question.schema)
    if not parsed.problem:
        return Verdict(Worth.ANSWER, data=parsed.data)
    if talk.repaired:
        return Verdict(Worth.USELESS, f"its answer did not fit what was asked for, even when told so: {parsed.problem}")
    return Verdict(Worth.MENDABLE, parsed.problem)


def _useless(said: Completion, talk: Conversation, rounds: int) -> str:
    """Return why nothing can be made of a completion; '' where something can."""
    most, output = most_characters(talk.question.most_output), talk.question.most_output
    long = sum(map(len, (said.text, *(call.raw for call in said.calls)))) > most
    reasons = {
        f"its answer is longer than {most:,} characters": long,
        "it gave away Pawl's own words": not long and gave_away(said, talk.canary),
        "it declined to answer": said.stop is Stop.DECLINED,
        f"its answer was cut at {output:,} tokens": said.stop is Stop.LENGTH and talk.stretched,
        "its answer was empty": said.stop is not Stop.LENGTH and not said.calls and not said.text.strip(),
        f"it used tools for {rounds} rounds without answering": bool(said.calls) and talk.rounds >= rounds,
    }
    return next((why for why, true in reasons.items() if true), "")
