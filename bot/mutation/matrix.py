"""Judge the mutants of given lines by tests: which test kills which, and whether the answer can be trusted.

A dead machine looks like strong tests or like weak ones, never like what it is. So every matrix is made between guards: the
unchanged code must pass; a test that fails with nothing changed (a null mutant) does not judge, and none may fail so afterwards;
with each judged file's code made to raise, something must fail; and every planned mutant must have exactly one answer.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.change.encoding import decoded
from bot.harness.harness import SuiteRun, TestOutcome, Variant, VariantResult, Variants
from bot.ids import NodeId
from bot.mutation.generator import Planned, plan_mutants
from bot.mutation.mutation import JudgedMutant, KillMatrix, MutantStatus

NOTICED = frozenset({TestOutcome.FAILED, TestOutcome.RAISED, TestOutcome.BROKEN, TestOutcome.CRASHED, TestOutcome.MISSING})
"""Outcomes by which a test that passed before has noticed a mutant; a skip is no notice."""

MOST_WHOLE = 8
"""Statements taken out whole, where nothing else can be broken: each costs an import of everything."""
_MOST_HUNG = 2
"""Hanging mutants on which a test is tried that killed nothing else."""


def judge_mutants(  # noqa: PLR0913 - one call, all of it asked for by name
    variants: Variants,
    root: Path,
    lines: Mapping[str, frozenset[int]],
    tests: Sequence[NodeId] = (),
    *,
    every_killer: bool = False,
    most: int = 200,
    seed: int = 0,
) -> KillMatrix:
    """Mutate ``lines`` (path -> numbers) of the tree at ``root`` and judge by ``tests`` (all collected ones where empty).

    Only tests that pass on the unchanged code can kill. ``every_killer`` asks each mutant's every test, else the first kill
    ends it. ``most`` bounds the mutants over all files. ``why_not`` says why a matrix cannot be trusted.
    """
    started = time.monotonic()
    baseline = variants.baseline
    if not baseline.trusted:
        return KillMatrix((), (), why_not=f"the unchanged code could not be judged: {baseline.why_not}")
    passing = _passing(baseline, tests or variants.tests)
    planned = _plan(root, lines, most, seed)
    if all(each.equivalent for each in planned):
        planned = [*planned, *_plan(root, lines, MOST_WHOLE, seed, whole=True)]
    if not any(not each.equivalent for each in planned):
        return KillMatrix(tuple(_unjudged(planned)), tuple(passing), time.monotonic() - started)
    if not passing:
        return KillMatrix((), (), why_not="no test passes on the unchanged code, so none can notice a mutant")
    court = _Court(variants, root, baseline, passing, every_killer=every_killer)
    judged = court.judge(planned)
    return KillMatrix(judged, tuple(court.judges), time.monotonic() - started, court.why_not or _unbalanced(planned, judged))


def _passing(baseline: SuiteRun, tests: Sequence[NodeId]) -> list[NodeId]:
    """Return the tests that pass on the unchanged code, fastest first."""
    results = baseline.by_id()
    passing = [test for test in tests if test in results and results[test].outcome is TestOutcome.PASSED]
    return sorted(passing, key=lambda test: results[test].seconds)


def _plan(root: Path, lines: Mapping[str, frozenset[int]], most: int, seed: int, *, whole: bool = False) -> list[Planned]:
    """Plan the mutants of all files; under the cap each file gets its share by number of lines, at least one."""
    total = sum(map(len, lines.values())) or 1
    planned: list[Planned] = []
    for path in sorted(lines):
        source = read_source(root, path)
        share = most if len(lines) == 1 else max(1, round(most * len(lines[path]) / total))
        planned += plan_mutants(path, source, lines[path], most=share, seed=seed, whole=whole) if source is not None else ()
    return planned


def read_source(root: Path, path: str) -> str | None:
    """Return a file's text, or None where it is missing, a link, or no text."""
    file = root / path
    return None if file.is_symlink() or not file.is_file() else decoded(file.read_bytes())


def _unjudged(planned: Sequence[Planned]) -> Iterator[JudgedMutant]:
    yield from (JudgedMutant(each.mutant, MutantStatus.EQUIVALENT) for each in planned)


