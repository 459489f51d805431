"""Check suites and check runs: what Apps say about a commit.

A suite is one App's word on one commit; it is done when all of its runs are, and its conclusion is the worst of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.doubles.github.accounts import Account, App, Installation, node_id
from tests.doubles.github.events import emit
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json, Shapes, stamp
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import CURRENT, at

CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out")
WORST_FIRST = ("failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped")
SATISFYING = frozenset({"success", "neutral", "skipped"})
"""The conclusions with which GitHub holds a required check for satisfied."""

SETTLED: list[Callable[[GitHub, Repository, str], Any]] = []
"""Called after each change of a check on a commit: auto-merge and the merge queue wait for it."""


@dataclass(slots=True, eq=False)
class CheckRun:
    """One check of a suite."""

    id: int
    suite: CheckSuite
    name: str
    started_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)
    details_url: str | None = None
    external_id: str = ""

    @property
    def node_id(self) -> str:
        return node_id("CR", self.id)


@dataclass(slots=True, eq=False)
class CheckSuite:
    """What one App says about one commit."""

    id: int
    repo: Repository
    app: App
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    runs: dict[int, CheckRun] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        return node_id("CS", self.id)

    @property
    def latest(self) -> list[CheckRun]:
        """The newest run of each name."""
        return list({run.name: run for run in sorted(self.runs.values(), key=lambda run: run.id)}.values())

    @property
    def status(self) -> str:
        if not self.runs:
            return "queued"
        return "completed" if all(run.status == "completed" for run in self.latest) else "in_progress"

    @property
    def conclusion(self) -> str | None:
        if self.status != "completed":
            return None
        return min((run.conclusion or "success" for run in self.latest), key=WORST_FIRST.index)


class Checks:
    """All suites and runs by their ids."""

    def __init__(self) -> None:
        self.suites: dict[int, CheckSuite] = {}

    def run(self, repo: Repository, number: int) -> CheckRun | None:
        """Return the run with this id in the repository."""
        return next((suite.runs[number] for suite in self.suites.values() if suite.repo is repo and number in suite.runs), None)

    def of_commit(self, repo: Repository, sha: str) -> list[CheckSuite]:
        """Return the suites of a commit, oldest first."""
        return [suite for suite in self.suites.values() if suite.repo is repo and suite.head_sha == sha]

    def standing(self, repo: Repository, sha: str, name: str, app_id: int | None) -> CheckRun | None:
        """Return the newest run of this name on the commit, of this App if one is expected."""
        found = [
            run
            for suite in self.of_commit(repo, sha)
            if app_id in {None, suite.app.id}
            for run in suite.latest
            if run.name == name
        ]
        return max(found, key=lambda run: run.id, default=None)


def suite_for(
    github: GitHub, repo: Repository, app: App, sha: str, *, branch: str | None = None, before: str | None = None
) -> CheckSuite:
    """Return the App's suite of the commit, made on first use."""
    checks = github.room(Checks)
    found = next((suite for suite in checks.of_commit(repo, sha) if suite.app is app), None)
    if found:
        return found
    branch = branch or next((name for name, head in repo.clone.branches().items() if head == sha), None)
    now = github.now()
    made = CheckSuite(github.number(), repo, app, sha, branch, before, now, now)
    checks.suites[made.id] = made
    return made


def request_suites(github: GitHub, repo: Repository, sha: str, by: Account, *, branch: str, before: str | None = None) -> None:
    """After a push: make a suite for each App that may write checks, and ask the App for it."""
    for installation in github.installations_on(repo):
        if installation.permissions.get("checks") == "write":
            suite = suite_for(github, repo, installation.app, sha, branch=branch, before=before)
            tell_suite(github, suite, "requested", by, only=True)


def tell_run(
    github: GitHub, run: CheckRun, action: str, by: Account, *, only: bool = False, identifier: str | None = None
) -> None:
    """Send ``check_run``; ``only`` to the App whose run it is."""
    extra = {"requested_action": {"identifier": identifier}} if identifier else {}
    payload = {"check_run": run_shape(github, run, hook=True), **extra}
    emit(github, "check_run", action, payload, repo=run.suite.repo, sender=by, to=_owners(github, run.suite) if only else None)


