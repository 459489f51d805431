"""The parent of a suite's workers: it never imports the project's code, and takes no worker's word for what it can know.

It draws the canaries, says which test runs next, hands out a pass code for it, knows what each canary must come to, and ends
what runs too long. A worker only does as it is told.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from . import canary, seal, testrun, ward, wire

_LOOK = 0.25
"""How often, in seconds, a silent worker is looked at."""
_AGAIN = 0.3
"""Least CPU seconds of a test that ran out of time before on the same code."""
_AT_FIRST = 2.0
"""Least CPU seconds of a test while none has hung."""
_AFTER_ONE, _AFTER_MANY, _MANY_LATE = 0.8, 0.4, 2
"""Least CPU seconds of a test once another one has hung, and once that many have."""
_PROOFS = 2
"""Tests that hung before on the same code and must do so again before the rest of them are believed to."""


class SuiteState:
    """What is known of one suite run while its workers come and go."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.ids: list[str] | None = None
        self.records: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, dict[str, Any]] = {}
        self.missing: list[str] = []
        self.traces: dict[str, Any] = {}
        self.imported: dict[str, Any] = {}
        self.poisoned: list[str] = []
        self.doubts: list[str] = []
        self.draw: canary.Draw | None = None
        """Made when the worker asks for it: what was known before the fork is in the worker's memory too."""
        self.queue: list[str] = []
        self.unchanged = False
        self.current = ""
        self.collecting = ""
        self.code = ""
        self.slowest = 0.0
        self.longest = 0.0
        self.total = 0.0
        self.late: dict[str, float] = {}
        self.limit = 0.0
        self.finished = False
        self.again = False
        self.collect_cpu = 0.0

    def cpu_limit(self, test: str = "") -> float:
        """Return a test's limit: it grows with what the suite has shown to need, and falls for what hung, and once some has."""
        if test in self.request["hung"]:
            return max(_AGAIN, 10 * self.slowest)
        shown = 4 * self.collect_cpu + 20 * self.total
        most = min(float(self.request["test_seconds"]), max(_AT_FIRST, shown))
        least = _AFTER_ONE if len(self.late) < _MANY_LATE else _AFTER_MANY
        return most if not self.late else min(most, max(least, 10 * self.slowest))

    def nothing_left(self) -> bool:
        """Say whether every file that was asked for took a worker down while it was imported."""
        files = {test.split("::")[0] for test in self.request["tests"]}
        return bool(files) and files <= set(self.poisoned)

    def try_again(self) -> bool:
        """Forget, once, tests that ran out of time under a limit that now, all being known, would be clearly higher."""
        hasty = [test for test, limit in self.late.items() if limit < 0.67 * self.cpu_limit(test)]
        if self.again or not hasty:
            return False
        for test in hasty:
            del self.records[test], self.late[test]
        self.again, self.finished = True, False
        return True

    def believe_the_rest(self) -> None:
        """Take it from the tests that hung again that the others known to hang do so as well."""
        known = set(self.request["hung"])
        if len(known.intersection(self.late)) < _PROOFS:
            return
        for test in known.intersection(self.ids or ()) - set(self.records):
            self.records[test] = {"outcome": "timed out", "message": "ran out of CPU time before, on the same code"}

    def expected(self, test: str) -> str:
        """Return what a canary must come to; '' for any other test."""
        return self.draw.expected.get(test, "") if self.draw is not None else ""

    def doubt(self, why: str) -> None:
        """Note a reason not to trust this run."""
        if why not in self.doubts:
            self.doubts.append(why)

    def give_up(self, why: str) -> bool:
        """Note that this run cannot be trusted any more, whatever else came of it; always False."""
        self.doubt(why)
        self.finished = True
        return False


