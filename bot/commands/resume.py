"""``/pawl resume``: release the brake; who pulled it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.decision.governance import governs
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github.permissions import Level

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Release what stops this repository, and wake what waits here."""
    place = call.place
    pulled = await desk.store.brakes.pulled(place.installation, place.repository)
    if not pulled:
        raise Refused("nothing is stopped here")
    if any(each.repository is None for each in pulled) and not await governs(await call.repository(desk), call.actor):
        raise Refused("the whole account is stopped, and only an owner of it goes on: ask one")
    for brake in pulled:
        await desk.store.brakes.release(brake, proposal.person(call.actor))
    await desk.store.wake_all(place.repository)
    stopped_by = ", ".join(code(each.by.login) for each in pulled)
    return done(f"Going on: the stop by {stopped_by} is lifted. Runs that were stopped stay so; ask for them again.")


COMMAND = Command(
    name="resume",
    usage="/pawl resume",
    summary="Lifts an emergency stop; somebody else than who stopped it has to say it.",
    least=Level.ADMIN,
    examples=("/pawl resume",),
    obey=obey,
)
