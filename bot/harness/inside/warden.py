"""The parent of all workers: it never imports the project's code, hands out pass codes and ends what runs too long."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from . import fence, seal, testrun, wire

_LOOK = 0.25
"""How often, in seconds, a silent worker is looked at."""
_GRACE = 1.5
"""A worker that has used this much more than its limit is ended from outside."""
_AGAIN = 0.3
"""Least CPU seconds of a test that ran out of time before on the same code."""
_AT_FIRST = 2.0
"""Least CPU seconds of a test while none has hung."""
_AFTER_ONE, _AFTER_MANY, _MANY_LATE = 0.8, 0.4, 2
"""Least CPU seconds of a test once another one has hung, and once that many have."""
_PROOFS = 2
"""Tests that hung before on the same code and must do so again before the rest of them are believed to."""


class Worker:
    """A forked process with a channel to it."""

    def __init__(self, life: Callable[[testrun.Channel], None], close: list[int]) -> None:
        out_read, out_write = (fence.private(each) for each in os.pipe())
        back_read, back_write = (fence.private(each) for each in os.pipe())
        self.pid = fence.fork()
        if self.pid == 0:
            self._live(life, [*close, out_read, back_write], testrun.Channel(out_write, back_read))
        os.close(out_write)
        os.close(back_read)
        self.inbox = wire.Inbox(out_read)
        self._back = back_write
        self.status: int | None = None

    @staticmethod
    def _live(life: Callable[[testrun.Channel], None], close: list[int], channel: testrun.Channel) -> None:
        code = 70
        try:
            os.setsid()
            fence.die_with_parent()
            for each in close:
                os.close(each)
            fence.guard(channel.out, channel.back)
            fence.readable(yes=True)
            life(channel)
            code = 0
        except BaseException:
            code = 71
        finally:
            fence.leave(code)

    def answer(self, message: wire.Message) -> None:
        """Answer a worker that asked."""
        try:
            wire.send(self._back, message)
        except OSError:
            return

    def cpu(self) -> float:
        """Return the CPU time it has used, or 0 where it is gone."""
        try:
            return fence.cpu_of(self.pid)
        except OSError:
            return 0.0

    def listen(self, seconds: float) -> list[wire.Message]:
        """Return what it said within that time, at once where there is something."""
        ready, _, _ = select.select([self.inbox.descriptor], [], [], seconds)
        return self.inbox.read() if ready else []

    def end(self) -> int:
        """Kill it with all that stayed in its group, and return its wait status."""
        if self.status is None:
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
            _, self.status = os.waitpid(self.pid, 0)
            os.close(self.inbox.descriptor)
            os.close(self._back)
        return self.status


class Watch:
    """Says whether a worker has been at one thing for too long: by CPU time, and by the clock only where it idles."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self.begin(1e9, 1e9)

    def begin(self, cpu: float, idle: float) -> None:
        """Start anew with a limit of CPU seconds, and of seconds by the clock without any use of the CPU."""
        self._limit, self._idle = cpu, idle
        self._start = self._seen = self._worker.cpu()
        self._moved = time.monotonic()

    def over(self) -> bool:
        """Say whether a limit is passed."""
        now, used = time.monotonic(), self._worker.cpu()
        if used - self._seen > 0.005 * (now - self._moved):
            self._seen, self._moved = used, now
        return used - self._start > self._limit * _GRACE + 0.2 or now - self._moved > self._idle


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
        self.current: dict[str, Any] | None = None
        self.collecting = ""
        self.code = ""
        self.slowest = 0.0
        self.longest = 0.0
        self.total = 0.0
        self.late: dict[str, float] = {}
        self.limit = 0.0
        self.finished = False
        self.again = False
        self.canaries = 0
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

    def doubt(self, why: str) -> None:
        """Note a reason not to trust this run."""
        if why not in self.doubts:
            self.doubts.append(why)


