from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self, cast

import pytest

from bot.harness.harness import Call, Observation, SuiteOrder, SuiteRun, TestOutcome, TestResult, Variant, VariantResult
from bot.ids import NodeId
from bot.lab import Lab
from bot.spec.definitions import Definition, build_index
from bot.spec.oracle import Court, Hearing, Subject
from bot.spec.spec import Role, Source

SOURCE = "def f(x):\n    return x + 1\n"
FAILS, PASSES = NodeId("test_f.py::test_fails"), NodeId("test_f.py::test_passes")
Answer = Callable[[Variant, NodeId], TestOutcome | str]


class Fake:
    """A fork server and a lab whose answers a test makes up."""

    seed = 0

    def __init__(
        self, results: Iterable[TestResult], answer: Answer, again: TestOutcome | None = None, *, trusted: bool = True
    ) -> None:
        self._results = tuple(results)
        self._answer = answer
        self._again = again
        self._trusted = trusted
        self.repeated: list[tuple[tuple[NodeId, ...], SuiteOrder]] = []

    @property
    def tests(self) -> tuple[NodeId, ...]:
        return tuple(each.id for each in self._results)

    @property
    def baseline(self) -> SuiteRun:
        lines = {"f.py": frozenset({1, 2})}
        return SuiteRun(self._results, self._trusted, "no", covered=lines, covered_by=dict.fromkeys(self.tests, lines))

    def suite(self, _root: Path, tests: tuple[NodeId, ...], order: SuiteOrder, *, twins: bool) -> SuiteRun:
        assert not twins, "what is on the base was let in by people"
        self.repeated.append((tests, order))
        known = {each.id: each.outcome for each in self._results}
        return SuiteRun(tuple(TestResult(each, self._again or known[each]) for each in tests), trusted=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def judge(
        self,
        variants: Iterable[Variant],
        tests: Sequence[NodeId] | None = None,
        *,
        stop_at_first_failure: bool = True,
        confirm_timeouts: bool = True,
    ) -> Iterator[VariantResult]:
        assert confirm_timeouts or stop_at_first_failure
        for each in variants:
            said = [(test, self._answer(each, test)) for test in tests or ()]
            error = next((one for _, one in said if not isinstance(one, TestOutcome)), "")
            yield VariantResult(
                each.id, tuple(TestResult(test, one) for test, one in said if isinstance(one, TestOutcome)), error
            )

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        raise NotImplementedError


def strong(variant: Variant, _: NodeId) -> TestOutcome:
    return TestOutcome.PASSED if variant.id.startswith("nothing changed") else TestOutcome.FAILED


@pytest.fixture
def function(tmp_path: Path) -> Definition:
    (tmp_path / "f.py").write_text(SOURCE)
    return build_index(tmp_path, lambda _: True).definitions[0]


def hear(root: Path, fake: Fake, subjects: Sequence[Subject], function: Definition, *, needs: bool = True) -> Hearing:
    return Court(cast("Lab", fake), root, fake, (function,), needs).hear(subjects)


def results(*pairs: tuple[NodeId, TestOutcome]) -> list[TestResult]:
    return [TestResult(test, outcome, 0.01, "NameError", "gone") for test, outcome in pairs]


BOTH = results((FAILS, TestOutcome.FAILED), (PASSES, TestOutcome.PASSED))


def test_roles_follow_from_the_base_and_strength_is_counted(tmp_path: Path, function: Definition) -> None:
    fake = Fake(BOTH, strong)
    subjects = [Subject(FAILS, Source.EXAMPLE, (function,)), Subject(PASSES, Source.SUITE)]
    hearing = hear(tmp_path, fake, subjects, function)
    assert [(each.role, each.kept, each.kills > 0) for each in hearing.rulings] == [
        (Role.WITNESS, True, True),
        (Role.GUARD, True, True),
    ]
    assert hearing.satisfied_by == ()
    assert hearing.kill_rate == 1.0
    assert {order for _, order in fake.repeated} == {SuiteOrder(1, 1), SuiteOrder(2, 2)}


def test_a_test_that_hangs_is_not_run_again_and_slow_ones_once_only(tmp_path: Path, function: Definition) -> None:
    fake = Fake(results((FAILS, TestOutcome.TIMED_OUT)), strong)
    assert "does not end" in hear(tmp_path, fake, [Subject(FAILS, Source.SUITE, (function,))], function).rulings[0].reason
    assert fake.repeated == []
    slow = Fake([TestResult(FAILS, TestOutcome.CRASHED, 30.0)], strong)
    assert "kills the process" in hear(tmp_path, slow, [Subject(FAILS, Source.SUITE)], function).rulings[0].reason
    assert len(slow.repeated) == 1


@pytest.mark.parametrize(
    ("outcome", "subject", "needs", "why"),
    [
        (TestOutcome.FAILED, Subject(FAILS, Source.ANNOTATION, is_guard_only=True), True, "an annotation is no wish"),
        (TestOutcome.BROKEN, Subject(FAILS, Source.EXAMPLE), True, "does not run on the base (broken: gone)"),
        (TestOutcome.SKIPPED, Subject(FAILS, Source.NAMED, is_asked_for=True), True, "does not run on the base (skipped"),
        (TestOutcome.FAILED, Subject(FAILS, Source.SUITE), False, "the wish is not about that"),
        (TestOutcome.RAISED, Subject(FAILS, Source.EXAMPLE), True, "the example itself does not run: NameError: gone"),
        (TestOutcome.PASSED, Subject(FAILS, Source.EXAMPLE, is_certain=False), True, "do not say whether that is right"),
        (TestOutcome.PASSED, Subject(NodeId("test_f.py::gone"), Source.SUITE), True, "not collected"),
    ],
)
def test_what_is_dropped_says_why(  # noqa: PLR0917 - a table of cases
    tmp_path: Path,
    function: Definition,
    outcome: TestOutcome,
    subject: Subject,
    needs: bool,
    why: str,
) -> None:
    (ruling,) = hear(tmp_path, Fake(results((FAILS, outcome)), strong), [subject], function, needs=needs).rulings
    assert not ruling.kept
    assert why in ruling.reason


def test_a_named_test_that_cannot_be_imported_is_a_witness(tmp_path: Path, function: Definition) -> None:
    fake = Fake(results((FAILS, TestOutcome.BROKEN)), strong)
    (ruling,) = hear(tmp_path, fake, [Subject(FAILS, Source.NAMED, is_asked_for=True)], function).rulings
    assert ruling.kept
    assert ruling.role is Role.WITNESS


def test_flaky_ones_are_dropped(tmp_path: Path, function: Definition) -> None:
    subjects = [Subject(FAILS, Source.EXAMPLE, (function,)), Subject(PASSES, Source.SUITE)]
    hearing = hear(tmp_path, Fake(BOTH, strong, TestOutcome.FAILED), subjects, function)
    assert [each.kept for each in hearing.rulings] == [True, False]
    assert hearing.rulings[1].reason == "flaky: passed at first, failed in another order with another hash seed"


def accepts_zero(variant: Variant, test: NodeId) -> TestOutcome:
    """A witness that only ``return 0`` and a dozen other constants satisfy; the guard rejects all but one."""
    if "return" in variant.id and test == FAILS:
        return TestOutcome.PASSED
    return TestOutcome.PASSED if variant.id.endswith("return 0") else strong(variant, test)


def test_a_weak_witness_is_kept_only_where_the_others_make_up_for_it(tmp_path: Path, function: Definition) -> None:
    weak = [Subject(FAILS, Source.EXAMPLE, (function,)), Subject(PASSES, Source.SUITE)]
    dropped = hear(tmp_path, Fake(BOTH, accepts_zero), weak, function)
    assert "weak: it fails on only 1 of 14 trivial stand-ins" in dropped.rulings[0].reason
    asked = [Subject(FAILS, Source.NAMED, (function,), is_asked_for=True), weak[1]]
    kept = hear(tmp_path, Fake(BOTH, accepts_zero), asked, function)
    assert kept.rulings[0].kept
    assert kept.rulings[0].reason.startswith("kept because it was asked for")
    assert kept.satisfied_by == ("f: return 0",)


@pytest.mark.parametrize("broken", ["stand-in", "silent"])
def test_a_harness_that_fails_rules_nothing(tmp_path: Path, function: Definition, broken: str) -> None:
    class Silent(Fake):
        def judge(
            self,
            variants: Iterable[Variant],
            tests: Sequence[NodeId] | None = None,
            *,
            stop_at_first_failure: bool = True,
            confirm_timeouts: bool = True,
        ) -> Iterator[VariantResult]:
            if broken == "silent":
                return
            yield from super().judge(
                variants, tests, stop_at_first_failure=stop_at_first_failure, confirm_timeouts=confirm_timeouts
            )

    fake = Silent(BOTH, lambda variant, test: "it died" if "return" in variant.id else strong(variant, test))
    hearing = hear(tmp_path, fake, [Subject(FAILS, Source.EXAMPLE, (function,))], function)
    assert hearing.rulings == ()
    assert "stand-in" in hearing.why_not


def test_a_base_that_cannot_be_trusted_rules_nothing(tmp_path: Path, function: Definition) -> None:
    assert "could not be run on the base: no" in hear(tmp_path, Fake(BOTH, strong, trusted=False), [], function).why_not


def test_guards_whose_strength_cannot_be_measured_are_dropped(tmp_path: Path, function: Definition) -> None:
    blind = Fake(BOTH, lambda *_: TestOutcome.PASSED)
    (ruling,) = hear(tmp_path, blind, [Subject(PASSES, Source.SUITE)], function).rulings
    assert ruling.reason.startswith("its strength could not be measured") or "no test noticed" in ruling.reason
    assert not ruling.kept
