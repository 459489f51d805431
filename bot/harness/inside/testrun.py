"""The worker that collects a project's tests with pytest and runs them; its parent hears of every step.

It runs in a process of its own, because the project's code is imported here. Where it dies, hangs or leaves early, the
parent knows at which test, and starts another one for the rest.
"""

from __future__ import annotations

import gc
import io
import os
import pathlib
import random
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from . import canary, fence, lines, verdict, wire

LATE = 77
"""Exit code of a worker whose test used up its CPU time."""
_TEST = re.compile(rb"^[ \t]*(async[ \t]+)?def[ \t]+test", re.MULTILINE)


class Channel:
    """The two descriptors between a worker and its parent, and the marks of what goes over them."""

    def __init__(self, out: int, back: int, said: wire.Seal, answered: wire.Seal) -> None:
        self.out = out
        self.back = back
        self._said, self._answered = said, answered

    def tell(self, message: wire.Message) -> None:
        """Say something to the parent."""
        wire.send(self.out, message, self._said)

    def hear(self) -> wire.Message:
        """Wait for the parent's next word."""
        return wire.receive(self.back, self._answered)

    def ask(self, message: wire.Message) -> wire.Message:
        """Say something and wait for the answer."""
        self.tell(message)
        return self.hear()


def matches(nodeid: str, wanted: str) -> bool:
    """Say whether a collected test is the wanted one, or lies in the wanted file, class or parametrised function."""
    return nodeid == wanted or (nodeid.startswith(wanted) and nodeid[len(wanted)] in "[:/")


