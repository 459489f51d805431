"""Approving: a change waits until everybody who must has agreed with exactly its head, then its check lets it in.

Pawl's own proposal is left to the forge to merge by then; what others wrote is theirs to merge. Whoever hears of anything wakes
the run; here everything is read anew, so that a late or lost event changes nothing. What is not ready is not armed.
"""

from __future__ import annotations

from bot.decision.looking import Seen, arm, look, ruled
from bot.run import Run, State
from bot.stage import Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Arm what is ready; send a head that moved back to be judged; go on waiting for the rest."""
    seen = await look(run, tools)
    if isinstance(seen, Outcome):
        return seen
    if seen.look.standing.merged:
        return Outcome(State.MERGING, f"#{seen.look.standing.pull} is merged")
    return await (_decide(run, tools, seen) if run.instruction.head is None else _watch(run, tools, seen))


async def _watch(run: Run, tools: Tools, seen: Seen) -> Outcome:
    """Keep the check of what others wrote true. Their own arming is taken back only where somebody stops or holds the merge."""
    standing = seen.look.standing
    branch = run.instruction.into or standing.proven_branch
    if branch != standing.proven_branch:
        return Outcome(State.DONE, f"every gate is green and the policies agree, for what goes into {branch}")
    ruling = await ruled(run, tools, seen)
    if standing.armed and (standing.brake or standing.holds):
        await seen.ballot.disarm(run, standing, ruling.reason)
    if ruling.against:
        return Outcome(State.AWAITING_APPROVAL, f"proven; still missing: {'; '.join(ruling.against)}")
    return Outcome(State.AWAITING_APPROVAL, "proven and allowed: its author merges it")


async def _decide(run: Run, tools: Tools, seen: Seen) -> Outcome:
    """Ask the policies about the head that was proven, and act on their answer."""
    standing = seen.look.standing
    ruling = await ruled(run, tools, seen)
    for vote in ruling.votes.approvals:
        if vote.state == "vetoed":
            await seen.ballot.vetoed(run, standing, vote.by)
    if ruling.ready:
        return await arm(run, seen)
    if standing.armed:
        await seen.ballot.disarm(run, standing, ruling.reason)
    return Outcome(State.AWAITING_APPROVAL, f"proven; still missing: {ruling.reason}")


STAGE = Stage("approve", State.AWAITING_APPROVAL, run)