class Suite:
    """One run of a suite: as many workers as it takes."""

    def __init__(self, request: dict[str, Any], close: list[int]) -> None:
        self._close = close
        self._state = SuiteState({**request, "token": "c" + secrets.token_hex(8)})
        self._deadline = time.monotonic() + request["seconds"]
        self._seal = seal.seal(request["root"])
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
        changed = seal.broken(self._seal, self._state.request["root"])
        if changed:
            self._state.doubt("tests or their settings were changed while they ran: " + ", ".join(changed[:5]))

    def _one_worker(self) -> None:
        state = self._state
        request = {**state.request, "done": sorted(state.records), "poisoned": state.poisoned}
        state.current, state.collecting = None, ""
        worker = Worker(lambda channel: testrun.run_suite(channel, request), self._close)
        watch = Watch(worker)
        watch.begin(6 * state.request["test_seconds"], 60.0)
        hung = False
        try:
            while not worker.inbox.ended and not hung and not state.finished:
                for message in worker.listen(_LOOK):
                    self._hear(message, worker, watch)
                hung = watch.over() or time.monotonic() > self._deadline
        except (wire.Cut, AttributeError, KeyError, TypeError, ValueError):
            state.doubt("a worker spoke nonsense")
        self._buried(worker.end(), hung)

    def _hear(self, message: wire.Message, worker: Worker, watch: Watch) -> None:
        getattr(self, "_on_" + message["k"])(message, worker, watch)

    def _on_collecting(self, message: wire.Message, _worker: Worker, _watch: Watch) -> None:
        self._state.collecting = message["id"]

    def _on_collected(self, message: wire.Message, worker: Worker, watch: Watch) -> None:
        state = self._state
        state.collect_cpu = max(state.collect_cpu, worker.cpu())
        state.collecting = ""
        state.canaries = message["canaries"]
        if state.ids is None:
            state.ids = list(message["ids"])
            state.missing = list(message["missing"])
        state.errors.update(dict(message["errors"]))
        self._check_seal()
        watch.begin(10.0, 60.0)

    def _on_imported(self, message: wire.Message, _worker: Worker, _watch: Watch) -> None:
        self._state.imported = self._state.imported or message["trace"]

    def _on_begin(self, message: wire.Message, worker: Worker, watch: Watch) -> None:
        state = self._state
        state.current = message
        state.code = secrets.token_hex(16)
        limit = state.limit = state.cpu_limit(message["id"])
        watch.begin(limit, 30.0 if not state.late else max(5.0, 10 * state.longest))
        worker.answer({"pass": state.code, "cpu": limit})

    def _on_result(self, message: wire.Message, _worker: Worker, watch: Watch) -> None:
        state = self._state
        record, begun = message["record"], state.current
        state.current = None
        if begun is None or begun["id"] != message["id"]:
            state.doubt("a result came for a test that was not running")
            return
        if record["outcome"] == "passed" and (message["pass"] != state.code or record["phases"] != ["setup", "call", "teardown"]):
            state.doubt("a test was said to have passed without its pass code")
            return
        state.code = ""
        watch.begin(10.0, 60.0)
        if message["expected"]:
            self._judge_canary(record, message["expected"])
            return
        self._keep(message["id"], record, message.get("trace"))

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

    def _on_tampered(self, message: wire.Message, _worker: Worker, _watch: Watch) -> None:
        if message["names"]:
            self._state.doubt("the code under test changed what judges it: " + ", ".join(message["names"][:5]))

    def _on_done(self, _message: wire.Message, _worker: Worker, _watch: Watch) -> None:
        self._state.finished = True

    def _on_ended(self, message: wire.Message, _worker: Worker, _watch: Watch) -> None:
        state = self._state
        record = {"outcome": "broken", "message": message["why"], "traceback": message["said"]}
        if state.collecting:
            self._poison(record)
        elif state.current is None:
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
        """Blame what a worker was at when it ended before it was through."""
        state = self._state
        if state.finished:
            return
        if hung:
            record = {"outcome": "timed out", "message": "ran out of time and did not stop by itself"}
        else:
            record = {"outcome": "crashed", "message": f"the process ended under it ({ended(status)})"}
        if state.current is not None:
            if state.current["canary"]:
                state.doubt("the process ended under a canary")
                state.finished = True
                return
            self._keep(state.current["id"], record, None)
        elif state.collecting:
            self._poison({**record, "outcome": "broken"})

    def _out_of_time(self) -> None:
        state = self._state
        left = [each for each in state.ids or () if each not in state.records]
        for each in left:
            state.records[each] = {"outcome": "timed out", "message": "the suite ran out of time before this test"}
        if left or state.ids is None:
            state.doubt("the suite ran out of time with {} tests left".format(len(left) if state.ids is not None else "all"))

    def _message(self) -> dict[str, Any]:
        state = self._state
        lost = [each for each in state.ids or () if each not in state.records]
        if lost and not state.doubts:
            state.doubt(f"{len(lost)} collected tests have no result")
        if state.ids is not None and not state.canaries:
            state.doubt("the canaries were not collected")
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


def ended(status: int) -> str:
    """Say in words how a process ended."""
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit code {os.WEXITSTATUS(status)}"
