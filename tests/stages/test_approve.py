"""Approving: armed exactly where everything agrees, and never left armed where something does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Fatal, Refused
from bot.history import Changed, History
from bot.policy.standing import Access, Hold, Said, Stand, Voter
from bot.run import State
from bot.stages.approve import STAGE
from tests.doubles.proposal import BOB, HEAD, HISTORY, OTHER, READY, RUN, OpenBallot, tools

VETO = Said(BOB, Stand.VETOED, HEAD, datetime(2026, 1, 2, tzinfo=UTC))
IN_THE_WAY: dict[str, dict[str, Any]] = {
    "nobody approved": {"said": ()},
    "withdrawn": {"said": (*READY.said, replace(VETO, stand=Stand.WITHDRAWN))},
    "vetoed": {"said": (*READY.said, VETO)},
    "approved by the requester": {"requester": BOB},
    "approved by an author": {"authors": (BOB,)},
    "no longer permitted": {"voters": {2: Voter(BOB, Access.WRITE)}},
    "held": {"holds": (Hold("eve"),)},
    "stopped": {"brake": "eve stopped it"},
    "unguarded": {"unsafe": ("force pushes are allowed",)},
    "red": {"check": "failure"},
    "skipped": {"check": "skipped"},
    "draft": {"draft": True},
}


async def test_what_is_ready_is_armed() -> None:
    ballot = OpenBallot()
    outcome = await STAGE.run(RUN, tools(ballot))
    assert (outcome.next, outcome.reason) == (State.MERGING, "armed")
    assert ballot.done == [f"armed {HEAD}"]


@pytest.mark.parametrize("name", IN_THE_WAY)
@pytest.mark.parametrize("armed", [True, False])
async def test_what_is_not_ready_waits_disarmed(name: str, armed: bool) -> None:
    ballot = OpenBallot(replace(READY, armed=armed, **IN_THE_WAY[name]))
    outcome = await STAGE.run(RUN, tools(ballot))
    assert outcome.next is State.AWAITING_APPROVAL
    assert outcome.reason.startswith("proven; still missing: ")
    assert any(each.startswith("disarmed: ") for each in ballot.done) is armed
    assert not any(each.startswith("armed") for each in ballot.done)
    assert ("vetoed by bob" in ballot.done) is (name == "vetoed")


@pytest.mark.parametrize("armed", [True, False])
async def test_a_head_that_moved_is_judged_again(armed: bool) -> None:
    ballot = OpenBallot(replace(READY, head=OTHER, armed=armed))
    outcome = await STAGE.run(RUN, tools(ballot))
    assert outcome.next is State.CHECKING
    assert outcome.output == Changed("people", OTHER, None)
    assert [each.partition(":")[0] for each in ballot.done] == ["disarmed"], "which changes nothing where it is not armed"


async def test_merged_and_closed_ones_go_on_and_end() -> None:
    assert (await STAGE.run(RUN, tools(OpenBallot(replace(READY, merged=True, open=False))))).next is State.MERGING
    assert (await STAGE.run(RUN, tools(OpenBallot(replace(READY, open=False))))).next is State.CANCELLED


async def test_what_github_refuses_waits_with_its_reason() -> None:
    outcome = await STAGE.run(RUN, tools(OpenBallot(refusal=Refused("auto-merge is off: allow it"))))
    assert outcome.next is State.AWAITING_APPROVAL
    assert "auto-merge is off: allow it" in outcome.reason


async def test_what_cannot_be_seen_waits_with_its_reason() -> None:
    outcome = await STAGE.run(RUN, tools(OpenBallot(Refused("the App may not read it"))))
    assert outcome.next is State.AWAITING_APPROVAL
    assert "the App may not read it" in outcome.reason


async def test_without_a_ballot_or_a_proof_it_is_a_fault() -> None:
    for found in (tools(None), tools(OpenBallot(), History())):
        with pytest.raises(Fatal):
            await STAGE.run(RUN, found)


@settings(deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(sorted(IN_THE_WAY))), st.booleans())
async def test_no_mix_of_obstacles_ever_leaves_it_armed(names: set[str], armed: bool) -> None:
    spoilt = {key: value for name in sorted(names) for key, value in IN_THE_WAY[name].items()}
    ballot = OpenBallot(replace(READY, armed=armed, **spoilt))
    outcome = await STAGE.run(RUN, tools(ballot, HISTORY))
    assert (outcome.next is State.MERGING) is (not names)
    left_armed = armed
    for each in ballot.done:
        left_armed = True if each.startswith("armed") else False if each.startswith("disarmed") else left_armed
    assert left_armed is (not names)
