"""``/pawl debug``: look for bugs and run what is said to show them; each gets an id that ``/pawl fix`` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.github.permissions import Level
from bot.run import Inquiry
from bot.speech.wish import asked, question

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run that looks for bugs; what it finds is a comment of its own."""
    return begun((await question(Inquiry.DEBUG, call.spoken.text, asked(call), desk)).id)


COMMAND = Command(
    name="debug",
    usage="/pawl debug [path, or where to look]",
    summary="Looks for bugs by a language model, runs what is said to show them, and gives each an id to fix it by.",
    least=Level.WRITE,
    examples=("/pawl debug", "/pawl debug shop/cart.py"),
    obey=obey,
)
