"""Actions over REST: dispatch workflows, look at their runs, jobs and artifacts, cancel; and variables of a repository.

``workflow_dispatch`` needs the file on the default branch. The older API version answers 204 unless run details are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.doubles.github.clone import GitFailed
from tests.doubles.github.expressions import fill
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import GITHUB, NO_CONTENT, Answer, Call, route, web_page
from tests.doubles.github.runner import launch
from tests.doubles.github.shapes import Json, stamp
from tests.doubles.github.workflow import BadWorkflow, Workflow, read
from tests.doubles.github.workflow_run import (
    Actions,
    Artifact,
    JobRun,
    WorkflowRun,
    artifact_shape,
    job_shape,
    run_shape,
    workflow_shape,
)
from tests.doubles.github.wrong import Conflict, NotFound, Unprocessable

READ, WRITE = {"actions": "read"}, {"actions": "write"}
FOLDER = ".github/workflows"
MOST_INPUTS, MOST_PAYLOAD, MOST_KEYS = 65_535, 65_535, 10
BASE = "/repos/{owner}/{repo}/actions"


@route("POST", BASE + "/workflows/{workflow}/dispatches", needs=WRITE)
async def dispatch(call: Call) -> Answer:
    path = _path(call, call.match["workflow"])
    ref = str(call.data.get("ref", "")).removeprefix("refs/heads/")
    sha = call.repo.clone.ref(f"refs/heads/{ref}") if ref else None
    if not sha:
        raise Unprocessable(f"No ref found for: {call.data.get('ref', '')}")
    workflow = _workflow(call.repo, sha, path)
    if not workflow or "workflow_dispatch" not in workflow.on:
        raise Unprocessable("Workflow does not have 'workflow_dispatch' trigger")
    inputs = _inputs(workflow, call.data.get("inputs") or {})
    run = _begin(call, workflow, path, ("workflow_dispatch", ref, sha), {"inputs": inputs, "ref": f"refs/heads/{ref}"})
    if call.version == "2022-11-28" and not call.data.get("return_run_details"):
        return NO_CONTENT
    shape = run_shape(call.github, run)
    return Answer(200, {"workflow_run_id": run.id, "run_url": shape["url"], "html_url": shape["html_url"]})


@route("POST", "/repos/{owner}/{repo}/dispatches", needs={"contents": "write"})
async def repository_dispatch(call: Call) -> Answer:
    kind, payload = call.text("event_type", "RepositoryDispatch"), call.data.get("client_payload", {})
    if not isinstance(payload, dict) or len(payload) > MOST_KEYS or len(str(payload)) > MOST_PAYLOAD:
        raise Unprocessable("Invalid request.\n\nNo more than 10 properties are allowed; client_payload is too large.")
    branch = call.repo.default_branch
    sha = call.repo.clone.ref(f"refs/heads/{branch}")
    for path in _files(call.repo, sha) if sha else ():
        workflow = _workflow(call.repo, str(sha), path)
        if not workflow or "repository_dispatch" not in workflow.on:
            continue
        said = workflow.on["repository_dispatch"] or {}
        if kind in (said.get("types") or [kind]):
            event = {"action": kind, "client_payload": payload, "branch": branch}
            _begin(call, workflow, path, ("repository_dispatch", branch, str(sha)), event)
    return NO_CONTENT


@route("GET", BASE + "/runs", needs=READ)
async def runs(call: Call) -> Answer:
    return _listed(call, call.github.room(Actions).of(call.repo))


@route("GET", BASE + "/workflows/{workflow}/runs", needs=READ)
async def runs_of_file(call: Call) -> Answer:
    path = _path(call, call.match["workflow"])
    return _listed(call, [run for run in call.github.room(Actions).of(call.repo) if run.path == path])


@route("GET", BASE + "/workflows/{workflow}", needs=READ)
async def workflow_file(call: Call) -> Json:
    path = _path(call, call.match["workflow"])
    branch = call.repo.default_branch
    sha = str(call.repo.clone.ref(f"refs/heads/{branch}"))
    workflow = _workflow(call.repo, sha, path)
    if not workflow:
        raise NotFound
    return workflow_shape(call.github, _run_of(call, workflow, path, ("", branch, sha), {}))


@route("GET", BASE + "/runs/{run_id}", needs=READ)
async def run(call: Call) -> Json:
    return run_shape(call.github, _run(call))


@route("POST", BASE + "/runs/{run_id}/cancel", needs=WRITE)
async def cancel(call: Call) -> Answer:
    found = _run(call)
    if found.status == "completed":
        raise Conflict("Cannot cancel a workflow run that is completed.")
    found.cancelled.set()
    return Answer(202, {})


@route("GET", BASE + "/runs/{run_id}/jobs", needs=READ)
async def jobs(call: Call) -> Answer:
    found = _run(call)
    return call.page(list(found.jobs.values()), lambda job: job_shape(call.github, found, job), wrap="jobs")


@route("GET", BASE + "/jobs/{job_id}", needs=READ)
async def job(call: Call) -> Json:
    found, one = _job(call)
    return job_shape(call.github, found, one)


@route("GET", BASE + "/jobs/{job_id}/logs", needs=READ)
async def log(call: Call) -> Answer:
    _, one = _job(call)
    return Answer(302, None, {"Location": f"{call.urls.web}/_double/logs/{one.id}"})


@route("GET", BASE + "/runs/{run_id}/artifacts", needs=READ)
async def artifacts_of_run(call: Call) -> Answer:
    found = _run(call)
    name = call.query.get("name")
    kept = [each for each in found.artifacts.values() if name in {None, each.name}]
    return call.page(kept, lambda each: artifact_shape(call.github, found, each), wrap="artifacts")


@route("GET", BASE + "/artifacts/{artifact_id}", needs=READ)
async def artifact(call: Call) -> Json:
    return artifact_shape(call.github, *_artifact(call))


@route("GET", BASE + "/artifacts/{artifact_id}/zip", needs=READ, public=False)
async def download(call: Call) -> Answer:
    _, found = _artifact(call)
    return Answer(302, None, {"Location": f"{call.urls.web}/_double/artifacts/{found.id}.zip"})


@route("GET", BASE + "/variables/{name}", needs={"actions_variables": "read"}, person="write")
async def variable(call: Call) -> Json:
    value, since = _variables(call).get(call.match["name"].upper(), (None, None))
    if value is None or since is None:
        raise NotFound
    return {"name": call.match["name"].upper(), "value": value, "created_at": stamp(since), "updated_at": stamp(since)}


@route("POST", BASE + "/variables", needs={"actions_variables": "write"}, person="write")
async def add_variable(call: Call) -> Answer:
    name = call.text("name", "Variable").upper()
    if name in _variables(call):
        raise Conflict("Already exists - Variable already exists")
    _variables(call)[name] = (call.text("value", "Variable"), call.github.now())
    return Answer(201, {})


@route("PATCH", BASE + "/variables/{name}", needs={"actions_variables": "write"}, person="write")
async def set_variable(call: Call) -> Answer:
    name = call.match["name"].upper()
    if name not in _variables(call):
        raise NotFound
    _variables(call)[name] = (call.text("value", "Variable"), call.github.now())
    return NO_CONTENT


@web_page("PATCH", "/_double/runner")
async def machine(request: web.Request) -> web.StreamResponse:
    """``{environment: {NAME: value}}``: what the runner machine has in its environment besides the usual.

    ``STAND_IN_INSTALLS=yes`` there makes it really install what a workflow installs; see ``machine.py``.
    """
    actions = request.app[GITHUB].room(Actions)
    actions.environment = {str(name): str(value) for name, value in (await request.json())["environment"].items()}
    return web.json_response({"environment": actions.environment})


@web_page("GET", "/_double/logs/{job_id}")
async def kept_log(request: web.Request) -> web.StreamResponse:
    """The log of a job, as plain text."""
    found = _job_of(request)
    return web.Response(text="\n".join(found.log) + "\n") if found else web.Response(status=404)


@web_page("GET", "/_double/environments/{job_id}")
async def kept_environments(request: web.Request) -> web.StreamResponse:
    """``[{NAME: value}]``: what the scripts of a job had in their environment, in the order in which they ran."""
    found = _job_of(request)
    return web.json_response(found.given) if found else web.Response(status=404)


def _job_of(request: web.Request) -> JobRun | None:
    everything = [job for run in request.app[GITHUB].room(Actions).runs.values() for job in run.jobs.values()]
    return next((job for job in everything if str(job.id) == request.match_info["job_id"]), None)


@web_page("GET", "/_double/artifacts/{artifact_id}.zip")
async def kept_artifact(request: web.Request) -> web.StreamResponse:
    """An artifact, as GitHub's storage serves it to whoever was sent there."""
    wanted = request.match_info["artifact_id"]
    everything = [each for run in request.app[GITHUB].room(Actions).runs.values() for each in run.artifacts.values()]
    found = next((each for each in everything if str(each.id) == wanted), None)
    return web.Response(body=found.content, content_type="application/zip") if found else web.Response(status=404)


