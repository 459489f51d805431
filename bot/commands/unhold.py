"""``/pawl unhold``: lift every hold on what is proposed here, the label included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.decision.ballot import HOLD_LABEL
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github import issues
from bot.github.permissions import Level

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Lift the holds and wake what waits here."""
    place = call.place
    found = await proposal.find(call, desk)
    numbers = tuple(sorted({place.number, *(found.numbers if found else ())}))
    lifted: list[str] = list(await desk.store.holds.lift(place.repository, numbers, proposal.person(call.actor)))
    repository = await call.repository(desk)
    for number in numbers:
        if HOLD_LABEL in (await issues.issue(repository, number)).labels:
            await issues.remove_label(repository, number, HOLD_LABEL)
            lifted.append(f"the label {HOLD_LABEL}")
    if not lifted:
        raise Refused("nothing is held here: `/pawl why` shows what the merge waits for")
    for number in numbers:
        await desk.store.wake_all(place.repository, number)
    return done(f"No longer held by {', '.join(code(each) for each in dict.fromkeys(lifted))}.")


COMMAND = Command(
    name="unhold",
    usage="/pawl unhold",
    summary="Lifts every hold on what is proposed here, whoever put it.",
    least=Level.WRITE,
    examples=("/pawl unhold",),
    obey=obey,
)
