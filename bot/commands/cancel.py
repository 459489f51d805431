"""``/pawl cancel``: give up what goes on under this issue or pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github.permissions import Level
from bot.run import FINAL

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """End every run here that has not ended; one in a worker's hands ends within seconds."""
    runs = await desk.store.latest(call.place.repository, call.place.number)
    live = [each for each in runs if each.state not in FINAL]
    if not live:
        raise Refused("nothing goes on here, so there is nothing to give up: `/pawl status` shows what was")
    for run in live:
        await desk.store.cancel(run.id, f"cancelled by {call.actor.login}", call.actor.login)
    return done(f"Given up: {', '.join(code(each.id) for each in live)}.")


COMMAND = Command(
    name="cancel",
    usage="/pawl cancel",
    summary="Gives up what goes on under this issue or pull request; what was proven so far is kept as evidence.",
    least=Level.WRITE,
    examples=("/pawl cancel",),
    obey=obey,
)
