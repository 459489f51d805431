"""``/pawl hold``: wait with the merge of what is, or will be, proposed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.evidence.markdown import code
from bot.github.permissions import Level

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Put the hold and wake what waits here, so that it is disarmed."""
    place = call.place
    await desk.store.holds.put(place.repository, place.number, proposal.person(call.actor), call.spoken.text[:200])
    await desk.store.wake_all(place.repository, place.number)
    return done(f"Held: nothing proposed here is merged until somebody says {code('/pawl unhold')}.")


COMMAND = Command(
    name="hold",
    usage="/pawl hold [why]",
    summary="Keeps what is proposed here from being merged until somebody lifts the hold.",
    least=Level.WRITE,
    examples=("/pawl hold", "/pawl hold until the release is out"),
    obey=obey,
)