def tell_suite(github: GitHub, suite: CheckSuite, action: str, by: Account, *, only: bool = False) -> None:
    """Send ``check_suite``; ``only`` to the App whose suite it is."""
    payload = {"check_suite": hook_suite_shape(github, suite)}
    emit(github, "check_suite", action, payload, repo=suite.repo, sender=by, to=_owners(github, suite) if only else None)


async def settled(github: GitHub, repo: Repository, sha: str) -> None:
    """Tell whoever waits for the checks of this commit that one has changed."""
    for waiting in SETTLED:
        await waiting(github, repo, sha)


def _owners(github: GitHub, suite: CheckSuite) -> list[Installation]:
    return [each for each in github.installations_on(suite.repo) if each.app is suite.app]


def _shapes(github: GitHub) -> Shapes:
    return Shapes(github, CURRENT.get(at(github.url)))


def run_shape(github: GitHub, run: CheckRun, *, hook: bool = False) -> Json:
    """Return a check run as the API answers it, or as webhooks carry it: with its suite."""
    shapes, suite = _shapes(github), run.suite
    url = f"{shapes.urls.repo(suite.repo)}/check-runs/{run.id}"
    page = f"{shapes.urls.page(suite.repo)}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": run.node_id,
        "head_sha": suite.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or suite.app.external_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp(run.started_at),
        "completed_at": stamp(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": simple_suite_shape(github, suite) if hook else {"id": suite.id},
        "app": shapes.app(suite.app),
        "pull_requests": pulls_shape(github, suite.repo, suite.head_sha),
    }


def simple_suite_shape(github: GitHub, suite: CheckSuite) -> Json:
    """Return a suite as it stands inside a check run's webhook."""
    shapes = _shapes(github)
    return {
        "id": suite.id,
        "node_id": suite.node_id,
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": suite.status,
        "conclusion": suite.conclusion,
        "url": f"{shapes.urls.repo(suite.repo)}/check-suites/{suite.id}",
        "before": suite.before,
        "after": suite.head_sha,
        "pull_requests": pulls_shape(github, suite.repo, suite.head_sha),
        "app": shapes.app(suite.app),
        "created_at": stamp(suite.created_at),
        "updated_at": stamp(suite.updated_at),
    }


def hook_suite_shape(github: GitHub, suite: CheckSuite) -> Json:
    """Return a suite as ``check_suite`` webhooks carry it."""
    url = f"{_shapes(github).urls.repo(suite.repo)}/check-suites/{suite.id}"
    return simple_suite_shape(github, suite) | {
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": len(suite.latest),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": commit_shape(suite.repo, suite.head_sha),
    }


def suite_shape(github: GitHub, suite: CheckSuite) -> Json:
    """Return a suite as the API answers it."""
    return hook_suite_shape(github, suite) | {"repository": _shapes(github).repository(suite.repo)}


def commit_shape(repo: Repository, sha: str) -> Json:
    """Return a commit in its short form."""
    form = "%H%x00%T%x00%an%x00%ae%x00%cn%x00%ce%x00%cd%x00%B"
    out = repo.clone.text("log", "-1", f"--format={form}", "--date=format:%Y-%m-%dT%H:%M:%S%z", sha)
    sha, tree, author, author_mail, committer, committer_mail, moment, message = out.split("\0", 7)
    return {
        "id": sha,
        "tree_id": tree,
        "message": message.rstrip("\n"),
        "timestamp": f"{moment[:-2]}:{moment[-2:]}",
        "author": {"name": author, "email": author_mail},
        "committer": {"name": committer, "email": committer_mail},
    }


PULLS_AT: list[Callable[[GitHub, Repository, str], list[Json]]] = []
"""Filled by the pull requests: the short forms of those whose head this is."""


def pulls_shape(github: GitHub, repo: Repository, sha: str) -> list[Json]:
    """Return the open pull requests from this repository with this head, in short form; none for heads in forks."""
    return [shape for finder in PULLS_AT for shape in finder(github, repo, sha)]
