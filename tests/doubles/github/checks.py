"""Checks over REST: Apps write them, everybody who may read reads them.

Limits as GitHub's: texts of 65,535 characters, 50 annotations a request (more are added by updates), three buttons.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from tests.doubles.github.accounts import App
from tests.doubles.github.check import (
    CONCLUSIONS,
    CheckRun,
    Checks,
    CheckSuite,
    run_shape,
    settled,
    suite_for,
    suite_shape,
    tell_run,
    tell_suite,
)
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import Forbidden, NotFound, Unprocessable

READ, WRITE = {"checks": "read"}, {"checks": "write"}
STATUSES = ("queued", "in_progress", "completed")
LEVELS = ("notice", "warning", "failure")
TEXT, ANNOTATIONS, ACTIONS = 65_535, 50, 3
BUTTON = {"label": 20, "description": 40, "identifier": 20}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@route("POST", "/repos/{owner}/{repo}/check-runs", needs=WRITE, who="installation")
async def create_run(call: Call) -> Answer:
    data = _valid(call.data, new=True)
    sha = call.repo.clone.resolve(str(data["head_sha"])) if re.fullmatch(r"[0-9a-f]{40}", str(data["head_sha"])) else None
    if sha is None:
        raise Unprocessable(f"No commit found for SHA: {data['head_sha']}")
    suite = suite_for(call.github, call.repo, _app(call), sha)
    run = CheckRun(call.github.number(), suite, data["name"], call.github.now())
    suite.runs[run.id] = run
    completed = _change(call, run, data)
    tell_run(call.github, run, "created", call.actor)
    await _told(call, run, completed=completed)
    return Answer(201, run_shape(call.github, run))


@route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", needs=WRITE, who="installation")
async def update_run(call: Call) -> Json:
    run = _run(call)
    if run.suite.app is not _app(call):
        raise Forbidden(
            "Invalid app_id `" + str(_app(call).id) + "` - check run can only be modified by the GitHub App that created it."
        )
    completed = _change(call, run, _valid(call.data, new=False))
    await _told(call, run, completed=completed)
    return run_shape(call.github, run)


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}", needs=READ)
async def get_run(call: Call) -> Json:
    return run_shape(call.github, _run(call))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", needs=READ)
async def annotations_of(call: Call) -> Answer:
    run = _run(call)
    blob = f"{call.urls.page(call.repo)}/blob/{run.suite.head_sha}"
    return call.page([{**each, "blob_href": f"{blob}/{each['path']}"} for each in run.annotations])


@route("POST", "/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", needs=WRITE, who="installation")
async def rerequest_run(call: Call) -> Answer:
    run = _run(call)
    if run.suite.app is not _app(call):
        raise Forbidden("Invalid app_id - check run can only be rerequested by the GitHub App that created it.")
    tell_run(call.github, run, "rerequested", call.actor, only=True)
    return Answer(201, {})


@route("GET", "/repos/{owner}/{repo}/commits/{ref*}/check-runs", needs=READ)
async def runs_of_commit(call: Call) -> Answer:
    return _runs(call, call.github.room(Checks).of_commit(call.repo, _commit(call)))


@route("GET", "/repos/{owner}/{repo}/commits/{ref*}/check-suites", needs=READ)
async def suites_of_commit(call: Call) -> Answer:
    suites = call.github.room(Checks).of_commit(call.repo, _commit(call))
    wanted = [suite for suite in suites if call.query.get("app_id") in {None, str(suite.app.id)}]
    name = call.query.get("check_name")
    wanted = [suite for suite in wanted if name is None or any(run.name == name for run in suite.latest)]
    return call.page(wanted, lambda suite: suite_shape(call.github, suite), wrap="check_suites")


@route("POST", "/repos/{owner}/{repo}/check-suites", needs=WRITE, who="installation")
async def create_suite(call: Call) -> Answer:
    sha = call.text("head_sha", "CheckSuite")
    if call.repo.clone.kind(sha) != "commit":
        raise Unprocessable(f"No commit found for SHA: {sha}")
    known = any(suite.app is _app(call) for suite in call.github.room(Checks).of_commit(call.repo, sha))
    suite = suite_for(call.github, call.repo, _app(call), sha)
    if not known:
        tell_suite(call.github, suite, "requested", call.actor, only=True)
    return Answer(200 if known else 201, suite_shape(call.github, suite))


@route("GET", "/repos/{owner}/{repo}/check-suites/{check_suite_id}", needs=READ)
async def get_suite(call: Call) -> Json:
    return suite_shape(call.github, _suite(call))


@route("GET", "/repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs", needs=READ)
async def runs_of_suite(call: Call) -> Answer:
    return _runs(call, [_suite(call)])


@route("POST", "/repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest", needs=WRITE, who="installation")
async def rerequest_suite(call: Call) -> Answer:
    tell_suite(call.github, _suite(call), "rerequested", call.actor, only=True)
    return Answer(201, {})


def _runs(call: Call, suites: list[CheckSuite]) -> Answer:
    whole = call.query.get("filter") == "all"
    found = [run for suite in suites for run in (suite.runs.values() if whole else suite.latest)]
    for key, value in (("check_name", "name"), ("status", "status")):
        if key in call.query:
            found = [run for run in found if getattr(run, value) == call.query[key]]
    if "app_id" in call.query:
        found = [run for run in found if str(run.suite.app.id) == call.query["app_id"]]
    found.sort(key=lambda run: run.id, reverse=True)
    return call.page(found, lambda run: run_shape(call.github, run), wrap="check_runs")


async def _told(call: Call, run: CheckRun, *, completed: bool) -> None:
    if completed:
        tell_run(call.github, run, "completed", call.actor)
        if run.suite.status == "completed":
            tell_suite(call.github, run.suite, "completed", call.actor)
    await settled(call.github, call.repo, run.suite.head_sha)


def _change(call: Call, run: CheckRun, data: Json) -> bool:
    """Write what the request says into the run; says whether that completed it."""
    before = run.status
    output = data.get("output") or {}
    for name in ("name", "details_url", "external_id", "actions"):
        setattr(run, name, data.get(name, getattr(run, name)))
    for name in ("title", "summary", "text"):
        setattr(run, name, output.get(name, getattr(run, name)))
    run.annotations += [_annotation(each) for each in output.get("annotations", [])]
    if "started_at" in data:
        run.started_at = _moment(data["started_at"])
    concluded = "conclusion" in data or "completed_at" in data
    run.status = "completed" if concluded else data.get("status", run.status)
    if run.status == "completed":
        run.conclusion = data.get("conclusion", run.conclusion)
        run.completed_at = _moment(data["completed_at"]) if "completed_at" in data else run.completed_at or call.github.now()
    else:
        run.conclusion = run.completed_at = None
    run.suite.updated_at = call.github.now()
    return run.status == "completed" and before != "completed"


def _valid(data: Any, *, new: bool) -> Json:
    """Return the request if GitHub would take it; raises the 422 with what is wrong."""
    if not isinstance(data, dict):
        raise _invalid("For 'links/0/schema', nil is not an object.")
    for name in ("name", "head_sha") if new else ():
        if not data.get(name) or not isinstance(data[name], str):
            raise _invalid(f'"{name}" wasn\'t supplied.')
    if data.get("status", "queued") not in STATUSES:
        raise _invalid(f"{data['status']} is not a member of {list(STATUSES)}.")
    if ("conclusion" in data and data["conclusion"] not in CONCLUSIONS) or data.get("conclusion") == "stale":
        raise _invalid(f"{data['conclusion']} is not a member of {list(CONCLUSIONS)}.")
    if (data.get("status") == "completed" or "completed_at" in data) and "conclusion" not in data:
        raise _invalid('"conclusion" wasn\'t supplied.')
    for name in ("started_at", "completed_at"):
        if name in data and not MOMENT.fullmatch(str(data[name])):
            raise _invalid(f"{data[name]} is not a valid date-time.")
    if data.get("output") is not None:
        _valid_output(data["output"])
    _valid_actions(data.get("actions", []))
    return data


def _valid_output(output: Any) -> None:
    for name in ("title", "summary"):
        if not isinstance(output.get(name), str):
            raise _invalid(f'"{name}" wasn\'t supplied.')
    for name in ("summary", "text"):
        if len(output.get(name) or "") > TEXT:
            raise _invalid(f"Only {TEXT} characters are allowed; {len(output[name])} were supplied.")
    found = output.get("annotations", [])
    if len(found) > ANNOTATIONS:
        raise _invalid(f"No more than {ANNOTATIONS} items are allowed; {len(found)} were supplied.")
    for each in found:
        missing = [name for name in ("path", "start_line", "end_line", "annotation_level", "message") if name not in each]
        if missing:
            raise _invalid(f'"{missing[0]}" wasn\'t supplied.')
        if each["annotation_level"] not in LEVELS:
            raise _invalid(f"{each['annotation_level']} is not a member of {list(LEVELS)}.")
        if each.get("start_column") and each["start_line"] != each["end_line"]:
            raise _invalid("Annotations spanning multiple lines cannot have columns.")


def _valid_actions(actions: list[Json]) -> None:
    if len(actions) > ACTIONS:
        raise _invalid(f"No more than {ACTIONS} items are allowed; {len(actions)} were supplied.")
    for each in actions:
        for name, longest in BUTTON.items():
            if not each.get(name):
                raise _invalid(f'"{name}" wasn\'t supplied.')
            if len(each[name]) > longest:
                raise _invalid(f"Only {longest} characters are allowed; {len(each[name])} were supplied.")


def _invalid(what: str) -> Unprocessable:
    return Unprocessable(f"Invalid request.\n\n{what}")


def _annotation(each: Json) -> Json:
    names = (
        "path",
        "start_line",
        "end_line",
        "start_column",
        "end_column",
        "annotation_level",
        "title",
        "message",
        "raw_details",
    )
    return {name: each.get(name) for name in names}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _app(call: Call) -> App:
    installation = call.caller.installation
    if not installation:
        raise Forbidden("You must authenticate via a GitHub App.")
    return installation.app


def _run(call: Call) -> CheckRun:
    found = call.github.room(Checks).run(call.repo, call.number("check_run_id"))
    if not found:
        raise NotFound
    return found


def _suite(call: Call) -> CheckSuite:
    found = call.github.room(Checks).suites.get(call.number("check_suite_id"))
    if not found or found.repo is not call.repo:
        raise NotFound
    return found


def _commit(call: Call) -> str:
    found = call.repo.clone.resolve(call.match["ref"])
    if not found:
        raise Unprocessable(f"No commit found for SHA: {call.match['ref']}")
    return found
