"""Whether a suspected bug shows: the claim "this call should give that" is run on the code as it is, in the sandbox.

What should come out is the word of whoever suspects; what does come out is seen here, and only where the call runs the code that
is suspected. Claims pass the same checks as an instruction's examples before anything of them runs.
"""

from __future__ import annotations

import ast
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from bot.change.testing import is_test
from bot.harness.harness import SuiteRun, TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab
from bot.spec.definitions import Index, build_index
from bot.spec.draft import Claim, Draft, Kind, Unusable
from bot.spec.lock import render, spec_path
from bot.spec.names import Resolver
from bot.spec.vetting import parse_expression

RAISES: Final = "raises "
_MOST_SEEN: Final = 300


class Shown(StrEnum):
    """What came of running a claim."""

    SHOWN = "shown"
    """The call runs the suspected code and does not give what it should."""
    NOT_SHOWN = "not shown"
    """The call gives what it should, or runs something else."""
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Suspicion:
    """One claim: ``call`` should give ``expected`` (a value's source, or ``raises ValueError``), and the fault lies at a line."""

    call: str
    expected: str
    path: str
    line: int


@dataclass(frozen=True)
class Showing:
    """What came of one claim, and what was seen, in one line; a stranger's words are part of it."""

    outcome: Shown
    saw: str


def show(suspicions: Sequence[Suspicion], root: Path, lab: Lab) -> tuple[Showing, ...]:
    """Run every claim once on the tree, all in one go, and return what came of each; the tree itself is not written to."""
    if lab.isolation is None:
        return tuple(Showing(Shown.NOT_RUN, "nothing of a project may run here: see `pawl doctor`") for _ in suspicions)
    index = build_index(root, lambda path: not is_test(path))
    drafts = {each: _draft(each, index, number) for number, each in enumerate(dict.fromkeys(suspicions))}
    usable = {each: draft for each, draft in drafts.items() if isinstance(draft, Draft)}
    path, run = _run(tuple(usable.values()), root, lab) if usable else ("", SuiteRun((), trusted=True))
    return tuple(_showing(each, drafts[each], path, run, index) for each in suspicions)


def _draft(said: Suspicion, index: Index, number: int) -> Draft | str:
    """Return the claim as a test of its own, or why it cannot be one."""
    call, wanted = said.call.strip(), said.expected.strip()
    if not call or not wanted:
        return "nothing was named that would show it"
    raises = wanted.startswith(RAISES)
    expression, expected = parse_expression(call), parse_expression(wanted.removeprefix(RAISES))
    if expression is None or expected is None or (raises and not isinstance(expected, ast.Name | ast.Attribute)):
        return "it is no call with what it should give"
    kind = Kind.RAISES if raises else Kind.EQUALS
    resolver = Resolver(index, said.path, may_be_missing=False)
    near = next((each.name for each in index.modules.values() if each.path == said.path), "")
    found = resolver.draft(Claim(kind, expression, expected, quote=f"{call} -> {wanted}"), near)
    if not isinstance(found, Draft):
        return found.reason if isinstance(found, Unusable) else "it says nothing"
    name = f"{found.candidate.name}_of_{number}"
    source = found.candidate.source.replace(f"def {found.candidate.name}(", f"def {name}(", 1)
    return replace(found, candidate=replace(found.candidate, name=name, source=source))


def _run(drafts: Sequence[Draft], root: Path, lab: Lab) -> tuple[str, SuiteRun]:
    """Return the path of the tests that were made, and how they went on a copy of the tree."""
    path = spec_path(root, "suspected")
    with tempfile.TemporaryDirectory(prefix="pawl-suspected-") as folder:
        tree = Path(folder) / root.name
        shutil.copytree(root, tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(render([each.candidate for each in drafts]), encoding="utf-8")
        tests = tuple(NodeId(f"{path}::{each.candidate.name}") for each in drafts)
        with lab.variants(tree, tests) as server:
            return path, server.baseline


def _showing(said: Suspicion, draft: Draft | str, path: str, run: SuiteRun, index: Index) -> Showing:
    if isinstance(draft, str):
        return Showing(Shown.NOT_RUN, draft)
    if not run.trusted:
        return Showing(Shown.NOT_RUN, run.why_not)
    test = NodeId(f"{path}::{draft.candidate.name}")
    result = run.by_id().get(test)
    if result is None:
        return Showing(Shown.NOT_RUN, "it could not be collected as a test")
    if not _reaches(said, run.covered_by.get(test, {}), index):
        return Showing(Shown.NOT_SHOWN, "the call does not run the suspected code")
    return _judged(result, path)


def _judged(result: TestResult, path: str) -> Showing:
    if result.outcome is TestOutcome.PASSED:
        return Showing(Shown.NOT_SHOWN, "it gives what it should")
    in_project = any(frame != path for frame, _ in result.frames)
    if result.outcome is TestOutcome.FAILED or (result.outcome is TestOutcome.RAISED and in_project):
        kind = "" if result.outcome is TestOutcome.FAILED else f"{result.exception}: "
        return Showing(Shown.SHOWN, f"{kind}{result.message}"[:_MOST_SEEN])
    return Showing(Shown.NOT_RUN, f"it {result.outcome}: {result.message}"[:_MOST_SEEN])


def _reaches(said: Suspicion, lines: Mapping[str, frozenset[int]], index: Index) -> bool:
    """Tell whether a call ran the suspected line, or the innermost function around it."""
    around = [each for each in index.definitions if each.path == said.path and said.line in each.lines and not each.is_class]
    innermost = min(around, key=lambda each: each.last - each.first, default=None)
    wanted = innermost.lines - {innermost.first} if innermost and innermost.first != innermost.last else {said.line}
    return bool(wanted & lines.get(said.path, frozenset()))
