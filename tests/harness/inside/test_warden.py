"""How long a test may take: what the suite has shown, what hung, and what hung before on the same code."""

from __future__ import annotations

from typing import Any

import pytest

from bot.harness.inside.warden import SuiteState


def state(*hung: str, collect_cpu: float = 0.0, test_seconds: float = 10.0) -> SuiteState:
    found = SuiteState({"hung": list(hung), "test_seconds": test_seconds, "tests": []})
    found.collect_cpu = collect_cpu
    return found


def late(found: SuiteState, *tests: str) -> SuiteState:
    for each in tests:
        found.late[each] = found.cpu_limit(each)
        found.records[each] = {"outcome": "timed out"}
    return found


def test_limits_fall_once_tests_hang() -> None:
    limits = [late(state(), *"abc"[:count]).cpu_limit("x") for count in range(4)]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[1] > limits[2] == limits[3]


@pytest.mark.parametrize("hung", [(), ("x",)])
def test_no_limit_falls_below_what_the_suite_has_shown_to_need(hung: tuple[str, ...]) -> None:
    found = late(state(*hung), "a", "b", "c")
    found.slowest = 0.15
    assert found.cpu_limit("x") == pytest.approx(1.5)


def test_a_costly_import_or_total_raises_the_first_limit_up_to_the_most() -> None:
    found = state(collect_cpu=1.0)
    assert found.cpu_limit() == pytest.approx(4.0)
    found.total = 100.0
    assert found.cpu_limit() == pytest.approx(10.0)


def test_what_hung_before_needs_a_shorter_proof() -> None:
    assert state("x").cpu_limit("x") < late(state(), *"abc").cpu_limit("y")


def test_once_some_of_the_tests_that_hung_before_hang_again_the_rest_are_believed() -> None:
    found = state("a", "b", "c", "gone")
    found.ids = ["a", "b", "c", "fine"]
    late(found, "a").believe_the_rest()
    assert set(found.records) == {"a"}
    late(found, "b").believe_the_rest()
    assert outcomes(found) == {"a": "timed out", "b": "timed out", "c": "timed out"}
    assert "before" in found.records["c"]["message"]


def test_tests_that_did_not_hang_before_are_never_taken_on_belief() -> None:
    found = state("a")
    found.ids = ["a", "b", "c", "d"]
    late(found, "a", "b", "c").believe_the_rest()
    assert "d" not in found.records


def outcomes(found: SuiteState) -> dict[str, Any]:
    return {test: record["outcome"] for test, record in found.records.items()}
