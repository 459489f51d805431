"""The warden's side of judging variants: it feeds the zygote, ends what hangs, and has every doubt settled in a process alone."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import disk, fence, ward, wire, zygote

_READY = 120.0
"""CPU seconds that collecting the project's tests may take."""
_SLACK = 2.0
"""CPU seconds a child may use besides its tests: for compiling a variant."""
_IDLE = 5.0
"""Seconds by the clock that a child may do nothing, besides ten times the longest test on the base."""
_MANY_LATE = 4
_SOONER = 0.4
"""Share of its time that a test gets, whose need is not known, once that many variants have hung: where hangs are the rule
and only variants that pass are looked for. A variant that passes is judged again, with all its time."""

if TYPE_CHECKING:
    Entry = dict[str, Any]
    Reply = Callable[[dict[str, Any]], None]


class Dead(Exception):
    """The zygote is gone or could not collect; the reason is the message."""


class Child:
    """What a forked child said, watched over until it is buried."""

    def __init__(self, worker: ward.Worker, most: float, idle: float) -> None:
        self._worker = worker
        self._most, self._idle = most, idle
        self._watch: ward.Watch | None = None
        self._pid = 0
        self.hung = False
        self.status = 0

    def follow(self, hear: Callable[[wire.Message], None]) -> None:
        """Pass on what it says until it is buried; kill it where it is over its limits."""
        while not self._buried(hear):
            if self._worker.inbox.ended:
                raise Dead("the process that holds the tests ended")
            if self._watch is not None and not self.hung and self._watch.over():
                self.hung = True
                _kill(self._pid, os.killpg)
                _kill(self._pid, os.kill)

    def _buried(self, hear: Callable[[wire.Message], None]) -> bool:
        """Pass on what it has said by now; say whether it is buried."""
        for message in self._worker.listen(0.1):
            if message["k"] == "born":
                self._pid = message["pid"]
                self._watch = ward.Watch(_Process(self._pid))
                self._watch.begin(self._most, self._idle)
                continue
            if message["k"] == "buried":
                self.status = message["status"]
                _kill(self._pid, os.killpg)
                return True
            if self._watch is not None:
                self._watch.begin(self._most, self._idle)
            hear(message)
        return False


class _Process:
    def __init__(self, pid: int) -> None:
        self._pid = pid

    def cpu(self) -> float:
        try:
            return fence.cpu_of(self._pid)
        except OSError:
            return 0.0


def _kill(pid: int, kill: Callable[[int, int], None]) -> None:
    """Kill a child, or its group: what its tests started and left behind."""
    if pid:
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


