"""Would another small change have done? The likely ones that pass the same tests, and an input on which one of them differs.

A counter-example search that takes no model's word: the tests fail on the old code and pass on the new, and so they do on an edit
that the search engine would have tried. Where both answer the same kind of value and not the same one, the tests do not say which
is right, and nothing here can: the input is for a person. It never tells that a change is wrong.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from bot.behaviour.differences import canonical, outcome, written
from bot.behaviour.scene import Scene, scenes, test_sources
from bot.behaviour.touched import TouchedFile, touched
from bot.change.change import FileChange
from bot.change.counted import counted
from bot.gate import Subject
from bot.harness.harness import Call, Observation, ObservedKind, TestOutcome, TestResult, Variant, Variants
from bot.ids import NodeId
from bot.repair import overfitting
from bot.repair.confidence import outlandish
from bot.repair.enumeration import Candidate, Ground, candidates
from bot.repair.evidence import boosts, seen_by
from bot.repair.localisation import Suspect
from bot.repair.question import LONGEST_ANSWER, LONGEST_CALL
from bot.repair.routine import Routine
from bot.repair.source import FunctionNode, SourceFile, same_code
from bot.repair.trial import Budget, Trial, in_order
from bot.repair.wording import sentence

LIKELY: Final = 0.2
"""Least score of an edit that counts as a rival: less likely ones differ from right changes as often as from wrong ones
(``benchmarks/gates.py`` measures it)."""
ELSEWHERE: Final = 0.6
"""Suspicion of a statement that the change left alone, next to those that it touched."""
SIGNATURE: Final = 0.3
MOST_TRIED: Final = 400
"""Edits (a hanging one counts for many)."""
MOST_RIVALS: Final = 8
"""Edits that pass, the likeliest ones."""
MOST_CALLS: Final = 64
MOST_FUNCTIONS: Final = 2
MOST_TESTS: Final = 300
"""That run the changed code: with more every edit that passes would take too long."""
SECONDS: Final = 10.0
"""The backstop by the clock; on an idle machine the edits are tried in one or two."""


@dataclass(frozen=True)
class Doubt:
    """An input on which this change and another that passes the same tests differ."""

    path: str
    line: int
    call: str
    gives: str
    """Under this change."""
    otherwise: str
    """Under the other one."""
    other: str
    """The other change, in words."""

    def __str__(self) -> str:
        other = f"another small change ({self.other}) passes all the same tests and gives {self.otherwise}"
        return f"on `{self.call}` this change gives {self.gives}; {other}: which is right?"


@dataclass(frozen=True)
class Search:
    """What came of looking for other changes."""

    tried: int
    rivals: int
    """Of those tried, how many pass the same tests and are not the change itself."""
    calls: int
    """On which they were compared."""
    doubt: Doubt | None
    late: bool
    """Whether the clock ended it: another time more may be found."""

    def __str__(self) -> str:
        passing = "1 passes" if self.rivals == 1 else f"{self.rivals or 'none'} pass"
        like = f", answering as this change does on {counted(self.calls, 'generated call')}" if self.rivals else ""
        cut = " (cut short by the clock)" if self.late else ""
        return f"of {counted(self.tried, 'other small edit')} {passing} the same tests{like}{cut}"


@dataclass(frozen=True)
class _Case:
    """One change to look beside."""

    file: TouchedFile
    old: SourceFile
    change: FileChange
    words: str
    scenes: tuple[Scene, ...]
    failing: tuple[TestResult, ...]
    """The tests that the change mends, as they fail without it."""
    guards: tuple[NodeId, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(call for scene in self.scenes for call in scene.calls)

    @property
    def examples(self) -> frozenset[Call]:
        return frozenset(call for scene in self.scenes for call in scene.examples)


def search(subject: Subject) -> Search | str:
    """Look for other changes of the same functions; where there is nothing to look by, return the reason.

    Raises:
        Retryable: the sandboxed half died.
        NoIsolation: there is none.
    """
    found = _file_of(subject)
    if isinstance(found, str):
        return found
    case = _case(subject, *found)
    if isinstance(case, str):
        return case
    until = time.monotonic() + SECONDS
    tried, late, rivals = _rivals(case, subject.lab.variants(subject.head.root), until)
    observed, doubt = _compared(case, rivals, subject.lab.observer(subject.head.root), until) if rivals else (0, None)
    return Search(tried, len(rivals), observed, doubt, late or time.monotonic() > until)


def _file_of(subject: Subject) -> tuple[TouchedFile, SourceFile, FileChange] | str:
    """Return the one file that was touched, as it is and as it was."""
    files = touched(subject.base.text, subject.head.text, subject.change.paths, subject.head.is_test)
    if len(files) != 1:
        return "the change touches the code of no file or of several"
    (file,) = files
    if not 0 < len(file.routines) <= MOST_FUNCTIONS or any(each.before is None for each in file.routines):
        return f"the change does not stay within {MOST_FUNCTIONS} functions that were there before"
    changes = [each for each in subject.change.files if each.path == file.path]
    try:
        return file, SourceFile(file.path, subject.base.text(file.path) or ""), changes[0]
    except (SyntaxError, ValueError):
        return f"{file.path} was no Python before"


def _case(subject: Subject, file: TouchedFile, old: SourceFile, change: FileChange) -> _Case | str:
    tests = test_sources(subject.head.root)
    if not tests:
        return "there are no tests that another change could pass"
    found = scenes((file,), tests, subject.lab.seed, MOST_CALLS)
    if not found:
        return "the changed functions cannot be called with inputs of our own making"
    variants = subject.lab.variants(subject.head.root)
    run = variants.baseline
    if not run.trusted:
        return f"the tests' own run cannot be trusted: {run.why_not}"
    reaching = [
        each.id for each in run.results if each.outcome is TestOutcome.PASSED and file.path in run.covered_by.get(each.id, {})
    ]
    if not 0 < len(reaching) <= MOST_TESTS:
        return f"more than {MOST_TESTS} tests run the changed code" if reaching else "no test runs the changed code"
    before = Variant("before", {file.path: old.text})
    (result,) = variants.judge([before], reaching, stop_at_first_failure=False, confirm_timeouts=False)
    failing = {each.id: each for each in result.results if each.outcome is not TestOutcome.PASSED}
    if not failing:
        return "no test fails on the old code, so none shows what the change mends"
    guards = [each.id for each in result.results if each.id not in failing]
    ordered = tuple(failing[name] for name in in_order(run, list(failing)))
    return _Case(file, old, change, subject.instruction, found, ordered, in_order(run, guards))


def _rivals(case: _Case, variants: Variants, until: float) -> tuple[int, bool, list[Candidate]]:
    """Return how many edits were tried, whether the clock ended that, and those that pass, the likeliest first."""
    routine = _routines(case)
    ground = Ground(case.old, tuple(_suspects(case)), routine)
    trial = Trial(variants, tuple(each.id for each in case.failing), case.guards)
    budget = Budget(MOST_TRIED, until)
    likely = takewhile(lambda each: each.score >= LIKELY, candidates([ground], set(), boosts(case.failing)))
    found: list[Candidate] = []
    for judged in trial.run(likely, budget):
        if judged.passed and _is_rival(judged.candidate, case, found):
            found.append(judged.candidate)
            if len(found) >= MOST_RIVALS:
                break
    return budget.tried, budget.late, found


def _routines(case: _Case) -> Callable[[SourceFile, FunctionNode | None], Routine]:
    examples = list(case.examples)
    return lambda file, node: Routine(file, node, seen_by(file, node, examples), case.words)


def _is_rival(candidate: Candidate, case: _Case, known: Sequence[Candidate]) -> bool:
    texts = (case.file.source, *(each.text for each in known))
    made_for_tests = overfitting.complaint(candidate, case.old.text, tuple(case.examples))
    return not made_for_tests and not any(same_code(candidate.text, each) for each in texts)


def _suspects(case: _Case) -> Iterator[Suspect]:
    """Yield the statements of the changed functions as they were, those first that the change touched."""
    names = {each.qualname for each in case.file.routines}
    lines = _touched_lines(case.change)
    for statement in case.old.statements:
        routine = statement if isinstance(statement, FunctionNode) else case.old.routine_of(statement)
        if routine is None or not _is_within(case.old.qualname(routine), names) or _is_still(statement):
            continue
        if isinstance(statement, FunctionNode):
            yield Suspect(case.old.path, statement, SIGNATURE)
        else:
            own = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
            yield Suspect(case.old.path, statement, ELSEWHERE if lines.isdisjoint(own) else 1.0)


def _is_within(qualname: str, names: set[str]) -> bool:
    return any(qualname == each or qualname.startswith(f"{each}.") for each in names)


def _is_still(statement: ast.stmt) -> bool:
    """Whether a statement does nothing that an edit could mend."""
    text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return text or isinstance(statement, ast.ClassDef | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal)


def _touched_lines(change: FileChange) -> frozenset[int]:
    """Return the lines of the old file that are gone, or between which something is new."""
    found: set[int] = set()
    for hunk in change.hunks:
        number = hunk.old_start
        for line in hunk.lines:
            if line.startswith("+"):
                found |= {number - 1, number}
            else:
                found |= {number} if line.startswith("-") else set()
                number += not line.startswith("\\")
    return frozenset(found)


def _compared(case: _Case, rivals: Sequence[Candidate], observer: Variants, until: float) -> tuple[int, Doubt | None]:
    """Return on how many calls the change was compared, and the first rival's simplest telling one."""
    path = case.file.path
    ((_, seen),) = observer.observe([Variant("this change", {path: case.file.source})], case.calls)
    given = [
        (call, each)
        for call, each in zip(case.calls, seen, strict=True)
        if each.kind is ObservedKind.RETURNED and not outlandish(call, case.examples)
    ]
    calls = tuple(call for call, _ in given)
    for number, rival in enumerate(rivals if calls else ()):
        if number and time.monotonic() > until:
            break
        ((_, others),) = observer.observe([Variant(f"rival {number}", {path: rival.text})], calls)
        apart = [(*one, other) for one, other in zip(given, others, strict=True) if _tells(*one, other)]
        if apart:
            return len(calls), _doubt(case, rival, min(apart, key=lambda each: (len(written(each[0])), written(each[0]))))
    return len(calls), None


def _tells(call: Call, one: Observation, other: Observation) -> bool:
    """Whether both answer in kind and not the same, and a person could say which is right."""
    if other.kind is not ObservedKind.RETURNED or other.type != one.type or canonical(one) == canonical(other):
        return False
    return len(written(call)) <= LONGEST_CALL and max(len(outcome(one)), len(outcome(other))) <= LONGEST_ANSWER


def _doubt(case: _Case, rival: Candidate, telling: tuple[Call, Observation, Observation]) -> Doubt:
    call, one, other = telling
    routine = next(each for each in case.file.routines if each.qualname == call.qualname)
    return Doubt(case.file.path, routine.node.lineno, written(call), outcome(one), outcome(other), sentence(rival, case.old.text))
