"""Approving: a proposal waits until everybody who must has agreed with exactly its head, then it is left to the forge to merge.

Whoever hears of anything wakes the run; here everything is read anew, so that a late or lost event changes nothing. What is not
ready is not armed.
"""

from __future__ import annotations

from bot.decision.ruling import rule
from bot.errors import Fatal, UserError
from bot.history import Changed
from bot.run import Run, State
from bot.stage import Ballot, Look, Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Arm what is ready; send a head that moved back to be judged; go on waiting for the rest."""
    ballot, checked = tools.ballot, tools.history.checked
    if ballot is None or checked is None:
        raise Fatal(f"run {run.id} waits for approval where nobody can give it")
    try:
        look = await ballot.look(run, tools.history)
    except UserError as error:
        return Outcome(State.AWAITING_APPROVAL, f"how the proposal stands cannot be seen: {error}")
    standing, proven = look.standing, checked.change.head
    if standing.merged:
        return Outcome(State.MERGING, f"#{standing.pull} is merged")
    if not standing.open:
        return Outcome(State.CANCELLED, f"#{standing.pull} was closed without being merged")
    if standing.head != proven:
        why = f"the head moved to {standing.head[:12]}, which has to be judged"
        await _disarm(ballot, run, look, why)
        return Outcome(State.CHECKING, why, Changed("people", standing.head, None))
    return await _decide(run, tools, ballot, look)


async def _decide(run: Run, tools: Tools, ballot: Ballot, look: Look) -> Outcome:
    """Ask the policies about the head that was proven, and act on their answer."""
    ruling = rule(run, tools.history, look.standing, look.config, look.own_policies)
    for vote in ruling.votes.approvals:
        if vote.state == "vetoed":
            await ballot.vetoed(run, look.standing, vote.by)
    if not ruling.ready:
        await _disarm(ballot, run, look, ruling.reason)
        return Outcome(State.AWAITING_APPROVAL, f"proven; still missing: {ruling.reason}")
    try:
        return Outcome(State.MERGING, await ballot.arm(run, look.standing))
    except UserError as error:
        return Outcome(State.AWAITING_APPROVAL, f"proven and approved, but GitHub does not merge it: {error}")


async def _disarm(ballot: Ballot, run: Run, look: Look, why: str) -> None:
    if look.standing.armed:
        await ballot.disarm(run, look.standing, why)


STAGE = Stage("approve", State.AWAITING_APPROVAL, run)
