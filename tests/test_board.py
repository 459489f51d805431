"""The board: what stands on a commit while gates answer and once they have, written once whatever is repeated."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.board import BUTTONS, COMPOSITE, GitHubBoard, check_name, composite_for, gate_of
from bot.change.change import Change
from bot.change.risk import Risk, RiskLevel
from bot.examination.paper import Paper
from bot.gate import Finding, Gate, GateResult, Severity, Verdict, errored, failed, not_applicable, passed
from bot.github import checks, git
from bot.github.checks import CheckRun, Conclusion
from bot.history import Checked
from bot.ids import RunId, Sha
from bot.policy.decision import Decision
from bot.run import Instruction, Run, State, Verb
from bot.store.results import Examination
from tests.github.hosted import Hosted, hosted

__all__ = ["hosted"]
BASE = Sha("a" * 40)
PASSED = passed("lint", "clean")
FAILED = failed(
    "tests",
    "2 fail <img src=x> @everyone",
    (
        *(Finding("src/a.py", line, f"line {line} is wrong", "R1") for line in range(1, 61)),
        Finding("", 1, "the suite [hangs](http://x)", "R2", Severity.WARNING),
    ),
)
NOTHING = not_applicable("dependencies", "no manifest was touched")
EVERY = (PASSED, FAILED, NOTHING)


def gates(results: tuple[GateResult, ...] = EVERY) -> tuple[Gate, ...]:
    return tuple(Gate(each.name, "?", lambda _subject, each=each: each) for each in results)  # type: ignore[misc]


def run_of(hosted: Hosted, head: Sha | None = None, number: int = 1) -> Run:
    wish = Instruction(Verb.FIX, "fix it", hosted.repo.name, BASE, head=head)
    return Run(RunId(f"01M7WJVEQ0RDPX0C2YD25PG4S{number}"), wish, State.CHECKING)


def checked(head: Sha, *results: GateResult, decision: Decision | None = None) -> Checked:
    allow = decision or Decision(allow=all(each.green for each in results), require=("a maintainer's approval",))
    return Checked(Change(BASE, head, (), ""), results, Risk(RiskLevel.LOW, 7, ()), allow)


async def head_of(hosted: Hosted) -> Sha:
    found = await git.ref(hosted.repo, "main")
    assert found is not None
    return found


@dataclass(frozen=True)
class Judging:
    """A run's examinations: the head under examination in a workflow run, another one in none yet."""

    head: Sha

    async def of_run(self, run: RunId) -> tuple[Examination, ...]:
        papers = [Paper(run, self.head, each, "fix it", None, ("tests",)) for each in (Sha("0" * 40), self.head)]
        return tuple(Examination(each, 7, "w", workflow_run=77 if each.head == self.head else 78) for each in papers)


def standing(hosted: Hosted, head: Sha) -> dict[str, dict[str, Any]]:
    """Return the newest check runs on the commit by name."""
    found = hosted.owner.ask("GET", f"/repos/{hosted.name}/commits/{head}/check-runs?per_page=100&filter=all")["check_runs"]
    assert len({each["name"] for each in found}) == len(found), "a check run stands there twice"
    return {each["name"]: each for each in found}


