"""Writes the spec of one wish: candidates from every source, the oracle's rulings, the held-out share, the lock."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from bot.change.testing import is_test
from bot.ids import NodeId
from bot.lab import Lab
from bot.language import Language
from bot.plan.plan import Plan
from bot.run import Instruction, Verb
from bot.spec.annotations import draft_annotations
from bot.spec.beside import with_files
from bot.spec.definitions import Definition, Index, build_index, mentioned
from bot.spec.docstrings import draft_docstrings, still_true
from bot.spec.draft import Draft, Unusable
from bot.spec.examples import draft_examples, visible
from bot.spec.foreign import Contribution
from bot.spec.lock import lock, render, slug_of, spec_path
from bot.spec.named import draft_answers, expand_named
from bot.spec.names import Resolver
from bot.spec.oracle import Court, Hearing, Ruling, Subject
from bot.spec.refusal import NoSpec, refuse
from bot.spec.sayings import Sayings, claims_of_test, text_of
from bot.spec.spec import Candidate, Role, Source, Spec, SpecFile, SpecTest
from bot.spec.subjects import (
    Place,
    Wish,
    called_by_test,
    code_in_question,
    from_drafts,
    from_suite,
    missing_of,
    suite_guards,
)
from bot.spec.tracebacks import draft_reproducers
from bot.syntax.tree import MOST_WRITTEN

__all__ = ["NoSpec", "write_spec"]

HELD_OUT_SHARE = 0.2
LEAST_WITNESSES_TO_HIDE_ONE = 4
LEAST_GUARDS_TO_HIDE_ONE = 5

Ask = Callable[[Wish, Sequence[SpecTest]], Contribution]
"""Asks somebody for tests of a wish; the second time with what became of the first ones."""

MOST_ASKED = 2
"""How often somebody is asked for tests of one wish."""


def write_spec(  # noqa: PLR0913, PLR0917 - each is a room of its own
    instruction: Instruction,
    plan: Plan,
    root: Path,
    lab: Lab,
    language: Language | None = None,
    more: Ask | None = None,
    *,
    always: bool = False,
) -> Spec | NoSpec:
    """Return the locked spec of an instruction, or why there is none and which example would help.

    ``root`` is the base's tree, read only; the spec's files are not written. Without a ``language`` plain Python is taken.
    ``more`` is asked for tests where a wish must be witnessed and its words hold none; ``always``: where they do, too.

    Raises:
        InputError: a named test does not exist, or an answer is no assertion.
        NoIsolation: there is no sandbox.
    """
    index = build_index(root, language.is_source if language else lambda path: not is_test(path))
    wish = read_wish(instruction, index, root)
    path = spec_path(root, slug_of(wish.named[0].name if wish.named else instruction.text))

    def hear(contribution: Contribution) -> _Heard:
        whole = replace(wish, drafts=(*wish.drafts, *contribution.drafts), unusable=(*wish.unusable, *contribution.unusable))
        with _trial(root, path, whole) as tree, lab.variants(tree) as variants:
            return _try(instruction, plan, whole, Place(root, tree, path, lab, variants))

    if more is None or not plan.needs_witness:
        return hear(Contribution()).spec
    first = None if always else hear(Contribution()).spec
    if isinstance(first, Spec) or (first is not None and not first.lacks_test):
        return first
    return _with_more(more, wish, hear, first)


@dataclass(frozen=True)
class _Heard:
    """What came of one hearing."""

    spec: Spec | NoSpec
    tests: tuple[SpecTest, ...]
    """All that were heard, or could not be, with the reasons."""


def _with_more(more: Ask, wish: Wish, hear: Callable[[Contribution], _Heard], first: NoSpec | None) -> Spec | NoSpec:
    """Return what comes of the wish together with tests that somebody else writes, mended once where they were no good.

    Whatever they write, what the words alone prove stays proven.
    """
    told: tuple[SpecTest, ...] = ()
    found = first
    for _ in range(MOST_ASKED):
        contribution = more(wish, told)
        if not contribution.drafts and not contribution.unusable:
            return _without_model(found or hear(Contribution()).spec, contribution.why_not)
        heard = hear(contribution)
        if isinstance(heard.spec, Spec):
            return _credited(heard.spec, heard.tests, contribution.author)
        found = heard.spec
        told = _witnesses_of_model(heard.tests)
        if not told or not found.lacks_test:
            break
    alone = first or hear(Contribution()).spec
    return alone if isinstance(alone, Spec) or found is None else found


def _without_model(alone: Spec | NoSpec, why_not: str) -> Spec | NoSpec:
    return alone.without_model(why_not) if isinstance(alone, NoSpec) else alone


def _witnesses_of_model(tests: Sequence[SpecTest]) -> tuple[SpecTest, ...]:
    return tuple(each for each in tests if each.origin is Source.MODEL and each.role is Role.WITNESS)


def _credited(spec: Spec, tests: Sequence[SpecTest], author: str) -> Spec:
    """Return the spec with its author, where a test that is the author's was kept."""
    wrote = any(each.kept and each.origin is Source.MODEL for each in tests)
    return replace(spec, author=author) if wrote else spec


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
    documented, outdated = still_true(draft_docstrings(near, resolver), _said(instruction, found, root))
    drafts = [each for each in (*found, *documented) if isinstance(each, Draft)]
    drafts += draft_annotations([each for each in near if not each.is_class], drafts, resolver)
    unusable = [each for each in found if isinstance(each, Unusable)]
    return Wish(text, index, tuple(drafts), (*unusable, *outdated), tuple(named or [each for each in near if not each.is_class]))


