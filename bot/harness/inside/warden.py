"""The parent of all workers: it never imports the project's code, hands out pass codes and ends what runs too long."""

from __future__ import annotations

import os
import secrets
import select
import signal
import time
from typing import Any, Callable, Dict, List, Optional, Set  # noqa: UP035 - must also run on Python 3.8

from . import fence, testrun, wire

_LOOK = 0.25
"""How often, in seconds, a silent worker is looked at."""
_GRACE = 1.5
"""A worker that has used this much more than its limit is ended from outside."""


class Worker:
    """A forked process with a channel to it."""

    def __init__(self, life: Callable[[testrun.Channel], None], close: List[int]) -> None:  # noqa: UP006
        out_read, out_write = (fence.private(each) for each in os.pipe())
        back_read, back_write = (fence.private(each) for each in os.pipe())
        self.pid = fence.fork()
        if self.pid == 0:
            self._live(life, [*close, out_read, back_write], testrun.Channel(out_write, back_read))
        os.close(out_write)
        os.close(back_read)
        self.inbox = wire.Inbox(out_read)
        self._back = back_write
        self.status = None  # type: Optional[int]

    @staticmethod
    def _live(life: Callable[[testrun.Channel], None], close: List[int], channel: testrun.Channel) -> None:  # noqa: UP006
        code = 70
        try:
            os.setsid()
            fence.die_with_parent()
            for each in close:
                os.close(each)
            fence.guard(channel.out, channel.back)
            fence.readable(True)
            life(channel)
            code = 0
        except BaseException:  # noqa: BLE001 - whatever the project's code raised, this process ends here
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

    def listen(self, seconds: float) -> List[wire.Message]:  # noqa: UP006
        """Return what it said within that time, at once where there is something."""
        ready, _, _ = select.select([self.inbox.descriptor], [], [], seconds)
        return self.inbox.read() if ready else []

    def end(self) -> int:
        """Kill it with all that stayed in its group, and return its wait status."""
        if self.status is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except OSError:
                pass
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

    def __init__(self, request: Dict[str, Any]) -> None:  # noqa: UP006
        self.request = request
        self.ids = None  # type: Optional[List[str]]
        self.records = {}  # type: Dict[str, Dict[str, Any]]
        self.errors = {}  # type: Dict[str, Dict[str, Any]]
        self.missing = []  # type: List[str]
        self.traces = {}  # type: Dict[str, Any]
        self.imported = {}  # type: Dict[str, Any]
        self.poisoned = []  # type: List[str]
        self.doubts = []  # type: List[str]
        self.current = None  # type: Optional[Dict[str, Any]]
        self.collecting = ""
        self.code = ""
        self.slowest = 0.0
        self.late = 0
        self.finished = False
        self.canaries = 0
        self.collect_cpu = 0.0

    def cpu_limit(self) -> float:
        """Return the next test's limit: generous at first, lower once one has hung and others have shown their speed."""
        most = float(self.request["test_seconds"])
        return most if not self.late else min(most, max(1.0, 10 * self.slowest))

    def doubt(self, why: str) -> None:
        """Note a reason not to trust this run."""
        if why not in self.doubts:
            self.doubts.append(why)


class Suite:
    """One run of a suite: as many workers as it takes."""

    def __init__(self, request: Dict[str, Any], close: List[int]) -> None:  # noqa: UP006
        self._close = close
        self._state = SuiteState({**request, "token": "c" + secrets.token_hex(8)})
        self._deadline = time.monotonic() + request["seconds"]
        self._asked = set()  # type: Set[str]

    def run(self) -> Dict[str, Any]:  # noqa: UP006
        """Return the whole run as one message."""
        state = self._state
        while not state.finished:
            before = (len(state.records), len(state.poisoned), len(state.doubts))
            self._one_worker()
            if time.monotonic() > self._deadline:
                self._out_of_time()
                break
            if not state.finished and before == (len(state.records), len(state.poisoned), len(state.doubts)):
                state.doubt("a worker ended and nothing tells why")
                break
        return self._message()

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
        watch.begin(10.0, 60.0)

    def _on_imported(self, message: wire.Message, _worker: Worker, _watch: Watch) -> None:
        self._state.imported = self._state.imported or message["trace"]

    def _on_begin(self, message: wire.Message, worker: Worker, watch: Watch) -> None:
        state = self._state
        state.current = message
        state.code = secrets.token_hex(16)
        limit = state.cpu_limit()
        watch.begin(limit, max(30.0, limit))
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

    def _keep(self, nodeid: str, record: Dict[str, Any], trace: Any) -> None:  # noqa: UP006
        state = self._state
        if nodeid in state.records:
            state.doubt("a test reported twice")
        state.records[nodeid] = record
        if trace is not None:
            state.traces[nodeid] = trace
        if record["outcome"] == "timed out":
            state.late += 1
        else:
            state.slowest = max(state.slowest, record.get("cpu", 0.0))

    def _judge_canary(self, record: Dict[str, Any], expected: str) -> None:  # noqa: UP006
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

    def _poison(self, record: Dict[str, Any]) -> None:  # noqa: UP006
        state = self._state
        path = state.collecting.split("::")[0]
        state.errors[path] = record
        state.poisoned.append(path)
        state.collecting = ""

    def _buried(self, status: int, hung: bool) -> None:  # noqa: FBT001
        """Blame what a worker was at when it ended before it was through."""
        state = self._state
        if state.finished:
            return
        if hung:
            record = {"outcome": "timed out", "message": "ran out of time"}
        else:
            record = {"outcome": "crashed", "message": "the process ended under it ({})".format(ended(status))}
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

    def _message(self) -> Dict[str, Any]:  # noqa: UP006
        state = self._state
        lost = [each for each in state.ids or () if each not in state.records]
        if lost and not state.doubts:
            state.doubt("{} collected tests have no result".format(len(lost)))
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
        return "signal {}".format(os.WTERMSIG(status))
    return "exit code {}".format(os.WEXITSTATUS(status))
