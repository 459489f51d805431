"""What people see: words and marks on standard output, progress on standard error, and text that cannot paint the terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot import show
from bot.app import Wish
from bot.change.change import Change
from bot.change.risk import Risk, RiskLevel
from bot.checkup import Audited, Checkup
from bot.engine import Attempt
from bot.gate import Finding, failed, passed
from bot.history import Answered, Changed, Checked, History, Paragraph, Sealed, Suspect
from bot.ids import RepoName, RunId, Sha
from bot.judgement import Judged
from bot.llm.asking import Duty, Usage
from bot.llm.citation import Citation, Dropped
from bot.llm.spending import Spending
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus
from bot.policy.decision import Decision
from bot.reply import Done
from bot.run import Inquiry, Instruction, Run, State, Verb

RED = failed("lint", "1 finding", (Finding("a.py", 3, "bad [bold]thing[/bold]", "E1"),))
CHECKED = Checked(
    Change(Sha("b"), Sha("a"), (), ""),
    (passed("tests", "fine"), RED),
    Risk(RiskLevel.LOW, 5, ()),
    Decision(allow=False, deny=("lint is red",)),
)
RUN = Run(RunId("R"), Instruction(Verb.FIX, "fix", RepoName("/r"), Sha("b")), State.REFUSED, reason="the proof is not there")

Seen = pytest.CaptureFixture[str]


def test_a_refused_run_says_why_and_where(capsys: Seen) -> None:
    show.run(Done(RUN, History(checked=CHECKED, sealed=Sealed("/out", "d", "pawl/x")), "/out", 1.0), as_json=False)
    shown = capsys.readouterr().out
    assert shown.startswith("Refused: the proof is not there")
    assert "✘" in shown
    assert "a.py:3: bad [bold]thing[/bold] (E1)" in shown
    assert "/out/reports/report.html" in shown
    assert "pawl/x" in shown


def test_who_made_a_change_and_what_it_cost_is_told(capsys: Seen) -> None:
    attempts = (Attempt("codemod", worked=False, why="no codemod is named"), Attempt("a:one: Add f", worked=True))
    changed = Changed("model", Sha("c"), None, attempts, author="a:one")
    spending = (Spending(Duty.CHANGE_AUTHOR, "a:one", Usage(1000, 10, 0, 0.25, 2), 2), Spending(Duty.CRITIC, "b:two", Usage(), 1))
    show.run(Done(RUN, History(checked=CHECKED, changed=changed), None, 1.0, spending), as_json=False)
    shown = capsys.readouterr().out
    assert "engine       model (codemod: no codemod is named)" in shown
    assert "2 calls to models, 1,010 tokens, 0.25 USD; wrote the change: a:one; tried to refute it: b:two" in shown


def test_bad_input_is_one_line_on_standard_error(capsys: Seen) -> None:
    show.run(Done(replace(RUN, kind="InputError", reason="no such test"), History(), None, 1.0), as_json=False)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "pawl: no such test\n")


def test_json_is_all_there_is_on_standard_output(capsys: Seen) -> None:
    show.run(Done(RUN, History(), None, 1.0), as_json=True)
    show.gates(Judged(CHECKED, None, 1.0), as_json=True)
    show.matrix(KillMatrix((), ()), as_json=True)
    show.audit(Audited("it", ()), as_json=True)
    assert capsys.readouterr().out.count("\n}\n") == 4


def test_gates_and_matrices_in_words(capsys: Seen) -> None:
    show.gates(Judged(CHECKED, None, 1.0), as_json=False)
    mutant = Mutant("m", "a.py", 3, "comparison", "", "")
    show.matrix(KillMatrix((JudgedMutant(mutant, MutantStatus.SURVIVED),), (), why_not="a null mutant died"), as_json=False)
    shown = capsys.readouterr().out
    assert "Refused: lint is red" in shown
    assert "No verdict: a null mutant died" in shown
    assert "survived: a.py:3 comparison" in shown
    assert "no evidence of 1 mutants" in shown


def test_audits_and_checkups_in_words(capsys: Seen) -> None:
    show.audit(Audited("the ledger", ("entry 3 was changed",)), as_json=False)
    show.doctor(Checkup((("git", True, "/usr/bin/git"), ("sandbox", False, "none"))))
    shown = capsys.readouterr().out
    assert "Broken: the ledger" in shown
    assert "✔ git: /usr/bin/git" in shown
    assert "✘ sandbox: none" in shown


def test_the_demo_shows_the_issue_and_the_pull_request(capsys: Seen, tmp_path: Path) -> None:
    show.demo(Wish("fix: it", tmp_path))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/pull_request.md").write_text("**Proven**")
    show.pull_request(Done(RUN, History(), str(tmp_path), 1.0))
    show.pull_request(Done(RUN, History(), None, 1.0))
    shown = capsys.readouterr().out
    assert "│ fix: it" in shown
    assert "│ **Proven**" in shown


def test_a_run_given_up(capsys: Seen) -> None:
    show.cancelled(replace(RUN, state=State.CANCELLED), as_json=False)
    assert capsys.readouterr().out == "Cancelled: run R\n"


def test_progress_is_a_line_a_step_where_there_is_no_terminal(capsys: Seen) -> None:
    with show.progress(quiet=False) as heard:
        heard("spec")
        heard("spec", 0.5)
        heard("change")
    with show.progress(quiet=True) as nothing:
        nothing("spec")
    shown = capsys.readouterr()
    assert [line.split()[-1] for line in shown.err.splitlines()] == ["spec", "change"]
    assert shown.out == ""


def test_an_answer_shows_its_places_and_cannot_steer_the_terminal(capsys: Seen) -> None:
    at = Citation("shop/cart.py", 3, 5, "x")
    found = Answered(
        (Paragraph("It [bold]doubles[/bold].\x1b[2J", (at, Citation("a.py", 7, 7, "y"))), Paragraph("Perhaps.", ())),
        (Suspect("bug:00000001", at, "It is\x1b[31m wrong.", "f(1)", "2"),),
        (Dropped(Citation("b\x1b.py", 1, 1, ""), "there is no such file to read"),),
    )
    run = replace(RUN, state=State.DONE, reason="answered by v:m", instruction=replace(RUN.instruction, inquiry=Inquiry.ASK))
    show.answer(Done(run, History(answered=found), None, 1.0), as_json=False)
    shown = capsys.readouterr().out
    assert "It [bold]doubles[/bold]." in shown
    assert "\n  shop/cart.py:3-5\n  a.py:7\n" in shown
    assert "Perhaps.\n  not backed by the code\n" in shown
    assert "bug:00000001 not run: It is" in shown
    assert "left out: b .py: there is no such file to read" in shown
    assert "\x1b" not in shown


def test_a_question_that_cannot_be_answered_says_why(capsys: Seen) -> None:
    run = replace(RUN, reason="no language model is configured")
    show.answer(Done(run, History(), None, 1.0), as_json=False)
    assert capsys.readouterr().out.startswith("Refused: no language model is configured")
    show.answer(Done(replace(run, kind="InputError", reason="no such file"), History(), None, 1.0), as_json=False)
    assert capsys.readouterr() == ("", "pawl: no such file\n")
    show.answer(Done(run, History(), None, 1.0), as_json=True)
    assert capsys.readouterr().out.count("\n}\n") == 1


STEERING = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\r\x08"


def test_no_stranger_steers_the_terminal(capsys: Seen, tmp_path: Path) -> None:
    """Reasons, findings, names of models and of files all quote strangers."""
    found = failed("lint", STEERING, (Finding(STEERING, 3, STEERING, STEERING),))
    checked = replace(CHECKED, gates=(found,), decision=Decision(allow=False, deny=(STEERING,)))
    changed = Changed("model", Sha("c"), None, (Attempt("codemod", worked=False, why=STEERING),), author=STEERING)
    spending = (Spending(Duty.CRITIC, STEERING, Usage(1, 1, 0, None, 1), 1),)
    run = replace(RUN, reason=STEERING)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/pull_request.md").write_text(STEERING)
    show.run(
        Done(run, History(checked=checked, changed=changed, sealed=Sealed(STEERING, "d", STEERING)), None, 1.0, spending),
        as_json=False,
    )
    show.run(Done(replace(run, kind="InputError"), History(), None, 1.0), as_json=False)
    show.gates(Judged(checked, None, 1.0), as_json=False)
    mutant = Mutant("m", STEERING, 3, STEERING, "", "")
    show.matrix(KillMatrix((JudgedMutant(mutant, MutantStatus.SURVIVED),), (), why_not=STEERING), as_json=False)
    show.audit(Audited(STEERING, (STEERING,)), as_json=False)
    show.doctor(Checkup((("models", True, STEERING),)))
    show.pull_request(Done(run, History(), str(tmp_path), 1.0))
    with show.progress(quiet=False) as heard:
        heard(f"ask: {STEERING}")
    shown = capsys.readouterr()
    assert all(each.isprintable() or each == "\n" for each in shown.out + shown.err)


def test_json_holds_whatever_a_stranger_wrote_and_steers_nothing(capsys: Seen) -> None:
    said = {"reason": f"{STEERING}\udcff\U000e0041 ü 漢\n", "seconds": 1.5, "list": [None, True]}
    show.print_json(said)
    shown = capsys.readouterr().out
    assert json.loads(shown.encode()) == said
    assert "ü 漢\\n" in shown
    assert all(each.isprintable() or each == "\n" for each in shown)
