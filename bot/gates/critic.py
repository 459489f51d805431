"""Does the change stand against counter-examples: those that a critic named, and one that a search finds?

The search takes no model's word, so nothing in the change can talk it out of it: where another small edit passes the same tests
and gives something else (``bot/repair/otherwise.py``), that edit is a *rival*, and the policies ask a person which is right. The
search is left out where the engine that made the change has asked the same already.

Each counter-example that a critic named is run, on the head and on the base, three times. What a critic says counts for nothing;
what its counter-examples do when they are run decides, by this table:

==============================  ====================  ==============================================  ========
on the head                     on the base           and                                             ruling
==============================  ====================  ==============================================  ========
(not run)                       (not run)             a locked test or the instruction's own example  dropped
                                                      says otherwise of the very same call
holds                           (not run)                                                             held
differs from run to run         any, or the like                                                      unsteady
fails, or cannot run            holds                                                                 refuted
cannot run                      fails or cannot run   the fault is the counter-example's own          dropped
fails                           fails or cannot run   a fix or addition was asked for, and the        unmet
                                                      instruction itself names this outcome
fails                           fails or cannot run   a fix or addition was asked for, and the        disputed
                                                      quote stands in the instruction
fails                           fails or cannot run   anything else                                   doubtful
==============================  ====================  ==============================================  ========

*Refuted* and *unmet* make the gate red: the first is a difference between old and new code that anybody can run, the second
an outcome that stands in the instruction and did not come. Whether a *disputed* one is right only a reader of the instruction can
say: like a rival it never refuses a change, and the policies ask for a person who looks. *Doubtful* and *unsteady* are warnings:
nothing but the critic's reading says that they are the change's fault. No ruling makes any other gate greener. Where the gate is
red, its findings are the red rulings only: they go to the author of the change, whom a lie must not lead astray.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.errors import InputError, Retryable
from bot.gate import Finding, Gate, GateResult, Severity, Subject, Verdict, errored, from_findings
from bot.harness.harness import SuiteOrder, SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab
from bot.plan.intent import resolve_verb
from bot.repair.otherwise import Search, search
from bot.run import Verb
from bot.spec.beside import with_files
from bot.spec.challenge import Challenge, Criticism, Dropped
from bot.spec.draft import Draft
from bot.spec.ground import Ground, read_ground
from bot.spec.lock import render
from bot.spec.outcome import names_outcome, outcomes
from bot.spec.sayings import Sayings

NAME: Final = "critic"
UNANSWERED: Final = "critic-unanswered"
"""Rule of the warning that a configured critic gave no answer; the policies know it."""
RIVAL: Final = "critic-rival"
"""Rule of the warning that another change passes the same tests and does something else; the policies know it."""
RUNS: Final = 3
"""On either side: as the files stand, then shuffled under other hash seeds."""
MOST_WORDS: Final = 300
_FAILING: Final = frozenset({TestOutcome.FAILED, TestOutcome.RAISED, TestOutcome.TIMED_OUT, TestOutcome.CRASHED})
_NO_CALL: Final = re.compile(r"positional argument|keyword argument|not callable")
_NO_NAME: Final = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "UnboundLocalError"})


class Ruling(StrEnum):
    """What is said of one counter-example."""

    DROPPED = "dropped"
    HELD = "held"
    UNSTEADY = "unsteady"
    REFUTED = "refuted"
    UNMET = "unmet"
    DISPUTED = "disputed"
    DOUBTFUL = "doubtful"

    @property
    def severity(self) -> Severity | None:
        """How bad that is; None where it is nothing to look at."""
        known = {Ruling.REFUTED: Severity.ERROR, Ruling.UNMET: Severity.ERROR}
        return known.get(self, Severity.WARNING if self in {Ruling.DISPUTED, Ruling.UNSTEADY, Ruling.DOUBTFUL} else None)


class Footing(StrEnum):
    """What a counter-example stands on."""

    OUTRIGHT = "a fix or addition was asked for, and the instruction names this outcome"
    WISH = "a fix or addition was asked for, and the quote stands in the instruction"
    OTHER = "anything else"


class Side(StrEnum):
    """How a counter-example went on one tree, all its runs together."""

    HOLDS = "holds"
    FAILS = "fails"
    CANNOT_RUN = "cannot run"
    VARIES = "differs from run to run"


@dataclass(frozen=True)
class Trial:
    """A counter-example written as a test in a file of its own."""

    challenge: Challenge
    draft: Draft
    path: str

    @property
    def test(self) -> NodeId:
        """The test's id."""
        return NodeId(f"{self.path}::{self.draft.candidate.name}")

    @property
    def text(self) -> str:
        """The file's text."""
        return render([self.draft.candidate])


