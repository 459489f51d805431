from __future__ import annotations

import ast
import gc
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import pytest

from bot.behaviour.differences import written
from bot.harness.harness import (
    Call,
    Observation,
    ObservedKind,
    SuiteRun,
    TestOutcome,
    TestResult,
    Variant,
    VariantResult,
    Variants,
)
from bot.ids import NodeId
from bot.repair.enumeration import TEMPLATES
from bot.repair.evidence import NOTHING_SEEN, Seen
from bot.repair.routine import Routine
from bot.repair.source import FunctionNode, SourceFile, own_expressions
from bot.repair.template import Site

Rewritten = Callable[..., set[str]]


@pytest.fixture
def rewritten() -> Rewritten:
    """Return the texts that one template makes of a source, its every statement looked at; all must parse."""

    def make(name: str, source: str, *, seen: Seen = NOTHING_SEEN, words: str = "") -> set[str]:
        file = SourceFile("m.py", source)
        template = next(each for each in TEMPLATES if each.name == name)
        found: set[str] = set()
        for statement in file.statements:
            if isinstance(statement, FunctionNode | ast.ClassDef):
                continue
            site = Site(file, Routine(file, file.routine_of(statement), seen, words), statement)
            rewrites = list(template.statement(site)) if template.statement else []
            if template.expression:
                for node in own_expressions(statement):
                    rewrites += template.expression(site, node)
            for each in rewrites:
                assert 0 <= each.prior <= 2
                text = each.apply(source)
                ast.parse(text)
                found.add(text)
        return found

    return make


@pytest.fixture
def made(rewritten: Rewritten) -> Callable[[str, str, str], bool]:
    """Say whether a template makes ``after`` of ``before``; both are bodies of ``def f(a, b, c):`` on one line or more."""

    def look(name: str, before: str, after: str) -> bool:
        def whole(body: str) -> str:
            return "def f(a, b, c):\n" + "".join(f"    {line}\n" for line in body.splitlines())

        return whole(after) in rewritten(name, whole(before))

    return look


class Plain:
    """A fork server without forks, for code that the tests themselves wrote: one module, tests as expressions that must hold."""

    def __init__(self, text: str, tests: dict[str, str]) -> None:
        self.text, self.held = text, {NodeId(name): test for name, test in tests.items()}
        self.tests = tuple(self.held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    @property
    def baseline(self) -> SuiteRun:
        lines = frozenset(range(1, self.text.count("\n") + 1))
        covered = {name: {"m.py": lines} for name in self.tests}
        return SuiteRun(tuple(self._one(self.text, each) for each in self.tests), trusted=True, covered_by=covered)

    def _one(self, text: str, name: NodeId) -> TestResult:
        try:
            with _limited():
                space: dict[str, object] = {}
                exec(text, space)  # noqa: S102 - the test's own code
                held = eval(self.held[name], space)  # noqa: S307 - as above
        except TimeoutError:
            return TestResult(name, TestOutcome.TIMED_OUT)
        except Exception as error:  # noqa: BLE001 - candidates raise anything
            return TestResult(name, TestOutcome.RAISED, 0.0, type(error).__name__, str(error))
        return TestResult(name, TestOutcome.PASSED if held else TestOutcome.FAILED, 0.0, None if held else "AssertionError")

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        assert not confirm_timeouts
        for variant in variants:
            found: list[TestResult] = []
            for name in tests or ():
                found.append(self._one(variant.files["m.py"], name))
                if stop_at_first_failure and found[-1].outcome is not TestOutcome.PASSED:
                    break
            yield VariantResult(variant.id, tuple(found))

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        for variant in variants:
            space: dict[str, object] = {}
            exec(variant.files["m.py"], space)  # noqa: S102 - the test's own code
            yield variant.id, tuple(_seen(space, each) for each in calls)


@contextmanager
def _limited() -> Iterator[None]:
    """Candidates may loop for ever: a little CPU time is all they get."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, late)
    gc.disable()  # an alarm inside somebody's collection callback would be nobody's to catch
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        gc.enable()
        signal.signal(signal.SIGVTALRM, before)


def _seen(space: dict[str, object], call: Call) -> Observation:
    try:
        with _limited():
            value = eval(written(call), space)  # noqa: S307 - the test's own code
    except TimeoutError:
        return Observation(ObservedKind.TIMED_OUT)
    except Exception as error:  # noqa: BLE001 - candidates raise anything
        return Observation(ObservedKind.RAISED, str(error), type(error).__name__)
    return Observation(ObservedKind.RETURNED, repr(value), type(value).__name__)


@pytest.fixture
def plain() -> Callable[[str, dict[str, str]], Variants]:
    return Plain
