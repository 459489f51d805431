"""The runner stand-in: real processes with GitHub's variables and files, tokens with the job's rights, and GitHub's answers."""

from __future__ import annotations

import io
import json
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.doubles.github.client import OPENER, Double, Person, Refused, ask
from tests.doubles.github.fixture import running
from tests.doubles.vouch import violations

Json = dict[str, Any]
SECONDS = 60.0
NOWHERE = "http://127.0.0.1:9/webhook"

MAIN = """
name: Trial
run-name: Trial of ${{ inputs.word }}
on: {workflow_dispatch: {inputs: {word: {required: true, type: string}, other: {default: fallback}}}, repository_dispatch: {}}
permissions: {}
env: {SHARED: yes please}
jobs:
  first:
    runs-on: ubuntu-latest
    outputs: {said: "${{ steps.speak.outputs.said }}"}
    steps:
      - id: speak
        shell: bash
        env: {WORD: "${{ inputs.word }}"}
        run: |
          echo "said=$WORD and $SHARED and ${{ inputs.other }}" >> "$GITHUB_OUTPUT"
          echo "LATER<<END" >> "$GITHUB_ENV"
          printf 'two\\nlines\\nEND\\n' >> "$GITHUB_ENV"
          mkdir -p tools && printf '#!/bin/sh\\necho from my tool\\n' > tools/mine && chmod +x tools/mine
          echo "$PWD/tools" >> "$GITHUB_PATH"
          echo "::add-mask::$WORD"
          echo "the word is $WORD"
      - run: |
          test "$LATER" = "$(printf 'two\\nlines')"
          mine > out.txt
          test -z "$ACTIONS_ID_TOKEN_REQUEST_URL"
          env | sort | grep -E '^(GITHUB|RUNNER)_' > env.txt
      - uses: actions/upload-artifact@v4
        with: {name: things, path: "*.txt", if-no-files-found: error}
  second:
    needs: first
    if: needs.first.outputs.said != ''
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write}
    steps:
      - uses: actions/download-artifact@v4
        with: {name: things, path: taken}
      - run: grep -q "from my tool" taken/out.txt
      - run: exit 3
        continue-on-error: true
      - run: false
      - run: echo never
      - if: failure()
        run: echo "mending ${{ needs.first.outputs.said }}"
      - name: Ask who I am
        if: always()
        run: >-
          curl -fsS -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN"
          "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=me" | tr -d '\\n' | sed 's/.*"value": "\\([^"]*\\)".*/IDENTITY=\\1/'
      - name: Use the token
        if: always()
        env: {TOKEN: "${{ github.token }}"}
        run: |
          code() { curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $TOKEN" "$@"; }
          echo "READ=$(code "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/contents/README.md")"
          made='{"ref":"refs/heads/x","sha":"'"$GITHUB_SHA"'"}'
          echo "WRITE=$(code -X POST -d "$made" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/git/refs")"
  third:
    needs: second
    runs-on: ubuntu-latest
    steps: [{run: echo skipped}]
  last:
    needs: [second, third]
    if: ${{ always() }}
    runs-on: ubuntu-latest
    steps: [{run: 'test "${{ needs.second.result }} ${{ needs.third.result }}" = "failure skipped"'}]
"""
SLOW = """
on: workflow_dispatch
concurrency: {group: one, cancel-in-progress: true}
jobs: {slow: {runs-on: ubuntu-latest, steps: [{run: echo begun; sleep 300}, {if: cancelled(), run: echo cleaned up}]}}
"""
FILES = {
    "README.md": "# Hello\n",
    ".github/workflows/trial.yml": MAIN,
    ".github/workflows/slow.yml": SLOW,
    ".github/workflows/other.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}\n",
}


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    with running(tmp_path_factory.mktemp("github") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def ann(double: Double) -> Person:
    person = double.person("ann")
    double.repository("ann/hello", FILES)
    events = ["workflow_run", "workflow_job"]
    manifest = {"name": "Ear", "hook_attributes": {"url": NOWHERE}, "default_permissions": {"actions": "read"}}
    double.install(double.app("ann", {**manifest, "default_events": events}), "ann")
    return person


def dispatch(ann: Person, file: str, **inputs: str) -> int:
    path = f"{ann.double.api}/repos/ann/hello/actions/workflows/{file}/dispatches"
    answer = ask("POST", path, {"ref": "main", "inputs": inputs}, ann.token, X_GitHub_Api_Version="2026-03-10")
    assert answer.status == 200
    return int(answer.body["workflow_run_id"])


def ended(ann: Person, number: int, *, until: str = "completed") -> Json:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        run: Json = ann.ask("GET", f"/repos/ann/hello/actions/runs/{number}")
        if run["status"] == until:
            return run
        time.sleep(0.05)
    raise AssertionError(f"the run did not come to be {until}")


def jobs(ann: Person, number: int) -> dict[str, Json]:
    return {each["name"]: each for each in ann.ask("GET", f"/repos/ann/hello/actions/runs/{number}/jobs")["jobs"]}


def log(ann: Person, job: Json) -> str:
    return str(ask("GET", f"{ann.double.url}/_double/logs/{job['id']}").body)


@pytest.fixture(scope="module")
def trial(ann: Person) -> Json:
    """The whole trial workflow, run once."""
    return ended(ann, dispatch(ann, "trial.yml", word="sesame"))


def test_jobs_end_as_their_steps_and_conditions_say(ann: Person, trial: Json) -> None:
    assert trial["conclusion"] == "failure"
    assert trial["display_title"] == "Trial of sesame"
    found = jobs(ann, trial["id"])
    assert {name: job["conclusion"] for name, job in found.items()} == {
        "first": "success",
        "second": "failure",
        "third": "skipped",
        "last": "success",
    }, log(ann, found["first"])
    steps = [step["conclusion"] for step in found["second"]["steps"]]
    assert steps == ["success", "success", "failure", "failure", "skipped", "success", "success", "success"]


def test_outputs_environment_and_path_go_from_step_to_step(ann: Person, trial: Json) -> None:
    found = jobs(ann, trial["id"])
    said = log(ann, found["second"])
    assert "mending sesame and yes please and fallback" in said
    assert "sesame" not in log(ann, found["first"]), "what is masked is struck out"
    assert "the word is ***" in log(ann, found["first"])


def test_artifacts_are_kept_and_the_environment_is_githubs(ann: Person, trial: Json) -> None:
    (kept,) = ann.ask("GET", f"/repos/ann/hello/actions/runs/{trial['id']}/artifacts")["artifacts"]
    signed_in = {"Authorization": f"Bearer {ann.token}"}
    request = urllib.request.Request(kept["archive_download_url"], headers=signed_in)  # noqa: S310 - the double's own address
    with OPENER.open(request) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
        assert archive.namelist() == ["env.txt", "out.txt"]
        told = dict(line.split("=", 1) for line in archive.read("env.txt").decode().splitlines() if "=" in line)
    assert told["GITHUB_REPOSITORY"] == "ann/hello"
    assert told["GITHUB_RUN_ID"] == str(trial["id"])
    assert told["GITHUB_SERVER_URL"] == ann.double.url
    assert told["GITHUB_SHA"] == trial["head_sha"]
    assert {"RUNNER_TEMP", "RUNNER_OS", "GITHUB_API_URL", "GITHUB_OUTPUT"} <= set(told)
    steps = ask("GET", f"{ann.double.url}/_double/environments/{jobs(ann, trial['id'])['first']['id']}").body
    given = [each for each in steps if each["GITHUB_OUTPUT"] == told["GITHUB_OUTPUT"]]
    githubs = [{pair for pair in each.items() if pair[0].startswith(("GITHUB_", "RUNNER_"))} for each in given]
    assert [each <= set(told.items()) for each in githubs] == [True], "the double remembers what a step was given"


def test_only_a_job_with_the_permission_has_an_identity(ann: Person, trial: Json) -> None:
    said = log(ann, jobs(ann, trial["id"])["second"])
    token = next(line for line in said.splitlines() if line.startswith("IDENTITY=")).removeprefix("IDENTITY=")
    place = f"{ann.double.url}/_services/token"
    told = ask("GET", f"{place}/.well-known/openid-configuration").body
    keys = jwt.PyJWKSet.from_dict(ask("GET", told["jwks_uri"]).body)
    claims = jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]].key, ["RS256"], audience="me", issuer=place)
    assert claims["run_id"] == str(trial["id"])
    assert claims["job_workflow_ref"] == "ann/hello/.github/workflows/trial.yml@refs/heads/main"
    assert claims["event_name"] == "workflow_dispatch"