@dataclass(frozen=True)
class Seen:
    """How a trial went on one tree, and what was seen there."""

    side: Side
    detail: str = ""


@dataclass(frozen=True)
class Judged:
    """A trial with its ruling."""

    trial: Trial
    ruling: Ruling
    head: Seen
    base: Seen | None = None


class Untrusted(Exception):
    """A run from which no verdict may be drawn; the message says why."""


def rule(head: Side, base: Side, footing: Footing) -> Ruling:
    """Return the ruling on what was run."""
    if head is Side.HOLDS:
        return Ruling.HELD
    if Side.VARIES in {head, base}:
        return Ruling.UNSTEADY
    if base is Side.HOLDS:
        return Ruling.REFUTED
    if head is Side.CANNOT_RUN:
        return Ruling.DROPPED
    return {Footing.OUTRIGHT: Ruling.UNMET, Footing.WISH: Ruling.DISPUTED, Footing.OTHER: Ruling.DOUBTFUL}[footing]


def judge(subject: Subject) -> GateResult:
    """Try every counter-example that was named, then search for one where none of them refutes the change."""
    criticism = subject.criticism or Criticism()
    ground = read_ground(subject.head.root, subject.base.text, subject.head.text, subject.change.paths, subject.instruction)
    said = outcomes(ground, subject.spec, subject.head.root)
    trials, dropped = _trials(subject, criticism, ground, said)
    try:
        judged = _tried(subject, trials, ground, said) if trials else []
    except Untrusted as error:
        return errored(NAME, f"the counter-examples' run cannot be trusted: {error}")
    named = _answer(criticism, judged, dropped, ground)
    return named if named.verdict is Verdict.FAIL else _with_search(subject, named)


def _with_search(subject: Subject, named: GateResult) -> GateResult:
    """Return what came of the named counter-examples together with what the search finds."""
    weighed = subject.criticism is not None and subject.criticism.weighed
    found = "the change was weighed against its rivals when it was made" if weighed else _searched(subject)
    idle = named.verdict is Verdict.NOT_APPLICABLE
    if isinstance(found, str):
        summary = f"{named.summary}; {found}" if idle else named.summary
        return replace(named, summary=summary, evidence={**named.evidence, "search": {"why_not": found}})
    doubt = found.doubt
    rival = (Finding(doubt.path, doubt.line, str(doubt), RIVAL, Severity.WARNING),) if doubt else ()
    words = str(doubt or found)
    summary = words if idle and not named.findings else f"{named.summary}; {words}"
    evidence = {**named.evidence, "search": asdict(found)}
    return replace(named, verdict=Verdict.PASS, summary=summary, findings=(*named.findings, *rival), evidence=evidence)


def _searched(subject: Subject) -> Search | str:
    try:
        return search(subject)
    except Retryable as error:
        return f"the search for a rival broke off: {error}"


def _trials(subject: Subject, criticism: Criticism, ground: Ground, said: Sayings) -> tuple[list[Trial], tuple[Dropped, ...]]:
    """Return what can be tried, and what cannot with the reason; what comes from elsewhere is checked here again."""
    resolver = ground.resolver()
    paths = _free_paths(subject, len(criticism.challenges))
    trials: list[Trial] = []
    dropped = list(criticism.dropped)
    for challenge, path in zip(criticism.challenges, paths, strict=True):
        drafted = ground.draft(challenge, resolver)
        if isinstance(drafted, str):
            dropped.append(Dropped(challenge.written, drafted))
        elif by := said.against(drafted.claim):
            dropped.append(Dropped(challenge.written, f"{by} says otherwise of this very call"))
        else:
            trials.append(Trial(challenge, drafted, path))
    return trials, tuple(dropped)


