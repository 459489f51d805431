"""The local runner: an answer from every gate, whatever the gate does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.change.change import Change
from bot.change.risk import Risk, RiskLevel
from bot.config import Config, GateSetting
from bot.errors import InputError, NoIsolation
from bot.gate import Gate, GateResult, Subject, Tree, Verdict, failed, passed
from bot.ids import Sha
from bot.runners.local import LocalRunner

TREE = Tree(Sha("a" * 40), Path("/nonexistent"))


@dataclass(frozen=True)
class Idle:
    seed: int = 0


@pytest.fixture
def subject() -> Subject:
    change = Change(TREE.sha, TREE.sha, (), "")
    return Subject(TREE, TREE, change, "", None, Config(), cast("Any", Idle()), Risk(RiskLevel.SAFE, 0, ()))


def gate(name: str, act: Any, *, last: bool = False, shares: bool = False) -> Gate:
    return Gate(name, f"{name}?", act, after_others=last, shares=shares)


def raising(error: BaseException) -> Any:
    def act(_subject: Subject) -> GateResult:
        raise error

    return act


async def run(subject: Subject, *gates: Gate) -> tuple[GateResult, ...]:
    return await LocalRunner().run(gates, subject, lambda _result: None)


async def test_answers_come_in_the_order_asked_with_their_time(subject: Subject) -> None:
    found = await run(subject, gate("b", lambda _: passed("b", "fine")), gate("a", lambda _: failed("a", "bad", ())))
    assert [(each.name, each.verdict) for each in found] == [("b", Verdict.PASS), ("a", Verdict.FAIL)]
    assert all(each.seconds >= 0 for each in found)


async def test_a_gate_whose_runs_serve_others_starts_first(subject: Subject) -> None:
    started: list[str] = []

    def noting(name: str) -> Any:
        def act(_subject: Subject) -> GateResult:
            started.append(name)
            return passed(name, "fine")

        return act

    found = await run(subject, gate("a", noting("a")), gate("b", noting("b")), gate("c", noting("c"), shares=True))
    assert started[0] == "c"
    assert [each.name for each in found] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoIsolation("no sandbox here"), "not run: no sandbox here"),
        (InputError("pytest.ini is broken"), "pytest.ini is broken"),
        (ZeroDivisionError(), "the gate itself broke (ZeroDivisionError)"),
        (RecursionError(), "not judged: code is nested more deeply than Python follows"),
    ],
)
async def test_a_gate_that_cannot_run_is_red(subject: Subject, error: BaseException, said: str) -> None:
    (found,) = await run(subject, gate("a", raising(error)))
    assert found.verdict is Verdict.ERROR
    assert said in found.summary
    assert not found.green


async def test_the_last_gates_see_the_others_answers(subject: Subject) -> None:
    seen: list[str] = []

    def judge(last: Subject) -> GateResult:
        seen.extend(each.name for each in last.results)
        return passed("policy", "agrees")

    await run(
        subject, gate("policy", judge, last=True), gate("a", lambda _: passed("a", "")), gate("b", lambda _: passed("b", ""))
    )
    assert seen == ["a", "b"]


async def test_what_the_configuration_does_not_require_is_marked(subject: Subject) -> None:
    free = replace(subject, config=Config(gates={"a": GateSetting(required=False)}))
    (found,) = await run(free, gate("a", raising(ValueError())))
    assert not found.required
    assert found.green