def _begin(call: Call, workflow: Workflow, path: str, event: tuple[str, str, str], payload: Json) -> WorkflowRun:
    made = _run_of(call, workflow, path, event, payload)
    launch(call.github, made)
    return made


def _run_of(call: Call, workflow: Workflow, path: str, event: tuple[str, str, str], payload: Json) -> WorkflowRun:
    github, repo = call.github, call.repo
    kind, branch, sha = event
    actions = github.room(Actions)
    inputs = payload.get("inputs", {})
    actor = call.caller.account or github.web_flow
    names = {"inputs": inputs, "github": {"event": payload, "actor": actor.login, "ref_name": branch, "event_name": kind}}
    return WorkflowRun(
        id=github.number(),
        repo=repo,
        workflow=workflow,
        workflow_id=actions.file(github, repo, path),
        path=path,
        number=len(actions.of(repo)) + 1,
        event=kind,
        payload=payload,
        inputs=inputs,
        title=fill(workflow.title, names) or workflow.name,
        branch=branch,
        sha=sha,
        actor=actor,
        urls=call.urls,
        created_at=github.now(),
        updated_at=github.now(),
    )


def _inputs(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as the workflow declares them; raises the 422 for what is missing or unknown."""
    unknown = [name for name in given if name not in workflow.inputs]
    if unknown:
        raise Unprocessable(f"Unexpected inputs provided: {unknown}")
    found: dict[str, Any] = {}
    for name, said in workflow.inputs.items():
        value = given.get(name, (said or {}).get("default"))
        if value in {None, ""} and (said or {}).get("required"):
            raise Unprocessable(f"Required input '{name}' not provided")
        found[name] = value if (said or {}).get("type") in {"boolean", "number"} else "" if value is None else str(value)
    if len(str(found)) > MOST_INPUTS:
        raise Unprocessable("inputs are too large.")
    return found


def _path(call: Call, name: str) -> str:
    """Return the path of a workflow by its file name or number; raises NotFound where the default branch has no such file."""
    numbers = call.github.room(Actions).files
    if name.isdigit():
        known = next((path for (repo, path), number in numbers.items() if (repo, number) == (call.repo.id, int(name))), None)
        if not known:
            raise NotFound
        return known
    path = name if "/" in name else f"{FOLDER}/{name}"
    head = call.repo.clone.ref(f"refs/heads/{call.repo.default_branch}")
    if not head or not call.repo.clone.find(head, path):
        raise NotFound
    return path


def _files(repo: Repository, sha: str) -> list[str]:
    try:
        found = repo.clone.text("ls-tree", "-r", "--name-only", sha, "--", FOLDER).splitlines()
    except GitFailed:
        return []
    return [path for path in found if path.endswith((".yml", ".yaml"))]


def _workflow(repo: Repository, sha: str, path: str) -> Workflow | None:
    entry = repo.clone.find(sha, path)
    if not entry:
        return None
    try:
        return read(repo.clone.blob(entry.sha).decode(), path)
    except BadWorkflow as error:
        raise Unprocessable(f"Failed to parse workflow: {error}") from None


def _listed(call: Call, found: list[WorkflowRun]) -> Answer:
    wanted = {name: call.query[name] for name in ("event", "branch", "status", "head_sha") if name in call.query}
    kept = [run for run in found if all(_has(run, name, value) for name, value in wanted.items())]
    if "created" in call.query:
        kept = [run for run in kept if _created(run.created_at, call.query["created"])]
    return call.page(kept, lambda run: run_shape(call.github, run), wrap="workflow_runs")


def _has(run: WorkflowRun, name: str, value: str) -> bool:
    if name == "status":
        return value in {run.status, run.conclusion}
    return value == {"event": run.event, "branch": run.branch, "head_sha": run.sha}[name]


def _created(moment: datetime, said: str) -> bool:
    found = re.fullmatch(r"(>=|<=|>|<)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", said.strip())
    if not found:
        raise Unprocessable("created is no date")
    limit = datetime.fromisoformat(found[2])
    answers = {">=": moment >= limit, "<=": moment <= limit, ">": moment > limit, "<": moment < limit}
    return answers.get(found[1], moment == limit)


def _run(call: Call) -> WorkflowRun:
    found = call.github.room(Actions).runs.get(call.number("run_id"))
    if not found or found.repo is not call.repo:
        raise NotFound
    return found


def _job(call: Call) -> tuple[WorkflowRun, JobRun]:
    number = call.number("job_id")
    for each in call.github.room(Actions).of(call.repo):
        for one in each.jobs.values():
            if one.id == number:
                return each, one
    raise NotFound


def _artifact(call: Call) -> tuple[WorkflowRun, Artifact]:
    number = call.number("artifact_id")
    for each in call.github.room(Actions).of(call.repo):
        for one in each.artifacts.values():
            if one.id == number:
                return each, one
    raise NotFound


def _variables(call: Call) -> dict[str, tuple[str, datetime]]:
    return call.github.room(Actions).variables.setdefault(call.repo.id, {})
