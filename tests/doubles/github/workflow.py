"""Workflow files as the runner reads them: jobs in the order they need each other, steps, conditions, permissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

SCOPES = ("actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues", "models",
          "packages", "pages", "pull-requests", "security-events", "statuses")  # fmt: skip
DEFAULT_MINUTES = 360


class BadWorkflow(Exception):
    """A file that GitHub would not run."""


@dataclass(frozen=True)
class Step:
    """One step: a script or an action."""

    name: str
    run: str | None = None
    uses: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, Any] = field(default_factory=dict)
    condition: str = ""
    id: str = ""
    shell: str | None = None
    folder: str | None = None
    goes_on: bool = False
    minutes: float | None = None


@dataclass(frozen=True)
class Job:
    """One job of a workflow."""

    id: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...]
    permissions: Mapping[str, str]
    condition: str = ""
    env: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    minutes: float = DEFAULT_MINUTES
    shell: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """One file below ``.github/workflows``."""

    name: str
    title: str
    """``run-name``, with its expressions."""
    on: Mapping[str, Any]
    jobs: tuple[Job, ...]
    env: Mapping[str, Any]
    concurrency: str = ""
    cancels: bool = False

    @property
    def inputs(self) -> Mapping[str, Mapping[str, Any]]:
        """What ``workflow_dispatch`` takes."""
        return ((self.on.get("workflow_dispatch") or {}).get("inputs")) or {}


def read(text: str, path: str) -> Workflow:
    """Return the workflow in a file's text; raises BadWorkflow."""
    try:
        whole = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadWorkflow(f"{path}: {error}") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("jobs"), dict):
        raise BadWorkflow(f"{path}: no jobs")
    top = permissions_of(whole.get("permissions", {"contents": "read", "packages": "read"}))
    concurrency = whole.get("concurrency") or {}
    if isinstance(concurrency, str):
        concurrency = {"group": concurrency}
    return Workflow(
        name=str(whole.get("name") or path),
        title=str(whole.get("run-name") or ""),
        on=_events(whole.get(True, whole.get("on"))),  # YAML 1.1 reads the key `on` as true
        jobs=tuple(_ordered([_job(key, each, whole, top) for key, each in whole["jobs"].items()], path)),
        env=whole.get("env") or {},
        concurrency=str(concurrency.get("group", "")),
        cancels=bool(concurrency.get("cancel-in-progress", False)),
    )


def permissions_of(said: Any) -> dict[str, str]:
    """Return what a ``permissions`` key grants: what is not named is not granted."""
    if isinstance(said, str):
        return dict.fromkeys(SCOPES, said.partition("-")[0])
    found = {str(key): str(value) for key, value in (said or {}).items() if value != "none"}
    unknown = set(found) - set(SCOPES)
    if unknown:
        raise BadWorkflow(f"no such permission: {min(unknown)}")
    return found


def _events(said: Any) -> dict[str, Any]:
    if isinstance(said, str):
        return {said: None}
    return dict.fromkeys(said) if isinstance(said, list) else dict(said or {})


def _job(key: str, said: Mapping[str, Any], whole: Mapping[str, Any], top: Mapping[str, str]) -> Job:
    needs = said.get("needs", [])
    shell = (((said.get("defaults") or whole.get("defaults") or {}).get("run")) or {}).get("shell")
    on = said.get("runs-on", [])
    return Job(
        id=key,
        name=str(said.get("name", key)),
        steps=tuple(_step(each) for each in said.get("steps", [])),
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        permissions=permissions_of(said["permissions"]) if "permissions" in said else top,
        condition=_condition(said),
        env=said.get("env") or {},
        outputs=said.get("outputs") or {},
        minutes=float(said.get("timeout-minutes", DEFAULT_MINUTES)),
        shell=shell,
        labels=(on,) if isinstance(on, str) else tuple(on),
    )


def _step(said: Mapping[str, Any]) -> Step:
    if ("run" in said) == ("uses" in said):
        raise BadWorkflow("a step has either run or uses")
    first = str(said.get("run", "")).strip().splitlines()
    return Step(
        name=str(said.get("name") or said.get("uses") or f"Run {first[0] if first else ''}"),
        run=said.get("run"),
        uses=said.get("uses"),
        given=said.get("with") or {},
        env=said.get("env") or {},
        condition=_condition(said),
        id=str(said.get("id", "")),
        shell=said.get("shell"),
        folder=said.get("working-directory"),
        goes_on=bool(said.get("continue-on-error", False)),
        minutes=said.get("timeout-minutes"),
    )


def _condition(said: Mapping[str, Any]) -> str:
    found = said.get("if", "")
    return str(found).lower() if isinstance(found, bool) else str(found)


def _ordered(jobs: list[Job], path: str) -> Iterator[Job]:
    """Yield the jobs so that each comes after those it needs."""
    known = {job.id for job in jobs}
    done: set[str] = set()
    waiting = list(jobs)
    while waiting:
        ready = [job for job in waiting if set(job.needs) <= done]
        if not ready or any(set(job.needs) - known for job in waiting):
            raise BadWorkflow(f"{path}: the jobs need each other in a circle, or one that is not there")
        yield from ready
        done |= {job.id for job in ready}
        waiting = [job for job in waiting if job.id not in done]
