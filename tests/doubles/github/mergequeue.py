"""The merge queue: pull requests wait in line, each is built on the base, and lands when its checks are green.

The queue stalls where an App that owns a required check does not answer ``merge_group.checks_requested``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.doubles.github.accounts import Account, node_id
from tests.doubles.github.automerge import METHODS, Unarmed, Way, land, words
from tests.doubles.github.check import SATISFYING, SETTLED, Checks, commit_shape, request_suites
from tests.doubles.github.events import emit
from tests.doubles.github.merging import Conflicts, Wanted
from tests.doubles.github.pull import CHANGED, ENDED, PUSHED, Pull, tell
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.rules import Rules, rules_of, unmet_checks
from tests.doubles.github.shapes import Json
from tests.doubles.github.standing import base_now, can_merge, standing
from tests.doubles.github.state import GitHub


@dataclass(slots=True, eq=False)
class Entry:
    """One pull request in line; ``head`` is what it will become once it is being built."""

    id: int
    pull: Pull
    by: Account
    at: datetime
    base: str = ""
    head: str = ""
    ref: str = ""

    @property
    def node_id(self) -> str:
        return node_id("MQE", self.id)


class Queues:
    """The lines, first come first served, by repository and branch."""

    def __init__(self) -> None:
        self.lines: dict[tuple[int, str], list[Entry]] = {}

    def line(self, pull: Pull) -> list[Entry]:
        """Return the line of the pull request's base branch."""
        return self.lines.setdefault((pull.repo.id, pull.base_branch), [])

    def entry(self, pull: Pull) -> Entry | None:
        """Return where the pull request stands in line."""
        return next((each for each in self.line(pull) if each.pull is pull), None)


def without_checks(github: GitHub, pull: Pull) -> list[str]:
    """Return what is missing apart from checks, which the queue runs itself."""
    return [each for each in standing(github, pull).missing if "status check" not in each]


async def enqueue(github: GitHub, pull: Pull, by: Account, expected: str | None = None) -> Entry:
    """Put a pull request in line.

    Raises:
        Unarmed: the branch has no queue, something else than checks is missing, or it stands in line already.
    """
    rules = rules_of(github, pull.repo, pull.base_branch)
    if rules.queue is None:
        raise Unarmed("Merge queue is not enabled for this branch")
    if expected is not None and expected != pull.head_sha:
        raise Unarmed("Head sha didn't match expected head SHA")
    if github.room(Queues).entry(pull):
        raise Unarmed("Pull request is already in the merge queue")
    missing = without_checks(github, pull)
    if not pull.open or pull.issue.draft or missing or not can_merge(pull):
        raise Unarmed(missing[0] if missing else "Pull request is not mergeable")
    made = Entry(github.number(), pull, by, github.now())
    github.room(Queues).line(pull).append(made)
    tell(github, pull, "enqueued", by)
    await build(github, pull)
    return made


async def dequeue(github: GitHub, pull: Pull, by: Account, reason: str = "MANUAL") -> Entry:
    """Take a pull request out of the line; raises Unarmed where it is not in it."""
    line, found = github.room(Queues).line(pull), github.room(Queues).entry(pull)
    if not found:
        raise Unarmed("Pull request is not in the merge queue")
    line.remove(found)
    pull.auto_merge = None
    tell(github, pull, "dequeued", by, reason=reason)
    await _destroy(github, found, by, "dequeued" if reason == "MANUAL" else "invalidated")
    await build(github, pull)
    return found


async def build(github: GitHub, pull: Pull) -> None:
    """Make the merge group of whoever is first in line, and ask for its checks."""
    line = github.room(Queues).line(pull)
    if not line or line[0].head:
        return
    first, repo = line[0], pull.repo
    base = base_now(first.pull)
    method = str((rules_of(github, repo, pull.base_branch).queue or {}).get("merge_method", "MERGE")).lower()
    title, message = words(first.pull, Way(method))
    try:
        wanted = Wanted(base, first.pull.head_sha, first.by, f"{title}\n\n{message}".rstrip())
        first.head = METHODS[method](github, repo.clone, wanted)
    except Conflicts:
        await dequeue(github, first.pull, first.by, "MERGE_CONFLICT")
        return
    first.base = base
    first.ref = f"refs/heads/gh-readonly-queue/{first.pull.base_branch}/pr-{first.pull.number}-{base}"
    await move(github, repo, first.ref, first.head, first.by, ruled=False)
    request_suites(github, repo, first.head, first.by, branch=first.ref.removeprefix("refs/heads/"))
    emit(github, "merge_group", "checks_requested", {"merge_group": shape(first)}, repo=repo, sender=first.by)
    await judge(github, repo, first.head)


async def judge(github: GitHub, repo: Repository, sha: str) -> None:
    """A check on a merge group's head has changed: land it, or send it away."""
    for line in github.room(Queues).lines.values():
        if not line or line[0].head != sha or line[0].pull.repo is not repo:
            continue
        first = line[0]
        rules = rules_of(github, repo, first.pull.base_branch)
        if _red(github, repo, sha, rules):
            await dequeue(github, first.pull, first.by, "CI_FAILURE")
        elif not unmet_checks(github, repo, sha, rules):
            line.remove(first)
            tell(github, first.pull, "dequeued", first.by, reason="MERGE")
            await land(github, first.pull, first.by, sha)
            await _destroy(github, first, first.by, "merged")
            await build(github, first.pull)


def _red(github: GitHub, repo: Repository, sha: str, rules: Rules) -> bool:
    found = [github.room(Checks).standing(repo, sha, name, app) for name, app in rules.checks]
    return any(run is not None and run.status == "completed" and run.conclusion not in SATISFYING for run in found)


def shape(entry: Entry) -> Json:
    """Return a merge group as its webhooks carry it."""
    return {
        "head_sha": entry.head,
        "head_ref": entry.ref,
        "base_sha": entry.base,
        "base_ref": f"refs/heads/{entry.pull.base_branch}",
        "head_commit": commit_shape(entry.pull.repo, entry.head),
    }


async def _destroy(github: GitHub, entry: Entry, by: Account, reason: str) -> None:
    if entry.head:
        emit(github, "merge_group", "destroyed", {"merge_group": shape(entry), "reason": reason}, repo=entry.pull.repo, sender=by)
        await move(github, entry.pull.repo, entry.ref, None, by, ruled=False)


async def joined(github: GitHub, pull: Pull) -> None:
    """An armed pull request whose branch has a queue goes in line once nothing but the queue's checks is missing."""
    queued = github.room(Queues).entry(pull) is not None
    if (
        pull.auto_merge
        and not queued
        and pull.open
        and standing(github, pull).ready
        and standing(github, pull).rules.queue is not None
    ):
        await enqueue(github, pull, pull.auto_merge.by)


async def left(github: GitHub, pull: Pull, by: Account) -> None:
    """What was pushed to or closed is in line no more."""
    if github.room(Queues).entry(pull):
        await dequeue(github, pull, by, "BRANCH_PROTECTIONS" if pull.open else "MANUAL")


async def based(github: GitHub, pull: Pull) -> None:
    """The base moved past the first in line: its group is built again."""
    entry = github.room(Queues).entry(pull)
    if entry and entry.head and entry.base != base_now(pull) and pull.open:
        await _destroy(github, entry, entry.by, "invalidated")
        entry.head = ""
        await build(github, pull)


CHANGED.extend((joined, based))
PUSHED.append(left)
ENDED.append(left)
SETTLED.append(judge)
