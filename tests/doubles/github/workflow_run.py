"""Workflow runs, their jobs, steps and artifacts: what is known of them, their JSON, and the webhooks that tell of them."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.doubles.github.accounts import Account, Installation, node_id
from tests.doubles.github.check import commit_shape
from tests.doubles.github.events import emit
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json, Shapes, stamp
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import CURRENT, Urls, at
from tests.doubles.github.workflow import Job, Workflow

UNDESCRIBED = frozenset({"user_view_type", "display_title"})
"""Fields that GitHub's description of ``workflow_run.in_progress`` does not have."""
KEPT = timedelta(days=90)
LISTED = ["id", "node_id", "name", "full_name", "owner", "private", "html_url", "description", "fork", "url", "hooks_url"]
"""What a repository shows inside a workflow run, besides its addresses."""


@dataclass(eq=False)
class StepRun:
    """One step as it goes."""

    name: str
    number: int
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(eq=False)
class JobRun:
    """One job as it goes."""

    id: int
    job: Job
    created_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[StepRun] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    given: list[dict[str, str]] = field(default_factory=list)
    """What each script had in its environment, in the order in which they ran."""


@dataclass(eq=False)
class Artifact:
    """A zip that a run keeps."""

    id: int
    name: str
    content: bytes
    created_at: datetime


@dataclass(eq=False)
class WorkflowRun:
    """One run of one workflow file."""

    id: int
    repo: Repository
    workflow: Workflow
    workflow_id: int
    path: str
    number: int
    event: str
    payload: Json
    inputs: dict[str, Any]
    title: str
    branch: str
    sha: str
    actor: Account
    urls: Urls
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    attempt: int = 1
    jobs: dict[str, JobRun] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ref(self) -> str:
        """The workflow file and the ref it was taken from, as OIDC tokens name it."""
        return f"{self.repo.full_name}/{self.path}@refs/heads/{self.branch}"


class Actions:
    """All workflow runs, the numbers of workflow files, and each repository's variables."""

    def __init__(self) -> None:
        self.runs: dict[int, WorkflowRun] = {}
        self.files: dict[tuple[int, str], int] = {}
        self.variables: dict[int, dict[str, tuple[str, datetime]]] = {}
        self.installations: dict[int, Installation] = {}
        """GitHub's own App behind job tokens, by the owner's id."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.environment: dict[str, str] = {}
        """What the runner machine has in its environment besides the usual."""

    def file(self, github: GitHub, repo: Repository, path: str) -> int:
        """Return the number of a workflow file."""
        return self.files.setdefault((repo.id, path), github.number())

    def of(self, repo: Repository) -> list[WorkflowRun]:
        """Return a repository's runs, newest first."""
        return sorted((run for run in self.runs.values() if run.repo is repo), key=lambda run: -run.id)


def tell_run(github: GitHub, run: WorkflowRun, action: str) -> None:
    """Send ``workflow_run``."""
    shape = run_shape(github, run)
    if action == "in_progress":
        shape = _without(shape, UNDESCRIBED)
    payload = {"workflow_run": shape, "workflow": workflow_shape(github, run)}
    emit(github, "workflow_run", action, payload, repo=run.repo, sender=run.actor)


def _without(value: Any, names: frozenset[str]) -> Any:
    """Return JSON without the fields of these names, wherever they stand."""
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return value


def tell_job(github: GitHub, run: WorkflowRun, job: JobRun, action: str) -> None:
    """Send ``workflow_job``."""
    emit(github, "workflow_job", action, {"workflow_job": job_shape(github, run, job)}, repo=run.repo, sender=run.actor)


def shapes(github: GitHub) -> Shapes:
    """Return the builders with the addresses of the request that is being answered."""
    return Shapes(github, CURRENT.get(at(github.url)))


