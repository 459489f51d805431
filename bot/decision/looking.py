"""A look at a proposal: what approving and merging see alike, and where a run goes at once by what they see.

Everything is read anew, so that late or lost news changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Fatal, UserError
from bot.history import Changed
from bot.run import Run, State
from bot.stage import Ballot, Look, Outcome, Tools


@dataclass(frozen=True)
class Seen:
    """A proposal that is merged, or open at the head that was proven."""

    ballot: Ballot
    look: Look


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
        return Seen(ballot, found)
    if not standing.open:
        return Outcome(State.CANCELLED, f"#{standing.pull} was closed without being merged")
    if standing.head != checked.change.head:
        why = f"the head moved to {standing.head[:12]}, which has to be judged"
        await ballot.disarm(run, standing, why)
        return Outcome(State.CHECKING, why, Changed("people", standing.head, None))
    return Seen(ballot, found)


async def arm(run: Run, seen: Seen) -> Outcome:
    """Leave a proposal that is ready to the forge; where that does not take it, people have to see to it."""
    try:
        return Outcome(State.MERGING, await seen.ballot.arm(run, seen.look.standing))
    except UserError as error:
        return Outcome(State.AWAITING_APPROVAL, f"proven and approved, but GitHub does not merge it: {error}")
