"""What is sent to a model: Pawl's own words, then what strangers wrote, cleaned and delimited; and how it goes on. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.llm.asking import Ask, Passage
from bot.llm.hostile import delimited, gives_away, pieces, rules
from bot.llm.provider import Completion, Message, Offer, Request, ToolCall


@dataclass(frozen=True)
class Conversation:
    """One question on its way to an answer from one seat."""

    question: Ask
    messages: tuple[Message, ...]
    nonce: str
    """The mark of the delimiters: nobody who wrote before the run can know it, and what is said in it cannot hold it."""
    canary: str
    """A word of the rules that no answer may hold."""
    repaired: bool = False
    """Whether the one round to mend an answer that did not fit is used up."""
    stretched: bool = False
    """Whether the answer may be twice as long as was asked for, because it was cut."""
    rounds: int = 0
    """How often tools were used."""

    def request(self, model: str) -> Request:
        """Return what is sent next."""
        question = self.question
        offers = tuple(Offer(each.name, each.does, each.takes) for each in question.tools)
        said = rules(self.nonce, self.canary)
        return Request(
            model, question.system, self.messages, said, question.schema, offers, question.most_output, question.temperature
        )


def opened(question: Ask, nonce: str, canary: str) -> Conversation:
    """Begin a conversation.

    What stays the same stands first, so that vendors' caches can serve it: the duty, then the rules with the run's own mark and
    canary, then the passages, of which a duty puts those first that its next question will have as well.
    """
    parts = pieces(question.passages, nonce)
    return Conversation(question, (Message("user", "\n\n".join(parts), parts=parts),), nonce, canary)


def mending(talk: Conversation, said: Completion, problem: str) -> Conversation:
    """Go on after an answer that did not fit: quote what did not, once."""
    wish = "Your answer does not fit what was asked for. Answer again with the whole JSON document, nothing before or after it."
    passages = (Passage("what to do", wish, hostile=False), Passage("what does not fit", problem, code=True))
    messages = (*talk.messages, Message("assistant", said.text), Message("user", delimited(passages, talk.nonce)))
    return replace(talk, messages=messages, repaired=True)


def stretched(talk: Conversation) -> Conversation:
    """Ask the same once more with room for twice as much: what a model thinks in silence takes of it, too."""
    return replace(talk, question=replace(talk.question, most_output=2 * talk.question.most_output), stretched=True)


def with_tools(talk: Conversation, said: Completion, answers: Iterable[tuple[ToolCall, str]]) -> Conversation:
    """Go on with what the tools answered; it is hostile text like any other."""
    turns = [
        Message("tool", delimited((Passage("what a tool answered", answer, code=True),), talk.nonce), answers=call.id)
        for call, answer in answers
    ]
    messages = (*talk.messages, Message("assistant", said.text, said.calls), *turns)
    return replace(talk, messages=messages, rounds=talk.rounds + 1)


def characters(request: Request) -> int:
    """Return how much is sent, in characters."""
    sent = len(request.system) + len(request.rules) + sum(map(_of_message, request.messages))
    if request.schema is not None:
        sent += _of_json(request.schema)
    return sent + sum(len(each.name) + len(each.does) + _of_json(each.takes) for each in request.offers)


def gave_away(said: Completion, canary: str) -> bool:
    """Return whether an answer holds the canary in any form, in its text or in what it would have tools do."""
    parts = [said.text, *(part for call in said.calls for part in (call.name, call.raw, _json(call.arguments or {})))]
    return any(gives_away(part, canary) for part in parts if part)


def _of_message(message: Message) -> int:
    return len(message.text) + sum(len(call.name) + len(call.raw or _json(call.arguments or {})) for call in message.calls)


def _of_json(value: Mapping[str, object]) -> int:
    return len(_json(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