def test_the_jobs_token_has_the_jobs_rights(ann: Person, trial: Json) -> None:
    said = log(ann, jobs(ann, trial["id"])["second"])
    assert "READ=200" in said
    assert "WRITE=403" in said


def test_what_cannot_be_dispatched_is_refused_as_github_refuses(ann: Person) -> None:
    for file, data, status in (
        ("nosuch.yml", {"ref": "main"}, 404),
        ("other.yml", {"ref": "main"}, 422),
        ("trial.yml", {"ref": "nosuch", "inputs": {"word": "x"}}, 422),
        ("trial.yml", {"ref": "main"}, 422),
        ("trial.yml", {"ref": "main", "inputs": {"word": "x", "made": "up"}}, 422),
    ):
        with pytest.raises(Refused) as refused:
            ann.ask("POST", f"/repos/ann/hello/actions/workflows/{file}/dispatches", data)
        assert refused.value.status == status


def test_cancelling_ends_the_processes_and_runs_what_cleans_up(ann: Person) -> None:
    number = dispatch(ann, "slow.yml")
    ended(ann, number, until="in_progress")
    ann.ask("POST", f"/repos/ann/hello/actions/runs/{number}/cancel")
    assert ended(ann, number)["conclusion"] == "cancelled"
    with pytest.raises(Refused) as refused:
        ann.ask("POST", f"/repos/ann/hello/actions/runs/{number}/cancel")
    assert refused.value.status == 409


