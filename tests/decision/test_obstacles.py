"""What GitHub itself waits for is said, with who can mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.decision.obstacles import obstacles
from bot.github.checks import SeenCheck
from bot.github.protection import Protection
from bot.github.pulls import Pull
from bot.ids import Login, PullNumber, RepoName, Sha
from bot.policy.standing import Access, Owned, Said, Stand, Voter
from tests.doubles.proposal import BOB, EVE, HEAD, READY, SEVEN

PULL = Pull(
    number=PullNumber(SEVEN),
    node_id="x",
    title="",
    body="",
    state="open",
    merged=False,
    draft=False,
    head=HEAD,
    head_branch="mend",
    head_repo=RepoName("acme/app"),
    base=Sha("a" * 40),
    base_branch="main",
    user_login=Login("ann"),
    user_id=1,
    auto_merge=False,
    labels=(),
    merge_commit=None,
    mergeable=True,
    mergeable_state="clean",
)
GUARDED = Protection(required_checks=(("pawl", 4), ("build", None)), pull_required=True)
GREEN = (SeenCheck(1, "pawl", HEAD, "completed", "success", 4), SeenCheck(2, "build", HEAD, "completed", "success", 9))
AGREED = (Said(BOB, Stand.APPROVED, HEAD, datetime(2026, 1, 1, tzinfo=UTC)),)


def told(pull: Any = (), guarded: Any = (), seen: Any = GREEN, reviews: Any = (), standing: Any = ()) -> tuple[str, ...]:
    return obstacles(
        replace(PULL, **dict(pull)), replace(GUARDED, **dict(guarded)), seen, reviews, replace(READY, **dict(standing))
    )


def test_where_github_waits_for_nothing_there_is_nothing_to_say() -> None:
    assert told() == ()
    assert obstacles(PULL, None, (), (), READY) == ()
    assert told(guarded={"required_reviews": 1, "require_code_owners": True}, reviews=AGREED) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pull": {"mergeable": False}}, "it conflicts with main: whoever may push to mend"),
        ({"pull": {"mergeable_state": "dirty"}}, "it conflicts with main"),
        ({"pull": {"mergeable_state": "behind"}, "guarded": {"strict": True}}, "main has moved on"),
        ({"seen": GREEN[:1]}, "the required check build is not there"),
        ({"seen": (*GREEN[:1], replace(GREEN[1], conclusion="failure"))}, "the required check build is failure"),
        ({"seen": (*GREEN[:1], replace(GREEN[1], status="queued", conclusion=None))}, "the required check build is queued"),
        ({"guarded": {"required_checks": (("build", 8),)}}, "the required check build is not there"),
        ({"guarded": {"required_reviews": 2}, "reviews": AGREED}, "1 approving review on GitHub: anybody with write access"),
        ({"guarded": {"required_reviews": 1, "dismiss_stale": True}}, "1 approving review on GitHub, of the last push"),
        (
            {"guarded": {"required_reviews": 2, "require_last_push": True}},
            "2 approving reviews on GitHub, one of them by somebody else",
        ),
        (
            {"guarded": {"require_code_owners": True}, "reviews": AGREED, "standing": {"owned": (Owned("a.py", ("@eve",)),)}},
            "by an owner of a.py: @eve",
        ),
        (
            {"pull": {"mergeable_state": "blocked"}, "guarded": {"conversations": True}},
            "conversations on the changed lines are open",
        ),
        ({"pull": {"mergeable_state": "blocked"}}, "does not say why"),
    ],
)
def test_each_obstacle_is_one_sentence(given: dict[str, Any], said: str) -> None:
    (sentence,) = told(**given)
    assert said in sentence


def test_a_review_by_who_may_not_write_is_none() -> None:
    reader = Said(EVE, Stand.APPROVED, HEAD, datetime(2026, 1, 1, tzinfo=UTC))
    voters = {EVE.id: Voter(EVE, Access.NONE)}
    assert len(told(guarded={"required_reviews": 1}, reviews=(reader,), standing={"voters": voters})) == 1
    taken_back = (*AGREED, replace(AGREED[0], stand=Stand.WITHDRAWN, at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert len(told(guarded={"required_reviews": 1}, reviews=taken_back)) == 1


def test_what_only_pawl_lacks_is_not_githubs_to_wait_for() -> None:
    lacking = (replace(GREEN[0], conclusion="action_required"), GREEN[1])
    assert told(pull={"mergeable_state": "blocked"}, seen=lacking) == ()
