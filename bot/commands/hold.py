"""``/pawl hold``: wait with the merge of what is, or will be, proposed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.decision.turning import held, turn
from bot.errors import UserError
from bot.evidence.markdown import code
from bot.github.permissions import Level
from bot.policy.standing import Hold
from bot.speech.messages import sentence

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Put the hold, let what waits here in no more, and wake it, so that it is disarmed."""
    place = call.place
    who, why = proposal.person(call.actor), call.spoken.text[:200]
    await desk.store.holds.put(place.repository, place.number, who, why)
    await desk.store.wake_all(place.repository, place.number)
    try:
        repository = await call.repository(desk)
        for run in await desk.store.asleep(place.repository, place.number):
            await turn(repository, desk.store, run, held(Hold(who.login, why)))
    except UserError as error:
        return done(f"Held, but the check still says what it said: {sentence(str(error))}")
    return done(f"Held: nothing proposed here is merged until somebody says {code('/pawl unhold')}.")


COMMAND = Command(
    name="hold",
    usage="/pawl hold [why]",
    summary="Keeps what is proposed here from being merged until somebody lifts the hold.",
    least=Level.WRITE,
    examples=("/pawl hold", "/pawl hold until the release is out"),
    obey=obey,
)
