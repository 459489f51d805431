"""The shipped workflows keep powers apart: no job both runs the repository's code and holds anything worth stealing."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "workflows").glob("*.yml"))
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
PLAIN_ACTIONS = {"actions/upload-artifact", "actions/download-artifact"}
TOUCHES_CODE = re.compile(r"\b(pawl|pip|pytest|git|python3?|make|npm|source|eval)\s")
"""What a script that holds a token may not call: it could run, or fetch, what the repository's authors wrote."""
INSTALLS = re.compile(r"^(?!\s*install=\().*(?:\binstall\[@\]|pip install ).*$", re.MULTILINE)
LOCKED = ({"--require-hashes"}, {"--no-index", "--no-deps"})
"""What keeps pip to what is known by its digest: of each line that installs, one of these."""
READING = {("contents", "read")}
Job = dict[str, Any]


def jobs(text: str) -> dict[str, Job]:
    found: dict[str, Job] = yaml.safe_load(text)["jobs"]
    return found


def steps(job: Job) -> list[dict[str, Any]]:
    return list(job.get("steps", []))


def scripts(job: Job) -> Iterator[str]:
    for step in steps(job):
        if "run" in step:
            without_addresses = re.sub(r"https?://\S+|/api/\S+|\"[^\"]*\"", "", step["run"])
            yield without_addresses


def touches_code(job: Job) -> bool:
    """Return whether a job runs, or could be made to run, anything from the repository."""
    actions = {str(step["uses"]).partition("@")[0] for step in steps(job) if "uses" in step}
    return bool(actions - PLAIN_ACTIONS) or any(TOUCHES_CODE.search(script) for script in scripts(job))


def faults(text: str) -> list[str]:
    """Return every way in which a workflow breaks the separation of powers."""
    whole = yaml.safe_load(text)
    found = [] if whole.get("permissions") == {} else ["the workflow's own permissions are not empty"]
    if "concurrency" not in whole:
        found.append("two of one run may go on at once")
    if set(whole.get(True, whole.get("on", {}))) != {"workflow_dispatch"}:
        found.append("something else than Pawl can start it")
    if re.search(r"\bvars\b", text):
        found.append("a variable of the repository decides something")
    for name, job in whole["jobs"].items():
        found += [f"{name}: {each}" for each in _faults_of(job)]
    return found


def _faults_of(job: Job) -> Iterator[str]:
    permissions = set((job.get("permissions") or {"unstated": "write"}).items())
    text = yaml.safe_dump(job)
    if not isinstance(job.get("timeout-minutes"), int) or job["timeout-minutes"] > 30:
        yield "no time limit"
    if permissions - READING - {("id-token", "write")}:
        yield "more permissions than reading or an identity"
    if re.search(r"\bsecrets\b", text):
        yield "it is given a secret"
    if touches_code(job) and permissions - READING:
        yield "it runs the repository's code and holds a token that is more than reading"
    if ("github.token" in text or "GITHUB_TOKEN" in text) and ("id-token", "write") in permissions:
        yield "it holds two tokens"
    for step in steps(job):
        yield from _faults_of_step(step)


def _faults_of_step(step: dict[str, Any]) -> Iterator[str]:
    script = str(step.get("run", ""))
    if EXPRESSION.search(script):
        yield "an expression stands inside a script"
    if any(not any(each <= set(line.split()) for each in LOCKED) for line in INSTALLS.findall(script)):
        yield "it installs what is not known by its digest"
    if re.search(r"https?://|--(extra-)?index-url|--find-links", script):
        yield "it names a host of its own"
    if "uses" in step and not PINNED.fullmatch(step["uses"]):
        yield f"{step['uses']} is not pinned to a commit"
    if str(step.get("uses", "")).startswith("actions/checkout"):
        yield "it checks the repository out"
    if "github.token" in str(step.get("env", "")) and "pawl" in str(step.get("run", "")):
        yield "the gates see a token"


@pytest.fixture(params=SHIPPED, ids=lambda file: file.name)
def shipped(request: pytest.FixtureRequest) -> str:
    return str(request.param.read_text(encoding="utf-8"))


def test_there_is_something_to_judge() -> None:
    assert "pawl.yml" in {each.name for each in SHIPPED}


def test_powers_are_kept_apart(shipped: str) -> None:
    assert faults(shipped) == []


def test_one_job_runs_the_gates_and_it_reads_only(shipped: str) -> None:
    running = [name for name, job in jobs(shipped).items() if touches_code(job)]
    assert running == ["gates"]
    assert jobs(shipped)["gates"]["permissions"] == {"contents": "read"}


def break_(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def broken(text: str) -> str:
        whole = copy.deepcopy(yaml.safe_load(text))
        change(whole)
        return yaml.safe_dump(whole)

    return broken


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["jobs"]["gates"]["permissions"].update({"id-token": "write"}), "more than reading"),
        (lambda it: it["jobs"]["gates"]["permissions"].update({"contents": "write"}), "more permissions"),
        (lambda it: it["jobs"]["gates"].pop("permissions"), "more permissions"),
        (lambda it: it["jobs"]["report"].pop("timeout-minutes"), "no time limit"),
        (lambda it: it["jobs"]["report"]["steps"].append({"run": "pawl gates"}), "runs the repository's code"),
        (lambda it: it["jobs"]["prepare"]["steps"].append({"uses": "actions/checkout@" + "a" * 40}), "checks the repository out"),
        (lambda it: it["jobs"]["prepare"]["steps"].append({"uses": "actions/cache@v4"}), "not pinned"),
        (lambda it: it["jobs"]["gates"]["steps"].append({"run": "echo ${{ inputs.run }}"}), "inside a script"),
        (lambda it: it["jobs"]["gates"].update(env={"X": "${{ secrets.KEY }}"}), "given a secret"),
        (
            lambda it: it["jobs"]["gates"]["steps"].append({"run": "pawl gates", "env": {"T": "${{ github.token }}"}}),
            "the gates see a token",
        ),
        (lambda it: it["jobs"]["gates"]["steps"].append({"run": "python -m pip install pawl==0.1.0"}), "known by its digest"),
        (lambda it: it["jobs"]["gates"]["steps"].append({"run": '"${install[@]}" --no-deps "$wheel"'}), "known by its digest"),
        (lambda it: it["jobs"]["gates"]["steps"].append({"run": "curl https://example.org/x"}), "a host of its own"),
        (lambda it: it["jobs"]["gates"]["steps"].append({"run": "true", "env": {"X": "${{ vars.PAWL_SPEC }}"}}), "a variable"),
        (lambda it: it.update(permissions={"contents": "read"}), "not empty"),
        (lambda it: it.pop("concurrency"), "at once"),
        (lambda it: it.update({True: {"pull_request_target": {}}}), "can start it"),
    ],
)
def test_each_way_of_breaking_it_is_seen(change: Callable[[dict[str, Any]], object], said: str) -> None:
    text = (ROOT / "workflows/pawl.yml").read_text(encoding="utf-8")
    assert any(said in each for each in faults(break_(change)(text)))


@pytest.mark.parametrize(
    "command",
    [
        ("zizmor", "--offline", "--quiet", "--persona", "pedantic"),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_other_peoples_judges_agree(command: tuple[str, ...], file: Path) -> None:
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([str(program), *command[1:], str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
