"""Program repair by search: fault localisation, small edits, the locked spec as judge; it asks or abstains rather than guess."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bot.change.change import Edit, Edits
from bot.engine import Attempt, Engine, Question, Reading, Work, Workbench
from bot.harness.harness import Variants
from bot.harness.variants import ProjectVariants
from bot.repair.case import case_of
from bot.repair.confidence import confidence, is_enough, ranked
from bot.repair.enumeration import Candidate
from bot.repair.hunt import Hunt
from bot.repair.question import doubt
from bot.repair.relay import Relay
from bot.repair.rivals import Rivals
from bot.repair.trial import Judged
from bot.repair.wording import sentence
from bot.run import Verb

BASE_SECONDS = 1.5
"""Most CPU time of one test on the base: a witness that hangs shall not cost more."""
SHARE_OF_TIME = 0.8
"""Of the bench's seconds; the rest is for comparing what was found."""
TEST_SECONDS = 0.25
"""Least CPU time of one test on one candidate: a repair is rarely that slow, and many candidates hang."""
SHOWN_ATTEMPTS = 8
MOST_ASKED = 5
MOST_ALTERNATIVES = 5
MOST_NAMED = 3


def can(bench: Workbench) -> str:
    """Return '' where there is a failing test to search by, else why not."""
    if bench.instruction.verb not in {Verb.FIX, Verb.ADD}:
        return f"search mends what a failing test shows; `{bench.instruction.verb}` asks for something else"
    if not bench.spec.witnesses:
        return "search needs a test that fails on the base"
    return ""


def work(bench: Workbench) -> Work:
    """Look for a change that all shown tests accept; answer with it, with a question, or with the reason why not."""
    began = time.monotonic()
    bench.progress("looking for the lines to blame", 0.0)
    with Relay(_starter(bench)) as variants:
        run = variants.baseline
        if not run.trusted:
            return Work(abstained=f"the base's own test run cannot be trusted: {run.why_not}")
        case = case_of(bench, run)
        if isinstance(case, str):
            return Work(abstained=case)
        deadline, until = began + SHARE_OF_TIME * bench.seconds, began + bench.seconds
        hunt = Hunt(case, variants, bench.seed, deadline, until, bench.progress, _refused(bench))
        hunt.run()
        rivals = hunt.rivals()
    return _answer(hunt, rivals)


def _starter(bench: Workbench) -> Callable[[], Variants]:
    """Return what starts servers of the base; the later ones take the first one's baseline for theirs."""
    project, hung = bench.lab.project(bench.root), bench.lab.hung_on(bench.root)
    servers: list[ProjectVariants] = []

    def start() -> Variants:
        rules: dict[str, Any] = {"test_seconds": BASE_SECONDS, "least_seconds": TEST_SECONDS, "hung": hung}
        known = servers[0].known if servers else None
        servers.append(ProjectVariants(bench.lab.sandbox, project, bench.tests, **rules, known=known))
        return servers[-1]

    return start


def _refused(bench: Workbench) -> Callable[[Candidate], bool]:
    texts = {(each.path, each.content) for edits in bench.rejected for each in edits.edits}
    return lambda candidate: (candidate.path, candidate.text) in texts


def _answer(hunt: Hunt, rivals: Rivals | None) -> Work:
    counts = {"tried": hunt.tried, "plausible": len(hunt.plausible), "overfitted": hunt.overfit, "edits": hunt.edits}
    blank = Work(attempts=_attempts(hunt), counts=counts)
    if rivals is None or not rivals.groups:
        late = " within its time" if time.monotonic() > hunt.deadline else ""
        return replace(blank, abstained=f"none of {hunt.tried} edits makes the failing tests pass and keeps the others{late}")
    order = ranked(rivals)
    sure = confidence(rivals, order)
    counts["classes"] = len(order)
    best = rivals.groups[order[0].group]
    if is_enough(sure, rivals):
        others = tuple(_edits(hunt, each, sure) for each in best[1 : 1 + MOST_ALTERNATIVES])
        return replace(blank, edits=_edits(hunt, best[0], sure), alternatives=others)
    asked = doubt(rivals, [each.group for each in order[:MOST_ASKED]])
    if asked is None:
        return replace(blank, abstained=_undecided(hunt, [rivals.groups[each.group][0] for each in order[:MOST_NAMED]]))
    readings = tuple(
        Reading(label, _edits(hunt, candidate, sure), gives)
        for label, (candidate, gives) in zip("ABCDEFGH", asked.readings, strict=False)
    )
    return replace(blank, question=Question(asked.call, readings))


def _undecided(hunt: Hunt, likeliest: Sequence[Candidate]) -> str:
    named = " or ".join(sentence(each, hunt.case.files[each.path].text) for each in likeliest)
    return f"several changes pass the tests and nothing tells which of them is meant: {named}; say which, or give an example"


def _edits(hunt: Hunt, candidate: Candidate, sure: float) -> Edits:
    why = sentence(candidate, hunt.case.files[candidate.path].text)
    templates = " + ".join(each.template for each in candidate.rewrites)
    notes = {"template": templates, "tried": str(hunt.tried), "confidence": f"{sure:.2f}"}
    return Edits((Edit(candidate.path, candidate.text),), why, notes)


def _attempts(hunt: Hunt) -> tuple[Attempt, ...]:
    shown = [Attempt(sentence(each, hunt.case.files[each.path].text), worked=True) for each in hunt.plausible[:SHOWN_ATTEMPTS]]
    near = [each for each in hunt.judged if not each.passed and each.witnesses][: SHOWN_ATTEMPTS - len(shown)]
    shown += [
        Attempt(sentence(each.candidate, hunt.case.files[each.candidate.path].text), worked=False, why=_shortfall(each, hunt))
        for each in near
    ]
    return tuple(shown)


def _shortfall(judged: Judged, hunt: Hunt) -> str:
    return f"{judged.witnesses} of {len(hunt.case.witnesses)} failing tests pass" + (
        f", {judged.lost} others fail" if judged.lost else ""
    )


ENGINE = Engine("search", "mends small bugs that a failing test shows, by trying edits where the failure points", 20, can, work)
