"""A language model writes the change; the shown tests, run in the sandbox, say whether it does. It sees no held-out test."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.change.change import Edits
from bot.context.discretion import holds_secrets
from bot.context.gather import gather
from bot.context.shelf import Shelf
from bot.duties.change_author import Brief, Earlier, NoProposal, Proposal, propose
from bot.engine import Attempt, Engine, Work, Workbench
from bot.errors import Retryable
from bot.gate import Finding
from bot.llm.asking import Asker, Duty, NoAnswer, OverBudget
from bot.proving.account import account, as_diff, size
from bot.proving.assay import assay
from bot.proving.candidate import text_of
from bot.proving.likeness import difference, same_text
from bot.proving.new_tests import Aim, aim
from bot.proving.objections import Read, Rules

CAPABILITIES = frozenset({"code.repair", "code.generate", "code.rewrite", "tests.generate", "docs.write"})
MOST_ATTEMPTS = 4
MOST_BARRED = 2
"""Proposals of what nobody may propose: after the first it is told, after the next nobody asks again."""
CONTEXT_TOKENS = 24_000
MOST_TESTS = 60_000
"""Characters of test files that are shown."""
MOST_PATHS = 5_000
MOST_NAMED = 60
"""Locked files that are named."""
MOST_SAID = 500
_ADVICE = "give an example of what is meant, ask for less, or name another model in PAWL_MODELS"
OTHER_TEMPERATURE = 0.9
"""At which a further candidate is asked for."""


def can(bench: Workbench) -> str:
    """Return '' where a model is configured and something tells whether it did what was asked; else why not."""
    if bench.asker is None or not bench.asker.authors(Duty.CHANGE_AUTHOR):
        return "no language model is configured: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or PAWL_ENDPOINTS and PAWL_MODELS"
    if bench.capability not in CAPABILITIES:
        return f"a model is not asked for `{bench.capability}`"
    if bench.capability.startswith("code.") and not bench.tests:
        return "no test tells what done means, so nothing could tell whether a model did it"
    return ""


@dataclass
class _Allowance:
    """The engine's own time, in seconds: what a model takes to answer is bounded by its budget and the run's."""

    seconds: float
    began: float = field(default_factory=time.monotonic)
    waited: float = 0.0

    def propose(self, asker: Asker, brief: Brief) -> Proposal:
        """Ask as :func:`propose` does, at nobody's expense."""
        asked = time.monotonic()
        try:
            return propose(asker, brief)
        finally:
            self.waited += time.monotonic() - asked

    @property
    def used_up(self) -> bool:
        """Whether the engine has worked as long as it may."""
        return time.monotonic() - self.began - self.waited > self.seconds


@dataclass(frozen=True)
class _Job:
    """What stays the same from question to question."""

    bench: Workbench
    asker: Asker
    brief: Brief
    rules: Rules
    wanted: Aim | None
    allowance: _Allowance


@dataclass(frozen=True)
class _Found:
    """A candidate that holds."""

    proposal: Proposal
    edits: Edits


@dataclass(frozen=True)
class _Pursuit:
    """What came of asking until a candidate held, or there was a reason to stop."""

    found: _Found | None
    attempts: tuple[Attempt, ...]
    why: str = ""


def work(bench: Workbench) -> Work:
    """Ask for a change, try it, and give back what went wrong, until one holds or the attempts, time or budget are used up."""
    allowance = _Allowance(bench.seconds)
    if bench.asker is None:
        return Work(abstained=can(bench))
    wanted = _aim(bench)
    if isinstance(wanted, str):
        return Work(abstained=wanted)
    job = _job(bench, bench.asker, wanted, allowance)
    first = _pursue(job, MOST_ATTEMPTS)
    if first.found is None:
        return Work(abstained=first.why, attempts=first.attempts, counts={"attempts": len(first.attempts)})
    found, attempts = [first.found], list(first.attempts)
    for _ in range(bench.candidates - 1):
        if allowance.used_up:
            break
        more = _pursue(_another(job, found), 1)
        found += [more.found] if more.found else []
        attempts += more.attempts
        if not more.attempts:  # nobody answers, or the budget is used up
            attempts.append(Attempt("a further candidate", worked=False, why=more.why))
            break
    return _answer(job, found, attempts)


