"""Which tests the oracle hears on a wish: drafts, tests that the person or the text names, failing ones near by, guards."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.harness.harness import SuiteRun, TestOutcome, TestResult, Variants
from bot.ids import NodeId
from bot.lab import Lab
from bot.plan.plan import Plan
from bot.run import Verb
from bot.spec.definitions import Definition, Index
from bot.spec.draft import Draft, Unusable
from bot.spec.named import named_in_text
from bot.spec.oracle import FAILING, Subject
from bot.spec.sayings import node_of, text_of
from bot.spec.spec import Source

MOST_GUARDS = 60
GUARD_SECONDS = 1.0
"""How long, together, the project's own passing tests may take that are tried as guards; five are tried in any case."""

MOST_REACHED = 12
"""Functions taken as the code in question where the wish names none."""


@dataclass(frozen=True)
class Wish:
    """What was read from an instruction before anything ran."""

    text: str
    index: Index
    drafts: tuple[Draft, ...]
    unusable: tuple[Unusable, ...]
    named: tuple[Definition, ...]
    """Functions that the text names."""


@dataclass(frozen=True)
class Place:
    """Where the candidates lie and are run."""

    root: Path
    tree: Path
    path: str
    lab: Lab
    variants: Variants


def called_by_test(test: NodeId, root: Path, index: Index) -> tuple[Definition, ...]:
    """Return the repository's functions that a test calls by name, as its source says."""
    called = _called(test, root)
    return tuple(each for each in index.definitions if each.name in called and not each.is_class)


def _called(test: NodeId, root: Path) -> frozenset[str]:
    """Return the names of what a test's source calls."""
    node = node_of(test, text_of(test, root))
    if node is None:
        return frozenset()
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return frozenset(
        each.attr if isinstance(each, ast.Attribute) else each.id for each in calls if isinstance(each, ast.Attribute | ast.Name)
    )


def missing_of(draft: Draft, index: Index) -> tuple[tuple[str, str], ...]:
    """Return (path, name) of what a draft calls that is still to be written."""
    return tuple((path, name) for module, name in draft.missing if (path := index.path_of(module)) is not None)


def from_drafts(wish: Wish, path: str) -> Iterator[Subject]:
    """Yield the candidates that were read from words and code, or written by somebody."""
    for each in wish.drafts:
        claim = each.claim
        yield Subject(
            id=NodeId(f"{path}::{each.candidate.name}"),
            origin=claim.origin,
            targets=each.targets,
            missing=missing_of(each, wish.index),
            is_asked_for=claim.origin is Source.ANSWER,
            is_certain=claim.certain,
            is_guard_only=claim.origin is Source.ANNOTATION,
            quote=claim.quote,
        )


def from_suite(wish: Wish, plan: Plan, place: Place, asked: Sequence[NodeId], collected: Sequence[NodeId]) -> Iterator[Subject]:
    """Yield the tests that the person named, else those the text names, else failing ones that reach what the text names.

    Where something is to be added there is nothing to reach yet: a failing test is about it only where it calls what
    the text speaks of. Another one that fails in the project is no witness of the wish.
    """
    baseline = place.variants.baseline
    for test in asked:
        yield _suite_subject(test, Source.NAMED, wish, place, is_asked_for=True)
    if asked or not plan.needs_witness:
        return
    failing = [each.id for each in baseline.results if each.outcome in FAILING and not each.id.startswith(f"{place.path}::")]
    in_text = [each for each in named_in_text(wish.text, collected) if each in failing]
    for test in in_text or failing:
        subject = _suite_subject(test, Source.NAMED if in_text else Source.SUITE, wish, place, is_asked_for=bool(in_text))
        if in_text or (
            _reaches(subject, wish.named, baseline)
            if wish.named
            else plan.verb is not Verb.ADD or _calls_new(test, wish, place.root)
        ):
            yield subject


def _calls_new(test: NodeId, wish: Wish, root: Path) -> bool:
    """Tell whether a test calls something by a word of the wish."""
    return bool((_called(test, root) - frozenset(dir(builtins))) & set(re.findall(r"\w+", wish.text)))


def _suite_subject(test: NodeId, origin: Source, wish: Wish, place: Place, *, is_asked_for: bool = False) -> Subject:
    """Return a test of the project as a candidate; its targets are what it calls, those on its traceback first.

    Names may mislead (``values()`` of a dictionary is not the project's): where none of the functions that bear them runs, the
    targets are those that do run.
    """
    called = called_by_test(test, place.root, wish.index)
    baseline = place.variants.baseline
    lines = baseline.covered_by.get(test, {})
    reached = [each for each in called if _runs(each, lines)] or list(wish.index.reached(lines)[:MOST_REACHED]) or list(called)
    result = baseline.by_id().get(test)
    places = result.frames if result is not None else ()
    on_trace = {each for each in reached for path, line in places if path == each.path and line in each.lines}
    return Subject(test, origin, tuple(sorted(reached, key=lambda each: each not in on_trace)), is_asked_for=is_asked_for)


def _runs(definition: Definition, lines: Mapping[str, frozenset[int]]) -> bool:
    """Tell whether executed lines lie in a function's body."""
    own = definition.lines if definition.first == definition.last else definition.lines - {definition.first}
    return bool(own & lines.get(definition.path, frozenset()))


def _reaches(subject: Subject, definitions: Sequence[Definition], baseline: SuiteRun) -> bool:
    lines = baseline.covered_by.get(subject.id, {})
    return any(_runs(each, lines) or each in subject.targets for each in definitions)


def code_in_question(wish: Wish, subjects: Sequence[Subject], baseline: SuiteRun) -> tuple[Definition, ...]:
    """Return the code in question: of what the text names and the witnesses call, what they run; else what they run at all."""
    outcomes = {each.id: each.outcome for each in baseline.results}
    witnesses = [each for each in subjects if outcomes.get(each.id) in FAILING]
    called = [target for each in witnesses for target in each.targets if not target.is_class]
    lines = [baseline.covered_by.get(each.id, {}) for each in witnesses]
    found = _distinct((*wish.named, *called)) or _distinct(each for one in lines for each in wish.index.reached(one))
    run = [each for each in found if any(_runs(each, one) for one in lines)]
    return tuple(run or found)[:MOST_REACHED]


def _distinct(definitions: Iterable[Definition]) -> list[Definition]:
    return list({(each.path, each.qualname): each for each in definitions}.values())


def suite_guards(question: Sequence[Definition], subjects: Sequence[Subject], place: Place) -> Iterator[Subject]:
    """Yield the project's own passing tests that run the code in question, fastest first, as many as time allows."""
    near = _passing_near(question, {each.id for each in subjects}, place)
    seconds = 0.0
    for count, each in enumerate(sorted(near, key=lambda each: each.seconds)):
        seconds += each.seconds
        if count >= MOST_GUARDS or (count >= 5 and seconds > GUARD_SECONDS):  # noqa: PLR2004 - five in any case
            return
        yield Subject(each.id, Source.SUITE)


def _passing_near(question: Sequence[Definition], known: Collection[NodeId], place: Place) -> list[TestResult]:
    """Return the passing tests of the project itself that are not ``known``: those that run the code in question, else all."""
    baseline = place.variants.baseline
    passing = [each for each in baseline.results if each.outcome is TestOutcome.PASSED and each.id not in known]
    near = [each for each in passing if not each.id.startswith(f"{place.path}::")]
    if not question:
        return near
    return [each for each in near if any(_runs(one, baseline.covered_by.get(each.id, {})) for one in question)]