def _unbalanced(planned: Sequence[Planned], judged: Sequence[JudgedMutant]) -> str:
    if sorted(each.mutant.id for each in planned) != sorted(each.mutant.id for each in judged):
        return f"{len(planned)} mutants were planned and {len(judged)} were answered"
    errors = [each for each in judged if each.status is MutantStatus.ERROR]
    return f"the harness could not judge {len(errors)} mutants, first {errors[0].mutant.id}" if errors else ""


class _Court:
    """One judging: which tests reach which mutant, the guards, and the killers seen so far."""

    def __init__(self, variants: Variants, root: Path, baseline: SuiteRun, passing: list[NodeId], *, every_killer: bool) -> None:
        self._variants = variants
        self._root = root
        self._baseline = baseline
        self._passing = passing
        self._every_killer = every_killer
        self._kills: dict[NodeId, int] = {}
        self.why_not = ""

    @property
    def judges(self) -> list[NodeId]:
        """The tests that may kill."""
        return self._passing

    def judge(self, planned: Sequence[Planned]) -> tuple[JudgedMutant, ...]:
        """Return the answers in the order of the plan."""
        paths = sorted({each.mutant.path for each in planned if not each.equivalent and self._reaching(each)})
        self.why_not = self._dismiss_unsteady(paths)
        if self.why_not:
            return ()
        answers, groups = self._sifted(planned)
        self.why_not = self._guard(groups)
        if not self.why_not:
            for tests, group in groups.items():
                answers |= {answer.mutant.id: answer for answer in self._sentence(tests, group)}
            self.why_not = self._null_survives(paths)
        return tuple(answers[each.mutant.id] for each in planned if each.mutant.id in answers)

    def _sifted(self, planned: Sequence[Planned]) -> tuple[dict[str, JudgedMutant], dict[tuple[NodeId, ...], list[Planned]]]:
        """Return the answers that need no test, by mutant, and the other mutants by the tests that reach them."""
        answers: dict[str, JudgedMutant] = {}
        groups: dict[tuple[NodeId, ...], list[Planned]] = {}
        for each in planned:
            reaching = () if each.equivalent else self._reaching(each)
            if reaching:
                groups.setdefault(reaching, []).append(each)
            else:
                status = MutantStatus.EQUIVALENT if each.equivalent else MutantStatus.UNCOVERED
                answers[each.mutant.id] = JudgedMutant(each.mutant, status)
        return answers, groups

    def _reaching(self, planned: Planned) -> tuple[NodeId, ...]:
        path = planned.mutant.path
        covered = self._baseline.covered_by
        if planned.at_import:
            users = tuple(test for test in self._passing if covered.get(test, {}).get(path))
            return users or (tuple(self._passing) if path in self._baseline.covered else ())
        return tuple(test for test in self._passing if planned.reach & covered.get(test, {}).get(path, frozenset()))

    def _guard(self, groups: Mapping[tuple[NodeId, ...], list[Planned]]) -> str:
        """Return what is wrong with the machine where a forced failure lives."""
        judged_paths: dict[str, tuple[set[NodeId], Planned]] = {}
        for tests, group in groups.items():
            for each in group:
                judged_paths.setdefault(each.mutant.path, (set(), each))[0].update(tests)
        for path, (users, first) in judged_paths.items():
            text = _forced_failure(read_source(self._root, path) or "")
            result = self._one(Variant(f"forced failure in {path}", {path: text}), self._ordered(users))
            if result.error:
                return f"the harness could not judge a forced failure in {path}: {result.error}"
            if not result.failed_by:
                return f"{path} was made to raise wherever it is entered and no test noticed (first mutant {first.mutant.id})"
        return ""

    def _dismiss_unsteady(self, paths: Sequence[str]) -> str:
        """Let no test judge that fails with nothing changed, such as one that leans on another; return why none is left."""
        for path in paths:
            result = self._null(path, self._passing, stop=False)
            if result.error:
                return f"with nothing changed in {path} the harness could not judge: {result.error}"
            self._passing = [test for test in self._passing if test not in set(result.failed_by)]
        return "" if self._passing else "with nothing changed the tests do not pass, so none can notice a mutant"

    def _null_survives(self, paths: Sequence[str]) -> str:
        for path in paths:
            result = self._null(path, self._passing, stop=True)
            if result.error or not result.passed_all:
                failed = ", ".join(result.failed_by[:3])
                return f"with nothing changed in {path} the tests do not pass any more: {result.error or failed}"
        return ""

    def _null(self, path: str, tests: Sequence[NodeId], *, stop: bool) -> VariantResult:
        text = (read_source(self._root, path) or "").rstrip("\n") + "\n\n\n"
        return self._one(Variant(f"nothing changed in {path}", {path: text}), tests, stop=stop)

    def _one(self, variant: Variant, tests: Sequence[NodeId], *, stop: bool = True) -> VariantResult:
        results = list(self._variants.judge([variant], tests, stop_at_first_failure=stop))
        return results[0] if len(results) == 1 else VariantResult(variant.id, (), error=f"{len(results)} answers for one variant")

    def _ordered(self, tests: Sequence[NodeId] | set[NodeId]) -> list[NodeId]:
        """Return tests killers first, then fastest first."""
        return sorted((test for test in self._passing if test in tests), key=lambda test: -self._kills.get(test, 0))

    def _sentence(self, tests: tuple[NodeId, ...], group: list[Planned]) -> Iterator[JudgedMutant]:
        """Judge mutants that the same tests reach.

        Every killer is looked for among those that died at once only: a mutant that hangs would cost each test's whole limit.
        """
        first = list(self._ask(self._ordered(tests), group, stop=True))
        if not self._every_killer or len(tests) == 1:
            yield from first
            return
        dead = {each.mutant.id for each in first if each.status is MutantStatus.KILLED}
        again = [each for each in group if each.mutant.id in dead]
        full = {each.mutant.id: each for each in self._ask(self._ordered(tests), again, stop=False)} if again else {}
        yield from (full.get(each.mutant.id, each) for each in self._credit_hangs(first, full, tests, group))

    def _credit_hangs(
        self, first: list[JudgedMutant], full: Mapping[str, JudgedMutant], tests: tuple[NodeId, ...], group: list[Planned]
    ) -> Iterator[JudgedMutant]:
        """Try tests that have killed nothing yet on a few mutants that hung, so that no guard looks weak for want of a try."""
        idle = [test for test in tests if not any(test in each.killed_by for each in (*first, *full.values()))]
        hung = [each for each in first if each.status is MutantStatus.TIMEOUT][:_MOST_HUNG] if idle else []
        planned = {each.mutant.id: each for each in group}
        for each in first:
            if each not in hung:
                yield each
                continue
            more = list(self._ask(idle, [planned[each.mutant.id]], stop=False))
            extra = more[0].killed_by if more and more[0].status in {MutantStatus.KILLED, MutantStatus.TIMEOUT} else ()
            yield JudgedMutant(each.mutant, each.status, each.killed_by + extra)

    def _ask(self, tests: Sequence[NodeId], group: Sequence[Planned], *, stop: bool) -> Iterator[JudgedMutant]:
        by_id = {each.mutant.id: each for each in group}
        variants = (Variant(each.mutant.id, {each.mutant.path: each.mutant.source}) for each in group)
        for result in self._variants.judge(variants, tests, stop_at_first_failure=stop):
            if result.id in by_id:
                yield self._answer(by_id.pop(result.id), result)

    def _answer(self, planned: Planned, result: VariantResult) -> JudgedMutant:
        if result.error:
            return JudgedMutant(planned.mutant, MutantStatus.ERROR)
        noticed = tuple(each.id for each in result.results if each.outcome in NOTICED)
        late = tuple(each.id for each in result.results if each.outcome is TestOutcome.TIMED_OUT)
        for test in noticed + late:
            self._kills[test] = self._kills.get(test, 0) + 1
        status = MutantStatus.KILLED if noticed else MutantStatus.TIMEOUT if late else MutantStatus.SURVIVED
        return JudgedMutant(planned.mutant, status, noticed + late)


def _forced_failure(source: str) -> str:
    """Return the source with every function raising on entry, and a module without functions raising when loaded."""
    tree = ast.parse(source)
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    alarm = ast.parse("raise BaseException('forced failure')").body
    for each in functions:
        each.body = [*alarm, *each.body]
    if not functions:
        tree.body += alarm
    return ast.unparse(ast.fix_missing_locations(tree))