def test_the_newer_of_a_group_cancels_the_older(ann: Person) -> None:
    older, newer = dispatch(ann, "slow.yml"), dispatch(ann, "slow.yml")
    assert ended(ann, older)["conclusion"] == "cancelled"
    ended(ann, newer, until="in_progress")
    ann.ask("POST", f"/repos/ann/hello/actions/runs/{newer}/cancel")
    ended(ann, newer)


def test_the_old_api_version_tells_no_number_and_a_repository_dispatch_neither(ann: Person) -> None:
    before = {run["id"] for run in ann.ask("GET", "/repos/ann/hello/actions/runs")["workflow_runs"]}
    path = "/repos/ann/hello/actions/workflows/trial.yml/dispatches"
    assert ann.ask("POST", path, {"ref": "main", "inputs": {"word": "x"}}) is None
    ann.ask("POST", "/repos/ann/hello/dispatches", {"event_type": "go", "client_payload": {}})
    begun = [run for run in ann.ask("GET", "/repos/ann/hello/actions/runs")["workflow_runs"] if run["id"] not in before]
    assert {run["event"] for run in begun} == {"workflow_dispatch", "repository_dispatch"}
    for run in begun:
        ended(ann, run["id"])


def test_what_it_answered_is_what_github_publishes(ann: Person, trial: Json) -> None:
    assert trial["id"]
    recording = next(iter(Path(ann.double.data).glob("*.jsonl")))
    lines = [json.loads(line) for line in recording.read_text().splitlines()]
    actions = [line for line in lines if "/actions/" in str(line.get("path")) or line.get("event", "").startswith("workflow_")]
    told = {(line["event"], line["payload"]["action"]) for line in actions if "event" in line}
    assert {("workflow_run", each) for each in ("requested", "in_progress", "completed")} <= told
    assert {("workflow_job", each) for each in ("queued", "in_progress", "completed")} <= told
    assert "\n".join(sorted({f"{each.where}: {each.what}" for each in violations(actions)})) == ""