class Suite:
    """One run of a suite: as many workers as it takes."""

    def __init__(self, request: dict[str, Any], close: list[int]) -> None:
        self._close = close
        self._state = SuiteState({**request, "watched": True})
        self._deadline = time.monotonic() + request["seconds"]
        self._seal = seal.seal(request["root"], request["product"])
        self._progress: tuple[int, int, int, bool] | None = None

    def run(self) -> dict[str, Any]:
        """Return the whole run as one message."""
        while self._goes_on():
            self._one_worker()
        if self._state.request["trace"]:
            self._without_trace()
        return self._message()

    def _without_trace(self) -> None:
        """Run what failed once more without the tracer, which deep recursion and tests of tracing do not bear; that counts."""
        state = self._state
        failed = [test for test, record in state.records.items() if record["outcome"] in {"failed", "raised"}]
        left = self._deadline - time.monotonic()
        if not failed or state.doubts or left <= 0:
            return
        request = {
            **state.request,
            "trace": False,
            "tests": failed,
            "done": [],
            "poisoned": list(state.poisoned),
            "seconds": left,
        }
        again = Suite(request, self._close).run()
        state.records.update(again["records"])
        for why in again["doubts"]:
            state.doubt(why)

    def _goes_on(self) -> bool:
        """Say whether another worker is needed; one that brought nothing new must not be followed by another like it."""
        state = self._state
        self._check_seal()
        progress = (len(state.records), len(state.poisoned), len(state.doubts), state.again)
        stuck, self._progress = progress == self._progress, progress
        if state.finished:
            return state.try_again()
        if state.nothing_left():
            return False
        if time.monotonic() > self._deadline:
            self._out_of_time()
            return False
        if stuck:
            state.doubt("a worker ended and nothing tells why")
        return not stuck

    def _check_seal(self) -> None:
        changed = seal.broken(self._seal, self._state.request["root"], self._state.request["product"])
        if changed:
            self._state.doubt("tests or their settings were changed while they ran: " + ", ".join(changed[:5]))

    def _one_worker(self) -> None:
        state = self._state
        request = {**state.request, "done": sorted(state.records), "poisoned": state.poisoned}
        state.current, state.collecting, state.draw, state.unchanged = "", "", None, False
        worker = ward.Worker(lambda channel: testrun.run_suite(channel, request), self._close)
        watch = ward.Watch(worker)
        watch.begin(6 * state.request["test_seconds"], 60.0)
        hung = False
        try:
            while not worker.inbox.ended and not hung and not state.finished:
                for message in worker.listen(_LOOK):
                    self._hear(message, worker, watch)
                hung = watch.over() or time.monotonic() > self._deadline
        except wire.Cut as error:
            state.doubt(f"the code under test wrote where only its judge may ({error}): take that out of the change")
        except (AttributeError, KeyError, TypeError, ValueError):
            state.doubt("a worker spoke nonsense")
        self._buried(worker.end(), hung)

    def _hear(self, message: wire.Message, worker: ward.Worker, watch: ward.Watch) -> None:
        getattr(self, "_on_" + message["k"])(message, worker, watch)

    def _on_collecting(self, message: wire.Message, _worker: ward.Worker, _watch: ward.Watch) -> None:
        self._state.collecting = message["id"]

    def _on_canaries(self, _message: wire.Message, worker: ward.Worker, _watch: ward.Watch) -> None:
        draw = self._state.draw = canary.Draw()
        worker.answer({"cards": draw.cards})

    def _on_collected(self, message: wire.Message, worker: ward.Worker, watch: ward.Watch) -> None:
        state = self._state
        state.collect_cpu = max(state.collect_cpu, worker.cpu())
        state.collecting = ""
        if state.ids is None:
            state.ids = list(message["ids"])
            state.missing = list(message["missing"])
        state.errors.update(dict(message["errors"]))
        if state.draw is None or not state.draw.found(message["canaries"]):
            state.give_up("the canaries were not collected")
        else:
            state.queue = state.draw.among([each for each in message["ids"] if each not in state.records])
        self._check_seal()
        watch.begin(10.0, 60.0)

    def _on_imported(self, message: wire.Message, _worker: ward.Worker, _watch: ward.Watch) -> None:
        self._state.imported = self._state.imported or message["trace"]

    def _on_ready(self, _message: wire.Message, worker: ward.Worker, watch: ward.Watch) -> None:
        self._hand_out(worker, watch)

    def _hand_out(self, worker: ward.Worker, watch: ward.Watch) -> None:
        """Say which test runs next; its pass code is good for nothing else."""
        state = self._state
        state.current = state.queue.pop(0) if state.queue else ""
        state.code = secrets.token_hex(16)
        limit = state.limit = state.cpu_limit(state.current)
        watch.begin(limit, 30.0 if not state.late else max(5.0, 10 * state.longest))
        following = state.queue[0] if state.queue else ""
        worker.answer({"run": state.current, "then": following, "pass": state.code, "cpu": limit})

    def _on_result(self, message: wire.Message, worker: ward.Worker, watch: ward.Watch) -> None:
        if self._take(message):
            self._hand_out(worker, watch)

    def _on_late(self, message: wire.Message, _worker: ward.Worker, watch: ward.Watch) -> None:
        """Hear of a test that used up its time; its worker ends with it."""
        if self._take(message):
            watch.begin(10.0, 60.0)

    def _take(self, message: wire.Message) -> bool:
        """Take the record of the test that was handed out; say whether it could be believed."""
        state = self._state
        record, test = message["record"], state.current
        state.current = ""
        if not test or test != message["id"]:
            return state.give_up("a result came for a test that was not running")
        if record["outcome"] == "passed" and (message["pass"] != state.code or record["phases"] != ["setup", "call", "teardown"]):
            return state.give_up("a test was said to have passed without its pass code")
        expected = state.expected(test)
        if expected:
            self._judge_canary(record, expected)
        else:
            self._keep(test, record, message.get("trace"))
        return True

    def _keep(self, nodeid: str, record: dict[str, Any], trace: Any) -> None:
        state = self._state
        if nodeid in state.records:
            state.doubt("a test reported twice")
        state.records[nodeid] = record
        if trace is not None:
            state.traces[nodeid] = trace
        if record["outcome"] == "timed out":
            state.late[nodeid] = state.limit
            state.believe_the_rest()
        else:
            state.slowest = max(state.slowest, record.get("cpu", 0.0))
            state.longest = max(state.longest, record.get("seconds", 0.0))
            state.total += record.get("cpu", 0.0)

    def _judge_canary(self, record: dict[str, Any], expected: str) -> None:
        if record["outcome"] == expected:
            return
        why = "a test that must be {} was {}".format(expected, record["outcome"])
        self._state.doubt("{} ({})".format(why, record["message"][:200]) if record.get("message") else why)

    def _on_tampered(self, message: wire.Message, _worker: ward.Worker, _watch: ward.Watch) -> None:
        if message["names"]:
            self._state.doubt("the code under test changed what judges it: " + ", ".join(message["names"][:5]))
        self._state.unchanged = not message["names"]

    def _on_done(self, _message: wire.Message, _worker: ward.Worker, _watch: ward.Watch) -> None:
        state = self._state
        if state.ids is None or state.queue or state.current:
            state.doubt("a worker was through before its tests were")
        elif not state.unchanged:
            state.doubt("nothing tells whether the code under test changed what judges it")
        state.finished = True

    def _on_ended(self, message: wire.Message, _worker: ward.Worker, _watch: ward.Watch) -> None:
        state = self._state
        record = {"outcome": "broken", "message": message["why"], "traceback": message["said"]}
        if state.collecting:
            self._poison(record)
        elif not state.current:
            said = [line for line in message["said"].splitlines() if line.strip()]
            state.doubt("pytest could not run: {}".format((said or [message["why"]])[-1][:300]))
            state.finished = True

    def _poison(self, record: dict[str, Any]) -> None:
        state = self._state
        path = state.collecting.split("::")[0]
        state.errors[path] = record
        if path in state.poisoned:
            state.doubt(f"{path} ended a worker even where it was left out")
            state.finished = True
            return
        state.poisoned.append(path)
        state.collecting = ""

    def _buried(self, status: int, hung: bool) -> None:  # noqa: FBT001
        """Blame what a worker was at when it ended before it was through; the suite's own time being over is no test's fault."""
        state = self._state
        if state.finished or time.monotonic() > self._deadline:
            return
        if hung:
            record = {"outcome": "timed out", "message": "ran out of time and did not stop by itself"}
        else:
            record = {"outcome": "crashed", "message": f"the process ended under it ({ward.ended(status)})"}
        if state.expected(state.current):
            state.give_up("the process ended under a canary")
        elif state.current:
            self._keep(state.current, record, None)
        elif state.collecting:
            self._poison({**record, "outcome": "broken"})

    def _out_of_time(self) -> None:
        state = self._state
        left = [each for each in state.ids or () if each not in state.records]
        for each in left:
            state.records[each] = {"outcome": "timed out", "message": "the suite ran out of time before this test"}
        if left or state.ids is None:
            number = len(left) if state.ids is not None else "all"
            state.doubt(
                f"the suite takes longer than budget.suite_seconds, {number} tests were left: raise that, or quicken the suite"
            )

    def _message(self) -> dict[str, Any]:
        state = self._state
        lost = [each for each in state.ids or () if each not in state.records]
        if lost and not state.doubts:
            state.doubt(f"{len(lost)} collected tests have no result")
        return {
            "k": "suite",
            "ids": state.ids or [],
            "records": state.records,
            "errors": state.errors,
            "missing": state.missing if state.ids is not None else state.request["tests"],
            "traces": state.traces,
            "imported": state.imported,
            "doubts": state.doubts,
            "collect_cpu": state.collect_cpu,
        }
