"""The ruling joins proof and standing: ready only where every policy agrees with everything as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.config import Config
from bot.decision.ruling import rule
from bot.errors import Fatal
from bot.gate import Verdict
from bot.history import History
from bot.ids import Login, Sha
from bot.policy.decision import Decision
from bot.policy.standing import Hold, Person, Standing
from bot.stage import Look
from tests.doubles.proposal import ANN, BOB, CHECKED, HEAD, HISTORY, NO_POLICIES, OTHER, READY, RUN


def seen(standing: Standing = READY, gates: tuple[str, ...] = ("tests",), **config: Any) -> Look:
    return Look(standing, Config.model_validate(config), NO_POLICIES, gates)


def test_ready_is_what_is_proven_green_approved_and_guarded() -> None:
    found = rule(RUN, HISTORY, seen())
    assert found.ready, found.reason
    assert found.reason == ""


@pytest.mark.parametrize(
    ("but", "said"),
    [
        ({"head": OTHER}, "the new head has to be judged first"),
        ({"said": ()}, "one approval by a maintainer"),
        ({"requester": BOB}, "one approval by a maintainer"),
        ({"open": False}, "the pull request is closed"),
        ({"draft": True}, "is a draft"),
        ({"holds": (Hold("eve", "wait"),)}, "eve asked to wait (wait)"),
        ({"brake": "eve stopped it"}, "everything is stopped here: eve stopped it"),
        ({"unsafe": ("force pushes are allowed",)}, "force pushes are allowed"),
        ({"base_branch": "next"}, "it was proven for main"),
    ],
)
def test_one_thing_in_the_way_is_enough(but: dict[str, Any], said: str) -> None:
    found = rule(RUN, HISTORY, seen(replace(READY, **but)))
    assert not found.ready
    assert said in found.reason


def test_a_red_gate_and_an_own_policy_stay_in_the_way() -> None:
    red = replace(CHECKED, gates=(replace(CHECKED.gates[0], verdict=Verdict.FAIL),))
    assert "tests said fail" in rule(RUN, replace(HISTORY, checked=red), seen()).reason
    own = {
        ".github/pawl/policies/x.rego": "package pawl.x\nimport rego.v1\ndeny contains `no`\nrequire := set()\nwarn := set()\n"
    }
    assert "x: no" in rule(RUN, HISTORY, replace(seen(), own_policies=own)).reason


def test_trust_that_was_lost_needs_people_again() -> None:
    alone = replace(READY, said=())
    assert rule(RUN, HISTORY, seen(alone, trust=4)).ready
    lost = rule(RUN, HISTORY, seen(replace(alone, most_trust=2), trust=4))
    assert "trust level 2" in lost.reason
    assert lost.missing[0].who == ("@bob",)


def test_without_a_judged_change_there_is_no_ruling() -> None:
    with pytest.raises(Fatal):
        rule(RUN, History(), seen())


def test_what_the_policies_said_when_it_was_judged_stays_in_the_way() -> None:
    denied = replace(CHECKED, decision=Decision(allow=False, deny=("not on a Friday",)))
    assert "amounts to 'failure'" in rule(RUN, replace(HISTORY, checked=denied), seen()).reason


def test_a_gate_that_is_demanded_by_now_and_never_answered_is_missed() -> None:
    found = rule(RUN, HISTORY, seen(gates=("tests", "lint")))
    assert "gate lint gave no answer" in found.reason
    assert not found.ready


def test_a_gate_that_is_required_by_now_has_to_be_green() -> None:
    lax = replace(CHECKED, gates=(*CHECKED.gates, replace(CHECKED.gates[0], name="lint", verdict=Verdict.FAIL, required=False)))
    found = rule(RUN, replace(HISTORY, checked=lax), seen(gates=("tests", "lint")))
    assert "lint said fail" in found.reason
    optional = replace(seen(), config=Config.model_validate({"gates": {"lint": {"required": False}}}))
    assert rule(RUN, replace(HISTORY, checked=lax), optional).ready


def test_settings_keep_pawl_from_merging_and_say_nothing_against_the_change() -> None:
    found = rule(RUN, HISTORY, seen(replace(READY, unsafe=("force pushes to main are allowed",))))
    assert not found.ready
    assert found.against == ()
    assert rule(RUN, HISTORY, seen(replace(READY, unknown="nobody knows whose work it is"))).against


def test_what_others_wrote_is_its_authors_wish_whoever_asks_for_the_verdict() -> None:
    judged = replace(RUN, instruction=replace(RUN.instruction, head=HEAD, requester="bob"))
    history = replace(HISTORY, spec=None)
    author = Person(9, Login("dependabot[bot]"), bot=True)
    assert rule(judged, history, seen(replace(READY, requester=author))).ready, "Bob asked for the verdict and may approve"
    assert "one approval by a maintainer" in rule(judged, history, seen(replace(READY, requester=BOB))).reason
    assert rule(judged, history, seen(replace(READY, requester=ANN))).ready


def test_what_a_queue_made_of_the_head_is_ruled_by_the_approvals_of_that_head() -> None:
    made = replace(CHECKED, change=replace(CHECKED.change, head=OTHER))
    queued = replace(RUN, instruction=replace(RUN.instruction, head=OTHER, queued=HEAD))
    history = replace(HISTORY, spec=None, checked=made)
    assert rule(queued, history, seen()).ready
    moved = rule(queued, history, seen(replace(READY, head=Sha("d" * 40))))
    assert "has to be judged first" in moved.reason