def _free_paths(subject: Subject, count: int) -> list[str]:
    """Return names of test files that are free in both trees, in a folder that both have and neither links elsewhere."""
    roots = subject.base.root, subject.head.root
    shared = (
        name for name in ("tests", "test") if all((each / name).is_dir() and not (each / name).is_symlink() for each in roots)
    )
    folder = next((f"{name}/" for name in shared), "")
    names = (f"{folder}test_pawl_critic_{number}.py" for number in range(1, 10_000))
    free = (each for each in names if not any(_is_taken(root / each) for root in roots))
    return [next(free) for _ in range(count)]


def _is_taken(file: Path) -> bool:
    return file.exists() or file.is_symlink()


def _tried(subject: Subject, trials: Sequence[Trial], ground: Ground, said: Sayings) -> list[Judged]:
    asks_for_more = _asks_for_more(subject.instruction)
    head = _side(subject.lab, subject.head.root, trials)
    failing = [each for each in trials if head[each.test].side is not Side.HOLDS]
    base = _side(subject.lab, subject.base.root, failing) if failing else {}
    found: list[Judged] = []
    for each in trials:
        footing = _footing(each, ground, said) if asks_for_more else Footing.OTHER
        before = base.get(each.test)
        ruling = rule(head[each.test].side, before.side if before else Side.CANNOT_RUN, footing)
        found.append(Judged(each, ruling, head[each.test], before))
    return found


def _asks_for_more(instruction: str) -> bool:
    """Tell whether something new is asked for, so that what failed before may not fail still."""
    try:
        return resolve_verb(instruction) in {Verb.FIX, Verb.ADD}
    except InputError:
        return False


def _footing(trial: Trial, ground: Ground, said: Sayings) -> Footing:
    quote, claim = trial.challenge.because, trial.draft.claim
    wished = ground.is_wished(quote)
    if said.is_example(claim) or (wished and names_outcome(quote, claim)):
        return Footing.OUTRIGHT
    return Footing.WISH if wished else Footing.OTHER


def _side(lab: Lab, root: Path, trials: Sequence[Trial]) -> dict[NodeId, Seen]:
    """Run the trials beside a tree's own files; raises Untrusted."""
    tests = tuple(each.test for each in trials)
    with with_files(root, {each.path: each.text for each in trials}) as tree:
        runs = [_trusted(lab.suite(tree, tests, order)) for order in _orders(lab.seed)]
    return {each.test: _seen(each, [run.by_id().get(each.test) for run in runs]) for each in trials}


def _orders(seed: int) -> tuple[SuiteOrder, ...]:
    return (SuiteOrder(), *(SuiteOrder(seed + each, each) for each in range(1, RUNS)))


def _trusted(run: SuiteRun) -> SuiteRun:
    if not run.trusted:
        raise Untrusted(run.why_not)
    return run


def _seen(trial: Trial, results: Sequence[TestResult | None]) -> Seen:
    sides = {_side_of(trial, each) for each in results}
    last = next((each for each in reversed(results) if each is not None and each.outcome is not TestOutcome.PASSED), None)
    detail = (last.message or last.outcome.value) if last is not None else ""
    return Seen(next(iter(sides)) if len(sides) == 1 else Side.VARIES, detail[:MOST_WORDS])


def _side_of(trial: Trial, result: TestResult | None) -> Side:
    if result is None or result.outcome not in _FAILING | {TestOutcome.PASSED}:
        return Side.CANNOT_RUN
    if result.outcome is TestOutcome.PASSED:
        return Side.HOLDS
    return Side.CANNOT_RUN if _is_its_own_fault(trial, result) else Side.FAILS


