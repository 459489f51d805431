"""What an unguarded branch is told, each with the setting to change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.decision.safety import problems, rests_on_trust
from bot.github.protection import Protection

SAFE = Protection(
    required_checks=(("tests", None), ("pawl", 4)), enforce_admins=True, force_push=False, allow_bypass=False, pull_required=True
)


def test_a_guarded_branch_has_no_problem() -> None:
    assert problems(SAFE, "main", 4) == ()


@pytest.mark.parametrize(
    ("but", "said"),
    [
        ({"required_checks": (("tests", 4),)}, "main does not require the check pawl: add it under Settings"),
        ({"required_checks": (("pawl", None),)}, "from anybody: choose this App as its source"),
        ({"required_checks": (("pawl", -1),)}, "from anybody"),
        ({"required_checks": (("pawl", 5),)}, "from anybody"),
        ({"allow_bypass": True, "bypass": ("administrators",)}, "can be bypassed by administrators"),
        ({"allow_bypass": True, "bypass": ("User:7", "Team:x")}, "can be bypassed by User:7, Team:x"),
        ({"allow_bypass": None}, "shown only to those who may change them"),
        ({"pull_required": False}, "takes pushes without a pull request"),
        ({"force_push": True}, "force pushes to main are allowed: forbid them"),
    ],
)
def test_each_hole_is_one_sentence(but: dict[str, Any], said: str) -> None:
    (problem,) = problems(replace(SAFE, **but), "main", 4)
    assert said in problem


def test_no_protection_at_all() -> None:
    (problem,) = problems(None, "main", 4)
    assert "not protected" in problem


def test_what_nobody_can_go_round_suffices_beside_what_is_hidden() -> None:
    hidden = replace(SAFE, allow_bypass=None)
    assert problems(replace(hidden, binding=SAFE), "main", 4) == ()
    assert problems(replace(hidden, allow_bypass=True, bypass=("Team:x",), binding=SAFE), "main", 4) == ()


def test_what_nobody_can_go_round_but_asks_for_too_little_does_not() -> None:
    hidden = replace(SAFE, allow_bypass=None)
    (problem,) = problems(replace(hidden, binding=replace(SAFE, required_checks=())), "main", 4)
    assert "shown only to those who may change them" in problem


def test_rulesets_whose_exceptions_are_hidden_are_a_guard_where_people_vouch_for_them() -> None:
    hidden = replace(SAFE, allow_bypass=None)
    assert problems(hidden, "main", 4, accepted=True) == ()
    assert rests_on_trust(hidden, "main", 4)
    assert not rests_on_trust(SAFE, "main", 4)
    assert problems(replace(hidden, force_push=True), "main", 4, accepted=True) != ()
    seen = replace(SAFE, allow_bypass=True, bypass=("Team:x",))
    assert problems(seen, "main", 4, accepted=True) != (), "what is seen to be open is open, whoever vouches"


def test_a_merge_queue_takes_no_pushes() -> None:
    assert problems(replace(SAFE, pull_required=False, merge_queue=True), "main", 4) == ()
