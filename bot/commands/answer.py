"""``/pawl answer``: say which reading of an instruction is right; the answer becomes a locked test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.errors import InputError
from bot.speech.answering import LEAST, assertion, give, given_before, open_question

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave the run that goes on with the answer."""
    if not call.spoken.text:
        raise InputError("the answer is empty: say `/pawl answer A`, or write the result you expect as an assertion")
    earlier = await given_before(call.place, call.comment, desk)
    if earlier is not None:
        return begun(earlier.id)
    run, question = await open_question(call.place, desk)
    return begun((await give(run, assertion(question, call.spoken.text), call.actor, call.comment, desk)).id)


COMMAND = Command(
    name="answer",
    usage="/pawl answer <reading or assertion>",
    summary="Answers the question that Pawl asked: with the letter of a reading, or with the result you expect.",
    least=LEAST,
    examples=("/pawl answer A", "/pawl answer price(3) == 9"),
    obey=obey,
)
