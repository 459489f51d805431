from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest

from bot.harness.harness import (
    Call,
    Observation,
    SuiteRun,
    TestOutcome,
    TestResult,
    Variant,
    VariantResult,
)
from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.matrix import judge_mutants, read_source
from bot.mutation.mutation import KillMatrix, MutantStatus

SOLUTION = "def f(x):\n    if x > 3:\n        return x - 1\n    return 0\n\n\ndef alone():\n    return 5\n"
TESTS = "from solution import f\n\n\ndef test_big():\n    assert f(5) == 4\n\n\ndef test_small():\n    assert f(2) == 0\n"
FILES = {"solution.py": SOLUTION, "test_solution.py": TESTS}
BIG, SMALL = NodeId("test_solution.py::test_big"), NodeId("test_solution.py::test_small")
Tree = Callable[[dict[str, str]], Path]


def by_id(matrix: KillMatrix) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.mutant.id: (each.status.value, each.killed_by) for each in matrix.mutants}


def test_a_real_matrix_says_which_test_kills_which_mutant(lab: Lab, tree: Tree) -> None:
    root = tree(FILES)
    with lab.variants(root) as variants:
        matrix = judge_mutants(variants, root, {"solution.py": frozenset(range(1, 9))}, every_killer=True)
        first = judge_mutants(variants, root, {"solution.py": frozenset({2})}, [BIG])
    assert matrix.why_not == ""
    found = by_id(matrix)
    assert found["solution.py:3:arithmetic:1"] == ("killed", (BIG,))
    assert found["solution.py:4:number:1"] == ("killed", (SMALL,))
    assert found["solution.py:2:comparison:1"] == ("survived", ())
    assert found["solution.py:8:number:1"] == ("uncovered", ())
    assert set(found["solution.py:2:comparison:2"][1]) == {BIG, SMALL}
    assert matrix.kills(BIG) > 0
    assert first.tests == (BIG,)
    assert by_id(first)["solution.py:2:comparison:2"] == ("killed", (BIG,))


def test_an_endless_loop_is_a_timeout_and_module_level_faults_are_judged(lab: Lab, tree: Tree) -> None:
    source = "LIMIT = 3\n\n\ndef count():\n    n = 0\n    while n < LIMIT:\n        n += 1\n    return n\n"
    test = "from solution import count\n\n\ndef test_count():\n    assert count() == 3\n"
    root = tree({"solution.py": source, "test_count.py": test})
    matrix = lab.kill_matrix(root, {"solution.py": frozenset({1, 7})})
    found = by_id(matrix)
    assert matrix.why_not == ""
    assert found["solution.py:1:number:1"][0] == "killed"
    assert found["solution.py:7:augmented-assignment:1"][0] == "timeout"


class Fake:
    """A fork server whose answers a test makes up."""

    def __init__(self, answer: Callable[[Variant, NodeId], TestOutcome | str], *, trusted: bool = True) -> None:
        self._answer = answer
        self.asked: list[str] = []
        lines = {"solution.py": frozenset(range(1, 7))}
        results = tuple(TestResult(test, TestOutcome.PASSED) for test in (BIG, SMALL))
        self._run = SuiteRun(
            results,
            trusted,
            "a canary died",
            covered={"solution.py": lines["solution.py"]},
            covered_by={BIG: lines, SMALL: lines},
        )

    @property
    def tests(self) -> tuple[NodeId, ...]:
        return (BIG, SMALL)

    @property
    def baseline(self) -> SuiteRun:
        return self._run

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
        assert confirm_timeouts
        for each in variants:
            self.asked.append(each.id)
            answers = [(test, self._answer(each, test)) for test in tests or ()]
            error = next((said for _, said in answers if not isinstance(said, TestOutcome)), "")
            results = [TestResult(test, said) for test, said in answers if isinstance(said, TestOutcome)]
            cut = next((n for n, one in enumerate(results, 1) if one.outcome is not TestOutcome.PASSED), len(results))
            yield VariantResult(each.id, tuple(results[:cut] if stop_at_first_failure else results), error)

    def observe(self, variants: Iterable[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        raise NotImplementedError


def judged(
    answer: Callable[[Variant, NodeId], TestOutcome | str], root: Path, *, trusted: bool = True, every: bool = False
) -> KillMatrix:
    return judge_mutants(Fake(answer, trusted=trusted), root, {"solution.py": frozenset({2, 3})}, every_killer=every)


def honest(variant: Variant, _: NodeId) -> TestOutcome:
    return TestOutcome.PASSED if variant.id.startswith("nothing changed") else TestOutcome.FAILED


def test_a_fake_that_answers_honestly_is_believed(tree: Tree) -> None:
    matrix = judged(honest, tree(FILES))
    assert matrix.kill_rate == 1.0
    assert all(each.status is MutantStatus.KILLED for each in matrix.mutants)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda *_: TestOutcome.FAILED, "with nothing changed the tests do not pass, so none can notice a mutant"),
        (lambda *_: TestOutcome.PASSED, "was made to raise wherever it is entered and no test noticed"),
        (lambda *_: "the fork died", "the fork died"),
        (
            lambda variant, _: "gone" if variant.id.startswith("forced") else honest(variant, _),
            "could not judge a forced failure in solution.py: gone",
        ),
        (lambda variant, _: "gone" if variant.id.startswith("solution.py:") else honest(variant, _), "could not judge"),
    ],
)
def test_a_machine_that_lies_gives_no_verdict(
    tree: Tree, answer: Callable[[Variant, NodeId], TestOutcome | str], why: str
) -> None:
    matrix = judged(answer, tree(FILES))
    assert why in matrix.why_not
    assert matrix.kill_rate is None


