"""The main job, through the front door: an instruction becomes a branch that proves itself, or an honest no."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from bot.demo import ISSUE

if TYPE_CHECKING:
    from tests.stories.conftest import Git, Pawl, Said

Make = Callable[[Mapping[str, str]], Path]
Look = Callable[[Path], dict[str, bytes]]

TEXT, NUMBER, LIST, OBJECT = {"type": "string"}, {"type": "number"}, {"type": "array"}, {"type": "object"}
GATE = {
    "type": "object",
    "required": ["name", "verdict", "required", "summary", "seconds", "findings"],
    "properties": {"verdict": {"enum": ["pass", "fail", "error", "not_applicable"]}, "seconds": NUMBER, "findings": LIST},
}
DECISION = {"type": "object", "required": ["allow", "deny", "require", "warn"]}
FIELDS = "run state engine base head branch reason spec change gates decision bundle report pull_request seconds"
REPLY = {
    "type": "object",
    "required": FIELDS.split(),
    "properties": {
        "state": {"enum": ["done", "refused", "awaiting_approval", "failed"]},
        "spec": {"type": ["object", "null"], "required": ["digest", "commit", "kill_rate", "tests"]},
        "change": {"type": "object", "required": ["diff", "files", "risk"]},
        "gates": {"type": "array", "items": GATE},
        "decision": DECISION,
        "seconds": NUMBER,
    },
}
"""The contract of ``pawl run --json``."""


@pytest.fixture(scope="module")
def proven(pawl: Pawl, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said, dict[str, bytes], dict[str, bytes]]:
    from bot.demo import make_project  # noqa: PLC0415 - only the module's one real run needs it

    root = make_project(tmp_path_factory.mktemp("proven") / "rooms")
    before = {
        str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file() and ".git" not in file.parts
    }
    said = pawl("run", "--repo", root, "--json", "-", stdin=ISSUE, seconds=280)  # a busy machine takes minutes
    after = {
        str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file() and ".git" not in file.parts
    }
    return root, said, before, after


Proven = tuple[Path, Any, dict[str, bytes], dict[str, bytes]]


def test_the_fix_is_proven_and_waits_for_a_person(proven: Proven) -> None:
    _, said, _, _ = proven
    assert said.code == 3, said.err + said.out[-3000:]
    reply = said.json
    jsonschema.validate(reply, REPLY)
    assert reply["state"] == "awaiting_approval"
    assert reply["decision"]["allow"]
    assert all(each["verdict"] in {"pass", "not_applicable"} for each in reply["gates"])
    assert {"witness", "guard"} == {each["role"] for each in reply["spec"]["tests"] if each["kept"]}


def test_the_branch_has_the_spec_first_and_the_change_second(proven: Proven, git: Git) -> None:
    root, said, _, _ = proven
    reply = said.json
    commits = git(root, "rev-list", "--reverse", f"{reply['base']}..{reply['branch']}").split()
    assert commits == [reply["spec"]["commit"], reply["head"]]
    first = git(root, "diff", "--name-only", reply["base"], commits[0]).split()
    second = git(root, "diff", "--name-only", commits[0], commits[1]).split()
    assert all(name.split("/")[-1].startswith("test_") for name in first)
    assert second == ["rooms/bookings.py"]
    for commit in commits:
        trailers = git(root, "show", "-s", "--format=%(trailers:key=Pawl-Run,key=Pawl-Spec,valueonly)", commit).split()
        assert trailers == [reply["run"], reply["spec"]["digest"]]


def test_the_working_tree_is_as_it_was(proven: Proven, git: Git) -> None:
    root, said, before, after = proven
    assert before == after
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "rev-parse", "HEAD") == said.json["base"]


def test_the_change_is_right_beyond_its_spec(proven: Proven, git: Git, pawl: Pawl) -> None:
    root, said, _, _ = proven
    git(root, "worktree", "add", "-q", "--detach", str(root.parent / "tree"), said.json["head"])
    check = "from rooms.bookings import merge; print(merge([(1, 2), (2, 3), (5, 6), (3, 5)]))"
    ran = pawl("sandbox", "--workspace", root.parent / "tree", "--", "python3", "-c", check)
    assert ran.out.strip() == "[(1, 6)]"


EVIDENCE = {
    "inventory": ("snapshot/before.json", "inventory.python_files"),
    "failing tests before": ("snapshot/before.json", "tests.outcomes"),
    "failing tests after": ("snapshot/after.json", "tests.outcomes.passed"),
    "coverage before": ("snapshot/before.json", "coverage.share"),
    "coverage after": ("snapshot/after.json", "coverage.share"),
    "complexity before": ("snapshot/before.json", "complexity.worst_cyclomatic"),
    "complexity after": ("snapshot/after.json", "complexity.mean_cyclomatic"),
    "types": ("snapshot/after.json", "types"),
    "vulnerabilities": ("snapshot/after.json", "vulnerabilities.not_measured"),
    "the one critical barrier": ("snapshot/barrier.json", "critical_barrier"),
    "contracts and conformance": ("contracts/contracts.json", "contracts.0.outcome"),
    "test reports before": ("reports/tests_before.xml", ""),
    "test reports after": ("reports/tests_after.xml", ""),
    "kill matrix": ("evidence/kill_matrix.json", "mutants.0.killed_by"),
    "behaviour differences": ("evidence/behaviour.json", "differences.0.after"),
    "gate results": ("evidence/gates.json", "0.verdict"),
    "performance of the suite": ("evidence/performance.json", "head.suite_seconds"),
    "performance of imports": ("evidence/performance.json", "base.import_seconds"),
    "fingerprint: tools": ("evidence/environment.json", "tools.mypy"),
    "fingerprint: kernel": ("evidence/environment.json", "kernel"),
    "fingerprint: the project's packages": ("evidence/environment.json", "project.0.digest"),
    "fingerprint: seeds": ("evidence/environment.json", "seeds.hashes"),
    "checksums": ("SHA256SUMS", ""),
    "SBOM": ("sbom/bom.cdx.json", "bomFormat"),
    "SBOM's summary": ("sbom/summary.md", ""),
    "decision record": ("reports/decision_record.md", ""),
    "technical debt": ("evidence/debt.json", None),
    "report": ("reports/report.html", ""),
    "statement": ("evidence/statement.dsse.json", "signatures.0.sig"),
    **{
        f"progress: {name}": ("progress/progress.log.jsonl", name)
        for name in [
            "timestamp",
            "loop_id",
            "area",
            "assumptions",
            "actions",
            "metrics_before",
            "metrics_after",
            "contracts",
            "artifacts",
            "risks",
        ]
    },
    **{f"progress: {name}": ("progress/progress.log.jsonl", None) for name in ["gates_added", "next_steps", "rollbacks"]},
}
"""What the specification names -> where it is, and a field of it that must not be empty; None where it may be."""


@pytest.mark.parametrize("item", EVIDENCE)
def test_all_that_evidence_must_hold_is_there(proven: Proven, item: str) -> None:
    _, said, _, _ = proven
    place, field = EVIDENCE[item]
    text = (Path(said.json["bundle"]) / place).read_text()
    found: Any = json.loads(text.splitlines()[0] if place.endswith(".jsonl") else text) if field else text
    for name in (field or "").split(".") if field else ():
        found = found[int(name)] if name.isdigit() else found[name]
    assert found or field is None or isinstance(found, int | float), f"{place}: {field} is empty"


def test_the_evidence_is_whole_and_a_changed_byte_shows(proven: Proven, pawl: Pawl) -> None:
    _, said, _, _ = proven
    bundle = Path(said.json["bundle"])
    assert pawl("audit", "verify", bundle).code == 0
    assert Path(said.json["report"]).is_file()
    assert Path(said.json["pull_request"]).read_text().startswith("**Proven**")
    verdicts = json.loads((bundle / "evidence/gates.json").read_text())
    assert {each["name"] for each in verdicts} == {each["name"] for each in said.json["gates"]}
    file = bundle / "evidence/risk.json"
    kept = file.read_text()
    file.write_text(kept.replace("MEDIUM", "SAFE"))
    broken = pawl("audit", "verify", bundle, "--json")
    file.write_text(kept)
    assert broken.code == 1
    assert broken.json["problems"] == ["evidence/risk.json was changed"]


def test_the_ledger_of_the_run_holds(proven: Proven, pawl: Pawl) -> None:
    assert proven[1].code == 3
    assert pawl("audit", "verify").code == 0


def test_the_gates_say_the_same_of_the_branch_by_itself(proven: Proven, pawl: Pawl) -> None:
    root, said, _, _ = proven
    judged = pawl(
        "gates", "--repo", root, "--base", said.json["base"], "--head", said.json["branch"], "--instruction", ISSUE, "--json"
    )
    assert judged.code == 3, judged.out
    assert judged.json["change"]["files"]


def test_a_vague_wish_ends_honestly_with_the_example_that_would_help(pawl: Pawl, project: Path, untouched: Look) -> None:
    before = untouched(project)
    said = pawl("run", "--repo", project, "--json", "fix: merge is sometimes wrong")
    assert said.code == 1
    assert "no trustworthy spec" in said.json["reason"]
    assert "merge(" in said.json["reason"]
    assert said.json["branch"] is None
    assert untouched(project) == before


AMBIGUOUS = {"price.py": '"""Prices."""\n\n\ndef price(n: int) -> int:\n    """Return the price of n."""\n    return n\n'}


def test_a_question_is_asked_where_readings_differ_and_its_answer_goes_on(pawl: Pawl, repository: Make) -> None:
    root = repository(AMBIGUOUS)
    said = pawl("run", "--repo", root, "--json", "fix: `price(2)` should return 4")
    assert said.code == 1, said.out
    question = said.json["question"]
    assert question is not None, said.json["reason"]
    assert len({each["gives"] for each in question["readings"]}) > 1
    squared = "price(3) == 9"
    again = pawl("run", "--repo", root, "--json", "--resume", said.json["run"], "--answer", squared)
    origins = [each["origin"] for each in again.json["spec"]["tests"] if each["kept"]]
    assert "answer" in origins
    assert again.code == 3, again.json["reason"]
    assert "n * n" in again.json["change"]["diff"] or "n ** 2" in again.json["change"]["diff"]
