"""A look at a proposal: what approving and merging see alike, and where a run goes at once by what they see.

Everything is read anew, so that late or lost news changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.decision.ruling import Ruling, is_of, rule
from bot.errors import Fatal, UserError
from bot.history import Changed, Checked
from bot.policy.missing import Missing
from bot.run import Run, State
from bot.stage import Ballot, Look, Outcome, Tools


@dataclass(frozen=True)
class Seen:
    """A proposal that is merged, or open at the head that was proven."""

    ballot: Ballot
    look: Look
    checked: Checked


async def look(run: Run, tools: Tools) -> Seen | Outcome:
    """Return how the run's proposal stands, or where the run goes: it cannot be seen, was closed, or its head has moved.

    Raises:
        Fatal: there is nobody to ask, or nothing was judged.
    """
    ballot, checked = tools.ballot, tools.history.checked
    if ballot is None or checked is None:
        raise Fatal(f"run {run.id} is {run.state} where nobody can approve or merge it")
    try:
        found = await ballot.look(run, tools.history)
    except UserError as error:
        return Outcome(run.state, f"how the proposal stands cannot be seen: {error}")
    standing = found.standing
    if standing.merged:
        return Seen(ballot, found, checked)
    if not standing.open:
        return Outcome(State.CANCELLED, f"#{standing.pull} was closed without being merged")
    if found.successor is not None:
        return Outcome(State.CANCELLED, f"run {found.successor} judges #{standing.pull} anew")
    if not is_of(run, checked, standing):
        return await _moved(run, tools, Seen(ballot, found, checked))
    return Seen(ballot, found, checked)


async def _moved(run: Run, tools: Tools, seen: Seen) -> Outcome:
    """Let the head that was judged in no more; judge the new one where the proposal is Pawl's own."""
    standing = seen.look.standing
    if run.instruction.head is not None:
        return Outcome(State.CANCELLED, f"the head moved to {standing.head[:12]}: `/pawl verify` has that judged")
    why = f"the head moved to {standing.head[:12]}, which has to be judged"
    await seen.ballot.disarm(run, standing, why)
    await tools.board.abandoned(run, seen.checked.change.head, why)
    return Outcome(State.CHECKING, why, Changed("people", standing.head, None))


async def ruled(run: Run, tools: Tools, seen: Seen) -> Ruling:
    """Return the ruling, shown on the check that GitHub requires before anything else is done about it."""
    found = rule(run, tools.history, seen.look)
    try:
        await tools.board.ruled(run, seen.checked, found.against)
    except UserError as error:
        unseen = Missing(f"what is decided cannot be shown on the check: {error}")
        return replace(found, missing=(*found.missing, unseen))
    return found


async def arm(run: Run, seen: Seen) -> Outcome:
    """Leave a proposal that is ready to the forge; where that does not take it, people have to see to it."""
    try:
        return Outcome(State.MERGING, await seen.ballot.arm(run, seen.look.standing))
    except UserError as error:
        return Outcome(State.AWAITING_APPROVAL, f"proven and approved, but GitHub does not merge it: {error}")