async def test_green_and_red_stand_there_with_what_was_found(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    board = GitHubBoard(hosted.repo, cast("Any", Judging(head)))
    await board.opened(run, head, gates())
    assert standing(hosted, head)[COMPOSITE]["status"] == "in_progress"
    for each in EVERY:
        board.answered(each)
    await board.judged(run, checked(head, *EVERY))
    found = standing(hosted, head)
    assert {name: each["conclusion"] for name, each in found.items()} == {
        "pawl": "failure",
        "pawl / lint": "success",
        "pawl / tests": "failure",
        "pawl / dependencies": "neutral",
    }
    tests = found["pawl / tests"]
    assert tests["output"]["annotations_count"] == 60
    assert "<img" not in tests["output"]["summary"].replace("\\<", "")
    assert "@everyone" not in tests["output"]["summary"]
    assert "](http" not in tests["output"]["summary"]
    assert tests["external_id"] == run.id
    assert tests["details_url"] == f"{hosted.double.url}/{hosted.name}/actions/runs/77"
    assert "tests: fail" in found[COMPOSITE]["output"]["summary"]
    assert "maintainer" in found[COMPOSITE]["output"]["summary"]


async def test_all_green_is_green(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    board = GitHubBoard(hosted.repo)
    await board.opened(run, head, gates((PASSED, NOTHING)))
    await board.judged(run, checked(head, PASSED, NOTHING))
    assert standing(hosted, head)[COMPOSITE]["conclusion"] == "action_required"
    for missing, conclusion in (
        (("a maintainer",), "action_required"),
        ((), "success"),
        (("bob asked to wait",), "action_required"),
    ):
        await GitHubBoard(hosted.repo).ruled(run, checked(head, PASSED, NOTHING), missing)
        found = standing(hosted, head)[COMPOSITE]
        assert found["conclusion"] == conclusion
        assert "; ".join(missing) in found["output"]["title"]


async def test_a_merge_queue_hears_one_verdict_only(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    run = replace(run, instruction=replace(run.instruction, head=head, queued=Sha("1" * 40)))
    board = GitHubBoard(hosted.repo)
    await board.opened(run, head, gates((PASSED,)))
    await board.judged(run, checked(head, PASSED))
    assert standing(hosted, head)[COMPOSITE]["status"] == "in_progress", "what is not green leaves the queue"
    await board.ruled(run, checked(head, PASSED), ())
    assert standing(hosted, head)[COMPOSITE]["conclusion"] == "success"


async def test_what_goes_elsewhere_never_turns_the_check_that_guards_the_default_branch(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    board = GitHubBoard(hosted.repo, whole=composite_for("next", "main"))
    await board.opened(run, head, gates((PASSED,)))
    await board.judged(run, checked(head, PASSED, decision=Decision(allow=True)))
    found = standing(hosted, head)
    assert COMPOSITE not in found
    assert found["pawl for next"]["conclusion"] == "success"
    assert "default branch" in found["pawl for next"]["output"]["summary"]
    assert composite_for("main", "main") == composite_for("", "main") == COMPOSITE


@pytest.mark.parametrize(
    ("before", "after"), [("success", "cancelled"), ("action_required", "cancelled"), ("failure", "failure")]
)
async def test_a_verdict_that_nobody_watches_over_lets_nothing_in(hosted: Hosted, before: Conclusion, after: str) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    await checks.create(hosted.repo, CheckRun(COMPOSITE, head, "completed", before, "so far", "so far", external_id=run.id))
    await GitHubBoard(hosted.repo).abandoned(run, head, "the head moved")
    assert standing(hosted, head)[COMPOSITE]["conclusion"] == after


@pytest.mark.parametrize(
    ("results", "decision"),
    [
        ((PASSED,), Decision(allow=True)),
        ((PASSED, errored("dependencies", "no network")), Decision(allow=True)),
        ((PASSED, NOTHING), Decision(allow=False, deny=("not on a Friday",))),
        ((NOTHING,), Decision(allow=True)),
    ],
    ids=["missing", "error", "denied", "nothing passed"],
)
async def test_anything_else_is_red(hosted: Hosted, results: tuple[GateResult, ...], decision: Decision) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    board = GitHubBoard(hosted.repo)
    await board.opened(run, head, gates((PASSED, NOTHING)))
    await board.judged(run, checked(head, *results, decision=decision))
    assert standing(hosted, head)[COMPOSITE]["conclusion"] == "failure"


async def test_who_takes_over_writes_into_the_same_check_runs(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    first = GitHubBoard(hosted.repo)
    await first.opened(run, head, gates())
    first.answered(FAILED)
    await asyncio.gather(*first._under_way)
    second = GitHubBoard(hosted.repo)
    await second.opened(run, head, gates())
    for each in EVERY:
        second.answered(each)
    await second.judged(run, checked(head, *EVERY))
    found = standing(hosted, head)
    assert len(found) == 4
    assert found["pawl / tests"]["output"]["annotations_count"] == 60


async def test_another_run_on_the_same_commit_has_check_runs_of_its_own(hosted: Hosted) -> None:
    head = await head_of(hosted)
    for number, results in ((1, (FAILED,)), (2, (passed("tests", "fine"),))):
        board, run = GitHubBoard(hosted.repo), run_of(hosted, head, number)
        await board.opened(run, head, gates(results))
        await board.judged(run, checked(head, *results))
    latest = hosted.owner.ask("GET", f"/repos/{hosted.name}/commits/{head}/check-runs")["check_runs"]
    assert {each["name"]: each["conclusion"] for each in latest} == {"pawl": "action_required", "pawl / tests": "success"}


async def test_a_run_that_ends_before_it_judged_leaves_nothing_at_work(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    await GitHubBoard(hosted.repo).abandoned(run, head, "")
    assert standing(hosted, head) == {}
    await GitHubBoard(hosted.repo).opened(run, head, gates())
    ended = Run(run.id, run.instruction, State.CANCELLED, reason="the person who asked cancelled it")
    await GitHubBoard(hosted.repo).abandoned(ended, head, ended.reason)
    found = standing(hosted, head)[COMPOSITE]
    assert (found["status"], found["conclusion"]) == ("completed", "cancelled")
    assert "cancelled it" in found["output"]["summary"]
    await GitHubBoard(hosted.repo).abandoned(ended, head, ended.reason)


async def test_an_answer_that_did_not_go_through_is_written_in_the_end(hosted: Hosted) -> None:
    head, run = await head_of(hosted), run_of(hosted)
    board = GitHubBoard(hosted.repo)
    await board.opened(run, head, gates((PASSED,)))
    hosted.double.fault("status", method="POST", path="/check-runs$", count=1, status=422)
    board.answered(PASSED)
    await asyncio.gather(*board._under_way)
    assert set(standing(hosted, head)) == {COMPOSITE}
    await board.judged(run, checked(head, PASSED))
    assert standing(hosted, head)["pawl / lint"]["conclusion"] == "success"


@given(st.sampled_from(Verdict), st.booleans(), st.text(max_size=400))
def test_only_a_pass_is_shown_green_and_titles_are_one_short_line(verdict: Verdict, required: bool, words: str) -> None:
    from bot.board import _line, _of_gate  # noqa: PLC0415

    said = _of_gate(GateResult("tests", verdict, words, required=required))
    assert (said.conclusion == "success") is (verdict is Verdict.PASS)
    assert len(_line(said.title)) <= 200
    assert _line(said.title).isprintable()


def test_check_runs_are_named_after_gates() -> None:
    assert gate_of(check_name("tests")) == "tests"
    assert gate_of(COMPOSITE) == gate_of("build / tests") == ""
    assert set(BUTTONS) == {"retry", "explain", "rollback"}
