"""The runner stand-in: takes a workflow run and really runs its jobs, each step a process in a folder of its own.

What a job gets is what GitHub gives it: a token with the job's permissions, an identity only with ``id-token: write``, the
``GITHUB_*`` and ``RUNNER_*`` variables, the files to write outputs, environment, path and summaries to, and ``sudo`` without a
password, which is who runs the double.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import traceback
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.github.expressions import Malformed, as_text, condition, fill
from tests.doubles.github.identity import PLACE, issuer_of
from tests.doubles.github.job_token import mint, revoke
from tests.doubles.github.shipped_actions import SHIPPED, ActionFailed, Scene
from tests.doubles.github.state import GitHub
from tests.doubles.github.step_process import Files, execute
from tests.doubles.github.workflow import Step
from tests.doubles.github.workflow_run import Actions, JobRun, StepRun, WorkflowRun, tell_job, tell_run

WORST = ("failure", "cancelled", "success", "skipped")
AT_ONCE = 2
FROM_CONTEXT = (
    *("repository", "repository_id", "repository_owner", "event_name", "ref", "ref_name", "sha", "actor"),
    *("run_id", "run_number", "run_attempt", "workflow", "workflow_ref", "server_url", "api_url", "job"),
)
"""What a step's environment tells of the ``github`` context, as ``GITHUB_…``."""


class Groups:
    """Who runs, and who waits, in each concurrency group."""

    def __init__(self) -> None:
        self.running: dict[str, WorkflowRun] = {}
        self.free: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.machines = asyncio.Semaphore(AT_ONCE)


def launch(github: GitHub, run: WorkflowRun) -> None:
    """Start a run; it goes on by itself."""
    actions = github.room(Actions)
    actions.runs[run.id] = run
    for job in run.workflow.jobs:
        run.jobs[job.id] = JobRun(github.number(), job, github.now())
    tell_run(github, run, "requested")
    task = asyncio.create_task(_whole(github, run))
    actions.tasks.add(task)
    task.add_done_callback(actions.tasks.discard)


async def _whole(github: GitHub, run: WorkflowRun) -> None:
    """Take a run to its end, whatever happens on the way."""
    try:
        await _in_turn(github, run)
    except Exception:  # noqa: BLE001 - a defect of the double ends the run as a failure, with its traceback in the log
        for job in run.jobs.values():
            job.log.append(traceback.format_exc())
    finally:
        conclusions = {job.conclusion or "failure" for job in run.jobs.values()}
        ended = next(each for each in WORST if each in conclusions or each == "skipped")
        run.status, run.conclusion, run.updated_at = "completed", "cancelled" if run.cancelled.is_set() else ended, github.now()
        run.ended.set()
        tell_run(github, run, "completed")


async def _in_turn(github: GitHub, run: WorkflowRun) -> None:
    group = fill(run.workflow.concurrency, _contexts(run))
    if not group:
        await _jobs(github, run)
        return
    groups, key = github.room(Groups), f"{run.repo.id}/{group}"
    before = groups.running.get(key)
    if before and run.workflow.cancels:
        before.cancelled.set()
    groups.running[key] = run
    async with groups.free[key]:
        await _jobs(github, run)


async def _jobs(github: GitHub, run: WorkflowRun) -> None:
    run.status = "in_progress"
    tell_run(github, run, "in_progress")
    done = {key: asyncio.Event() for key in run.jobs}

    async def one(job: JobRun) -> None:
        for need in job.job.needs:
            await done[need].wait()
        async with github.room(Groups).machines:
            await _job(github, run, job)
        done[job.job.id].set()

    await asyncio.gather(*(one(job) for job in run.jobs.values()))


