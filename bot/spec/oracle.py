"""The oracle: runs candidate tests on the base and keeps those that are stable and strong.

A test that fails on the base is a *witness* of the wish; one that passes is a *guard* of what must stay. Both must be worth
something: a guard kills at least one mutant of the code in question; a witness fails on most trivial stand-ins for the
function it calls, and together the kept tests fail on every one of them. Nothing is dropped without its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult, Variants
from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.matrix import judge_mutants, read_source
from bot.mutation.mutation import KillMatrix
from bot.spec.definitions import Definition
from bot.spec.spec import Role, Source
from bot.spec.standins import StandIn, stand_ins, stand_ins_for_instances, stand_ins_for_missing

FAILING = frozenset({TestOutcome.FAILED, TestOutcome.RAISED, TestOutcome.TIMED_OUT, TestOutcome.CRASHED})
ORDERS = (SuiteOrder(1, 1), SuiteOrder(2, 2))
"""The runs besides the first, which has the files' order and hash seed 0."""

SLOW_SECONDS = 20.0
"""Candidates that take longer than this together are repeated once only."""

MUTANT_SECONDS = 8.0
"""How long, by the tests' own durations, mutants of the base may take to judge."""

MOST_MUTANTS = 60
MOST_TARGETS = 6


@dataclass(frozen=True)
class Subject:
    """A candidate as the oracle sees it, generated or from the project's suite."""

    id: NodeId
    origin: Source
    targets: tuple[Definition, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """(path, name) of functions still to be written."""
    is_asked_for: bool = False
    """Whether the person named it: never dropped for weakness."""
    is_certain: bool = True
    """Whether its words say what should be, not only what is."""
    is_guard_only: bool = False
    """A failure on the base is no wish (annotations)."""
    quote: str = ""


@dataclass(frozen=True)
class Ruling:
    """What the oracle says of one candidate."""

    subject: Subject
    role: Role
    kept: bool
    kills: int
    reason: str


@dataclass(frozen=True)
class Hearing:
    """All rulings, and what they say together."""

    rulings: tuple[Ruling, ...]
    kill_rate: float | None = None
    satisfied_by: tuple[str, ...] = ()
    """Trivial stand-ins that every kept test accepts: ``f: return 0``."""
    why_not: str = ""
    """Not empty: the harness could not be trusted, so nothing was ruled."""

    def kept(self, role: Role) -> tuple[Ruling, ...]:
        """Return the kept ones of one role."""
        return tuple(each for each in self.rulings if each.kept and each.role is role)


@dataclass(frozen=True)
class Court:
    """Where candidates are heard: the tree with them in it, and the fork server over it."""

    lab: Lab
    root: Path
    variants: Variants
    question: tuple[Definition, ...]
    """The code in question."""
    needs_witness: bool = True

    def hear(self, subjects: Sequence[Subject]) -> Hearing:
        """Rule on all candidates; they are repeated in other orders while their strength is measured."""
        baseline = self.variants.baseline
        if not baseline.trusted:
            return Hearing((), why_not=f"the tests could not be run on the base: {baseline.why_not}")
        first = baseline.by_id()
        rulings = [_sort(each, first.get(each.id), needs=self.needs_witness) for each in subjects]
        witnesses, guards = _kept(rulings, Role.WITNESS), _kept(rulings, Role.GUARD)
        repeated, orders = self._worth_repeating([*witnesses, *guards], first)
        with ThreadPoolExecutor(len(ORDERS)) as pool:
            runs = [pool.submit(self.lab.suite, self.root, repeated, order, twins=False) for order in orders]
            strength = self._try_stand_ins(witnesses, guards)
            matrix = self._mutate(guards, baseline)
            seen = [each.result() for each in runs]
        if strength.why_not:
            return Hearing((), why_not=strength.why_not)
        unstable = {test: difference for test in repeated if (difference := _difference(first[test], test, seen))}
        weighed = [_weigh_guard(each, matrix) if each.role is Role.GUARD and each.kept else each for each in rulings]
        return _settle([_steady(each, unstable) for each in weighed], strength, matrix.kill_rate if matrix else None)

    def _worth_repeating(
        self, subjects: Sequence[Subject], first: Mapping[NodeId, TestResult]
    ) -> tuple[tuple[NodeId, ...], tuple[SuiteOrder, ...]]:
        """Return which tests to run again, and in which orders.

        One that hung is not run again: it would cost its whole limit each time.
        """
        again = {*FAILING, TestOutcome.PASSED} - {TestOutcome.TIMED_OUT}
        ids = tuple(each.id for each in subjects if each.id in first and first[each.id].outcome in again)
        slow = sum(first[each].seconds for each in ids) > SLOW_SECONDS
        return ids, (ORDERS[:1] if slow else ORDERS) if ids else ()

    def _try_stand_ins(self, witnesses: Sequence[Subject], guards: Sequence[Subject]) -> Strength:
        """Judge the trivial stand-ins for the functions the witnesses call, by witnesses and guards."""
        found = list(self._stand_ins(witnesses))
        if not found or not witnesses:
            return Strength()
        strength = Strength({each.variant.id: each for _, each in found}, {each.variant.id: owner for owner, each in found})
        if wrong := self._ask(strength, list(strength.stand_ins), [each.id for each in witnesses], stop=False):
            return Strength(why_not=wrong)
        open_ones = [each for each in strength.stand_ins if not strength.rejected_by[each]]
        if open_ones and guards and (wrong := self._ask(strength, open_ones, [each.id for each in guards], stop=True)):
            return Strength(why_not=wrong)
        return strength

    def _ask(self, strength: Strength, names: Sequence[str], tests: Sequence[NodeId], *, stop: bool) -> str:
        """Have tests judge stand-ins; return what went wrong, or ''."""
        variants = [strength.stand_ins[each].variant for each in names]
        for result in self.variants.judge(variants, tests, stop_at_first_failure=stop):
            if result.error:
                return f"the harness could not judge a stand-in ({result.id}): {result.error}"
            strength.rejected_by[result.id] = strength.rejected_by.get(result.id, frozenset()) | frozenset(result.failed_by)
        missing = [each for each in names if each not in strength.rejected_by]
        return f"the harness gave no answer for a stand-in ({missing[0]})" if missing else ""

    def _stand_ins(self, witnesses: Sequence[Subject]) -> Iterable[tuple[str, StandIn]]:
        asked = {(each.path, each.qualname) for each in self.question}
        targets = {(each.path, each.qualname): each for subject in witnesses for each in subject.targets}
        called_otherwise = self._called_otherwise(witnesses)
        ordered = sorted(targets.values(), key=lambda each: (each.path, each.qualname) not in asked)
        ordered = [each for each in ordered if not each.is_class or each in called_otherwise]
        for target in ordered[:MOST_TARGETS]:
            own = f"{target.path}:{target.qualname}"
            yield from ((own, each) for each in self._stand_ins_for(target, called_otherwise))
        for path, name in sorted({each for subject in witnesses for each in subject.missing}):
            source = read_source(self.root, path) or ""
            yield from ((f"{path}:{name}", each) for each in stand_ins_for_missing(source, path, name))

    def _stand_ins_for(self, target: Definition, called_otherwise: frozenset[Definition]) -> Iterable[StandIn]:
        source = read_source(self.root, target.path) or ""
        if target.is_class:
            return stand_ins_for_instances(source, target)
        if target in called_otherwise:
            return stand_ins_for_missing(source, target.path, f"{target.qualname}()" if target.is_method else target.name)
        return stand_ins(source, target)

    def _called_otherwise(self, witnesses: Sequence[Subject]) -> frozenset[Definition]:
        """Return the targets that a witness calls in a way they cannot be called yet, such as with a new parameter.

        Stand-ins that keep such a signature would all be rejected, whatever the test says of the result.
        """
        results = self.variants.baseline.by_id()
        refused = [each for each in witnesses if (result := results.get(each.id)) and _is_no_such_call(each, result)]
        return frozenset(target for each in refused for target in each.targets)

    def _mutate(self, guards: Sequence[Subject], baseline: SuiteRun) -> KillMatrix | None:
        """Judge mutants of the code in question by the guards; fewer of them where the tests are slow."""
        lines: dict[str, frozenset[int]] = {}
        run = {path for guard in guards for path in baseline.covered_by.get(guard.id, {})}
        for each in self.question:
            if each.path in run:  # a file that no guard runs says nothing of their strength
                lines[each.path] = lines.get(each.path, frozenset()) | each.lines
        if not guards or not lines:
            return None
        first = baseline.by_id()
        cost = sum(first[each.id].seconds for each in guards) + 0.001 * len(guards)
        most = max(10, min(MOST_MUTANTS, int(MUTANT_SECONDS / cost)))
        tests = [each.id for each in guards]
        return judge_mutants(self.variants, self.root, lines, tests, every_killer=True, most=most, seed=self.lab.seed)


@dataclass(frozen=True)
class Strength:
    """Which tests reject which trivial stand-in."""

    stand_ins: Mapping[str, StandIn] = field(default_factory=dict)
    owner: Mapping[str, str] = field(default_factory=dict)
    """Stand-in -> ``path:function`` it stands for."""
    rejected_by: dict[str, frozenset[NodeId]] = field(default_factory=dict)
    why_not: str = ""

    def of(self, subject: Subject) -> tuple[int, int]:
        """Return how many stand-ins a test rejects, and of how many, for the function it tells most about."""
        functions = {f"{each.path}:{each.qualname}" for each in subject.targets} | {
            f"{path}:{name}" for path, name in subject.missing
        }
        counts = []
        for function in functions:
            mine = [each for each in self.stand_ins if self.owner[each] == function]
            if mine:
                counts.append((sum(subject.id in self.rejected_by.get(each, ()) for each in mine), len(mine)))
        return max(counts, default=(0, 0), key=lambda each: each[0] / each[1])

    def accepted_by_all(self, tests: frozenset[NodeId]) -> tuple[str, ...]:
        """Return the stand-ins that none of these tests rejects, for people."""
        through = [each for each in self.stand_ins if not self.rejected_by.get(each, frozenset()) & tests]
        return tuple(f"{self.owner[each].rpartition(':')[2]}: {self.stand_ins[each].says}" for each in through)


def _difference(first: TestResult, test: NodeId, runs: Sequence[SuiteRun]) -> str:
    for run in runs:
        result = run.by_id().get(test)
        if result is None or not run.trusted:
            return f"could not be repeated: {run.why_not or 'it was not found again'}"
        if result.outcome is not first.outcome:
            return f"flaky: {first.outcome} at first, {result.outcome} in another order with another hash seed"
    return ""


def _steady(ruling: Ruling, unstable: Mapping[NodeId, str]) -> Ruling:
    """Drop a test that behaved differently in another run."""
    difference = unstable.get(ruling.subject.id)
    return ruling if difference is None else Ruling(ruling.subject, ruling.role, kept=False, kills=0, reason=difference)


def _sort(subject: Subject, result: TestResult | None, *, needs: bool) -> Ruling:
    """Say what role a candidate has, or why it has none."""
    if result is None:
        return Ruling(subject, Role.WITNESS, kept=False, kills=0, reason="it was not collected")
    role = Role.GUARD if result.outcome is TestOutcome.PASSED else Role.WITNESS
    why_not = _why_no_guard(subject, needs=needs) if role is Role.GUARD else _why_no_witness(subject, result, needs=needs)
    if why_not:
        return Ruling(subject, role, kept=False, kills=0, reason=why_not)
    if role is Role.GUARD:
        return Ruling(subject, role, kept=True, kills=0, reason="passes on the base")
    how = {TestOutcome.TIMED_OUT: "does not end", TestOutcome.CRASHED: "kills the process"}.get(result.outcome, "")
    how = how or ("by assertion" if result.outcome is TestOutcome.FAILED else f"with {result.exception or 'an exception'}")
    return Ruling(subject, role, kept=True, kills=0, reason=f"fails on the base ({how})")


def _why_no_guard(subject: Subject, *, needs: bool) -> str:
    if needs and not subject.is_certain:
        return "it tells what the code does now, and the words do not say whether that is right"
    return ""


def _why_no_witness(subject: Subject, result: TestResult, *, needs: bool) -> str:
    if subject.is_guard_only:
        return f"it does not hold on the base ({result.outcome}), and an annotation is no wish"
    if result.outcome not in FAILING:
        broken = result.outcome is TestOutcome.BROKEN and subject.is_asked_for
        return (
            "" if broken else f"it does not run on the base ({result.outcome}{': ' + result.message if result.message else ''})"
        )
    if not needs:
        return "it fails on the base, and the wish is not about that"
    return _breaks_by_itself(subject, result)


def _is_no_such_call(subject: Subject, result: TestResult) -> bool:
    """Tell whether a test fails at a call, or an attribute, that the project's code does not offer."""
    own = subject.id.partition("::")[0]
    if subject.origin in {Source.SUITE, Source.NAMED} or any(path != own for path, _ in result.frames):
        return False
    return result.outcome is TestOutcome.RAISED and (result.exception or "").rpartition(".")[2] in {"TypeError", "AttributeError"}


def _breaks_by_itself(subject: Subject, result: TestResult) -> str:
    """Say whether a generated test fails before it ever reaches the project's code."""
    if subject.is_asked_for or subject.missing or subject.origin is Source.SUITE or result.outcome is not TestOutcome.RAISED:
        return ""
    own = subject.id.partition("::")[0]
    reaches = any(path != own for path, _ in result.frames)
    name = (result.exception or "").rpartition(".")[2]
    if not reaches and name in {"NameError", "ImportError", "ModuleNotFoundError", "AttributeError"}:
        return f"the example itself does not run: {name}: {result.message}"
    return ""


def _weigh_guard(ruling: Ruling, matrix: KillMatrix | None) -> Ruling:
    subject = ruling.subject
    if matrix is None or not matrix.mutants:
        reason = "the code in question is not known, so its strength was not measured" if matrix is None else matrix.why_not
        kept = matrix is None and (subject.is_asked_for or subject.origin is Source.SUITE)
        return Ruling(subject, Role.GUARD, kept, 0, reason or "there was nothing to mutate")
    if matrix.why_not:
        return Ruling(subject, Role.GUARD, kept=False, kills=0, reason=f"its strength could not be measured: {matrix.why_not}")
    kills = matrix.kills(subject.id)
    if not kills:
        return Ruling(subject, Role.GUARD, kept=False, kills=0, reason=f"weak: it kills none of {len(matrix.mutants)} mutants")
    return Ruling(
        subject, Role.GUARD, kept=True, kills=kills, reason=f"passes on the base, kills {kills} of {len(matrix.mutants)} mutants"
    )


def _kept(rulings: Sequence[Ruling], role: Role) -> list[Subject]:
    return [each.subject for each in rulings if each.kept and each.role is role]


def _ids(subjects: Iterable[Subject]) -> frozenset[NodeId]:
    return frozenset(each.id for each in subjects)


def _settle(rulings: Sequence[Ruling], strength: Strength, kill_rate: float | None) -> Hearing:
    """Weigh the witnesses, first each by itself, then all kept tests together."""
    weighed = [_weigh_witness(each, strength) if each.kept and each.role is Role.WITNESS else each for each in rulings]
    weak = [each for each in weighed if not each.kept and each.reason.startswith(_WEAK)]
    tests = _ids([*_kept(rulings, Role.GUARD), *_kept(weighed, Role.WITNESS)])
    together = tests | _ids(each.subject for each in weak)
    if weak and not strength.accepted_by_all(together):
        weighed = [_redeemed(each) if each in weak else each for each in weighed]
        tests = together
    return Hearing(tuple(weighed), kill_rate, strength.accepted_by_all(tests))


_WEAK = "weak: it fails on"


def _weigh_witness(ruling: Ruling, strength: Strength) -> Ruling:
    subject = ruling.subject
    rejected, tried = strength.of(subject)
    if not tried and subject.origin is Source.MODEL:
        reason = "nothing could stand in for what it calls, so its strength was not measured"
        return Ruling(subject, ruling.role, kept=False, kills=0, reason=reason)
    if not tried:
        return ruling
    if rejected * 2 > tried:
        return Ruling(
            subject,
            ruling.role,
            kept=True,
            kills=rejected,
            reason=f"{ruling.reason}, and on {rejected} of {tried} trivial stand-ins",
        )
    reason = f"{_WEAK} only {rejected} of {tried} trivial stand-ins"
    if subject.is_asked_for:
        return Ruling(subject, ruling.role, kept=True, kills=rejected, reason=f"kept because it was asked for, though {reason}")
    return Ruling(subject, ruling.role, kept=False, kills=rejected, reason=reason)


def _redeemed(ruling: Ruling) -> Ruling:
    reason = f"{ruling.reason.replace('weak: it fails', 'fails', 1)}, but the spec's tests together fail on all of them"
    return Ruling(ruling.subject, ruling.role, kept=True, kills=ruling.kills, reason=reason)
