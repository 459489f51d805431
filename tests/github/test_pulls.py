"""Pull requests against the double: opened once, read whole, armed, merged at the head that was meant, reverted."""

from __future__ import annotations

import pytest

from bot.errors import Refused, Retryable
from bot.github import git, pulls
from bot.github.errors import NotFound, Unprocessable
from bot.github.pulls import AutoMergeOff, CleanStatus, Pull
from bot.github.repository import Repository
from bot.ids import PullNumber, Sha
from tests.github.conftest import Answering, told
from tests.github.hosted import Hosted

PULL = {
    "number": 7,
    "node_id": "PR_7",
    "title": "t",
    "body": None,
    "state": "open",
    "head": {"sha": "1" * 40, "ref": "topic", "repo": None},
    "base": {"sha": "2" * 40, "ref": "main"},
}


async def proposed(hosted: Hosted, branch: str = "topic") -> Pull:
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 2\n", "src/new.py": "x = 1\n"}, branch)
    return await pulls.open(hosted.repo, branch, "main", "A title", "A body")


def protect(hosted: Hosted) -> None:
    """Let ``main`` ask for a check that nobody gives."""
    wanted = {
        "required_status_checks": {"strict": False, "contexts": ["pawl"]},
        "enforce_admins": True,
        "required_pull_request_reviews": None,
        "restrictions": None,
    }
    hosted.owner.ask("PUT", f"/repos/{hosted.name}/branches/main/protection", wanted)


async def test_opening_twice_gives_one(hosted: Hosted) -> None:
    first = await proposed(hosted)
    assert await pulls.open(hosted.repo, "topic", "main", "Another", "") == first
    assert len(hosted.double.get(f"/repos/{hosted.name}/pulls?state=all")) == 1


async def test_one_that_was_opened_behind_a_lost_answer_is_found_again(hosted: Hosted) -> None:
    hosted.double.fault("lost", path=f"/repos/{hosted.name}/pulls$", method="POST", count=1)
    with pytest.raises(Retryable):
        await proposed(hosted)
    again = await pulls.open(hosted.repo, "topic", "main", "A title", "A body")
    assert again.title == "A title"
    assert len(hosted.double.get(f"/repos/{hosted.name}/pulls?state=all")) == 1


async def test_what_is_there_is_read_whole(hosted: Hosted) -> None:
    made = await proposed(hosted)
    app = await hosted.app.me()
    assert (made.head_branch, made.base_branch, made.head_repo) == ("topic", "main", hosted.name)
    assert (made.user_id, made.user_login, made.open, made.merged, made.auto_merge) == (
        app.bot_id,
        app.bot_login,
        True,
        False,
        False,
    )
    assert await pulls.find(hosted.repo, "topic") == made
    assert await pulls.find(hosted.repo, "other") is None
    (commit,) = await pulls.commits(hosted.repo, made.number)
    assert (commit.sha, commit.author_id, commit.committer_id) == (made.head, hosted.owner.id, hosted.owner.id)
    assert made.number in await pulls.with_commit(hosted.repo, made.head)


async def test_reviews_tell_who_what_and_of_which_commit(hosted: Hosted) -> None:
    made = await proposed(hosted)
    hosted.owner.reviews(hosted.name, made.number, "APPROVE")
    (review,) = await pulls.reviews(hosted.repo, made.number)
    assert (review.user_id, review.bot, review.state, review.commit) == (hosted.owner.id, False, "APPROVED", made.head)
    assert review.submitted is not None
    assert review.submitted.tzinfo is not None


async def test_an_edit_changes_what_is_given(hosted: Hosted) -> None:
    made = await proposed(hosted)
    edited = await pulls.edit(hosted.repo, made.number, body="More")
    assert (edited.title, edited.body) == ("A title", "More")
    closed = await pulls.edit(hosted.repo, made.number, state="closed")
    assert not closed.open
    assert await pulls.find(hosted.repo, "topic") is None
    assert await pulls.find(hosted.repo, "topic", "all") == closed


async def test_merging_takes_the_head_that_was_meant_and_no_other(hosted: Hosted) -> None:
    made = await proposed(hosted)
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic")
    with pytest.raises(Unprocessable) as caught:
        await pulls.merge(hosted.repo, made.number, made.head, "squash")
    assert caught.value.status == 409
    now = await pulls.get(hosted.repo, made.number)
    merged = await pulls.merge(hosted.repo, made.number, now.head, "squash")
    after = await pulls.get(hosted.repo, made.number)
    assert (after.merged, after.merge_commit) == (True, merged)
    assert await git.ref(hosted.repo, "main") == merged


