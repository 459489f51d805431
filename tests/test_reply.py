"""The shapes that ``--json`` prints: a contract with other programs, checked field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from bot.change.change import Change
from bot.change.diff import parse
from bot.change.risk import Risk, RiskFactor, RiskLevel
from bot.engine import Question, Reading
from bot.errors import InputError
from bot.gate import Finding, failed, passed
from bot.history import Answered, Changed, Checked, History, Paragraph, Sealed, Suspect
from bot.ids import Digest, NodeId, RepoName, RunId, Sha
from bot.llm.asking import Duty, Usage
from bot.llm.citation import Citation, Dropped
from bot.llm.spending import Spending
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus
from bot.policy.decision import Decision
from bot.reply import Done, of_answer, of_gates, of_matrix, of_run, of_unbegun
from bot.run import Inquiry, Instruction, Run, State, Verb
from bot.spec.spec import Role, Source, Spec, SpecTest
from tests.doubles.contract import GATES, MUTATE, RUN

BASE, HEAD = Sha("b" * 40), Sha("a" * 40)
DIFF = "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
CHANGE = Change(BASE, HEAD, parse(DIFF), DIFF)
CHECKED = Checked(
    CHANGE,
    (failed("lint", "1 finding", (Finding("a.py", 1, "bad", "E1"),), secret="kept apart"),),
    Risk(RiskLevel.LOW, 5, (RiskFactor("size", 5, "small"),)),
    Decision(allow=False, deny=("no",), require=("one approval",)),
)


def done(state: State, history: History = History(), kind: str = "") -> Done:  # noqa: B008 - frozen
    run = Run(RunId("R"), Instruction(Verb.FIX, "fix", RepoName("/r"), BASE), state, reason="why", kind=kind)
    return Done(run, history, "/out", 1.23456)


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        (State.DONE, "", 0),
        (State.AWAITING_APPROVAL, "", 3),
        (State.REFUSED, "Refused", 1),
        (State.REFUSED, "InputError", 2),
        (State.REFUSED, "ConfigError", 2),
        (State.REFUSED, "NoIsolation", 1),
        (State.CANCELLED, "", 1),
        (State.FAILED, "ZeroDivisionError", 70),
    ],
)
def test_exit_codes(state: State, kind: str, code: int) -> None:
    assert done(state, kind=kind).exit_code == code


def test_a_run_that_went_all_the_way() -> None:
    test = SpecTest(NodeId("t.py::t"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=7, reason="because")
    spec = Spec((test,), (), (), Digest("sha256:1"), BASE, 0.93)
    question = Question("f(1)", (Reading("A", None, "1"),))  # type: ignore[arg-type]
    history = History(None, spec, Changed("search", HEAD, None, question=question), CHECKED, Sealed("/out", "d", "pawl/x"))
    found = of_run(done(State.AWAITING_APPROVAL, history))
    Draft202012Validator(RUN).validate(found)
    assert list(found)[:7] == ["run", "state", "engine", "base", "head", "branch", "reason"]
    assert found["spec"]["tests"][0] == {
        "id": "t.py::t",
        "role": "witness",
        "kept": True,
        "kills": 7,
        "reason": "because",
        "origin": "example",
        "held_out": False,
    }
    assert found["change"]["files"] == [{"path": "a.py", "added": 1, "removed": 1}]
    assert found["change"]["risk"] == {"level": "LOW", "score": 5, "factors": [{"name": "size", "points": 5, "why": "small"}]}
    assert set(found["gates"][0]) == {"name", "verdict", "required", "summary", "seconds", "findings"}
    assert found["decision"] == {"allow": False, "deny": ["no"], "require": ["one approval"], "warn": []}
    assert found["question"]["call"] == "f(1)"
    assert (found["bundle"], found["report"], found["seconds"]) == ("/out", "/out/reports/report.html", 1.235)


def test_a_witness_kills_stand_ins_before_the_change_and_mutants_of_it_after() -> None:
    test = SpecTest(NodeId("t.py::t"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=4, reason="because")
    history = History(spec=Spec((test,), (), (), Digest("sha256:1"), BASE, 0.93))
    for evidence, kills in (({"t.py::t": 3}, 7), ({"t.py::t": "x"}, 4), (["t.py::t"], 4), (None, 4)):
        checked = replace(CHECKED, gates=(passed("spec", "intact", witnesses=evidence),))
        assert of_run(done(State.DONE, replace(history, checked=checked)))["spec"]["tests"][0]["kills"] == kills


def test_what_models_cost_and_who_wrote_what() -> None:
    nothing = {"calls": 0, "input": 0, "output": 0, "cached": 0, "money": 0.0}
    bare = of_run(done(State.REFUSED))
    assert bare["cost"] == {**nothing, "by_author": []}
    assert bare["authors"] == {"tests": None, "change": None, "critics": []}
    spec = Spec((), (), (), Digest("sha256:1"), BASE, author="a:one")
    history = History(None, spec, Changed("model", HEAD, None, author="b:two"), CHECKED)
    spending = (
        Spending(Duty.CRITIC, "a:one", Usage(10, 2, 1, None, 1), 1),
        Spending(Duty.CRITIC, "b:two", Usage(5, 0, 0, 0.5, 1)),
    )
    found = of_run(replace(done(State.DONE, history), spending=spending))
    assert {key: found["cost"][key] for key in nothing} == {"calls": 2, "input": 15, "output": 2, "cached": 1, "money": None}
    assert found["cost"]["by_author"][1] == {"duty": "critic", "author": "b:two", **nothing, "calls": 1, "input": 5, "money": 0.5}
    assert found["authors"] == {"tests": "a:one", "change": "b:two", "critics": ["a:one"]}


def test_a_run_that_never_began_has_the_same_fields() -> None:
    bare, error = of_run(done(State.REFUSED)), of_unbegun(InputError("no such thing"))
    for found in (bare, error):
        assert found["change"] == {"diff": "", "files": [], "risk": None}
        assert found["decision"]["allow"] is False
        assert found["gates"] == []
    assert set(bare) <= set(error), "whoever reads a run's object reads an error's, too"
    assert error["state"] == "failed"
    assert error["reason"] == "no such thing"


@pytest.mark.parametrize("state", State)
def test_a_state_is_one_of_those_that_other_programs_know(state: State) -> None:
    ended = done(state)
    said = of_run(ended)
    Draft202012Validator(RUN).validate(said)
    assert said["ended"] == state
    assert ended.exit_code == {"done": 0, "refused": 1, "awaiting_approval": 3, "failed": 70}[said["state"]]


@pytest.mark.parametrize("state", [State.CANCELLED, State.STOPPED])
def test_who_gives_a_run_up_has_said_no(state: State) -> None:
    assert of_run(done(state))["state"] == "refused"


def test_a_matrix_has_the_shape_that_other_programs_know() -> None:
    mutant = Mutant("m1", "a.py", 1, "number", "-x = 1\n+x = 2\n", "x = 2\n")
    killed = JudgedMutant(mutant, MutantStatus.KILLED, (NodeId("t.py::t"),))
    survived = JudgedMutant(replace(mutant, id="m2"), MutantStatus.SURVIVED)
    found = of_matrix(KillMatrix((killed, survived), (NodeId("t.py::t"), NodeId("t.py::u")), 1.23456))
    Draft202012Validator(MUTATE).validate(found)
    assert found["mutants"][0]["killed_by"] == ["t.py::t"]
    assert found["tests"] == [{"id": "t.py::t", "kills": 1}, {"id": "t.py::u", "kills": 0}]
    assert (found["kill_rate"], found["seconds"]) == (0.5, 1.235)
    Draft202012Validator(MUTATE).validate(of_matrix(KillMatrix((), (), why_not="no sandbox")))


def test_gates_have_their_part() -> None:
    found = of_gates(CHECKED, None, 0.5)
    Draft202012Validator(GATES).validate(found)
    assert {"change", "gates", "decision", "bundle", "report", "seconds", "base", "head"} == set(found)


def test_an_answer_says_what_holds_and_what_does_not() -> None:
    at, made_up = Citation("a.py", 1, 2, "x = 1"), Citation("b.py", 3, 3, "y = 1")
    suspect = Suspect("bug:00000001", at, "wrong", "f(1)", "2")
    found = Answered((Paragraph("So.", (at,)), Paragraph("Maybe.", ())), (suspect,), (Dropped(made_up, "gone"),), "v:m")
    wish = Instruction(Verb.FIX, "why?", RepoName("/r"), BASE, inquiry=Inquiry.ASK)
    said = of_answer(Done(Run(RunId("R"), wish, State.DONE, reason="answered"), History(answered=found), None, 1.0))
    cited = {"path": "a.py", "first": 1, "last": 2, "quote": "x = 1"}
    assert (said["inquiry"], said["question"], said["author"], said["state"]) == ("ask", "why?", "v:m", "done")
    assert said["paragraphs"] == [
        {"text": "So.", "backed": True, "citations": [cited]},
        {"text": "Maybe.", "backed": False, "citations": []},
    ]
    asked = {"id": "bug:00000001", "what": "wrong", "call": "f(1)", "expected": "2", "saw": "", "shown": "not run"}
    assert said["bugs"] == [{**asked, **cited}]
    assert said["dropped"][0]["why"] == "gone"
    assert said["usage"]["calls"] == 0
    refused = of_answer(Done(Run(RunId("R"), wish, State.REFUSED, reason="no"), History(), None, 1.0))
    assert (refused["paragraphs"], refused["bugs"], refused["author"]) == ([], [], None)
