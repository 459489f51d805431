"""Merging: GitHub merges what is armed; until it has, anything that takes the ground away disarms it again.

Everything is read anew at each waking. A head that moved goes back to be judged, a hold, a veto, a stop or a withdrawn approval
back to people.
"""

from __future__ import annotations

from bot.decision.looking import Seen, arm, look, ruled
from bot.run import Run, State
from bot.stage import Look, Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """See how far the forge is, and that it may still go on."""
    seen = await look(run, tools)
    if isinstance(seen, Outcome):
        return seen
    if not seen.look.standing.merged:
        return await _go_on(run, tools, seen)
    await seen.ballot.merged(run, seen.look.standing)
    return Outcome(State.DONE, _merged(seen.look, run.instruction.queued or seen.checked.change.head))


async def _go_on(run: Run, tools: Tools, seen: Seen) -> Outcome:
    """Leave it to the forge as long as the policies agree; arm again what lost its arming on the way."""
    standing = seen.look.standing
    ruling = await ruled(run, tools, seen)
    if not ruling.ready:
        await seen.ballot.disarm(run, standing, ruling.reason)
        return Outcome(State.AWAITING_APPROVAL, f"no longer merged by itself: {ruling.reason}")
    return Outcome(State.MERGING, run.reason) if standing.armed else await arm(run, seen)


def _merged(look: Look, proven: str) -> str:
    standing = look.standing
    commit = f" as {standing.merge_commit[:12]}" if standing.merge_commit else ""
    if standing.head != proven:
        return f"#{standing.pull} was merged by people{commit}, at a head that Pawl did not prove"
    return f"#{standing.pull} is merged{commit}"


STAGE = Stage("merge", State.MERGING, run)
