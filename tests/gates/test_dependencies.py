"""The dependencies gate: what comes in."""

from __future__ import annotations

from typing import Any

import pytest

import bot.gates.dependencies as gate
from bot.config import Config, Dependencies
from bot.gate import GateResult, Severity, Verdict
from bot.scan.audit import Vulnerability
from bot.scan.tool import ToolFailed

OLD = {"requirements.txt": "requests>=2\n"}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Stand in for the database: it knows that ``badpkg`` 1.0 is weak."""
    seen: list[tuple[str, str]] = []

    def audit(pins: Any) -> tuple[Vulnerability, ...]:
        seen.extend(pins)
        return tuple(Vulnerability(name, version, "PYSEC-1", ("2.0",), "weak") for name, version in pins if name == "badpkg")

    monkeypatch.setattr(gate, "audit", audit)
    return seen


def judge(subject: Any, old: dict[str, str], new: dict[str, str], **rules: Any) -> GateResult:
    return gate.GATE.judge(subject(old, new, config=Config(dependencies=Dependencies(**rules))))


def rules_of(result: GateResult) -> list[str]:
    return [each.rule for each in result.findings if each.severity is Severity.ERROR]


def test_nothing_to_judge(subject: Any) -> None:
    result = judge(subject, {}, {"a.py": "x = 1\n"})
    assert (result.verdict, result.summary) == (Verdict.NOT_APPLICABLE, "no manifest or lock file changed")


def test_a_new_pinned_package_is_asked_about(subject: Any, asked: list[tuple[str, str]]) -> None:
    result = judge(subject, OLD, {"requirements.txt": "requests>=2\ngoodpkg==1.0\n"})
    assert (result.verdict, asked) == (Verdict.PASS, [("goodpkg", "1.0")])
    assert result.evidence["new"] == ["goodpkg"]


def test_a_weak_one_fails_on_its_line(subject: Any) -> None:
    result = judge(subject, OLD, {"requirements.txt": "requests>=2\nbadpkg==1.0\n"})
    assert [(each.line, each.rule) for each in result.findings] == [(2, "PYSEC-1")]
    assert "take 2.0" in result.findings[0].message


def test_without_an_exact_version_it_is_red_unless_the_configuration_allows_it(subject: Any) -> None:
    new = {"requirements.txt": "requests>=2\ngoodpkg\n"}
    result = judge(subject, OLD, new)
    assert result.verdict is Verdict.FAIL
    assert [(each.line, each.rule) for each in result.findings] == [(2, "not-audited")]
    assert "goodpkg==version" not in result.findings[0].message
    assert "write name==version" in result.findings[0].message
    assert judge(subject, OLD, new, allowed=("goodpkg",)).verdict is Verdict.PASS


def test_a_database_that_cannot_be_asked_is_red(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def audit(_pins: Any) -> tuple[Vulnerability, ...]:
        raise ToolFailed("could not ask")

    monkeypatch.setattr(gate, "audit", audit)
    assert judge(subject, OLD, {"requirements.txt": "requests>=2\ngoodpkg==1.0\n"}).verdict is Verdict.ERROR
    result = judge(subject, OLD, {"requirements.txt": "requests>=2\nevil==1.0\n"}, denied=("evil",))
    assert (result.verdict, rules_of(result)) == (Verdict.FAIL, ["denied", "not-audited"])


def test_denied_and_allowed(subject: Any) -> None:
    new = {"requirements.txt": "requests>=2\nGood_Pkg==1.0\n"}
    assert rules_of(judge(subject, OLD, new, denied=("good.pkg",))) == ["denied"]
    assert rules_of(judge(subject, OLD, new, allowed=("requests",))) == ["not-allowed"]
    assert rules_of(judge(subject, OLD, new, allowed=("good-pkg",))) == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("lib @ https://example.org/lib.whl", "not-from-index"),
        ("-e git+https://example.org/x.git#egg=x", "not-from-index"),
        ("--extra-index-url https://example.org/simple", "index"),
        ("reqeusts==1.0", "look-alike"),
    ],
)
def test_odd_ways_in(subject: Any, line: str, rule: str) -> None:
    assert rules_of(judge(subject, OLD, {"requirements.txt": f"requests>=2\n{line}\n"})) == [rule]


def test_pins_and_hashes_stay(subject: Any) -> None:
    pinned = {"requirements.txt": "a==1\nb==2\n"}
    assert rules_of(judge(subject, pinned, {"requirements.txt": "a==1\nb>=2\n"})) == ["not-pinned"]
    hashed = {"requirements.txt": "a==1 --hash=sha256:aa\n"}
    assert rules_of(judge(subject, hashed, {"requirements.txt": "a==1\n"})) == ["no-hash"]


def test_what_cannot_be_read_is_red(subject: Any) -> None:
    assert rules_of(judge(subject, {}, {"pyproject.toml": "[[[\n"})) == ["unreadable"]


def pyproject(*wanted: str) -> str:
    return f'[build-system]\nrequires = ["setuptools>=77"]\n\n[project]\ndependencies = {list(wanted)}\n'.replace("'", '"')


def uv_lock(**versions: str) -> str:
    return "".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n' for name, version in versions.items())


def test_the_lock_file_agrees(subject: Any, asked: list[tuple[str, str]]) -> None:
    old = {"pyproject.toml": pyproject("a>=1"), "uv.lock": uv_lock(a="1.5")}
    assert (
        judge(subject, old, {"pyproject.toml": pyproject("a>=1", "b>=2"), "uv.lock": uv_lock(a="1.5", b="2.1")}).verdict
        is Verdict.PASS
    )
    assert asked == [("b", "2.1")]
    assert rules_of(judge(subject, old, {**old, "pyproject.toml": pyproject("a>=1", "b>=2")})) == ["lock"]
    assert rules_of(judge(subject, old, {**old, "pyproject.toml": pyproject("a>=2")})) == ["lock"]


def test_a_dependency_that_goes_is_fine(subject: Any) -> None:
    result = judge(subject, {"requirements.txt": "a==1\nb==2\n"}, {"requirements.txt": "a==1\n"})
    assert (result.verdict, result.summary) == (Verdict.PASS, "no dependency comes in or moves")