def _aim(bench: Workbench) -> Aim | str | None:
    if bench.capability != "tests.generate":
        return None
    bench.progress("finding out what no test notices", 0.0)
    return aim(bench.lab, bench.root, _strings(bench, "paths"), _strings(bench, "names"))


def _strings(bench: Workbench, name: str) -> tuple[str, ...]:
    found = bench.inputs.get(name, ())
    return tuple(str(each) for each in found) if isinstance(found, list | tuple) else ()


def _job(bench: Workbench, asker: Asker, wanted: Aim | None, allowance: _Allowance) -> _Job:
    def read(path: str) -> str | None:
        return None if holds_secrets(path) else text_of(bench.root, path)

    wish = "\n".join([bench.instruction.text, *(f"Answered: {each}" for each in bench.instruction.answers)])
    tests = _test_files(bench)
    sources = tuple(text for _, text in tests)
    findings = tuple(map(_finding, bench.findings))
    shown = {path for path, _ in tests}
    context = gather(
        bench.root,
        wish,
        names=_strings(bench, "names"),
        paths=_strings(bench, "paths"),
        tests=bench.tests,
        findings=bench.findings,
        tokens=CONTEXT_TOKENS,
        hide=lambda path: path in shown,
    )
    brief = Brief(
        capability=bench.capability,
        instruction=wish,
        read=read,
        context=context,
        tests=tests,
        findings=findings,
        earlier=tuple(Earlier(as_diff(each, read), "It was refused: see the findings.") for each in bench.rejected[-1:]),
        off_limits=tuple(_off_limits(bench)),
        mutants=wanted.alive if wanted else "",
        paths=tuple(_paths(bench.root)),
        tools=Shelf(bench.root).tools(),
        avoid=frozenset({bench.spec.author} - {""}),
    )
    return _Job(bench, asker, brief, Rules(read, bench.may_edit, bench.spec, sources, wish), wanted, allowance)


def _test_files(bench: Workbench) -> tuple[tuple[str, str], ...]:
    """Return the files of the shown tests, the spec's own and witnesses' first, as far as they may be shown at all."""
    found = {each.path: each.content for each in bench.spec.files}
    room = MOST_TESTS - sum(map(len, found.values()))
    for path in dict.fromkeys(str(each).partition("::")[0] for each in bench.tests):
        text = text_of(bench.root, path) if path not in found else None
        if text is not None and len(text) <= room:
            found[path] = text
            room -= len(text)
    return tuple(found.items())


def _finding(each: Finding) -> str:
    return f"{each.path}:{each.line}: {each.message} ({each.rule})"


def _off_limits(bench: Workbench) -> Iterator[str]:
    locked = sorted({each.path.partition("#")[0] for each in bench.spec.locked} | {each.path for each in bench.spec.files})
    yield from locked[:MOST_NAMED]
    if len(locked) > MOST_NAMED:
        yield f"{len(locked) - MOST_NAMED} more files with tests that are there"
    yield "settings of the test runner, workflows, manifests and lock files, and what the repository's owners protect"
    if bench.capability == "tests.generate":
        yield "everything that is no test file, and every test that is there"
    if bench.capability == "docs.write":
        yield "everything but docstrings, comments and documents"


def _paths(root: Path) -> list[str]:
    found: list[str] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in sorted(names)]
        if len(found) >= MOST_PATHS:
            break
    return found[:MOST_PATHS]


def _another(job: _Job, found: list[_Found]) -> _Job:
    """Return the job for a further candidate, made by another author or, where there is none, in another mood."""
    avoid = job.brief.avoid | {each.proposal.author for each in found}
    return replace(job, brief=replace(job.brief, avoid=avoid, temperature=OTHER_TEMPERATURE))