def _is_its_own_fault(trial: Trial, result: TestResult) -> bool:
    """Tell whether it broke before the project could answer: in its set-up, or because there is no such call."""
    if result.outcome is not TestOutcome.RAISED:
        return False
    lines = [line for path, line in result.frames if path == trial.path]
    if lines and lines[0] < _line_of_claim(trial.text):
        return True
    at_home = bool(result.frames) and result.frames[-1][0] == trial.path
    kind = (result.exception or "").rpartition(".")[2]
    return at_home and (kind in _NO_NAME or (kind == "TypeError" and bool(_NO_CALL.search(result.message))))


def _line_of_claim(text: str) -> int:
    """Return the line of the test's last statement; what stands before it is set-up."""
    function = next(each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef))
    return function.body[-1].lineno


def _answer(criticism: Criticism, judged: Sequence[Judged], dropped: tuple[Dropped, ...], ground: Ground) -> GateResult:
    dropped += tuple(
        Dropped(each.trial.challenge.written, f"it does not run: {each.head.detail}")
        for each in judged
        if each.ruling is Ruling.DROPPED
    )
    tried = [each for each in judged if each.ruling is not Ruling.DROPPED]
    found = tuple(one for each in tried if (one := _finding(each, ground)) is not None)
    findings = tuple(each for each in found if each.severity is Severity.ERROR) or found
    if criticism.unanswered:
        words = f"a critic is configured and gave no answer: {criticism.unanswered}"
        findings = (*findings, Finding("", 1, words, UNANSWERED, Severity.WARNING))
    evidence: Mapping[str, Any] = {
        "author": criticism.author,
        "challenges": [_row(each) for each in tried],
        "dropped": [asdict(each) for each in dropped],
        "unanswered": criticism.unanswered,
    }
    if not tried:
        why = findings[0].message if findings else _nothing(criticism, dropped)
        return GateResult(NAME, Verdict.NOT_APPLICABLE, why, findings, evidence=evidence)
    return from_findings(NAME, findings, _summary(tried), **evidence)


def _nothing(criticism: Criticism, dropped: Sequence[Dropped]) -> str:
    if not criticism.author:
        return "no critic is configured, or nothing was there for one to refute"
    if not dropped:
        return f"{criticism.author} was asked to refute the change and named no counter-example"
    return f"none of the {len(dropped)} counter-examples of {criticism.author} can be tried: {dropped[0].why}"


def _summary(tried: Sequence[Judged]) -> str:
    held = sum(each.ruling is Ruling.HELD for each in tried)
    authors = ", ".join(sorted({each.trial.challenge.author for each in tried if each.trial.challenge.author})) or "the critic"
    left = len(tried) - held
    rest = f"; {left} show{'s' * (left == 1)} nothing that the change did" if left else ""
    return f"{held} of {len(tried)} counter-examples of {authors} were tried and held{rest}"


def _finding(judged: Judged, ground: Ground) -> Finding | None:
    severity = judged.ruling.severity
    if severity is None:
        return None
    path, line = ground.place(judged.trial.draft.targets) or ("", 1)
    return Finding(path, line, _words(judged), f"critic-{judged.ruling}", severity)


def _words(judged: Judged) -> str:
    challenge = judged.trial.challenge
    ought = f"`{challenge.written}` should {challenge.outcome}"
    quote = " ".join(challenge.because.split())
    before = {
        Ruling.REFUTED: "it did before the change, and now",
        Ruling.UNMET: "before and after the change",
        Ruling.DISPUTED: "whether that is meant, a person has to say:",
        Ruling.DOUBTFUL: "neither before nor after the change does it:",
        Ruling.UNSTEADY: "it is not the same every time:",
    }[judged.ruling]
    return f"{ought}, as “{quote[:MOST_WORDS]}” says; {before} {judged.head.detail}"


def _row(judged: Judged) -> dict[str, Any]:
    base = judged.base
    seen = {"head": judged.head.side.value, "base": base.side.value if base else ""}
    return {**asdict(judged.trial.challenge), "ruling": judged.ruling.value, **seen, "detail": judged.head.detail}


GATE = Gate(
    NAME,
    "does the change stand against counter-examples: those that a critic named, and one that a search finds?",
    judge,
    runs_code=True,
)
