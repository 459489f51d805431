"""A fork server over one project: thousands of variants judged by its tests, without importing anything twice.

The sandboxed half collects the tests once. A variant whose difference lies within function bodies is put into the live
program; any other is imported in a process of its own. Here, variants become patches, tests are chosen by the baseline's
trace, and answers are put back in order.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from bot.change.encoding import decoded
from bot.errors import InputError
from bot.harness.harness import Call, Observation, Project, SuiteOrder, SuiteRun, TestOutcome, Variant, VariantResult
from bot.harness.observe import Observer
from bot.harness.patch import Patch, patch_of
from bot.harness.session import Session, to_result
from bot.harness.suite import SUITE_LIMITS, TEST_SECONDS, ask_suite, to_run
from bot.ids import NodeId
from bot.sandbox.sandbox import Limits, Sandbox

BATCH = 64
"""Most variants a batch; measured: more gain nothing, fewer pay for forks."""
FIRST_BATCH = 8
BATCH_SECONDS = 1.0
"""A batch is kept small enough to take about so long: who asks may stop at any batch's end."""
LEAST_SECONDS = 0.15
"""Least CPU time a test gets on a variant; else ten times what it took on the base."""
UNKNOWN_SECONDS = 0.25
"""Least CPU time for a test that did not pass on the base, so that what it needs is not known."""
TIMES_BASE = 10.0
SERVER_SECONDS = 3600.0


@dataclass(frozen=True)
class Known:
    """A baseline's run: the sandboxed half's own answer, and how long it took."""

    answer: Mapping[str, Any]
    seconds: float


