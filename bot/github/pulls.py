"""Pull requests: reading them with all that hangs on them, opening, editing, arming and merging them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.errors import Refused
from bot.github.client import segment
from bot.github.errors import Unprocessable
from bot.github.repository import Repository
from bot.ids import Login, PullNumber, RepoName, Sha

MOST_COMMITS: Final = 250
"""GitHub lists no more commits of a pull request."""
_ALREADY_MERGED, _HEAD_MOVED = 405, 409

_ARM: Final = """mutation Arm($pull: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $pull, expectedHeadOid: $head, mergeMethod: $method}) {
    pullRequest { number }
  }
}"""
_DISARM: Final = """mutation Disarm($pull: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $pull}) { pullRequest { number } }
}"""
_NOTHING_LEFT = re.compile(r"\bin (?:clean|unstable|has_hooks) status\b", re.IGNORECASE)
_OFF = re.compile(r"auto[- ]?merge is not (?:allowed|enabled)", re.IGNORECASE)


class CleanStatus(Unprocessable):
    """Nothing required is missing, so there is nothing to wait for: merge directly."""


class AutoMergeOff(Unprocessable):
    """The repository does not allow auto-merge."""


@dataclass(frozen=True)
class Pull:
    """A pull request as it stands; its texts and branch names are a stranger's."""

    number: PullNumber
    node_id: str
    title: str
    body: str
    state: str
    """``open`` or ``closed``."""
    merged: bool
    draft: bool
    head: Sha
    head_branch: str
    head_repo: RepoName | None
    """None where the fork is gone."""
    base: Sha
    base_branch: str
    user_login: Login
    user_id: int
    auto_merge: bool
    labels: tuple[str, ...]
    merge_commit: Sha | None
    mergeable: bool | None = None
    """None while GitHub has not found out."""
    mergeable_state: str = ""
    """In GitHub's word: ``clean``, ``dirty``, ``behind``, ``blocked``…"""
    url: str = ""

    @property
    def open(self) -> bool:
        """Whether it can still be merged."""
        return self.state == "open"


@dataclass(frozen=True)
class Review:
    """One review; ``commit`` is what was looked at."""

    user_login: Login
    user_id: int
    bot: bool
    state: str
    """``APPROVED``, ``CHANGES_REQUESTED``, ``COMMENTED``, ``DISMISSED`` or ``PENDING``."""
    commit: Sha | None
    submitted: datetime | None


@dataclass(frozen=True)
class CommitFacts:
    """One commit; logins and ids are empty where GitHub knows no account for the address."""

    sha: Sha
    author_login: Login
    author_id: int | None
    committer_login: Login
    committer_id: int | None
    message: str
    author_email: str = ""
    committer_email: str = ""
    author_name: str = ""
    committer_name: str = ""
    parents: tuple[Sha, ...] = ()
    tree: Sha | None = None
    verified: bool = False


async def get(repo: Repository, number: int) -> Pull:
    """Return a pull request; raises NotFound where there is none of that number."""
    return pull_of(await repo.get(f"pulls/{number}"))


async def find(repo: Repository, branch: str, state: str = "open") -> Pull | None:
    """Return the newest pull request from a branch of this repository; ``state`` may be ``open``, ``closed`` or ``all``."""
    found = await repo.get("pulls", head=f"{repo.owner}:{branch}", state=state, sort="created", direction="desc", per_page=1)
    return await get(repo, int(found[0]["number"])) if found else None


async def open(  # noqa: A001, PLR0913, PLR0917 - the word GitHub and people use
    repo: Repository,
    branch: str,
    base_branch: str,
    title: str,
    body: str,
    draft: bool = False,  # noqa: FBT001, FBT002
) -> Pull:
    """Open a pull request, or return the one that is open from this branch already."""
    known = await find(repo, branch)
    if known is not None:
        return known
    wanted = {"head": branch, "base": base_branch, "title": title, "body": body, "draft": draft}
    try:
        return pull_of(await repo.post("pulls", wanted))
    except Unprocessable as error:
        known = await find(repo, branch) if "already exists" in error.said else None
        if known is None:
            raise
        return known


async def edit(
    repo: Repository, number: int, title: str | None = None, body: str | None = None, state: str | None = None
) -> Pull:
    """Change what is given and leave the rest."""
    wanted = {key: value for key, value in (("title", title), ("body", body), ("state", state)) if value is not None}
    return pull_of(await repo.patch(f"pulls/{number}", wanted))


async def reviews(repo: Repository, number: int) -> tuple[Review, ...]:
    """Return all reviews, oldest first."""
    return tuple([_review(each) async for each in repo.pages(f"pulls/{number}/reviews")])


async def commits(repo: Repository, number: int) -> tuple[CommitFacts, ...]:
    """Return the commits, oldest first; raises Refused where there are more than GitHub lists."""
    found = tuple([commit_of(each) async for each in repo.pages(f"pulls/{number}/commits")])
    if len(found) >= MOST_COMMITS:
        raise Refused(f"#{number} has {MOST_COMMITS} commits or more, and GitHub lists no more: squash some of them")
    return found