def _said(instruction: Instruction, found: Sequence[Draft | Unusable], root: Path) -> Sayings:
    """Return what the person says of calls: in words, in answers and by the tests named."""
    said = Sayings()
    for each in found:
        if isinstance(each, Draft) and each.claim.certain:
            said.add(each.claim, f"the wish (`{' '.join(each.claim.quote.split())[:60]}`)")
    for test in instruction.tests:
        for claim in claims_of_test(test, text_of(test, root)):
            said.add(claim, test)
    return said


def _trial(root: Path, path: str, wish: Wish) -> AbstractContextManager[Path]:
    """Return a tree with the candidates in it, and modules still to be written, empty; the base itself where there are none."""
    if not wish.drafts:
        return nullcontext(root)
    absent = {place for each in wish.drafts for place, _ in missing_of(each, wish.index) if not (root / place).exists()}
    return with_files(root, {path: render([each.candidate for each in wish.drafts]), **dict.fromkeys(sorted(absent), "")})


def _try(instruction: Instruction, plan: Plan, wish: Wish, place: Place) -> _Heard:
    baseline = place.variants.baseline
    collected = place.variants.tests or tuple(each.id for each in baseline.results)
    asked = expand_named(instruction.tests, collected, place.root)
    subjects = [
        *from_drafts(wish, place.path),
        *from_suite(wish, plan, place, asked, collected),
    ]
    question = code_in_question(wish, subjects, baseline)
    subjects += suite_guards(question, subjects, place)
    court = Court(place.lab, place.tree, place.variants, question, plan.needs_witness)
    hearing = court.hear(subjects)
    if refusal := _refusal(hearing, plan, wish, question, subjects):
        dropped = [_to_test(each, hearing, held=False) for each in hearing.rulings]
        return _Heard(refusal, (*dropped, *map(_unusable_test, wish.unusable)))
    spec = _locked(hearing, wish, place)
    return _Heard(spec, spec.tests)


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
        what = f"{index.unreadable[0]} is not valid Python, or nested deeper than {MOST_WRITTEN} levels"
        return f"{what}, so nothing that uses it can be run"
    dropped = [each for each in hearing.rulings if not each.kept and each.role is Role.WITNESS and not each.subject.is_guard_only]
    if dropped:
        return f"no test shows what is wanted: {dropped[0].subject.id.rpartition('::')[2]} was dropped ({dropped[0].reason})"
    said = {Source.EXAMPLE, Source.ANSWER, Source.NAMED}
    if any(each.role is Role.GUARD and each.subject.origin in said for each in hearing.rulings):
        return "everything that the wish names already holds on the base"
    return "nothing in the wish says, in a way that can be run, what should happen"


def _locked(hearing: Hearing, wish: Wish, place: Place) -> Spec:
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
    return SpecTest(
        NodeId(f"{'model' if each.origin is Source.MODEL else 'text'}::{name}"),
        Role.WITNESS,
        each.origin,
        kept=False,
        kills=0,
        reason=each.reason,
        quote=each.quote,
    )


def _held_out(hearing: Hearing, seed: int) -> frozenset[NodeId]:
    """Choose the tests that the author of the change never sees: the same ones for the same seed.

    Generated ones first, since they can really be hidden; never the last one of its origin, never one of few that were asked
    for, never an answer.
    """
    hidden: set[NodeId] = set()
    for role, least in ((Role.WITNESS, LEAST_WITNESSES_TO_HIDE_ONE), (Role.GUARD, LEAST_GUARDS_TO_HIDE_ONE)):
        kept = [each.subject for each in hearing.kept(role)]
        if len(kept) >= least:
            hidden |= _hidden_among(kept, least, seed)
    return frozenset(hidden)


def _hidden_among(kept: Sequence[Subject], least: int, seed: int) -> set[NodeId]:
    """Choose from the kept tests of one role; ``least`` of them must be asked for before one of these is hidden."""
    asked = sum(each.is_asked_for for each in kept)
    may = [each for each in kept if each.origin is not Source.ANSWER and (not each.is_asked_for or asked >= least)]
    most = max(1, round(HELD_OUT_SHARE * len(kept)))
    left = Counter(each.origin for each in kept)
    hidden: set[NodeId] = set()
    for each in sorted(may, key=lambda each: (each.origin in {Source.SUITE, Source.NAMED}, _draw(each.id, seed))):
        if left[each.origin] > 1 and sum(one.id in hidden for one in kept) < most:
            hidden.add(each.id)
            left[each.origin] -= 1
    return hidden


def _draw(test: NodeId, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{test}".encode()).hexdigest()
