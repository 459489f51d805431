"""Approving: armed exactly where everything agrees, and never left armed where something does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Fatal, Refused
from bot.history import Changed, Checked, History
from bot.ids import RunId
from bot.policy.standing import Access, Hold, Said, Stand, Voter
from bot.run import Run, State
from bot.stage import BlankBoard, Tools
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
    "draft": {"draft": True},
}


class Board(BlankBoard):
    """Remembers what it shows among what the ballot does."""

    def __init__(self, ballot: OpenBallot, refusal: Refused | None = None) -> None:
        self.ballot, self.refusal = ballot, refusal

    async def ruled(self, _run: Run, checked: Checked, missing: tuple[str, ...]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.ballot.done.append(f"{checked.change.head} lacks {'; '.join(missing) or 'nothing'}")


def shown(ballot: OpenBallot) -> Tools:
    return replace(tools(ballot), board=Board(ballot))


async def test_what_is_ready_is_let_in_by_the_check_and_then_armed() -> None:
    ballot = OpenBallot()
    outcome = await STAGE.run(RUN, shown(ballot))
    assert (outcome.next, outcome.reason) == (State.MERGING, "armed")
    assert ballot.done == [f"{HEAD} lacks nothing", f"armed {HEAD}"]


async def test_the_check_is_turned_before_anything_is_disarmed() -> None:
    ballot = OpenBallot(replace(READY, armed=True, brake="eve stopped it"))
    await STAGE.run(RUN, shown(ballot))
    assert [each.partition(":")[0] for each in ballot.done] == [f"{HEAD} lacks merge", "disarmed"]


async def test_where_the_check_cannot_be_written_nothing_is_armed() -> None:
    ballot = OpenBallot()
    outcome = await STAGE.run(RUN, replace(shown(ballot), board=Board(ballot, Refused("the App may not write checks"))))
    assert outcome.next is State.AWAITING_APPROVAL
    assert "the App may not write checks" in outcome.reason
    assert ballot.done == []


JUDGING = replace(RUN, instruction=replace(RUN.instruction, head=HEAD, into="main"))


@pytest.mark.parametrize(
    ("but", "done"),
    [
        ({}, [f"{HEAD} lacks nothing"]),
        ({"said": (), "armed": True}, [f"{HEAD} lacks one approval by a maintainer"]),
        ({"holds": (Hold("eve"),), "armed": True}, [f"{HEAD} lacks merge", "disarmed"]),
        ({"brake": "eve stopped it", "armed": True}, [f"{HEAD} lacks merge", "disarmed"]),
        ({"unsafe": ("force pushes are allowed",)}, [f"{HEAD} lacks nothing"]),
    ],
)
async def test_what_others_wrote_is_let_in_by_the_same_rules_and_never_merged(but: dict[str, Any], done: list[str]) -> None:
    ballot = OpenBallot(replace(READY, **but))
    outcome = await STAGE.run(JUDGING, shown(ballot))
    assert outcome.next is State.AWAITING_APPROVAL
    assert [each.partition(":")[0].partition(" (")[0] for each in ballot.done] == done


@pytest.mark.parametrize(("but", "said"), [({"head": OTHER}, "the head moved"), ({"open": False}, "was closed")])
async def test_a_verdict_ends_where_its_head_does(but: dict[str, Any], said: str) -> None:
    ballot = OpenBallot(replace(READY, **but))
    outcome = await STAGE.run(JUDGING, shown(ballot))
    assert outcome.next is State.CANCELLED
    assert said in outcome.reason
    assert ballot.done == []


async def test_what_goes_into_another_branch_lets_nothing_in() -> None:
    ballot = OpenBallot(replace(READY, base_branch="next"))
    outcome = await STAGE.run(replace(JUDGING, instruction=replace(JUDGING.instruction, into="next")), shown(ballot))
    assert (outcome.next, ballot.done) == (State.DONE, [])


async def test_a_verdict_ends_where_another_one_is_asked_for() -> None:
    outcome = await STAGE.run(JUDGING, shown(OpenBallot(successor=RunId("01J0000000000000000000000B"))))
    assert outcome.next is State.CANCELLED


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


@settings(max_examples=60)
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
