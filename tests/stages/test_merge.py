"""Merging: done when GitHub says so, disarmed as soon as the ground is gone, armed again where only the arming got lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Fatal, Refused
from bot.history import Changed
from bot.policy.standing import Hold, Standing
from bot.run import State
from bot.stages.merge import STAGE
from tests.doubles.proposal import HEAD, OTHER, READY, RUN, OpenBallot, tools

MERGING = replace(RUN, state=State.MERGING, reason="armed")


async def test_merged_is_done() -> None:
    ballot = OpenBallot(replace(READY, merged=True, open=False, merge_commit=OTHER))
    outcome = await STAGE.run(MERGING, tools(ballot))
    assert (outcome.next, outcome.reason) == (State.DONE, "#7 is merged as cccccccccccc")
    assert ballot.done == ["merged"]


async def test_merged_by_people_at_another_head_is_said() -> None:
    outcome = await STAGE.run(MERGING, tools(OpenBallot(replace(READY, merged=True, open=False, head=OTHER))))
    assert outcome.next is State.DONE
    assert "did not prove" in outcome.reason


async def test_closed_is_cancelled() -> None:
    assert (await STAGE.run(MERGING, tools(OpenBallot(replace(READY, open=False))))).next is State.CANCELLED


async def test_a_head_that_moved_is_disarmed_and_judged_again() -> None:
    ballot = OpenBallot(replace(READY, head=OTHER, armed=True))
    outcome = await STAGE.run(MERGING, tools(ballot))
    assert outcome.next is State.CHECKING
    assert outcome.output == Changed("people", OTHER, None)
    assert ballot.done[0].startswith("disarmed: the head moved")


@pytest.mark.parametrize("standing", [replace(READY, holds=(Hold("eve"),)), replace(READY, brake="x"), replace(READY, said=())])
async def test_lost_ground_disarms_and_goes_back_to_people(standing: Standing) -> None:
    ballot = OpenBallot(replace(standing, armed=True))
    outcome = await STAGE.run(MERGING, tools(ballot))
    assert outcome.next is State.AWAITING_APPROVAL
    assert [each.partition(":")[0] for each in ballot.done] == ["disarmed"]


async def test_an_armed_one_is_left_to_github() -> None:
    ballot = OpenBallot(replace(READY, armed=True))
    outcome = await STAGE.run(MERGING, tools(ballot))
    assert (outcome.next, outcome.reason, ballot.done) == (State.MERGING, "armed", [])


async def test_one_that_lost_its_arming_is_armed_again() -> None:
    ballot = OpenBallot()
    assert (await STAGE.run(MERGING, tools(ballot))).next is State.MERGING
    assert ballot.done == [f"armed {HEAD}"]
    refused = await STAGE.run(MERGING, tools(OpenBallot(refusal=Refused("no"))))
    assert refused.next is State.AWAITING_APPROVAL


async def test_what_cannot_be_seen_goes_on_waiting() -> None:
    assert (await STAGE.run(MERGING, tools(OpenBallot(Refused("no"))))).next is State.MERGING
    with pytest.raises(Fatal):
        await STAGE.run(MERGING, tools(None))
