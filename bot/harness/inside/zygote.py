"""The process that has the project's tests collected and forks a child for every batch of variants.

A batch child puts one variant after the other into the live program and runs its tests. It ends, and another one takes its
place, when a variant leaves something behind, runs out of time or takes the process down. A strict child runs the tests of
one variant only, through pytest, and tells of each.
"""

from __future__ import annotations

import functools
import gc
import itertools
import time
from typing import Any

from . import fence, plain, state, swap, testrun, verdict, wire

_TICK = 0.05
"""A batch child that has been silent this long, in seconds, says that it is alive before the next test."""


class Bench:
    """All a child needs: tests, the means to swap code, the limits, and what the tests came to on the base."""

    def __init__(self, channel: testrun.Channel, request: dict[str, Any]) -> None:
        self.channel = channel
        self.root = request["root"]
        self.limits = request["limits"]
        self.passing = frozenset(request["passing"])
        self._called, self._tested = request["called"], request["tested"]
        self.tests: dict[str, plain.Test] = {}
        self.swapper: swap.Swapper | None = None
        self.state: state.State | None = None
        self.protocol = plain.Protocol(self.root)
        self.own: list[Any] = [self.protocol]

    def stock(self, items: list[Any]) -> None:
        """Take stock of the program once its tests are collected."""
        testrun.calm_hypothesis(items, fixed=True)
        known = bool(items) and plain.only_known_hooks(items[0].session, self.own)
        self.tests = plain.by_id(items, self.protocol, hooks_are_known=known)
        self.swapper = swap.Swapper(self.root, self._called, self._tested)
        gc.collect()
        self.state = state.State(self.root, [value for each in self.tests.values() for value in each.parameters])
        gc.freeze()


class Serve:
    """The loop of the process that forks: one child after the other, each buried before the next is born."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, _canaries: list[Any], items: list[Any]) -> None:
        bench = self._bench
        bench.stock(items)
        bench.channel.tell({"k": "ready", "plain": sum(each.plain for each in bench.tests.values())})
        while True:
            try:
                order = bench.channel.hear()
            except wire.Cut:
                fence.leave()
            self._prepare(order["entries"])
            testrun.bear(bench.channel, functools.partial(self._live, order))

    def _prepare(self, entries: list[dict[str, Any]]) -> None:
        """Compile the base's files here, so that children find them ready."""
        assert self._bench.swapper is not None  # noqa: S101
        for path in {patch["path"] for entry in entries for patch in entry["patches"]}:
            try:
                self._bench.swapper.prepare(path)
            except swap.NeedsImport:
                continue

    def _live(self, order: dict[str, Any]) -> None:
        if order["k"] == "strict":
            strictly(self._bench, order["entries"][0], set(order["done"]))
        else:
            Batch(self._bench, order).run()


class Batch:
    """A child's work on many variants."""

    def __init__(self, bench: Bench, order: dict[str, Any]) -> None:
        self._bench = bench
        self._entries = order["entries"]
        self._stop = order["stop"]
        self._hasty = not order["confirm"]
        self._unknown = order["unknown"]
        self._spoke = time.monotonic()
        self._now: dict[str, Any] | None = None
        self._records: list[Any] = []
        self._test = ""

    def run(self) -> None:
        """Judge the variants in order, as many as this process may."""
        for entry in self._entries:
            self._now, self._records = entry, []
            self._tell(self._one(entry))
            assert self._bench.state is not None  # noqa: S101
            if self._bench.state.changed():
                return

    def _one(self, entry: dict[str, Any]) -> str:
        assert self._bench.swapper is not None  # noqa: S101
        try:
            undo = self._bench.swapper.apply(entry["patches"], hasty=self._hasty)
        except swap.NeedsImport as error:
            self._records = [str(error)]
            return "import"
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            record = {"outcome": "broken", **verdict.describe(error, self._bench.root)}
            self._records = [[entry["tests"][0], record]] if entry["tests"] else []
            return "judged"
        self._run_tests(entry["tests"])
        swap.take_out(undo)
        return self._control()

    def _run_tests(self, tests: list[str]) -> None:
        known = self._bench.tests
        for test, following in itertools.zip_longest(tests, tests[1:]):
            record = self._run(test, known.get(following))
            self._records.append([test, record])
            if self._stop and record["outcome"] != "passed":
                if test in known:
                    known[test].clear()
                return

    def _control(self) -> str:
        """Run what failed again without the variant: where that fails too, something was left behind."""
        failed = [test for test, record in self._records if record["outcome"] != "passed"]
        for test in failed:
            if test in self._bench.passing and self._run(test)["outcome"] != "passed":
                return "doubtful"
        return "judged" if failed else "survived"

    def _run(self, test: str, following: plain.Test | None = None) -> verdict.Record:
        if test not in self._bench.tests:
            return {"outcome": "missing", "message": "no collected test has this id"}
        if time.monotonic() - self._spoke > _TICK:
            self._spoke = time.monotonic()
            self._bench.channel.tell({"k": "alive"})
        self._test = test
        fence.alarm(self._bench.limits.get(test, self._unknown), self._late)
        try:
            return self._bench.tests[test].run(following)
        finally:
            fence.rest()

    def _late(self, _signal: int, frame: Any) -> None:
        fence.rest()
        frames = verdict.stack(frame, self._bench.root)
        self._records.append([self._test, {"outcome": "timed out", "message": "ran out of CPU time", "frames": frames}])
        self._tell("late")
        fence.leave(testrun.LATE)

    def _tell(self, how: str) -> None:
        assert self._now is not None  # noqa: S101
        self._spoke = time.monotonic()
        self._bench.channel.tell({"k": "variant", "n": self._now["n"], "how": how, "records": self._records})


