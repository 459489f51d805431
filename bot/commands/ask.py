"""``/pawl ask``: a question about the code, answered with the lines it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.errors import InputError
from bot.github.permissions import Level
from bot.run import Inquiry
from bot.speech.wish import asked, question

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run that answers; its answer is a comment of its own."""
    if not call.spoken.text:
        raise InputError("nothing is asked: say `/pawl ask` and the question, such as `/pawl ask where is a price rounded?`")
    return begun((await question(Inquiry.ASK, call.spoken.text, asked(call), desk)).id)


COMMAND = Command(
    name="ask",
    usage="/pawl ask <question>",
    summary="Answers a question about the code by a language model; every line it cites is checked to be there.",
    least=Level.READ,
    examples=("/pawl ask where is a price rounded?", "/pawl ask what calls `Cart.total`, and with which arguments?"),
    obey=obey,
)
