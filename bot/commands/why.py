"""``/pawl why``: what is still missing before the proposal is merged, and who can supply it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.decision import proposal
from bot.decision.ruling import rule
from bot.errors import Refused
from bot.evidence.markdown import code
from bot.github.permissions import Level
from bot.run import WAITING
from bot.speech.decided import still_missing
from bot.speech.messages import sentence

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Look at the proposal anew and list what is missing; whose approvals do not count, and why."""
    found = await proposal.find(call, desk, with_roster=True)
    if found is None:
        runs = await desk.store.latest(call.place.repository, call.place.number)
        if not runs:
            raise Refused("nothing was asked of Pawl here yet: `/pawl help` lists what it can do")
        state = runs[0].state.replace("_", " ")
        return done(f"Nothing is proposed: run {code(runs[0].id)} is **{state}**: {sentence(runs[0].reason)}")
    if found.run.state not in WAITING:
        state = found.run.state.replace("_", " ")
        return done(f"#{found.pull} waits for nobody: its run {code(found.run.id)} is **{state}**: {sentence(found.run.reason)}")
    look = await found.ballot.look(found.run, found.history)
    ruling = rule(found.run, found.history, look)
    discounted = [f"* the approval by {code(login)} does not count: {sentence(why)}" for login, why in ruling.votes.discounted]
    counted = sorted({each.by for each in ruling.votes.approvals if each.state == "approved"})
    given = f"Approved by {', '.join(code(each) for each in counted)}.\n\n" if counted else ""
    rest = "\n\nAnd:\n\n" + "\n".join(discounted) if discounted else ""
    return done(f"{given}{still_missing(ruling, look.standing.waits)}{rest}")


COMMAND = Command(
    name="why",
    usage="/pawl why",
    summary="Says what is still missing before the proposal is merged, and who can supply it.",
    least=Level.READ,
    examples=("/pawl why",),
    obey=obey,
)