def strictly(bench: Bench, entry: dict[str, Any], done: Any) -> None:
    """Run one variant's tests through pytest in this process, and tell of each before and after."""
    assert bench.swapper is not None  # noqa: S101
    try:
        bench.swapper.apply(entry["patches"])
    except swap.NeedsImport:
        bench.channel.tell({"k": "import"})
        return
    each_test(bench, [each for each in entry["tests"] if each not in done], entry["stop"])


def each_test(bench: Bench, tests: list[str], stop: bool) -> None:  # noqa: FBT001
    """Run tests one by one through pytest; after the last, or the first failure where that is enough, say so."""
    for test, following in itertools.zip_longest(tests, tests[1:]):
        bench.channel.tell({"k": "at", "test": test})
        if test in bench.tests:
            fence.alarm(bench.limits.get(test, bench.limits[""]), _Late(bench, test))
            record = bench.tests[test].fully(bench.tests[following].item if following in bench.tests else None)
            fence.rest()
        else:
            record = {"outcome": "missing", "message": "no collected test has this id"}
        bench.channel.tell({"k": "test", "test": test, "record": record})
        if stop and record["outcome"] != "passed":
            break
    bench.channel.tell({"k": "through"})


class _Late:
    """What happens when a strict test has used up its CPU time: its record is told, and the process ends."""

    def __init__(self, bench: Bench, test: str) -> None:
        self._bench, self._test = bench, test

    def __call__(self, _signal: int, frame: Any) -> None:
        fence.rest()
        record = {"outcome": "timed out", "message": "ran out of CPU time", "frames": verdict.stack(frame, self._bench.root)}
        self._bench.channel.tell({"k": "test", "test": self._test, "record": record})
        fence.leave(testrun.LATE)


def serve(channel: testrun.Channel, request: dict[str, Any]) -> None:
    """Collect, then fork on request; the zygote's whole life."""
    testrun.enter(request)
    bench = Bench(channel, request)
    collector = testrun.Collector(channel, request, Serve(bench))
    bench.own.append(collector)
    testrun.collect(channel, request, [bench.protocol], collector)


class Once:
    """The loop of a process that imported the variant itself: its tests, once."""

    def __init__(self, bench: Bench, tests: list[str], stop: bool) -> None:  # noqa: FBT001
        self._bench, self._tests, self._stop = bench, tests, stop

    def __call__(self, _canaries: list[Any], items: list[Any]) -> None:
        testrun.calm_hypothesis(items, fixed=True)
        self._bench.tests = plain.by_id(items, self._bench.protocol, hooks_are_known=False)
        each_test(self._bench, self._tests, self._stop)


def once(channel: testrun.Channel, request: dict[str, Any]) -> None:
    """Import the project as it lies on disk, variant included, and run the tests asked for."""
    testrun.enter(request)
    bench = Bench(channel, request)
    collector = testrun.Collector(channel, request, Once(bench, request["tests"], request["stop"]))
    testrun.collect(channel, request, [bench.protocol], collector)
