"""Actions: a workflow is started with its inputs, found again, and cancelled; an older server tells no id."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.errors import Fatal
from bot.github import actions
from bot.github.errors import NotFound, Unprocessable
from bot.github.repository import Repository
from tests.github.conftest import Answering, told
from tests.github.hosted import Hosted

WORKFLOW = """on:
  workflow_dispatch:
    inputs:
      run: {type: string, required: true}
run-name: pawl ${{ inputs.run }}
permissions: {}
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: "true"
"""
ROW: dict[str, Any] = {
    "id": 5,
    "status": "completed",
    "conclusion": "success",
    "head_sha": "1" * 40,
    "event": "workflow_dispatch",
    "path": ".github/workflows/pawl.yml@refs/heads/main",
    "created_at": "2026-01-01T00:00:00Z",
    "display_title": "pawl 01J",
    "actor": {"id": 9},
}


async def test_a_dispatch_tells_its_run_where_the_server_does(repo: Repository, server: Answering) -> None:
    server.answers = [told({"workflow_run_id": 5}), web.Response(status=204)]
    assert await actions.dispatch(repo, "pawl.yml", "main", {"run": "01J"}) == 5
    assert await actions.dispatch(repo, "pawl.yml", "main", {"run": "01J"}) is None
    method, path, _, body = server.asked[0]
    assert (method, path) == ("POST", "/api/v3/repos/o/r/actions/workflows/pawl.yml/dispatches")
    assert json.loads(body) == {"ref": "main", "inputs": {"run": "01J"}, "return_run_details": True}


async def test_an_older_server_is_asked_without_what_it_does_not_know(repo: Repository, server: Answering) -> None:
    server.answers = [told({"message": '"return_run_details" is not a permitted key.'}, 422), web.Response(status=204)]
    assert await actions.dispatch(repo, "pawl.yml", "main", {}) is None
    assert json.loads(server.asked[1][3]) == {"ref": "main", "inputs": {}}
    server.answers = [told({"message": "Workflow does not have 'workflow_dispatch' trigger"}, 422)]
    with pytest.raises(Unprocessable, match="trigger"):
        await actions.dispatch(repo, "pawl.yml", "main", {})


async def test_a_runs_facts_are_read(repo: Repository, server: Answering) -> None:
    server.answers = [told(ROW)]
    found = await actions.workflow_run(repo, 5)
    assert (found.id, found.path, found.title, found.actor_id) == (5, ".github/workflows/pawl.yml", "pawl 01J", 9)
    assert found.created == datetime(2026, 1, 1, tzinfo=UTC)


async def test_runs_are_asked_for_since_a_time_of_any_zone(repo: Repository, server: Answering) -> None:
    server.answers = [told({"total_count": 1, "workflow_runs": [ROW]})]
    since = datetime.fromisoformat("2026-01-01T02:00:00+02:00")
    assert [each.id for each in await actions.runs_of(repo, "pawl.yml", since)] == [5]
    assert "created=%3E%3D2026-01-01T00%3A00%3A00Z" in server.asked[0][1]
    with pytest.raises(Fatal, match="no zone"):
        await actions.runs_of(repo, "pawl.yml", datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


async def test_cancelling_what_has_ended_is_nothing(repo: Repository, server: Answering) -> None:
    server.answers = [told({}, 202), told({"message": "Cannot cancel a workflow run that is completed."}, 409)]
    await actions.cancel(repo, 5)
    await actions.cancel(repo, 5)
    server.answers = [told({"message": "Not Found"}, 404)]
    with pytest.raises(NotFound):
        await actions.cancel(repo, 6)


async def test_a_workflow_of_a_repository_is_started_and_found(hosted: Hosted) -> None:
    hosted.owner.pushes(hosted.name, {".github/workflows/pawl.yml": WORKFLOW})
    since = datetime.now(UTC) - timedelta(minutes=1)
    run_id = await actions.dispatch(hosted.repo, "pawl.yml", "main", {"run": "01J"})
    found = await actions.runs_of(hosted.repo, "pawl.yml", since)
    assert [(each.event, each.path) for each in found] == [("workflow_dispatch", ".github/workflows/pawl.yml")]
    assert run_id in {None, found[0].id}
    assert (await actions.workflow_run(hosted.repo, found[0].id)).head_sha == found[0].head_sha