async def test_a_merge_whose_answer_was_lost_is_not_taken_for_a_refusal(hosted: Hosted) -> None:
    made = await proposed(hosted)
    hosted.double.fault("lost", path=f"/pulls/{made.number}/merge$", method="PUT", count=1)
    merged = await pulls.merge(hosted.repo, made.number, made.head, "merge")
    assert await git.ref(hosted.repo, "main") == merged


async def test_nothing_to_wait_for_is_told_apart_from_auto_merge_being_off(hosted: Hosted) -> None:
    made = await proposed(hosted)
    protect(hosted)
    with pytest.raises(AutoMergeOff, match="Settings"):
        await pulls.arm(hosted.repo, made, made.head, "squash")
    hosted.owner.ask("DELETE", f"/repos/{hosted.name}/branches/main/protection")
    hosted.double.change(hosted.name, settings={"allow_auto_merge": True})
    with pytest.raises(CleanStatus, match="merged directly"):
        await pulls.arm(hosted.repo, made, made.head, "squash")


async def test_arming_and_disarming_and_both_twice(hosted: Hosted) -> None:
    made = await proposed(hosted)
    hosted.double.change(hosted.name, settings={"allow_auto_merge": True})
    protect(hosted)
    await pulls.arm(hosted.repo, made, made.head, "squash")
    await pulls.arm(hosted.repo, made, made.head, "squash")
    armed = await pulls.get(hosted.repo, made.number)
    assert armed.auto_merge
    await pulls.disarm(hosted.repo, armed)
    await pulls.disarm(hosted.repo, armed)
    assert not (await pulls.get(hosted.repo, made.number)).auto_merge


async def test_arming_for_a_head_that_has_moved_is_refused(hosted: Hosted) -> None:
    made = await proposed(hosted)
    hosted.double.change(hosted.name, settings={"allow_auto_merge": True})
    protect(hosted)
    hosted.owner.pushes(hosted.name, {"src/a.py": "one = 3\n"}, "topic")
    with pytest.raises(Unprocessable) as caught:
        await pulls.arm(hosted.repo, made, made.head, "squash")
    assert not isinstance(caught.value, CleanStatus | AutoMergeOff)
    assert not (await pulls.get(hosted.repo, made.number)).auto_merge


async def test_there_is_no_such_pull_request(hosted: Hosted) -> None:
    with pytest.raises(NotFound):
        await pulls.get(hosted.repo, PullNumber(4711))
    with pytest.raises(Unprocessable):
        await pulls.open(hosted.repo, "no-such-branch", "main", "t", "b")


async def test_a_fork_that_is_gone_leaves_its_pull_request_readable(hosted: Hosted) -> None:
    stranger = hosted.double.person(f"fork-{hosted.owner.login}")
    fork = stranger.forks(hosted.name)
    head = Sha(stranger.pushes(fork, {"src/a.py": "one = 9\n"}, "main"))
    number = stranger.opens_pull(hosted.name, f"{stranger.login}:main", "From a fork")
    found = await pulls.get(hosted.repo, number)
    assert (found.head, found.head_repo, found.user_id) == (head, fork, stranger.id)
    told = await hosted.repo.get(f"pulls/{number}")
    assert pulls.pull_of(told | {"head": told["head"] | {"repo": None}, "user": None}).head_repo is None


async def test_a_list_that_github_cuts_is_refused_and_not_taken_for_whole(repo: Repository, server: Answering) -> None:
    commit = {"sha": "1" * 40, "commit": {"message": "m"}, "author": None, "committer": None}
    server.answers = [told([commit] * 250)]
    with pytest.raises(Refused, match="250 commits or more"):
        await pulls.commits(repo, 7)
    server.answers = [told([commit] * 249)]
    found = await pulls.commits(repo, 7)
    assert (len(found), found[0].author_id, found[0].author_login, found[0].verified) == (249, None, "", False)
    assert pulls.moment(None) is None


async def test_a_refusal_to_merge_is_githubs_own(repo: Repository, server: Answering) -> None:
    server.answers = [told({"message": "Squash merges are not allowed on this repository."}, 405), told(PULL)]
    with pytest.raises(Unprocessable, match="Squash merges"):
        await pulls.merge(repo, 7, Sha("1" * 40), "squash")
    server.asked.clear()
    server.answers = [told({"message": "Validation Failed"}, 422)]
    with pytest.raises(Unprocessable, match="Validation"):
        await pulls.merge(repo, 7, Sha("1" * 40), "squash")
    assert len(server.asked) == 1