def test_a_null_mutant_that_dies_afterwards_takes_the_verdict_back(tree: Tree) -> None:
    judged_before: list[str] = []

    def tiring(variant: Variant, _: NodeId) -> TestOutcome:
        judged_before.append(variant.id)
        return TestOutcome.PASSED if len(judged_before) <= len((BIG, SMALL)) else TestOutcome.FAILED

    assert "do not pass any more" in judged(tiring, tree(FILES)).why_not


def test_a_test_that_fails_with_nothing_changed_does_not_judge(tree: Tree) -> None:
    def leaning(variant: Variant, test: NodeId) -> TestOutcome:
        return TestOutcome.FAILED if test == SMALL else honest(variant, test)

    matrix = judged(leaning, tree(FILES), every=True)
    assert matrix.why_not == ""
    assert matrix.tests == (BIG,)
    assert matrix.kills(SMALL) == 0
    assert matrix.kill_rate == 1.0


def test_a_base_that_cannot_be_trusted_gives_no_verdict(tree: Tree) -> None:
    assert "a canary died" in judged(honest, tree(FILES), trusted=False).why_not


def test_answers_that_are_missing_are_noticed(tree: Tree) -> None:
    class Forgetful(Fake):
        def judge(
            self,
            variants: Iterable[Variant],
            tests: Sequence[NodeId] | None = None,
            *,
            stop_at_first_failure: bool = True,
            confirm_timeouts: bool = True,
        ) -> Iterator[VariantResult]:
            found = super().judge(variants, tests, stop_at_first_failure=stop_at_first_failure, confirm_timeouts=confirm_timeouts)
            yield from (each for each in found if ":3:" not in each.id)

    matrix = judge_mutants(Forgetful(honest), tree(FILES), {"solution.py": frozenset({2, 3})})
    assert "were planned and" in matrix.why_not


def test_a_skip_is_no_notice_and_without_tests_there_is_no_verdict(tree: Tree) -> None:
    root = tree(FILES)

    def skips(variant: Variant, test: NodeId) -> TestOutcome:
        return TestOutcome.SKIPPED if variant.id.startswith("solution.py:") else honest(variant, test)

    assert judged(skips, root).kill_rate == 0.0
    none = judge_mutants(Fake(honest), root, {"solution.py": frozenset({2})}, [NodeId("test_solution.py::test_gone")])
    assert "no test passes" in none.why_not


def test_every_killer_is_not_looked_for_among_mutants_that_hang(tree: Tree) -> None:
    def hangs(variant: Variant, test: NodeId) -> TestOutcome:
        return TestOutcome.TIMED_OUT if variant.id.startswith("solution.py:") else honest(variant, test)

    fake = Fake(hangs)
    matrix = judge_mutants(fake, tree(FILES), {"solution.py": frozenset({2, 3})}, every_killer=True)
    assert {each.status for each in matrix.mutants} == {MutantStatus.TIMEOUT}
    assert matrix.kills(BIG)
    assert matrix.kills(SMALL)
    assert sum(len(each.killed_by) == 2 for each in matrix.mutants) == 2


def test_lines_without_a_mutant_are_no_evidence(tree: Tree) -> None:
    matrix = judge_mutants(Fake(honest), tree(FILES), {"solution.py": frozenset({1, 5}), "gone.py": frozenset({1})})
    assert matrix.mutants == ()
    assert matrix.kill_rate is None
    assert matrix.why_not == ""


def test_only_plain_text_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'")
    (tmp_path / "link.py").symlink_to(tmp_path / "latin.py")
    assert read_source(tmp_path, "latin.py") is None
    assert read_source(tmp_path, "link.py") is None
    assert read_source(tmp_path, "gone.py") is None