class ProjectVariants:
    """The :class:`~bot.harness.harness.Variants` of one tree, in one conversation with the sandbox."""

    def __init__(  # noqa: PLR0913 - what a fork server depends on
        self,
        sandbox: Sandbox,
        project: Project,
        tests: tuple[NodeId, ...] = (),
        *,
        limits: Limits = SUITE_LIMITS,
        test_seconds: float = TEST_SECONDS,
        hung: Collection[NodeId] = (),
        least_seconds: float = LEAST_SECONDS,
        learned: Callable[[SuiteRun], None] = lambda _run: None,
        known: Known | None = None,
    ) -> None:
        """Start the sandboxed half; ``learned`` hears of the baseline once it has run; one that is ``known`` is not run again."""
        self._project = project
        self._asked = tests
        self._limits = limits
        self._test_seconds = test_seconds
        self._hung = hung
        self._least = least_seconds
        self._learned = learned
        own = Limits(SERVER_SECONDS, limits.memory, limits.disk, limits.processes, limits.output)
        self._session = Session(sandbox, project, limits=own)
        self._texts: dict[str, str | None] = {}
        self._open_error: str | None = None
        self._found = known.answer if known else None
        self._baseline: SuiteRun | None = None
        self._seconds = known.seconds if known else 0.0
        self._idle = 0.0
        self._size = FIRST_BATCH
        """How many variants the next batch may hold, by the pace of those before."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether somebody has ended it."""
        return self._session.closed

    def close(self) -> None:
        """End the server with all it runs."""
        self._session.close()

    @property
    def tests(self) -> tuple[NodeId, ...]:
        return tuple(NodeId(each) for each in self._answer["ids"])

    @property
    def baseline(self) -> SuiteRun:
        with self._session.turn:
            if self._baseline is None:
                self._baseline = to_run(self._answer, self._asked, self._seconds)
            return self._baseline

    @property
    def has_baseline(self) -> bool:
        """Whether the baseline has run; then it stays known when the server has ended."""
        return self._found is not None

    @property
    def known(self) -> Known | None:
        """What the baseline's run told, for another server of the same tree; None where it has not run."""
        return Known(self._found, self._seconds) if self._found is not None else None

    @property
    def _answer(self) -> Mapping[str, Any]:
        with self._session.turn:
            if self._found is None:
                self._found = self._run_baseline()
                self._learned(self.baseline)
            return self._found

    def _run_baseline(self) -> Mapping[str, Any]:
        started = time.monotonic()
        seconds, test_seconds = self._limits.seconds, self._test_seconds
        order = SuiteOrder()
        found = ask_suite(
            self._session, self._asked, order, trace=True, seconds=seconds, test_seconds=test_seconds, hung=self._hung
        )
        self._seconds = time.monotonic() - started
        return found

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        """See :class:`~bot.harness.harness.Variants`; raises Retryable where the sandboxed half is gone."""
        error = self._open()
        source = iter(variants)
        while batch := list(itertools.islice(source, self._size)):
            if error:
                yield from (VariantResult(each.id, (), error) for each in batch)
                continue
            results = self._judge_batch(batch, tests, stop=stop_at_first_failure, confirm=confirm_timeouts)
            pace = results[0].seconds
            self._size = max(1, min(self._size * 2, BATCH, int(BATCH_SECONDS / pace) if pace else BATCH))
            yield from results

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        """See :class:`~bot.harness.harness.Variants`; raises Retryable where the sandboxed half is gone."""
        with Observer(self._session, calls) as observer:
            for each in variants:
                yield each.id, observer.observe(self._patches(each))

    def _open(self) -> str:
        """Have the tests collected for variants, once; return why that failed, or ''."""
        with self._session.turn:
            if self._open_error is None:
                self._open_error = str(self._session.ask({"k": "open", **self._opening()})["error"])
            return self._open_error

    def _opening(self) -> dict[str, Any]:
        records: Mapping[str, Mapping[str, Any]] = self._answer["records"]
        passing = [each for each, record in records.items() if record["outcome"] == TestOutcome.PASSED]
        used = {each: float(records[each]["cpu"]) for each in passing}
        self._idle = TIMES_BASE * max((float(records[each]["seconds"]) for each in passing), default=0.0)
        limits = {each: max(self._least, TIMES_BASE * cpu) for each, cpu in used.items()}
        limits[""] = max(UNKNOWN_SECONDS, self._least, TIMES_BASE * statistics.median(used.values()) if used else 0.0)
        return {
            "tests": list(self._asked),
            "poisoned": list(self._answer["errors"]),
            "passing": passing,
            "limits": limits,
            "called": {path: place["called"] for path, place in self._answer["imported"].items()},
            "tested": {path: place["tested"] for path, place in self._answer["imported"].items()},
            "tb": "no",  # a report shows the source: to find it pytest parses a whole file at every failure
            "import_seconds": 2 + 5 * self._answer["collect_cpu"],
        }

    def _judge_batch(
        self, batch: list[Variant], tests: Sequence[NodeId] | None, *, stop: bool, confirm: bool
    ) -> list[VariantResult]:
        started = time.monotonic()
        entries, ready = [], {}
        for number, variant in enumerate(batch):
            patches = self._patches(variant)
            chosen = list(tests) if tests is not None else self._reaching(patches)
            if chosen:
                entries.append({"n": number, "patches": [each.plain() for each in patches], "tests": chosen})
            else:
                ready[number] = VariantResult(variant.id, ())
        said = self._ask(entries, stop=stop, confirm=confirm) if entries else {}
        seconds = (time.monotonic() - started) / len(batch)
        found = [ready.get(number) or _result(each.id, said.get(number), said.get(-1)) for number, each in enumerate(batch)]
        return [replace(each, seconds=seconds) for each in found]

    def _ask(self, entries: list[dict[str, Any]], *, stop: bool, confirm: bool) -> dict[int, Mapping[str, Any]]:
        said: dict[int, Mapping[str, Any]] = {}
        with self._session.turn:
            self._session.say({"k": "judge", "entries": entries, "stop": stop, "confirm": confirm, "idle": self._idle})
            while (message := self._session.hear())["k"] != "judged":
                said[int(message["n"])] = message
        said[-1] = message
        return said

    def _patches(self, variant: Variant) -> list[Patch]:
        found = [patch_of(path, self._text(path), text) for path, text in variant.files.items()]
        return [each for each in found if each is not None]

    def _text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path] or ""

    def _read(self, path: str) -> str:
        file = self._project.root / path
        if path.startswith("/") or ".." in path.split("/"):
            msg = f"a variant may not touch {path!r}: give a path within the project"
            raise InputError(msg)
        text = decoded(file.read_bytes()) if file.is_file() else ""
        if text is None:
            raise InputError(f"{path} is not in the encoding that it names, or not UTF-8, so no variant of it can be judged")
        return text

    def _reaching(self, patches: Sequence[Patch]) -> list[str]:
        """Return the passing tests that reach a changed line, fastest first; all passing ones where a line ran at import."""
        imported: Mapping[str, Mapping[str, Any]] = self._answer["imported"]
        everywhere = any(not each.lines.isdisjoint(imported.get(each.path, {}).get("lines", ())) for each in patches)
        return [test for test, covered in self._by_speed if everywhere or _reaches(covered, patches)]

    @cached_property
    def _by_speed(self) -> list[tuple[str, Mapping[str, frozenset[int]]]]:
        passing = [each for each in self.baseline.results if each.outcome is TestOutcome.PASSED]
        passing.sort(key=lambda each: _speed(float(self._answer["records"][each.id]["cpu"])))
        return [(each.id, self.baseline.covered_by.get(each.id, {})) for each in passing]


def _speed(cpu: float) -> int:
    """Return how slow a test is in steps of four, so that the order of like ones does not hang on the day's measurement."""
    return round(math.log(max(cpu, 0.002) / 0.002, 4))


def _reaches(covered: Mapping[str, frozenset[int]], patches: Sequence[Patch]) -> bool:
    return any(not each.lines.isdisjoint(covered.get(each.path, frozenset())) for each in patches)


def _result(name: str, message: Mapping[str, Any] | None, last: Mapping[str, Any] | None) -> VariantResult:
    if message is None:
        why = str((last or {}).get("error", "")) or "the fork server gave no answer for this variant"
        return VariantResult(name, (), why)
    results = tuple(to_result(test, record) for test, record in message["records"])
    return VariantResult(name, results, str(message.get("error", "")))