async def with_commit(repo: Repository, commit: Sha) -> tuple[PullNumber, ...]:
    """Return the numbers of the pull requests that a commit belongs to."""
    return tuple([PullNumber(int(each["number"])) async for each in repo.pages(f"commits/{segment(commit)}/pulls")])


async def merge(repo: Repository, number: int, head: Sha, method: str, title: str | None = None) -> Sha:
    """Merge a pull request whose head is ``head``; return the commit that came of it.

    Raises:
        Unprocessable: it cannot be merged (405), or its head has moved (409); ``said`` has GitHub's reason.
    """
    wanted = {"sha": head, "merge_method": method} | ({"commit_title": title} if title else {})
    try:
        made = await repo.put(f"pulls/{number}/merge", wanted)
    except Unprocessable as error:
        if error.status not in {_ALREADY_MERGED, _HEAD_MOVED}:
            raise
        now = await get(repo, number)  # the answer of an earlier try may have been lost
        if now.merged and now.head == head and now.merge_commit is not None:
            return now.merge_commit
        raise
    return Sha(str(made["sha"]))


async def arm(repo: Repository, pull: Pull, head: Sha, method: str) -> None:
    """Let GitHub merge the pull request, at this head, as soon as everything required is there.

    Raises:
        CleanStatus: nothing is missing.
        AutoMergeOff: the repository does not allow it.
        Unprocessable: anything else, such as a head that has moved.
    """
    try:
        await repo.client.graphql(_ARM, pull=pull.node_id, head=head, method=method.upper())
    except Unprocessable as error:
        raise _told_apart(error, pull) from None


async def disarm(repo: Repository, pull: Pull) -> None:
    """Take auto-merge back; nothing happens where it is not armed."""
    try:
        await repo.client.graphql(_DISARM, pull=pull.node_id)
    except Unprocessable:
        now = await get(repo, pull.number)
        if now.auto_merge:
            raise


def pull_of(told: Mapping[str, Any]) -> Pull:
    """Return the pull request in an answer or a webhook's payload."""
    user, head, base = told.get("user") or {}, told["head"], told["base"]
    return Pull(
        number=PullNumber(int(told["number"])),
        node_id=str(told["node_id"]),
        title=str(told["title"]),
        body=str(told.get("body") or ""),
        state=str(told["state"]),
        merged=bool(told.get("merged") or told.get("merged_at")),
        draft=bool(told.get("draft")),
        head=Sha(str(head["sha"])),
        head_branch=str(head["ref"]),
        head_repo=RepoName(str(head["repo"]["full_name"])) if head.get("repo") else None,
        base=Sha(str(base["sha"])),
        base_branch=str(base["ref"]),
        user_login=Login(str(user.get("login") or "ghost")),
        user_id=int(user.get("id") or 0),
        auto_merge=bool(told.get("auto_merge")),
        labels=tuple(str(each["name"]) for each in told.get("labels") or ()),
        merge_commit=Sha(str(told["merge_commit_sha"])) if told.get("merge_commit_sha") else None,
        mergeable=told.get("mergeable"),
        mergeable_state=str(told.get("mergeable_state") or ""),
        url=str(told.get("html_url") or ""),
    )


def commit_of(told: Mapping[str, Any]) -> CommitFacts:
    """Return the commit in an answer of the commits API."""
    author, committer, inner = told.get("author") or {}, told.get("committer") or {}, told["commit"]
    writing, committing = inner.get("author") or {}, inner.get("committer") or {}
    return CommitFacts(
        sha=Sha(str(told["sha"])),
        author_login=Login(str(author.get("login") or "")),
        author_id=author.get("id"),
        committer_login=Login(str(committer.get("login") or "")),
        committer_id=committer.get("id"),
        message=str(inner["message"]),
        author_email=str(writing.get("email") or ""),
        committer_email=str(committing.get("email") or ""),
        author_name=str(writing.get("name") or ""),
        committer_name=str(committing.get("name") or ""),
        parents=tuple(Sha(str(each["sha"])) for each in told.get("parents") or ()),
        tree=Sha(str(inner["tree"]["sha"])) if inner.get("tree") else None,
        verified=(inner.get("verification") or {}).get("verified") is True,
    )


def moment(told: Any) -> datetime | None:
    """Return GitHub's time stamp as a time; None where there is none."""
    return datetime.fromisoformat(str(told)) if told else None


def _review(told: Mapping[str, Any]) -> Review:
    user = told.get("user") or {}
    return Review(
        user_login=Login(str(user.get("login") or "ghost")),
        user_id=int(user.get("id") or 0),
        bot=user.get("type") == "Bot",
        state=str(told["state"]).upper(),
        commit=Sha(str(told["commit_id"])) if told.get("commit_id") else None,
        submitted=moment(told.get("submitted_at")),
    )


def _told_apart(error: Unprocessable, pull: Pull) -> Unprocessable:
    if _NOTHING_LEFT.search(error.said):
        message = f"#{pull.number} misses nothing that is required: there is nothing to wait for, it can be merged directly"
        return CleanStatus(message, error.status, error.said, error.kind)
    if _OFF.search(error.said):
        message = "auto-merge is off in this repository: allow it under Settings, General, Pull Requests"
        return AutoMergeOff(message, error.status, error.said, error.kind)
    return error