def run_shape(github: GitHub, run: WorkflowRun) -> Json:
    """Return a workflow run."""
    made = shapes(github)
    url = f"{made.urls.repo(run.repo)}/actions/runs/{run.id}"
    place = minimal(made, run.repo)
    suite = run.id + 1_000_000
    return {
        "id": run.id,
        "name": run.workflow.name,
        "node_id": node_id("WFR", run.id),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "path": run.path,
        "display_title": run.title,
        "run_number": run.number,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": run.workflow_id,
        "check_suite_id": suite,
        "check_suite_node_id": node_id("CS", suite),
        "url": url,
        "html_url": f"{made.urls.page(run.repo)}/actions/runs/{run.id}",
        "pull_requests": [],
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
        "actor": made.account(run.actor),
        "run_attempt": run.attempt,
        "referenced_workflows": [],
        "run_started_at": stamp(run.created_at),
        "triggering_actor": made.account(run.actor),
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "check_suite_url": f"{made.urls.repo(run.repo)}/check-suites/{suite}",
        "previous_attempt_url": None,
        "workflow_url": f"{made.urls.repo(run.repo)}/actions/workflows/{run.workflow_id}",
        "head_commit": commit_shape(run.repo, run.sha),
        "repository": place,
        "head_repository": place,
    }


def minimal(made: Shapes, repo: Repository) -> Json:
    """Return a repository in its short form: who, where, and every address."""
    whole = made.repository(repo)
    urls = {key: value for key, value in whole.items() if key.endswith("_url") and key not in OTHER_URLS}
    return {**{key: whole[key] for key in LISTED}, **urls}


OTHER_URLS = {"git_url", "ssh_url", "clone_url", "mirror_url", "svn_url"}


def workflow_shape(github: GitHub, run: WorkflowRun) -> Json:
    """Return the workflow file of a run."""
    made = shapes(github)
    page = made.urls.page(run.repo)
    return {
        "id": run.workflow_id,
        "node_id": node_id("W", run.workflow_id),
        "name": run.workflow.name,
        "path": run.path,
        "state": "active",
        "created_at": stamp(run.repo.created_at),
        "updated_at": stamp(run.repo.created_at),
        "url": f"{made.urls.repo(run.repo)}/actions/workflows/{run.workflow_id}",
        "html_url": f"{page}/blob/{run.branch}/{run.path}",
        "badge_url": f"{page}/workflows/{run.workflow_id}/badge.svg",
    }


def job_shape(github: GitHub, run: WorkflowRun, job: JobRun) -> Json:
    """Return a job with its steps."""
    made = shapes(github)
    url = made.urls.repo(run.repo)
    started = job.status != "queued"
    return {
        "id": job.id,
        "run_id": run.id,
        "workflow_name": run.workflow.name,
        "head_branch": run.branch,
        "run_url": f"{url}/actions/runs/{run.id}",
        "run_attempt": run.attempt,
        "node_id": node_id("CR", job.id),
        "head_sha": run.sha,
        "url": f"{url}/actions/jobs/{job.id}",
        "html_url": f"{made.urls.page(run.repo)}/actions/runs/{run.id}/job/{job.id}",
        "status": job.status,
        "conclusion": job.conclusion,
        "created_at": stamp(job.created_at),
        "started_at": stamp(job.started_at or job.created_at),
        "completed_at": stamp(job.completed_at),
        "name": job.job.name,
        "steps": [_step_shape(step) for step in job.steps],
        "check_run_url": f"{url}/check-runs/{job.id}",
        "labels": list(job.job.labels),
        "runner_id": 1 if started else None,
        "runner_name": "GitHub Actions 1" if started else None,
        "runner_group_id": 0 if started else None,
        "runner_group_name": "GitHub Actions" if started else None,
    }


def _step_shape(step: StepRun) -> Json:
    return {
        "name": step.name,
        "status": step.status,
        "conclusion": step.conclusion,
        "number": step.number,
        "started_at": stamp(step.started_at),
        "completed_at": stamp(step.completed_at),
    }


def artifact_shape(github: GitHub, run: WorkflowRun, artifact: Artifact) -> Json:
    """Return an artifact."""
    url = f"{shapes(github).urls.repo(run.repo)}/actions/artifacts/{artifact.id}"
    return {
        "id": artifact.id,
        "node_id": node_id("MDg6QXJ0aWZhY3Q", artifact.id),
        "name": artifact.name,
        "size_in_bytes": len(artifact.content),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "digest": f"sha256:{hashlib.sha256(artifact.content).hexdigest()}",
        "created_at": stamp(artifact.created_at),
        "updated_at": stamp(artifact.created_at),
        "expires_at": stamp(artifact.created_at + KEPT),
        "workflow_run": {
            "id": run.id,
            "repository_id": run.repo.id,
            "head_repository_id": run.repo.id,
            "head_branch": run.branch,
            "head_sha": run.sha,
        },
    }