def _contexts(run: WorkflowRun, job: JobRun | None = None) -> dict[str, Any]:
    """Return what expressions may name, as far as it is known before a job has begun."""
    needed = {key: run.jobs[key] for key in job.job.needs} if job else {}
    return {
        "github": {
            "repository": run.repo.full_name,
            "repository_id": str(run.repo.id),
            "repository_owner": run.repo.owner.login,
            "event_name": run.event,
            "event": run.payload,
            "ref": f"refs/heads/{run.branch}",
            "ref_name": run.branch,
            "sha": run.sha,
            "actor": run.actor.login,
            "run_id": str(run.id),
            "run_number": str(run.number),
            "run_attempt": str(run.attempt),
            "workflow": run.workflow.name,
            "workflow_ref": run.ref,
            "server_url": run.urls.web,
            "api_url": run.urls.api,
            "job": job.job.id if job else None,
        },
        "inputs": run.inputs,
        "needs": {key: {"result": each.conclusion, "outputs": each.outputs} for key, each in needed.items()},
        "secrets": {},
        "vars": {},
        "matrix": None,
        "strategy": {"fail-fast": True, "job-index": 0, "job-total": 1, "max-parallel": 1},
        "runner": {"os": "Linux", "arch": "X64", "name": "GitHub Actions 1", "environment": "github-hosted"},
        "job": {"status": "success"},
        "env": {},
        "steps": {},
    }


async def _job(github: GitHub, run: WorkflowRun, job: JobRun) -> None:
    contexts = _contexts(run, job)
    variables = github.room(Actions).variables.get(run.repo.id, {})
    contexts["vars"] = {name: value for name, (value, _) in variables.items()}
    results = [run.jobs[need].conclusion for need in job.job.needs]
    status = {
        "success": lambda: not run.cancelled.is_set() and all(each == "success" for each in results),
        "failure": lambda: any(each == "failure" for each in results),
        "cancelled": run.cancelled.is_set,
        "always": lambda: True,
    }
    try:
        goes = condition(job.job.condition, contexts, status)
    except Malformed as error:
        job.log.append(f"Error: {error}")
        goes = False
    if not goes:
        job.status, job.conclusion = "completed", "cancelled" if run.cancelled.is_set() else "skipped"
        job.started_at = job.completed_at = github.now()
        return
    tell_job(github, run, job, "queued")
    job.status, job.started_at = "in_progress", github.now()
    job.steps = [StepRun(step.name, number) for number, step in enumerate(job.job.steps, 1)]
    tell_job(github, run, job, "in_progress")
    with tempfile.TemporaryDirectory(prefix="runner-") as folder:
        await _On(github, run, job, Path(folder), contexts).whole()
    job.status, job.completed_at = "completed", github.now()
    tell_job(github, run, job, "completed")


