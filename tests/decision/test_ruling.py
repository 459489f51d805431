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
from bot.policy.standing import Hold
from tests.doubles.proposal import BOB, CHECKED, HISTORY, OTHER, READY, RUN


def test_ready_is_what_is_proven_green_approved_and_guarded() -> None:
    found = rule(RUN, HISTORY, READY, Config())
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
        ({"check": "neutral"}, "the check pawl says 'neutral'"),
        ({"check": ""}, "the check pawl says ''"),
        ({"holds": (Hold("eve", "wait"),)}, "eve asked to wait (wait)"),
        ({"brake": "eve stopped it"}, "everything is stopped here: eve stopped it"),
        ({"unsafe": ("force pushes are allowed",)}, "force pushes are allowed"),
        ({"base_branch": "next"}, "it was proven for main"),
    ],
)
def test_one_thing_in_the_way_is_enough(but: dict[str, Any], said: str) -> None:
    found = rule(RUN, HISTORY, replace(READY, **but), Config())
    assert not found.ready
    assert said in found.reason


def test_a_red_gate_and_an_own_policy_stay_in_the_way() -> None:
    red = replace(CHECKED, gates=(replace(CHECKED.gates[0], verdict=Verdict.FAIL),))
    assert "tests said fail" in rule(RUN, replace(HISTORY, checked=red), READY, Config()).reason
    own = {
        ".github/pawl/policies/x.rego": "package pawl.x\nimport rego.v1\ndeny contains `no`\nrequire := set()\nwarn := set()\n"
    }
    assert "x: no" in rule(RUN, HISTORY, READY, Config(), own).reason


def test_trust_that_was_lost_needs_people_again() -> None:
    alone = replace(READY, said=())
    assert rule(RUN, HISTORY, alone, Config(trust=4)).ready
    lost = rule(RUN, HISTORY, replace(alone, most_trust=2), Config(trust=4))
    assert "trust level 2" in lost.reason
    assert lost.missing[0].who == ("@bob",)


def test_without_a_judged_change_there_is_no_ruling() -> None:
    with pytest.raises(Fatal):
        rule(RUN, History(), READY, Config())
