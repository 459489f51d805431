"""What the warden believes: no worker's word for what it can know, and how long a test may take from what the suite has shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bot.harness.inside.ward import Watch, Worker
from bot.harness.inside.warden import Suite, SuiteState


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


class Puppet:
    """A worker that says what the test tells it to, and remembers the answers."""

    def __init__(self, root: Path) -> None:
        request = {
            "hung": [],
            "test_seconds": 1.0,
            "tests": [],
            "root": str(root),
            "product": [],
            "seconds": 60.0,
            "trace": False,
        }
        self.suite = Suite(request, [])
        self.answers: list[Any] = []
        self._watch = Watch(self)

    def cpu(self) -> float:
        return 0.0

    def answer(self, message: Any) -> None:
        self.answers.append(message)

    def say(self, kind: str, **said: Any) -> Any:
        """Say something and return the last answer."""
        self.suite._hear({"k": kind, **said}, cast("Worker", self), self._watch)
        return self.answers[-1] if self.answers else None

    def collect(self, *tests: str) -> list[str]:
        """Collect tests and all canaries; return the canaries' ids."""
        canaries = [f"test_x.py::test_{key}" for key, _ in self.say("canaries")["cards"]]
        self.say("collected", ids=list(tests), missing=[], errors=[], canaries=canaries)
        return canaries

    def run(self, outcomes: dict[str, str], **spoil: str) -> None:
        """Run all that is handed out and say that it came to these outcomes, passed where none is given."""
        order = self.say("ready")
        while order["run"] and not self.suite._state.finished:
            outcome = outcomes.get(order["run"], "passed")
            record = {"outcome": outcome, "phases": ["setup", "call", "teardown"]}
            order = self.say("result", **{"id": order["run"], "record": record, "pass": order["pass"], **spoil})

    def end(self, **said: Any) -> list[str]:
        """Say that all is done and return the doubts."""
        if said:
            self.say("tampered", **said)
        self.say("done")
        return cast("list[str]", self.suite._message()["doubts"])


@pytest.fixture
def puppet(tmp_path: Path) -> Puppet:
    return Puppet(tmp_path)


def honest(puppet: Puppet) -> dict[str, str]:
    draw = puppet.suite._state.draw
    assert draw is not None
    return dict(draw.expected)


def test_an_honest_worker_is_believed(puppet: Puppet) -> None:
    puppet.collect("a.py::test_a", "b.py::test_b")
    puppet.run({**honest(puppet), "b.py::test_b": "failed"})
    assert puppet.end(names=[]) == []
    assert outcomes(puppet.suite._state) == {"a.py::test_a": "passed", "b.py::test_b": "failed"}


def test_a_worker_that_calls_everything_passed_is_not(puppet: Puppet) -> None:
    puppet.collect("a.py::test_a")
    puppet.run({})
    assert any("must be failed was passed" in each for each in puppet.end(names=[]))


@pytest.mark.parametrize(("spoil", "why"), [({"pass": "x"}, "without its pass code"), ({"id": "a.py::test_b"}, "not running")])
def test_a_pass_needs_the_code_of_the_test_that_was_handed_out(puppet: Puppet, spoil: dict[str, str], why: str) -> None:
    puppet.collect("a.py::test_a")
    puppet.run(honest(puppet), **spoil)
    assert any(why in each for each in puppet.end(names=[]))


def test_a_pass_needs_all_three_phases(puppet: Puppet) -> None:
    puppet.collect("a.py::test_a")
    order = puppet.say("ready")
    puppet.say("result", id=order["run"], record={"outcome": "passed", "phases": ["call"]}, **{"pass": order["pass"]})
    assert "without its pass code" in puppet.end(names=[])[0]


def test_nothing_is_believed_before_every_canary_and_test_has_run(puppet: Puppet) -> None:
    assert "through before" in puppet.end(names=[])[0]
    puppet.collect("a.py::test_a")
    assert "through before" in puppet.end(names=[])[0]


def test_canaries_are_demanded_whatever_a_worker_says_there_are(puppet: Puppet) -> None:
    puppet.say("collected", ids=["a.py::test_a"], missing=[], errors=[], canaries=["test_x.py::test_c"] * 26)
    assert "the canaries were not collected" in puppet.end(names=[])


def test_who_does_not_tell_of_tampering_or_tells_of_it_is_not_believed(puppet: Puppet) -> None:
    puppet.collect()
    puppet.run(honest(puppet))
    assert "nothing tells whether" in puppet.end()[0]
    assert "changed what judges it: pytest.fail" in puppet.end(names=["pytest.fail"])[1]
