"""The policy gate: denies are red, needed approvals are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.change.risk import Facts, assess
from bot.gate import Verdict, errored, passed
from bot.gates.policy import GATE
from bot.policy.engine import OWN, own_policies


def test_it_comes_after_the_others() -> None:
    assert GATE.after_others


def test_green_with_approvals_still_needed(subject: Any) -> None:
    judged = replace(subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}), results=(passed("tests", "fine"),))
    result = GATE.judge(judged)
    assert result.verdict is Verdict.PASS
    assert any("trust level 0" in each for each in result.evidence["require"])


def test_a_red_gate_is_denied(subject: Any) -> None:
    judged = replace(subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}), results=(errored("tests", "no sandbox"),))
    result = GATE.judge(judged)
    assert result.verdict is Verdict.FAIL
    assert result.findings[0].message == "gates: tests said error: no sandbox"


def test_the_bases_own_policies_count(subject: Any) -> None:
    text = 'package pawl.house\nimport rego.v1\ndeny contains "closed"\nrequire := set()\nwarn := set()\n'
    files = {f"{OWN}/house.rego": text, f"{OWN}/house_test.rego": "broken", "a.py": "x = 1\n"}
    given = subject(files, {"a.py": "x = 2\n"})
    judged = replace(given, results=(passed("tests", "fine"),), policies=own_policies(given.base.root))
    assert "house: closed" in [each.message for each in GATE.judge(judged).findings]


def test_a_policy_that_cannot_be_read_denies(subject: Any) -> None:
    judged = replace(subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}), results=(passed("tests", "fine"),))
    folder = judged.base.root / OWN
    folder.mkdir(parents=True)
    (folder / "bad.rego").write_bytes(b"\xff")
    (folder / "link.rego").symlink_to("bad.rego")
    judged = replace(judged, policies=own_policies(judged.base.root))
    assert sum("which is a no" in each.message for each in GATE.judge(judged).findings) >= 2


def test_it_judges_the_risk_that_the_decision_judges(subject: Any) -> None:
    """Callers and churn make an edit nearly HIGH: what the tests neither run nor notice tips it."""
    edited = subject({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"})
    judged = replace(edited, risk=assess(edited.change, Facts(fan_in=40)))
    weak = (passed("coverage", "", changed_lines=0.1), passed("mutation", "", kill_rate=0.1))
    asked = [GATE.judge(replace(judged, results=results)).evidence["require"] for results in ((passed("tests", ""),), weak)]
    assert "MEDIUM" in str(asked[0])
    assert "HIGH" in str(asked[1])
