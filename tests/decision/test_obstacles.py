"""What GitHub itself waits for is said, with who can mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.decision.obstacles import MOST_CONVERSATIONS, Seen, obstacles
from bot.github.checks import SeenCheck
from bot.github.protection import Protection
from bot.github.pulls import Pull
from bot.github.review_threads import OpenThreads, ReviewThread
from bot.github.statuses import SeenStatus
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


OPEN = ReviewThread("src/a.py", 3, outdated=False, starter=Login("bob"), page="https://github.com/acme/app/pull/7#discussion_r1")


def told(pull: Any = (), guarded: Any = (), standing: Any = (), **seen: Any) -> tuple[str, ...]:
    found = Seen(**({"checks": GREEN} | seen))
    given = replace(PULL, **dict(pull)), replace(GUARDED, **dict(guarded)), found, replace(READY, **dict(standing))
    return tuple(each.what for each in obstacles(*given))


def test_where_github_waits_for_nothing_there_is_nothing_to_say() -> None:
    assert told() == ()
    assert obstacles(PULL, None, Seen(), READY) == ()
    assert told(guarded={"required_reviews": 1, "require_code_owners": True}, reviews=AGREED) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pull": {"mergeable": False}}, "it conflicts with main: whoever may push to mend"),
        ({"pull": {"mergeable_state": "dirty"}}, "it conflicts with main"),
        ({"pull": {"mergeable_state": "behind"}, "guarded": {"strict": True}}, "main has moved on"),
        ({"checks": GREEN[:1]}, "the required check build is not there"),
        ({"checks": (*GREEN[:1], replace(GREEN[1], conclusion="failure"))}, "the required check build is failure"),
        ({"checks": (*GREEN[:1], replace(GREEN[1], status="queued", conclusion=None))}, "the required check build is queued"),
        ({"guarded": {"required_checks": (("build", 8),)}}, "the required check build is not there"),
        ({"checks": GREEN[:1], "statuses": None}, "Pawl may not read commit statuses"),
        ({"checks": GREEN[:1], "statuses": (SeenStatus("Build", "pending"),)}, "the required check build is pending"),
        ({"statuses": (SeenStatus("build", "error"),)}, "the required check build is error"),
        ({"guarded": {"required_checks": (("build", 8),)}, "statuses": (SeenStatus("build", "failure"),)}, "build is failure"),
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
        ({"conversations": OpenThreads((OPEN,))}, "the conversation on src/a.py, line 3, begun by bob, has to be resolved"),
        ({"conversations": OpenThreads((replace(OPEN, line=None),))}, "the conversation on all of src/a.py, begun by bob"),
        ({"conversations": OpenThreads((replace(OPEN, line=None, outdated=True),))}, "on src/a.py as it was before, begun"),
        ({"pull": {"mergeable_state": "blocked"}, "guarded": {"conversations": True}}, "does not say why"),
        ({"pull": {"mergeable_state": "blocked"}}, "does not say why"),
    ],
)
def test_each_obstacle_is_one_sentence(given: dict[str, Any], said: str) -> None:
    (sentence,) = told(**given)
    assert said in sentence


@pytest.mark.parametrize("app", [None, -1, 8])
def test_a_commit_status_is_a_check_too(app: int | None) -> None:
    said = (SeenStatus("Build", "success"), SeenStatus("lint", "failure"))
    assert told(guarded={"required_checks": (("pawl", 4), ("build", app))}, checks=GREEN[:1], statuses=said) == ()


def test_where_the_check_of_the_right_app_is_green_another_ones_word_is_none() -> None:
    assert told(guarded={"required_checks": (("build", 9),)}, statuses=(SeenStatus("build", "failure"),)) == ()


def test_a_review_by_who_may_not_write_is_none() -> None:
    reader = Said(EVE, Stand.APPROVED, HEAD, datetime(2026, 1, 1, tzinfo=UTC))
    voters = {EVE.id: Voter(EVE, Access.NONE)}
    assert len(told(guarded={"required_reviews": 1}, reviews=(reader,), standing={"voters": voters})) == 1
    taken_back = (*AGREED, replace(AGREED[0], stand=Stand.WITHDRAWN, at=datetime(2026, 1, 2, tzinfo=UTC)))
    assert len(told(guarded={"required_reviews": 1}, reviews=taken_back)) == 1


def test_what_only_pawl_lacks_is_not_githubs_to_wait_for() -> None:
    lacking = (replace(GREEN[0], conclusion="action_required"), GREEN[1])
    assert told(pull={"mergeable_state": "blocked"}, checks=lacking) == ()


def test_where_conversations_explain_it_nothing_is_guessed() -> None:
    (sentence,) = told(pull={"mergeable_state": "blocked"}, conversations=OpenThreads((OPEN,)))
    assert "does not say why" not in sentence


def test_who_resolves_a_conversation_and_where() -> None:
    (found,) = obstacles(PULL, GUARDED, Seen(GREEN, conversations=OpenThreads((OPEN,))), READY)
    assert found.what.endswith("has to be resolved: ann or anybody with write access does that")
    assert found.page == OPEN.page
    (sentence,) = told(pull={"user_login": "pawl[bot]"}, conversations=OpenThreads((OPEN,)))
    assert sentence.endswith("has to be resolved: anybody with write access does that"), "Pawl resolves nothing"


@pytest.mark.parametrize(
    ("more", "whole", "said"),
    [
        (0, True, None),
        (1, True, "and 1 more conversation likewise"),
        (7, True, "and 7 more conversations likewise"),
        (7, False, "and at least 7 more conversations likewise"),
    ],
)
def test_of_many_conversations_the_first_are_told(more: int, whole: bool, said: str | None) -> None:
    threads = tuple(replace(OPEN, line=at) for at in range(1, MOST_CONVERSATIONS + more + 1))
    found = told(conversations=OpenThreads(threads, whole))
    assert [f"line {at}," in each for at, each in enumerate(found[:MOST_CONVERSATIONS], 1)] == [True] * MOST_CONVERSATIONS
    assert found[MOST_CONVERSATIONS:] == ((said,) if said else ())