class Collector:
    """The pytest plug-in that collects, picks and orders; what happens then is up to ``loop``."""

    def __init__(self, channel: Channel, request: dict[str, Any], loop: Callable[[Any, list[Any]], None]) -> None:
        self._channel = channel
        self._wanted = request["tests"]
        self._poisoned = request["poisoned"]
        self._loop = loop
        self._errors: dict[str, verdict.Record] = {}
        self._seed = request.get("order_seed")
        self._watched = request.get("watched", False)
        self._canaries = canary.Canaries([])
        self._root = request["root"]
        self.console = io.StringIO()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Give the console back: from here on reports speak, not error output."""
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Any) -> bool | None:
        """Leave out files under which an earlier worker died."""
        relative = os.path.relpath(str(collection_path), self._root)
        return True if relative in self._poisoned else None

    def pytest_collect_file(self, file_path: Any, parent: Any) -> Any:
        """Collect ``tests.py`` and ``test.py`` too, as unittest's and Django's runners do, where the project names no pattern."""
        usual = parent.config.getini("python_files") == ["test_*.py", "*_test.py"]
        if not usual or file_path.name not in {"tests.py", "test.py"} or parent.session.isinitpath(file_path):
            return None
        text = file_path.read_bytes()
        return pytest.Module.from_parent(parent, path=file_path) if _TEST.search(text) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectstart(self, collector: Any) -> None:
        """Tell which file is being imported, so that the parent knows where a worker died."""
        if isinstance(collector, pytest.File):
            self._channel.tell({"k": "collecting", "id": collector.nodeid})

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        """Note a file that could not be collected."""
        if report.failed:
            text = verdict.long_text(report)
            last = [line for line in text.splitlines() if line.strip()]
            reasons = [line[1:].strip() for line in last if line.startswith("E ")]
            self._errors[report.nodeid] = verdict.broken((reasons or last or ["collection failed"])[-1], text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: Any, items: list[Any]) -> None:
        """Add the canaries before any other hook looks at the tests."""
        if self._watched:
            self._canaries = canary.Canaries(self._channel.ask({"k": "canaries"})["cards"])
            items.extend(self._canaries.collect(session, items))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        """Take over from pytest: pick the tests that were asked for, put them in order, and run."""
        known = [each for each in session.items if self._canaries.holds(each)]
        known_ids = {id(each) for each in known}
        items = self._order(self._pick([each for each in session.items if id(each) not in known_ids]))
        watched = [each.nodeid for each in known]
        found = [each.nodeid for each in items]
        missing = [wanted for wanted in self._wanted if not any(matches(each, wanted) for each in found)]
        errors = [[nodeid, record] for nodeid, record in sorted(self._errors.items())]
        self._channel.tell({"k": "collected", "ids": found, "missing": missing, "errors": errors, "canaries": watched})
        self._loop(known, items)
        self._channel.tell({"k": "done"})
        fence.leave()
        return True

    def _pick(self, items: list[Any]) -> list[Any]:
        seen: set[str] = set()
        kept = []
        exact = set(self._wanted)
        for item in items:
            nodeid = item.nodeid
            if self._wanted and nodeid not in exact and not any(matches(nodeid, wanted) for wanted in self._wanted):
                continue
            if nodeid not in seen:
                seen.add(nodeid)
                kept.append(item)
        return kept

    def _order(self, items: list[Any]) -> list[Any]:
        if self._seed is None:
            return items
        files: dict[str, list[Any]] = {}
        for item in items:
            files.setdefault(item.nodeid.split("::")[0], []).append(item)
        dice = random.Random(self._seed)  # noqa: S311 - an order, not a secret
        groups = list(files.values())
        dice.shuffle(groups)
        for group in groups:
            dice.shuffle(group)
        return [item for group in groups for item in group]


class SuiteLoop:
    """Runs the tests that the parent names, one after the other, canaries and others alike, and tells it of each."""

    def __init__(self, channel: Channel, request: dict[str, Any], tracer: lines.Tracer | None) -> None:
        self._channel = channel
        self._tracer = tracer
        self._current: Any = None
        self._root = request["root"]

    def __call__(self, canaries: list[Any], items: list[Any]) -> None:
        calm_hypothesis(items)
        if self._tracer is not None:
            self._channel.tell({"k": "imported", "trace": self._tracer.cut()})
        known = {each.nodeid: each for each in [*items, *canaries]}
        order = self._channel.ask({"k": "ready"})
        while order["run"]:
            order = self._channel.ask(self._one(known[order["run"]], known.get(order["then"]), order))
        self._channel.tell({"k": "tampered", "names": canary.tampered()})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> bool:
        """Run one test in place of pytest's own protocol."""
        phases = verdict.Phases(item, self._root, tracebacks=True)
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        self._record = phases.run(nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _one(self, item: Any, nextitem: Any, order: wire.Message) -> wire.Message:
        """Run one test and return what is to be said of it."""
        self._record = verdict.broken("a plug-in ran the test in its own way, so there is no verdict")
        self._current = item
        if self._tracer is not None:
            self._tracer.start()
        fence.alarm(order["cpu"], self._late)
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
        finally:
            fence.rest()
        record = self._record
        if record["outcome"] == "passed" and not verdict.passed_everything(record):
            record = verdict.broken("set-up, call and tear-down did not each pass exactly once")
        return self._message("result", record, order["pass"] if record["outcome"] == "passed" else "")

    def _message(self, kind: str, record: verdict.Record, code: str) -> wire.Message:
        message = {"k": kind, "id": self._current.nodeid, "record": record, "pass": code}
        if self._tracer is not None:
            message["trace"] = self._tracer.cut()
        return message

    def _late(self, _signal: int, frame: Any) -> None:
        fence.rest()
        record = {"outcome": "timed out", "message": "ran out of CPU time", "frames": verdict.stack(frame, self._root)}
        self._channel.tell(self._message("late", record, ""))
        fence.leave(LATE)


def calm_hypothesis(items: list[Any], *, fixed: bool = False) -> None:
    """Keep property tests from remembering failures on disk; with ``fixed`` they try the same inputs every time."""
    if "hypothesis" not in sys.modules:
        return
    from hypothesis import settings  # noqa: PLC0415 - the project's, and only where it has it

    for item in items:
        function = getattr(item, "obj", None)
        function = getattr(function, "__func__", function)
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None:
            changes = {"database": None, "derandomize": True} if fixed else {"database": None}
            function._hypothesis_internal_use_settings = settings(own, **changes)  # type: ignore[union-attr] # noqa: SLF001


def bear(channel: Channel, life: Callable[[], None]) -> None:
    """Fork a child of our own, wait for its end, and tell the warden of both."""
    pid = fence.fork()
    if pid == 0:
        try:
            os.setsid()
            fence.die_with_parent()
            channel.tell({"k": "born", "pid": os.getpid()})
            life()
        finally:
            fence.leave()
    _, status = os.waitpid(pid, 0)
    channel.tell({"k": "buried", "status": status})


def enter(request: dict[str, Any]) -> None:
    """Make this process look like a fresh interpreter started in the project's root."""
    os.chdir(request["root"])
    sys.path[:] = request["path"]
    sys.argv = ["pytest"]
    fence.limit_memory(request["memory"])


def arguments(request: dict[str, Any]) -> list[str]:
    """Return pytest's command line: the project's own settings hold, besides what would disturb a judge."""
    files = dict.fromkeys(wanted.split("::")[0] for wanted in request["tests"])
    there = [each for each in files if each not in request["poisoned"] and (pathlib.Path(request["root"]) / each).exists()]
    fixed = ["--rootdir=" + request["root"], "-o", "addopts=" + request["addopts"], "-o", "required_plugins="]
    quiet = ["-q", "-s", "--tb=" + request.get("tb", "short"), "--no-summary", "-W", "ignore::pytest.PytestConfigWarning"]
    off = [part for name in ("cacheprovider", "faulthandler", "randomly", "xdist.looponfail") for part in ("-p", "no:" + name)]
    return fixed + quiet + off + ["--continue-on-collection-errors", *there]


def collect(channel: Channel, request: dict[str, Any], plugins: list[Any], collector: Collector) -> None:
    """Run pytest over the project with these plug-ins; tell the parent where it ended early."""
    sys.stdout = sys.stderr = collector.console
    ended = ""
    gc.freeze()  # whoever looks through all objects from here on does not find those of the judge
    try:
        code = pytest.main(arguments(request), plugins=[collector, *plugins])
        ended = f"pytest ended early with exit code {int(code)}"
    except BaseException as error:
        ended = f"{type(error).__name__}: {error}"
    said = verdict.clean(collector.console.getvalue())[-verdict.TRACEBACK_MOST :]
    channel.tell({"k": "ended", "why": ended[:500], "said": said})


def run_suite(channel: Channel, request: dict[str, Any]) -> None:
    """Collect and run; the worker's whole life."""
    enter(request)
    tracer = lines.Tracer(request["root"], request["product"]) if request["trace"] else None
    if tracer is not None:
        tracer.start_with([each for each in request["path"] if each.startswith(request["root"])])
    loop = SuiteLoop(channel, request, tracer)
    collector = Collector(channel, request, loop)
    collect(channel, request, [loop], collector)
