"""Approving: a proposal waits until everybody who must has agreed with exactly its head, then it is left to the forge to merge.

Whoever hears of anything wakes the run; here everything is read anew, so that a late or lost event changes nothing. What is not
ready is not armed.
"""

from __future__ import annotations

from bot.decision.looking import Seen, arm, look
from bot.decision.ruling import rule
from bot.run import Run, State
from bot.stage import Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Arm what is ready; send a head that moved back to be judged; go on waiting for the rest."""
    seen = await look(run, tools)
    if isinstance(seen, Outcome):
        return seen
    if seen.look.standing.merged:
        return Outcome(State.MERGING, f"#{seen.look.standing.pull} is merged")
    return await _decide(run, tools, seen)


async def _decide(run: Run, tools: Tools, seen: Seen) -> Outcome:
    """Ask the policies about the head that was proven, and act on their answer."""
    standing = seen.look.standing
    ruling = rule(run, tools.history, standing, seen.look.config, seen.look.own_policies)
    for vote in ruling.votes.approvals:
        if vote.state == "vetoed":
            await seen.ballot.vetoed(run, standing, vote.by)
    if ruling.ready:
        return await arm(run, seen)
    if standing.armed:
        await seen.ballot.disarm(run, standing, ruling.reason)
    return Outcome(State.AWAITING_APPROVAL, f"proven; still missing: {ruling.reason}")


STAGE = Stage("approve", State.AWAITING_APPROVAL, run)
