"""A look at a proposal: only what is open at the proven head, or merged, is decided upon; all else goes elsewhere at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.decision.looking import Seen, arm, look
from bot.errors import Fatal, Refused
from bot.history import Changed, History
from bot.run import Run, State
from bot.stage import Outcome
from tests.doubles.proposal import OTHER, READY, RUN, OpenBallot, tools

MERGING = replace(RUN, state=State.MERGING)


@pytest.mark.parametrize("run", [RUN, MERGING], ids=lambda each: each.state)
async def test_what_cannot_be_seen_stays_where_it_is(run: Run) -> None:
    unseen = await look(run, tools(OpenBallot(Refused("the pull request is hidden"))))
    assert isinstance(unseen, Outcome)
    assert unseen.next is run.state
    assert "the pull request is hidden" in unseen.reason


async def test_open_at_the_proven_head_or_merged_is_seen() -> None:
    for standing in (READY, replace(READY, merged=True, open=False), replace(READY, merged=True, open=False, head=OTHER)):
        ballot = OpenBallot(standing)
        seen = await look(RUN, tools(ballot))
        assert isinstance(seen, Seen)
        assert seen.look.standing == standing
        assert ballot.done == []


async def test_a_closed_one_and_a_moved_head_are_not_decided_upon() -> None:
    assert (await look(RUN, tools(OpenBallot(replace(READY, open=False))))) == Outcome(
        State.CANCELLED, "#7 was closed without being merged"
    )
    ballot = OpenBallot(replace(READY, head=OTHER))
    moved = await look(RUN, tools(ballot))
    assert isinstance(moved, Outcome)
    assert (moved.next, moved.output) == (State.CHECKING, Changed("people", OTHER, None))
    assert ballot.done[0].startswith("disarmed")


async def test_without_a_ballot_or_a_judged_change_nothing_is_looked_at() -> None:
    for bare in (replace(tools(OpenBallot()), ballot=None), replace(tools(OpenBallot()), history=History())):
        with pytest.raises(Fatal):
            await look(RUN, bare)


async def test_what_github_does_not_take_waits_for_people() -> None:
    ballot = OpenBallot()
    seen = await look(RUN, tools(ballot))
    assert isinstance(seen, Seen)
    assert (await arm(RUN, seen)).next is State.MERGING
    ballot.refusal = Refused("auto-merge is off")
    refused = await arm(RUN, seen)
    assert (refused.next, "auto-merge is off" in refused.reason) == (State.AWAITING_APPROVAL, True)
