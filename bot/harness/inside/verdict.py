"""Running one test and saying how it went, from what was raised and not from what a report claims."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from _pytest.outcomes import Failed, Skipped, XFailed  # the exceptions pytest itself tells apart
from _pytest.runner import CallInfo

_from_call = CallInfo.from_call
_cpu = time.process_time
_wall = time.perf_counter

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_MISMATCHES = frozenset({"DocTestFailure", "MultipleDoctestFailures"})
MESSAGE_MOST = 500
TRACEBACK_MOST = 4000
FRAMES_MOST = 60

if TYPE_CHECKING:
    Record = dict[str, Any]


def clean(text: str) -> str:
    """Return text without terminal codes, other control characters and lone surrogates."""
    return _CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def type_name(kind: type) -> str:
    """Return a type's qualified name, without the module where it is a builtin."""
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", "?")
    return str(name) if module in {"builtins", None} else f"{module}.{name}"


def describe(error: BaseException, root: str) -> Record:
    """Return an exception as a record: type, message and its places in the project."""
    try:
        message = str(error)
    except BaseException as inner:
        message = f"<no text: {type(inner).__name__}>"
    message = " ".join(clean(message[: MESSAGE_MOST * 4]).split())
    return {
        "exception": clean(type_name(type(error)))[:200],
        "message": message[:MESSAGE_MOST],
        "frames": places(error.__traceback__, root),
    }


def places(traceback: Any, root: str) -> list[tuple[str, int]]:
    """Return a traceback's lines that lie in the project, outermost first."""
    found = []
    while traceback is not None:
        found.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    return inside(found, root)


def stack(frame: Any, root: str) -> list[tuple[str, int]]:
    """Return a running frame's callers that lie in the project, outermost first."""
    found = []
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return inside(found[::-1], root)


def inside(found: list[tuple[str, int]], root: str) -> list[tuple[str, int]]:
    """Keep the places in the project, their paths relative to it; of a long list the two ends."""
    home = root + "/"
    kept = [(path[len(home) :], line) for path, line in found if path.startswith(home) and "/site-packages/" not in path]
    if len(kept) > FRAMES_MOST:
        kept = kept[: FRAMES_MOST // 3] + kept[-2 * FRAMES_MOST // 3 :]
    return kept


def outcome_of(error: BaseException) -> str:
    """Return how a test ended that raised this while it ran."""
    if isinstance(error, Skipped) or type(error).__name__ == "SkipTest":
        return "skipped"
    if isinstance(error, XFailed):
        return "xfailed"
    if isinstance(error, (AssertionError, Failed)) or type(error).__name__ in _MISMATCHES:
        return "failed"
    return "raised"


def marked_xfail(item: Any) -> bool:
    """Say whether a test is marked as expected to fail."""
    return item.get_closest_marker("xfail") is not None


class Phases:
    """The three phases of one test, run through the project's hooks."""

    def __init__(self, item: Any, root: str, tracebacks: bool) -> None:  # noqa: FBT001
        self._item = item
        self._root = root
        self._tracebacks = tracebacks
        self.passed: list[str] = []
        self.record: Record = {"outcome": "broken", "message": "did not run"}

    def run(self, nextitem: Any) -> Record:
        """Run set-up, call and tear-down once each; return the record."""
        started, used = _wall(), _cpu()
        hook = self._item.ihook
        self._initialise()
        if self._phase("setup", lambda: hook.pytest_runtest_setup(item=self._item)):
            self._phase("call", lambda: hook.pytest_runtest_call(item=self._item))
        self._phase("teardown", lambda: hook.pytest_runtest_teardown(item=self._item, nextitem=nextitem))
        if hasattr(self._item, "_request"):
            self._item._request = False  # noqa: SLF001 - as pytest's own protocol leaves it, so that a re-run starts anew
            self._item.funcargs = None
        self.record["seconds"] = _wall() - started
        self.record["cpu"] = _cpu() - used
        self.record["phases"] = self.passed
        return self.record

    def _initialise(self) -> None:
        if hasattr(self._item, "_request") and not self._item._request:  # noqa: SLF001 - a re-run, as pytest-rerunfailures does it
            self._item._initrequest()  # noqa: SLF001

    def _phase(self, when: str, function: Callable[[], Any]) -> bool:
        call = _from_call(function, when=when, reraise=())  # type: ignore[arg-type]
        needs_report = self._tracebacks or call.excinfo is not None or marked_xfail(self._item) or hasattr(self._item, "_excinfo")
        report = self._item.ihook.pytest_runtest_makereport(item=self._item, call=call) if needs_report else None
        if report is not None and self._tracebacks:
            self._item.ihook.pytest_runtest_logreport(report=report)
        outcome = self._outcome(when, call.excinfo, report)
        if outcome == "passed":
            self.passed.append(when)
        self._note(when, outcome, call.excinfo, report)
        return outcome == "passed"

    @staticmethod
    def _outcome(when: str, excinfo: Any, report: Any) -> str:
        expected = report is not None and hasattr(report, "wasxfail")
        if excinfo is None:
            if expected:
                return "xpassed"
            return "passed" if report is None or report.outcome == "passed" else "failed"
        if expected:
            return "xfailed"
        outcome = outcome_of(excinfo.value)
        return "broken" if when != "call" and outcome in {"failed", "raised"} else outcome

    def _note(self, when: str, outcome: str, excinfo: Any, report: Any) -> None:
        if when == "teardown" and (outcome == "passed" or self.record["outcome"] != "passed"):
            return
        if when == "setup" and outcome == "passed":
            return
        self.record = {"outcome": outcome, "message": ""}
        if excinfo is not None:
            self.record.update(describe(excinfo.value, self._root))
        elif outcome == "failed":
            self.record["message"] = clean(str(getattr(report, "longrepr", "") or ""))[:MESSAGE_MOST]
        if report is not None and self._tracebacks and outcome in {"failed", "raised", "broken"}:
            self.record["traceback"] = long_text(report)


def long_text(report: Any) -> str:
    """Return a report's traceback as pytest prints it, its last part where it is long."""
    try:
        text = str(report.longreprtext)
    except BaseException as error:
        text = f"<no traceback: {type(error).__name__}>"
    return clean(text)[-TRACEBACK_MOST:]


def passed_everything(record: Record) -> bool:
    """Say whether set-up, call and tear-down each passed exactly once."""
    return record["outcome"] == "passed" and record.get("phases") == ["setup", "call", "teardown"]


def broken(message: str, traceback: str = "", exception: str | None = None) -> Record:
    """Return the record of a test that could not start."""
    return {"outcome": "broken", "message": message[:MESSAGE_MOST], "traceback": traceback, "exception": exception}
