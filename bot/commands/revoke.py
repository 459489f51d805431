"""``/pawl revoke``: take one's approval back; what was armed by it is disarmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github.permissions import Level
from bot.policy.standing import Stand
from bot.speech.decided import said_in

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Write down that everything this person approved here is taken back, and wake the run."""
    found = await proposal.waiting(call, desk)
    look = await found.ballot.look(found.run, found.history)
    own = [each for each in look.standing.said if each.person.id == call.actor.id]
    if not any(each.stand is Stand.APPROVED for each in own):
        raise Refused(
            f"you have not approved #{found.pull}, so there is nothing to take back: a review that asks for changes vetoes it"
        )
    who = proposal.person(call.actor)
    await desk.store.approvals.say(
        call.place.repository, found.pull, look.standing.head, who, Stand.WITHDRAWN, said_in(call), found.run.id
    )
    await desk.store.wake_all(call.place.repository, found.pull)
    return done(f"The approval by {code(call.actor.login)} no longer counts.")


COMMAND = Command(
    name="revoke",
    usage="/pawl revoke",
    summary="Takes your approval back, given by command or by review; what was to be merged by it no longer is.",
    least=Level.WRITE,
    examples=("/pawl revoke",),
    obey=obey,
)
