"""The Rego engine: the policies' own tests, and every way in which a policy can go wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.policy import rego
from bot.policy.engine import folder, shipped

GOOD = """package pawl.good
import rego.v1
deny contains "no" if {
    input.bad
    input.worse
}
require contains "somebody"
warn := set()
"""


def test_the_policies_own_tests_hold_and_run_every_line() -> None:
    everything = {f"policies/{file.name}": file.read_text("utf-8") for file in folder().glob("*.rego")}
    outcomes, not_covered = rego.run_tests(everything)
    assert [name for name, held in outcomes.items() if not held] == []
    assert {path: lines for path, lines in not_covered.items() if lines} == {}
    assert {path.replace(".rego", "_test.rego") for path in shipped()} <= set(everything)


def test_a_failing_and_an_uncovered_rule_show() -> None:
    test = "package pawl.good_test\nimport rego.v1\nimport data.pawl.good\ntest_a if count(good.deny) == 2 with input as {}\n"
    outcomes, not_covered = rego.run_tests({"good.rego": GOOD, "good_test.rego": test})
    assert outcomes == {"pawl.good_test.test_a": False}
    assert not_covered["good.rego"] == {3, 5}


def test_an_answer_is_sorted_sentences() -> None:
    assert rego.evaluate({"good.rego": GOOD}, '{"bad": true, "worse": true}') == {
        "good": {"deny": ["no"], "require": ["somebody"], "warn": []}
    }
    assert rego.evaluate({"good.rego": GOOD}, "{}")["good"]["deny"] == []


HEAD = "package pawl.p\nimport rego.v1\n"
REST = "require := set()\nwarn := set()\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("package pawl.p\ndeny contains x if {", "expecting"),
        (HEAD + REST, "deny"),
        (HEAD + REST + 'deny := "no"\n', "set of sentences"),
        (HEAD + REST + "deny contains 1\n", "set of sentences"),
        (HEAD + REST + "deny := true if input.nothing\n", "undefined"),
        (HEAD + REST + "deny contains msg if { msg := nosuch(1) }\n", "nosuch"),
        (HEAD + REST + "deny := {1: 2}\n", "set of sentences"),
        (HEAD + REST + 'deny contains x if { x := to_number("y") }\n', "deny"),
        ("package other\n", "must be pawl.<name>"),
        ("package pawl.a.b\n", "must be pawl.<name>"),
    ],
)
def test_whatever_goes_wrong_is_an_error_with_its_name(text: str, why: str) -> None:
    ((name, answer),) = rego.evaluate({"p.rego": text}, "{}").items()
    assert name in {"p", "p.rego"}
    (told,) = answer["error"]
    assert told.startswith("p.rego")
    assert why in told
    assert "backtrace" not in told


def test_two_policies_of_one_package() -> None:
    answers = rego.evaluate({"a.rego": GOOD, "b.rego": GOOD}, "{}")
    assert "a.rego has the package pawl.good already" in answers["b.rego"]["error"][0]


def test_a_document_that_is_no_json() -> None:
    assert "error" in rego.evaluate({"a.rego": GOOD}, "{")["a.rego"]


def test_as_a_program() -> None:
    asked = json.dumps({"policies": {"good.rego": GOOD}, "document": '{"bad": true, "worse": true}'})
    command = [sys.executable, "-I", str(Path(rego.__file__))]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, env={})
    assert json.loads(done.stdout)["good"]["deny"] == ["no"]