@dataclass
class _On:
    """One job on its machine."""

    github: GitHub
    run: WorkflowRun
    job: JobRun
    folder: Path
    contexts: dict[str, Any]
    env: dict[str, str] = field(default_factory=dict)
    masked: set[str] = field(default_factory=set)
    status: str = "success"

    async def whole(self) -> None:
        """Run the steps in order; what fails fails the job, and later steps run as their conditions say."""
        token = mint(self.github, self.run.repo, self.job.job)
        self.masked.add(token.secret)
        self.contexts["github"]["token"] = token.secret
        self.contexts["secrets"]["GITHUB_TOKEN"] = token.secret
        self._furnish()
        try:
            async with asyncio.timeout(self.job.job.minutes * 60):
                for step, seen in zip(self.job.job.steps, self.job.steps, strict=True):
                    await self._step(step, seen, token.secret)
            for name, text in self.job.job.outputs.items():
                self.job.outputs[name] = fill(text, self.contexts)
        except TimeoutError:
            self.say(f"Error: The job has exceeded the maximum execution time of {self.job.job.minutes:g}m.")
            self.status = "cancelled"
        finally:
            revoke(self.github, token)
        self.job.conclusion = "cancelled" if self.run.cancelled.is_set() else self.status

    def say(self, line: str) -> None:
        """Write a line of the log, with what is masked struck out."""
        for secret in self.masked:
            line = line.replace(secret, "***")
        self.job.log.append(line)

    def _furnish(self) -> None:
        workspace = self.folder / "work"
        for each in (workspace, self.folder / "temp", self.folder / "home", self.folder / "tools"):
            each.mkdir()
        sudo = self.folder / "tools" / "sudo"
        sudo.write_text('#!/bin/sh\nexec "$@"\n', encoding="utf-8")
        sudo.chmod(0o755)
        made = self.contexts["github"]
        self.contexts["runner"] |= {"temp": str(self.folder / "temp"), "tool_cache": str(self.folder / "tools")}
        made["workspace"] = str(workspace)
        told = [*FROM_CONTEXT, "workspace"]
        self.env = {
            "PATH": f"{self.folder / 'tools'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_GRAPHQL_URL": f"{self.run.urls.web}/api/graphql",
            **{f"GITHUB_{name.upper()}": str(made[name]) for name in told},
            **{f"RUNNER_{name.upper()}": str(value) for name, value in self.contexts["runner"].items()},
            **self.github.room(Actions).environment,
        }

    async def _step(self, step: Step, seen: StepRun, token: str) -> None:
        seen.status, seen.started_at = "in_progress", self.github.now()
        try:
            seen.conclusion = await self._outcome(step, token)
        except (Malformed, ActionFailed) as error:
            self.say(f"Error: {error}")
            seen.conclusion = "failure"
        if step.id:
            self.contexts["steps"].setdefault(step.id, {"outputs": {}})
            self.contexts["steps"][step.id] |= {"outcome": seen.conclusion, "conclusion": seen.conclusion}
        if seen.conclusion == "failure" and not step.goes_on and self.status == "success":
            self.status = self.contexts["job"]["status"] = "failure"
        seen.status, seen.completed_at = "completed", self.github.now()

    async def _outcome(self, step: Step, token: str) -> str:
        asked = {
            "success": lambda: self.status == "success" and not self.run.cancelled.is_set(),
            "failure": lambda: self.status == "failure",
            "cancelled": self.run.cancelled.is_set,
            "always": lambda: True,
        }
        env = dict(self.env)
        for said in (self.run.workflow.env, self.job.job.env, step.env):
            self.contexts["env"] = env
            env |= {name: fill(as_text(value), self.contexts) for name, value in said.items()}
        self.contexts["env"] = env
        if not condition(step.condition, self.contexts, asked):
            return "skipped"
        self.say(f"##[group]{step.name}")
        if step.uses:
            await self._use(step, token)
            return "success"
        return await self._script(step, env)

    async def _use(self, step: Step, token: str) -> None:
        name = str(step.uses).partition("@")[0]
        if name not in SHIPPED:
            raise ActionFailed(f"Unable to resolve action {step.uses}, this runner does not have it")
        given = {key: fill(as_text(value), self.contexts) for key, value in step.given.items()}
        scene = Scene(self.github, self.run, self.folder / "work", given, self.env, token, self.say)
        await asyncio.to_thread(SHIPPED[name], scene)

    async def _script(self, step: Step, env: Mapping[str, str]) -> str:
        files = Files.make(self.folder / "temp")
        extra = {**env, **files.variables}
        if self.job.job.permissions.get("id-token") == "write":
            secret = issuer_of(self.github).admit(self.run, self.job)
            self.masked.add(secret)
            url = f"{self.run.urls.web}{PLACE}/request?api-version=2.0"
            extra |= {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": secret, "ACTIONS_ID_TOKEN_REQUEST_URL": url}
        script = fill(str(step.run), self.contexts)
        self.job.given.append(extra)
        workspace = self.folder / "work" / (step.folder or ".")
        code = await execute(script, step.shell or self.job.job.shell, workspace, extra, self._hear, self.run.cancelled)
        outputs = files.read(self.env)
        if step.id:
            self.contexts["steps"][step.id] = {"outputs": outputs}
        shutil.rmtree(files.folder)
        if code is None:
            return "cancelled"
        if code:
            self.say(f"##[error]Process completed with exit code {code}.")
        return "failure" if code else "success"

    def _hear(self, line: str) -> None:
        if line.startswith("::add-mask::"):
            secret = line.removeprefix("::add-mask::").strip()
            if secret:
                self.masked.add(secret)
            return
        self.say(line)
