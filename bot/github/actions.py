"""GitHub Actions: start a workflow, see how its runs stand, cancel one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import Fatal
from bot.github.client import segment
from bot.github.errors import Unprocessable
from bot.github.repository import Repository
from bot.ids import Sha

_CONFLICT = 409


@dataclass(frozen=True)
class WorkflowRun:
    """One run of a workflow."""

    id: int
    status: str
    """``queued``, ``in_progress``, ``completed``…"""
    conclusion: str | None
    head_sha: Sha
    event: str
    path: str
    """The workflow's file, as ``.github/workflows/pawl.yml``."""
    created: datetime
    title: str = ""
    """The run's title, which the workflow can set from its inputs."""
    actor_id: int = 0
    attempt: int = 1
    url: str = ""


async def dispatch(repo: Repository, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> int | None:
    """Start a workflow that listens to ``workflow_dispatch``; return its run's id where GitHub tells it."""
    wanted = {"ref": ref, "inputs": dict(inputs), "return_run_details": True}
    path = f"actions/workflows/{segment(workflow_file)}/dispatches"
    try:
        made = await repo.post(path, wanted)
    except Unprocessable as error:
        if "return_run_details" not in error.said:
            raise
        made = await repo.post(path, {"ref": ref, "inputs": dict(inputs)})  # an older server, which tells no id
    return int(made["workflow_run_id"]) if isinstance(made, dict) and made.get("workflow_run_id") else None


async def workflow_run(repo: Repository, run_id: int) -> WorkflowRun:
    """Return a run; raises NotFound where it is gone."""
    return run_of(await repo.get(f"actions/runs/{run_id}"))


async def runs_of(
    repo: Repository, workflow_file: str, created_after: datetime, event: str = "workflow_dispatch"
) -> tuple[WorkflowRun, ...]:
    """Return a workflow's runs since a time, newest first."""
    if created_after.tzinfo is None:
        raise Fatal("the time after which workflow runs are wanted has no zone")
    since = created_after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"actions/workflows/{segment(workflow_file)}/runs"
    pages = repo.pages(path, "workflow_runs", created=f">={since}", event=event)
    return tuple([run_of(each) async for each in pages])


def page(repo: Repository, run_id: int) -> str:
    """Return the address at which people see a run."""
    return f"{repo.app.server_url}/{repo.name}/actions/runs/{run_id}"


async def cancel(repo: Repository, run_id: int) -> None:
    """Cancel a run; one that has ended is left alone."""
    try:
        await repo.post(f"actions/runs/{run_id}/cancel")
    except Unprocessable as error:
        if error.status != _CONFLICT:
            raise


def run_of(told: Mapping[str, Any]) -> WorkflowRun:
    """Return the workflow run in an answer or a webhook's payload."""
    return WorkflowRun(
        id=int(told["id"]),
        status=str(told.get("status") or ""),
        conclusion=told.get("conclusion"),
        head_sha=Sha(str(told["head_sha"])),
        event=str(told["event"]),
        path=str(told.get("path") or "").partition("@")[0],
        created=datetime.fromisoformat(str(told["created_at"])),
        title=str(told.get("display_title") or ""),
        actor_id=int((told.get("actor") or {}).get("id") or 0),
        attempt=int(told.get("run_attempt") or 1),
        url=str(told.get("html_url") or ""),
    )
