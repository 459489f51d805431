"""Merging: GitHub merges what is armed; until it has, anything that takes the ground away disarms it again.

Everything is read anew at each waking. A head that moved goes back to be judged, a hold, a veto, a stop or a withdrawn approval
back to people.
"""

from __future__ import annotations

from bot.decision.ruling import rule
from bot.errors import Fatal, UserError
from bot.history import Changed
from bot.run import Run, State
from bot.stage import Ballot, Look, Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """See how far the forge is, and that it may still go on."""
    ballot, checked = tools.ballot, tools.history.checked
    if ballot is None or checked is None:
        raise Fatal(f"run {run.id} is to be merged where nothing can be")
    try:
        look = await ballot.look(run, tools.history)
    except UserError as error:
        return Outcome(State.MERGING, f"how the merge stands cannot be seen: {error}")
    standing, proven = look.standing, checked.change.head
    if standing.merged:
        await ballot.merged(run, standing)
        return Outcome(State.DONE, _merged(look, proven))
    if not standing.open:
        return Outcome(State.CANCELLED, f"#{standing.pull} was closed without being merged")
    if standing.head != proven:
        why = f"the head moved to {standing.head[:12]}, which has to be judged"
        await ballot.disarm(run, standing, why)
        return Outcome(State.CHECKING, why, Changed("people", standing.head, None))
    return await _go_on(run, tools, ballot, look)


async def _go_on(run: Run, tools: Tools, ballot: Ballot, look: Look) -> Outcome:
    """Leave it to the forge as long as the policies agree; arm again what lost its arming on the way."""
    ruling = rule(run, tools.history, look.standing, look.config, look.own_policies)
    if not ruling.ready:
        await ballot.disarm(run, look.standing, ruling.reason)
        return Outcome(State.AWAITING_APPROVAL, f"no longer merged by itself: {ruling.reason}")
    if look.standing.armed:
        return Outcome(State.MERGING, run.reason)
    try:
        return Outcome(State.MERGING, await ballot.arm(run, look.standing))
    except UserError as error:
        return Outcome(State.AWAITING_APPROVAL, f"proven and approved, but GitHub does not merge it: {error}")


def _merged(look: Look, proven: str) -> str:
    standing = look.standing
    commit = f" as {standing.merge_commit[:12]}" if standing.merge_commit else ""
    if standing.head != proven:
        return f"#{standing.pull} was merged by people{commit}, at a head that Pawl did not prove"
    return f"#{standing.pull} is merged{commit}"


STAGE = Stage("merge", State.MERGING, run)