def _pursue(job: _Job, most: int) -> _Pursuit:
    attempts: list[Attempt] = []
    brief, barred = job.brief, 0
    authors, useless = job.asker.authors(Duty.CHANGE_AUTHOR), frozenset[str]()
    for number in range(1, most + 1):
        if number > 1 and job.allowance.used_up:
            return _Pursuit(
                None, tuple(attempts), f"no change held within {job.bench.seconds:g} s; the last one: {attempts[-1].why}"
            )
        job.bench.progress(f"a model writes the change, attempt {number} of {most}", (number - 1) / most)
        try:
            proposal = job.allowance.propose(job.asker, brief)
        except NoProposal as error:
            attempts += _stumbles(error.stumbles)
            useless |= {error.author}
            if useless.issuperset(authors):
                return _Pursuit(None, tuple(attempts), f"{error}; {_ADVICE}")
            brief = replace(brief, avoid=_avoided(job.brief.avoid, useless, authors), earlier=(*brief.earlier, error.last))
            continue
        except (NoAnswer, OverBudget) as error:
            return _Pursuit(None, tuple(attempts), str(error))
        attempts += _stumbles(proposal.stumbles)
        tried = assay(job.bench, proposal.edits, job.rules, job.wanted)
        attempts.append(Attempt(f"{proposal.author}: {account(proposal.edits, brief.read)}", tried.edits is not None, tried.why))
        if tried.edits is not None:
            return _Pursuit(_Found(proposal, tried.edits), tuple(attempts))
        barred += tried.barred
        if barred >= MOST_BARRED:
            why = f"{proposal.author} proposed again what may not be proposed: {tried.why}"
            return _Pursuit(None, tuple(attempts), f"{why}; {_ADVICE}")
        brief = replace(brief, earlier=(*brief.earlier, Earlier(as_diff(proposal.edits, brief.read), tried.told)))
    return _Pursuit(None, tuple(attempts), f"none of {most} attempts held; the last one: {attempts[-1].why}; {_ADVICE}")


def _avoided(better_not: frozenset[str], useless: frozenset[str], authors: Collection[str]) -> frozenset[str]:
    """Return who shall come last: who wrote the tests is still better than who gave nothing usable."""
    both = better_not | useless
    return useless if both.issuperset(authors) else both


def _stumbles(reasons: tuple[str, ...]) -> list[Attempt]:
    return [Attempt("an answer that could not be applied", worked=False, why=each) for each in reasons]


def _answer(job: _Job, found: list[_Found], attempts: list[Attempt]) -> Work:
    """Return the smallest candidate; the others as alternatives where they do the same."""
    read = job.brief.read
    best, *others = sorted(found, key=lambda each: size(each.edits, read))
    alternatives: list[Edits] = []
    for each in others:
        if same_text(best.edits, each.edits):
            continue
        differs = _difference(job, best.edits, each.edits)
        if differs:
            attempts.append(Attempt(f"{each.proposal.author}: {account(each.edits, read)}", worked=False, why=differs))
        else:
            alternatives.append(_noted(each, read, attempts))
    counts = {"attempts": len(attempts), "candidates": len(found)}
    edits = _noted(best, read, attempts)
    return Work(edits, attempts=tuple(attempts), alternatives=tuple(alternatives), counts=counts, author=best.proposal.author)


def _difference(job: _Job, one: Edits, other: Edits) -> str:
    """Return why a candidate that passes is no alternative; '' where it does the same as far as can be seen."""
    if job.bench.capability in {"tests.generate", "docs.write"}:
        return ""
    try:
        call = difference(one, other, job.brief.read, job.rules.tests, job.bench.lab.observer(job.bench.root))
    except Retryable as error:
        return f"whether it does the same could not be seen: {error}"
    if call is None:
        return "it is written otherwise, and nothing could be called to see whether it does the same"
    return f"it passes, but does something else on {call}" if call else ""


def _noted(found: _Found, read: Read, attempts: list[Attempt]) -> Edits:
    proposal = found.proposal
    said = " ".join(proposal.why.split())[:MOST_SAID]
    notes = {"author": proposal.author, "attempts": str(len(attempts)), "author_says": said}
    return replace(found.edits, why=account(found.edits, read), notes=notes)


ENGINE = Engine("model", "writes any change a language model can, held to the shown tests before anybody sees it", 50, can, work)
