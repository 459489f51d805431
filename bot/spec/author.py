"""Writes the spec of one wish: candidates from every source, the oracle's rulings, the held-out share, the lock."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.harness.harness import SuiteRun, TestOutcome, Variants
from bot.ids import NodeId
from bot.lab import Lab
from bot.language import Language
from bot.plan.plan import Plan
from bot.run import Instruction, Verb
from bot.spec.annotations import draft_annotations
from bot.spec.definitions import Definition, Index, build_index, mentioned, parse_quietly
from bot.spec.docstrings import draft_docstrings
from bot.spec.draft import Draft, Unusable
from bot.spec.examples import draft_examples, visible
from bot.spec.lock import lock, render, slug_of, spec_path
from bot.spec.named import draft_answers, expand_named, named_in_text
from bot.spec.names import Resolver
from bot.spec.oracle import FAILING, Court, Hearing, Ruling, Subject
from bot.spec.refusal import NoSpec, refuse
from bot.spec.spec import Candidate, Role, Source, Spec, SpecFile, SpecTest
from bot.spec.tracebacks import draft_reproducers

__all__ = ["NoSpec", "write_spec"]

HELD_OUT_SHARE = 0.2
LEAST_WITNESSES_TO_HIDE_ONE = 4
LEAST_GUARDS_TO_HIDE_ONE = 5
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


def write_spec(instruction: Instruction, plan: Plan, root: Path, lab: Lab, language: Language | None = None) -> Spec | NoSpec:
    """Return the locked spec of an instruction, or why there is none and which example would help.

    ``root`` is the base's tree, read only; the spec's files are not written. Without a ``language`` plain Python is taken.

    Raises:
        InputError: a named test does not exist, or an answer is no assertion.
        NoIsolation: there is no sandbox.
    """
    index = build_index(root, language.is_source if language else _looks_like_source)
    wish = read_wish(instruction, index, root)
    path = spec_path(root, slug_of(wish.named[0].name if wish.named else instruction.text))
    with _trial(root, path, wish.drafts) as tree, lab.variants(tree) as variants:
        return _try(instruction, plan, wish, _Place(root, tree, path, lab, variants))


def _looks_like_source(path: str) -> bool:
    parts = path.split("/")
    name = parts[-1]
    return not (name.startswith(("test_", "conftest.")) or name.endswith("_test.py") or {"tests", "test"} & set(parts[:-1]))


@dataclass(frozen=True)
class _Place:
    root: Path
    tree: Path
    path: str
    lab: Lab
    variants: Variants


def read_wish(instruction: Instruction, index: Index, root: Path) -> Wish:
    """Return everything that the words, docstrings and annotations say, without running anything."""
    text = visible(instruction.text)
    resolver = Resolver(index, text, may_be_missing=instruction.verb in {Verb.ADD, Verb.FIX})
    named = [each for each in mentioned(text, index) if not each.is_class]
    found: list[Draft | Unusable] = [*draft_answers(instruction.answers, resolver)]
    found += draft_examples(text, resolver)
    found += draft_reproducers(text, resolver)
    targets = [target for each in found if isinstance(each, Draft) for target in each.targets]
    tested = [each for test in instruction.tests for each in called_by_test(test, root, index)]
    near = list({(each.path, each.qualname): each for each in (*named, *targets, *tested)}.values())
    found += draft_docstrings(near, resolver)
    drafts = [each for each in found if isinstance(each, Draft)]
    drafts += draft_annotations([each for each in near if not each.is_class], drafts, resolver)
    unusable = [each for each in found if isinstance(each, Unusable) and each.origin is not Source.DOCSTRING]
    return Wish(text, index, tuple(drafts), tuple(unusable), tuple(named or [each for each in near if not each.is_class]))


def called_by_test(test: NodeId, root: Path, index: Index) -> tuple[Definition, ...]:
    """Return the repository's functions that a test calls by name, as its source says."""
    path, *names = test.partition("[")[0].split("::")
    file = root / path
    tree = parse_quietly(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() and not file.is_symlink() else None
    node: ast.AST | None = tree
    for name in names:
        node = next((each for each in getattr(node, "body", []) if getattr(each, "name", None) == name), None)
    if node is None:
        return ()
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    called = {
        each.attr if isinstance(each, ast.Attribute) else each.id for each in calls if isinstance(each, ast.Attribute | ast.Name)
    }
    return tuple(each for each in index.definitions if each.name in called and not each.is_class)


@contextmanager
def _trial(root: Path, path: str, drafts: Sequence[Draft]) -> Iterator[Path]:
    """Yield a tree with the candidates in it: the base itself where there are none."""
    if not drafts:
        yield root
        return
    with tempfile.TemporaryDirectory(prefix="pawl-spec-") as folder:
        tree = Path(folder) / root.name
        shutil.copytree(root, tree, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns(".git"))
        (tree / path).write_text(render([each.candidate for each in drafts]), encoding="utf-8")
        yield tree


def _link(source: str, target: str) -> str:
    """Link a file where the file system can: nobody writes to either tree."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _try(instruction: Instruction, plan: Plan, wish: Wish, place: _Place) -> Spec | NoSpec:
    baseline = place.variants.baseline
    collected = place.variants.tests or tuple(each.id for each in baseline.results)
    asked = expand_named(instruction.tests, collected, place.root)
    subjects = [*_from_drafts(wish, place.path), *_from_suite(wish, place, asked, collected, needs=plan.needs_witness)]
    question = _question(wish, subjects, baseline)
    subjects += _suite_guards(question, subjects, place)
    court = Court(place.lab, place.tree, place.variants, question, plan.needs_witness)
    hearing = court.hear(subjects)
    if refusal := _refusal(hearing, plan, wish, question, subjects):
        return refusal
    return _locked(hearing, wish, place)


def _from_drafts(wish: Wish, path: str) -> Iterator[Subject]:
    for each in wish.drafts:
        claim = each.claim
        yield Subject(
            id=NodeId(f"{path}::{each.candidate.name}"),
            origin=claim.origin,
            targets=each.targets,
            missing=tuple((wish.index.modules[module].path, name) for module, name in each.missing),
            is_asked_for=claim.origin is Source.ANSWER,
            is_certain=claim.certain,
            is_guard_only=claim.origin is Source.ANNOTATION,
            quote=claim.quote,
        )


def _from_suite(
    wish: Wish, place: _Place, asked: Sequence[NodeId], collected: Sequence[NodeId], *, needs: bool
) -> Iterator[Subject]:
    """Yield the tests that the person named, else those the text names, else failing ones that reach what the text names."""
    baseline = place.variants.baseline
    for test in asked:
        yield _suite_subject(test, Source.NAMED, wish, place, is_asked_for=True)
    if asked or not needs:
        return
    failing = [each.id for each in baseline.results if each.outcome in FAILING and not each.id.startswith(f"{place.path}::")]
    in_text = [each for each in named_in_text(wish.text, collected) if each in failing]
    for test in in_text or failing:
        subject = _suite_subject(test, Source.NAMED if in_text else Source.SUITE, wish, place, is_asked_for=bool(in_text))
        if in_text or not wish.named or _reaches(subject, wish.named, baseline):
            yield subject


def _suite_subject(test: NodeId, origin: Source, wish: Wish, place: _Place, *, is_asked_for: bool = False) -> Subject:
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


def _question(wish: Wish, subjects: Sequence[Subject], baseline: SuiteRun) -> tuple[Definition, ...]:
    """Return the code in question: of what the text names and the witnesses call, what they run; else what they run at all."""
    outcomes = {each.id: each.outcome for each in baseline.results}
    witnesses = [each for each in subjects if outcomes.get(each.id) in FAILING]
    called = [target for each in witnesses for target in each.targets if not target.is_class]
    found = {(each.path, each.qualname): each for each in (*wish.named, *called)}
    lines = [baseline.covered_by.get(each.id, {}) for each in witnesses]
    if not found:
        found = {(each.path, each.qualname): each for one in lines for each in wish.index.reached(one)}
    run = [each for each in found.values() if any(_runs(each, one) for one in lines)]
    return tuple(run or found.values())[:MOST_REACHED]


def _suite_guards(question: Sequence[Definition], subjects: Sequence[Subject], place: _Place) -> Iterator[Subject]:
    """Yield the project's own passing tests that run the code in question, fastest first, as many as time allows."""
    baseline = place.variants.baseline
    known = {each.id for each in subjects}
    passing = [each for each in baseline.results if each.outcome is TestOutcome.PASSED and each.id not in known]
    near = [each for each in passing if not each.id.startswith(f"{place.path}::")]
    if question:
        near = [each for each in near if any(_runs(one, baseline.covered_by.get(each.id, {})) for one in question)]
    seconds = 0.0
    for count, each in enumerate(sorted(near, key=lambda each: each.seconds)):
        seconds += each.seconds
        if count >= MOST_GUARDS or (count >= 5 and seconds > GUARD_SECONDS):  # noqa: PLR2004 - five in any case
            return
        yield Subject(each.id, Source.SUITE)


def _refusal(
    hearing: Hearing, plan: Plan, wish: Wish, question: Sequence[Definition], subjects: Sequence[Subject]
) -> NoSpec | None:
    targets = [each for each in (*question, *(target for subject in subjects for target in subject.targets)) if not each.is_class]
    if hearing.why_not:
        return NoSpec(f"{hearing.why_not}.", "Mend the tests' set-up so that `pytest` runs, then try again.")
    witnesses = hearing.kept(Role.WITNESS)
    if plan.needs_witness and not witnesses:
        return refuse(_no_witness(hearing, wish.index), wish.text, wish.index, targets, wish.unusable)
    if plan.verb is Verb.REFACTOR and not hearing.kept(Role.GUARD):
        return refuse("no passing test guards the code in question", wish.text, wish.index, targets)
    trusted = any(each.subject.is_asked_for or each.subject.origin is Source.SUITE for each in witnesses)
    if plan.needs_witness and hearing.satisfied_by and not trusted:
        weak = f"every example is also satisfied by the trivial `{hearing.satisfied_by[0]}`"
        return refuse(weak, wish.text, wish.index, targets)
    return None


def _no_witness(hearing: Hearing, index: Index) -> str:
    if index.unreadable:
        return f"{index.unreadable[0]} is not valid Python, so nothing that uses it can be run"
    dropped = [each for each in hearing.rulings if not each.kept and each.role is Role.WITNESS and not each.subject.is_guard_only]
    if dropped:
        return f"no test shows what is wanted: {dropped[0].subject.id.rpartition('::')[2]} was dropped ({dropped[0].reason})"
    said = {Source.EXAMPLE, Source.ANSWER, Source.NAMED}
    if any(each.role is Role.GUARD and each.subject.origin in said for each in hearing.rulings):
        return "everything that the wish names already holds on the base"
    return "nothing in the wish says, in a way that can be run, what should happen"


def _locked(hearing: Hearing, wish: Wish, place: _Place) -> Spec:
    held = _held_out(hearing, place.lab.seed)
    generated = {NodeId(f"{place.path}::{each.candidate.name}"): each.candidate for each in wish.drafts}
    hidden_path = place.path.removesuffix(".py") + "_held_out.py"
    tests: list[SpecTest] = []
    shown: list[Candidate] = []
    hidden: list[Candidate] = []
    for ruling in hearing.rulings:
        test = _to_test(ruling, hearing, held=ruling.subject.id in held)
        if ruling.kept and ruling.subject.id in generated:
            (hidden if test.held_out else shown).append(generated[ruling.subject.id])
            if test.held_out:
                test = replace(test, id=NodeId(f"{hidden_path}::{generated[ruling.subject.id].name}"))
        tests.append(test)
    pairs = ((place.path, shown), (hidden_path, hidden))
    files = [SpecFile(path, render(candidates)) for path, candidates in pairs if candidates]
    tests += [_unusable_test(each) for each in wish.unusable]
    return lock(place.root, tests, files, hearing.kill_rate)


def _to_test(ruling: Ruling, hearing: Hearing, *, held: bool) -> SpecTest:
    subject = ruling.subject
    reason = ruling.reason
    if ruling.kept and ruling.role is Role.WITNESS and hearing.satisfied_by:
        reason += f"; all kept tests together still accept the trivial `{hearing.satisfied_by[0]}`"
    return SpecTest(subject.id, ruling.role, subject.origin, ruling.kept, ruling.kills, reason, held, subject.quote)


def _unusable_test(each: Unusable) -> SpecTest:
    name = " ".join(each.quote.split())[:60]
    return SpecTest(NodeId(f"text::{name}"), Role.WITNESS, each.origin, kept=False, kills=0, reason=each.reason, quote=each.quote)


def _held_out(hearing: Hearing, seed: int) -> frozenset[NodeId]:
    """Choose the tests that the author of the change never sees: the same ones for the same seed.

    Generated ones first, since they can really be hidden; never the last one of its origin, never one of few that were asked
    for, never an answer.
    """
    hidden: set[NodeId] = set()
    for role, least in ((Role.WITNESS, LEAST_WITNESSES_TO_HIDE_ONE), (Role.GUARD, LEAST_GUARDS_TO_HIDE_ONE)):
        kept = [each.subject for each in hearing.kept(role)]
        if len(kept) < least:
            continue
        asked = sum(each.is_asked_for for each in kept)
        may = [each for each in kept if each.origin is not Source.ANSWER and (not each.is_asked_for or asked >= least)]
        left = Counter(each.origin for each in kept)
        for each in sorted(may, key=lambda each: (each.origin in {Source.SUITE, Source.NAMED}, _draw(each.id, seed))):
            if left[each.origin] > 1 and sum(one.id in hidden for one in kept) < max(1, round(HELD_OUT_SHARE * len(kept))):
                hidden.add(each.id)
                left[each.origin] -= 1
    return frozenset(hidden)


def _draw(test: NodeId, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{test}".encode()).hexdigest()