class Judge:
    """A project opened for judging variants."""

    def __init__(self, request: dict[str, Any], close: list[int]) -> None:
        self._request = request
        self._close = close
        self._worker: ward.Worker | None = None
        self.collected: list[str] = []
        self.plain = 0
        self._leaning: set[str] = set()
        self._sound: set[str] = set()
        self._late = 0

    def open(self) -> None:
        """Start the zygote; raises Dead where the tests cannot be collected."""
        self.end()
        request = self._request
        self._worker = ward.Worker(lambda channel: zygote.serve(channel, request), self._close)
        watch = ward.Watch(self._worker)
        watch.begin(_READY, _READY)
        while True:
            for message in self._worker.listen(0.25):
                if message["k"] == "collected":
                    self.collected = message["ids"]
                if message["k"] == "ready":
                    self.plain = message["plain"]
                    return
                if message["k"] == "ended":
                    self._dead("{}: {}".format(message["why"], message["said"][-300:]))
            if self._worker.inbox.ended or watch.over():
                self._dead("the tests could not be collected a second time")

    def _dead(self, why: str) -> None:
        self.end()
        raise Dead(why)

    def end(self) -> None:
        """End the zygote with all its children."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def judge(self, order: dict[str, Any], reply: Reply) -> None:
        """Judge a batch and reply once per variant, in any order."""
        todo = [self._standing(entry) for entry in order["entries"]]
        settle: list[Entry] = []
        while todo:
            todo, doubts = self._batch(todo, order, reply)
            settle.extend(doubts)
        for entry in settle:
            self._settle({**entry, "stop": order["stop"], "idle": order["idle"]}, reply)

    def _standing(self, entry: Entry) -> Entry:
        """Return the entry without tests that are known to lean on others."""
        return {**entry, "tests": [each for each in entry["tests"] if each not in self._leaning]}

    def _settle(self, entry: Entry, reply: Reply) -> None:
        """Judge one variant strictly; a test that fails alone on the base as well says nothing, so it is left out."""
        while True:
            entry = self._standing(entry)
            records, why = self._strict(entry)
            failed = [test for test, record in records if record["outcome"] != "passed"]
            leaning = [test for test in failed if not self._stands_alone(test, entry)]
            if not leaning:
                break
            self._leaning.update(leaning)
        reply({"k": "variant", "n": entry["n"], "records": records, "error": "" if records or not entry["tests"] else why})

    def _stands_alone(self, test: str, entry: Entry) -> bool:
        """Say whether a test that passes on the base passes there in a process of its own, too."""
        if test in self._request["passing"] and test not in self._sound:
            records, _ = self._strict({**entry, "patches": [], "tests": [test], "import": False})
            if not records or records[0][1]["outcome"] != "passed":
                return False
            self._sound.add(test)
        return True

    def _batch(self, todo: list[Entry], order: dict[str, Any], reply: Reply) -> Any:
        """Have one child judge what it can; return what is left, and what must be settled in a process alone."""
        left = {each["n"]: each for each in todo}
        doubts: list[Entry] = []

        def hear(message: wire.Message) -> None:
            if message["k"] != "variant":
                return
            entry = left.pop(message["n"])
            how = message["how"]
            self._late += how == "late"
            if how == "judged" or (how == "late" and not order["confirm"]):
                reply({"k": "variant", "n": entry["n"], "records": message["records"]})
            else:
                doubts.append({**entry, "import": how == "import"})

        child = self._child(order, [entry["tests"] for entry in todo])
        hasty = not order["confirm"] and self._late >= _MANY_LATE
        unknown = self._request["limits"][""] * (_SOONER if hasty else 1.0)
        rules = {"stop": order["stop"], "confirm": order["confirm"], "unknown": unknown}
        self._zygote().answer({"k": "batch", "entries": todo, **rules})
        child.follow(hear)
        if left and (child.hung or os.WIFSIGNALED(child.status) or len(left) == len(todo)):
            doubts.append({**left.pop(next(iter(left))), "import": False})
        return list(left.values()), doubts

    def _child(self, order: dict[str, Any], tests: list[list[str]]) -> Child:
        limits = self._request["limits"]
        most = max([limits.get(test, limits[""]) for each in tests for test in each] or [1.0])
        return Child(self._zygote(), most + _SLACK, _IDLE + order["idle"])

    def _zygote(self) -> ward.Worker:
        if self._worker is None:
            self.open()
        assert self._worker is not None  # noqa: S101
        return self._worker

    def _strict(self, entry: Entry) -> tuple[list[Any], str]:
        """Run one variant's tests in processes of their own; where a failure ends it, nothing after the first counts."""
        with disk.Disk(self._request["root"], entry["patches"]):
            records, why = self._in_turn(entry)
        first = next((number for number, (_, record) in enumerate(records) if record["outcome"] != "passed"), len(records))
        return records[: first + 1] if entry["stop"] else records, why

    def _in_turn(self, entry: Entry) -> tuple[list[Any], str]:
        """Run the tests in one process, and in another after each that dies; return what was told, and why the last one ended."""
        records: list[Any] = []
        alone = entry["import"]
        while True:
            done = [test for test, _ in records]
            said = self._alone(entry, done) if alone else self._forked(entry, done)
            if said.needs_import:
                alone = True
                continue
            records.extend(said.records)
            failed = any(record["outcome"] != "passed" for _, record in records)
            if said.through or (failed and entry["stop"]) or not said.records or len(records) >= len(entry["tests"]):
                return records, said.why

    def _forked(self, entry: Entry, done: list[str]) -> _Said:
        child = self._child(entry, [entry["tests"]])
        self._zygote().answer({"k": "strict", "entries": [entry], "done": done})
        said = _Said()
        child.follow(said.hear)
        said.end(child.status, child.hung)
        return said

    def _alone(self, entry: Entry, done: list[str]) -> _Said:
        tests = [each for each in entry["tests"] if each not in done]
        request = {**self._request, "tests": tests, "stop": entry["stop"], "poisoned": []}
        worker = ward.Worker(lambda channel: zygote.once(channel, request), self._close)
        watch = ward.Watch(worker)
        limits = self._request["limits"]
        most = max([limits.get(test, limits[""]) for test in tests] or [1.0]) + self._request["import_seconds"]
        watch.begin(most, _IDLE + most)
        said = _Said(tests)
        try:
            while not worker.inbox.ended and not said.over and not watch.over():
                for message in worker.listen(0.1):
                    watch.begin(most, _IDLE + most)
                    said.hear(message)
            hung = watch.over()
        finally:
            status = worker.end()
        said.end(status, hung)
        return said


class _Said:
    """What a process told of one variant's tests."""

    def __init__(self, tests: list[str] | None = None) -> None:
        self.records: list[Any] = []
        self.through = False
        self.over = False
        self.needs_import = False
        self.why = "the process ended and nothing tells why"
        self._tests = tests or []
        self._at = ""

    def hear(self, message: wire.Message) -> None:
        """Note what the process said; once it is over, what it goes on to say of tests that are not there is no news."""
        if not self.over:
            getattr(self, "_on_" + message["k"])(message)

    def _on_at(self, message: wire.Message) -> None:
        self._at = message["test"]

    def _on_test(self, message: wire.Message) -> None:
        self._at = ""
        self.records.append([message["test"], message["record"]])

    def _on_through(self, _message: wire.Message) -> None:
        self.through = self.over = True

    def _on_import(self, _message: wire.Message) -> None:
        self.needs_import = self.over = True

    def _on_collecting(self, _message: wire.Message) -> None:
        self._at = ""

    def _on_collected(self, message: wire.Message) -> None:
        errors = dict(message["errors"])
        for test in message["missing"]:
            record = next((record for nodeid, record in errors.items() if test.startswith(nodeid)), None)
            if record is not None:
                self.records.append([test, record])
        self.over = bool(self.records)

    def _on_ended(self, message: wire.Message) -> None:
        record = {"outcome": "broken", "message": message["why"], "traceback": message["said"]}
        self.records.extend([test, record] for test in self._tests[:1])
        self.over = True

    def _on_done(self, _message: wire.Message) -> None:
        self.over = True

    def end(self, status: int, hung: bool) -> None:  # noqa: FBT001
        """Note how the process ended: what it was at when it died has a record too."""
        at = self._at or (self._tests[0] if self._tests and not self.records and not self.over else "")
        if at and not self.through:
            outcome, why = ("timed out", "ran out of time") if hung else ("crashed", "the process ended under it")
            self.records.append([at, {"outcome": outcome, "message": f"{why} ({ward.ended(status)})"}])
