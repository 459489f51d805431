"""Changing: the plan's steps in order, each by the cheapest engine that can; the result is one commit on top of the spec's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot import capabilities
from bot.capability import Capability
from bot.change.change import Edit, Edits
from bot.change.patch import may_edit
from bot.decision.taking_back import take_back
from bot.engine import Attempt, Engine, Question, Work, Workbench
from bot.errors import Fatal, Refused
from bot.forge import branch_name
from bot.gate import Finding
from bot.harness.harness import TestOutcome
from bot.history import Changed
from bot.ids import NodeId, Sha
from bot.plan.plan import Plan, Step, order
from bot.registry import plugins
from bot.run import EngineChoice, Run, State
from bot.spec.lock import for_engine, hidden_paths
from bot.spec.spec import Role, Spec
from bot.stage import Outcome, Stage, Tools

_WITNESSED = frozenset({"code.repair", "code.generate"})
"""Capabilities whose work is done when the spec's tests pass."""


async def run(run: Run, tools: Tools) -> Outcome:
    """Let the engines work; a question or an empty hand ends the run refused, with what would help."""
    if run.instruction.reverts is not None:
        return await take_back(run, run.instruction.reverts, tools)
    plan, spec = tools.history.plan, tools.history.spec
    if plan is None or spec is None or spec.commit is None:
        raise Fatal(f"run {run.id} came to changing without a plan and a locked spec")
    walk = _Walk(await _shown_commit(run, tools, spec))
    for step in order(plan):
        tools.progress(f"change: {step.capability}")
        walk = await _take(step, walk, run, tools, spec, plan)
        if walk.question is not None:
            return Outcome(State.REFUSED, _ask(walk.question, run), walk.output(None))
        if walk.stuck:
            return Outcome(State.REFUSED, f"no change found: {walk.stuck}", walk.output(None))
    if not walk.edits:
        left = "; ".join(f"{each.what}: {each.why}" for each in walk.attempts) or "every engine left the code as it is"
        return Outcome(State.REFUSED, f"no change found: {left}", walk.output(None))
    message = _message(run, walk, spec, tools.forge.credit(run.instruction))
    made = await tools.forge.commit(spec.commit, tuple(walk.edits.values()), message, run.id)
    head = await tools.forge.publish(run.id, branch_name(run.instruction), made)
    output = walk.output(head)
    return Outcome(State.CHECKING, _reason(output), output)


async def _shown_commit(run: Run, tools: Tools, spec: Spec) -> Sha:
    """Return a commit of the base and the shown part of the spec: engines never see a file that is held out."""
    shown = tuple(Edit(each.path, each.content) for each in for_engine(spec).files)
    return await tools.forge.commit(run.instruction.base, shown, "The base and what of the spec an engine may see", run.id)


@dataclass(frozen=True)
class _Walk:
    """How far the steps have come; ``at`` is the commit the next step starts from."""

    at: Sha
    edits: Mapping[str, Edit] = field(default_factory=dict)
    engine: str = ""
    why: str = ""
    attempts: tuple[Attempt, ...] = ()
    alternatives: tuple[Edits, ...] = ()
    question: Question | None = None
    stuck: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    author: str = ""
    """The model that wrote edits, the last one where several did."""

    def output(self, head: Sha | None) -> Changed:
        edits = Edits(tuple(self.edits.values()), self.why, self.notes) if self.edits else None
        return Changed(self.engine, head, edits, self.attempts, self.question, self.alternatives, self.author)


def _reason(made: Changed) -> str:
    """Return what was done, and why not by a cheaper engine."""
    done = made.edits.why if made.edits and made.edits.why else f"changed by {made.engine}"
    return f"{done} ({'; '.join(made.passed_over)}; so {made.engine})" if made.passed_over else done


async def _take(step: Step, walk: _Walk, run: Run, tools: Tools, spec: Spec, plan: Plan) -> _Walk:  # noqa: PLR0913, PLR0917
    """Do one step with the first engine that brings edits or a question; no other engine guesses what a person is asked."""
    bench = await _bench(step, walk, run, tools, spec, plan)
    if len(walk.edits) and await asyncio.to_thread(_holds_already, bench):
        why = "every shown test passes since an earlier step"
        return replace(walk, attempts=(*walk.attempts, Attempt(f"step {step.id}", worked=True, why=why)))
    stuck: list[str] = []
    for engine in _engines(step, run.instruction.engine, tools.engines):
        why_not = engine.can(bench)
        if not why_not:
            work = await asyncio.to_thread(engine.work, bench)
            walk = replace(walk, engine=engine.name, attempts=walk.attempts + work.attempts)
            if work.question is not None:
                return replace(walk, question=work.question)
            if work.edits is not None:
                _keep_to_paths(engine, work.edits, bench)
                return await _with(walk, work, work.edits, run, tools)
            why_not = work.abstained or "found nothing"
        stuck.append(f"{engine.name}: {why_not}")
        walk = replace(walk, attempts=(*walk.attempts, Attempt(engine.name, worked=False, why=why_not)))
    return replace(walk, stuck="; ".join(stuck) or f"no engine of this installation can do {step.capability!r}")


def _holds_already(bench: Workbench) -> bool:
    """Tell whether a step that is judged by the spec's witnesses has nothing left to do: an earlier one did it along."""
    if bench.capability not in _WITNESSED or not bench.tests:
        return False
    run = bench.lab.suite(bench.root, bench.tests)
    results = run.by_id()
    return run.trusted and all(each in results and results[each].outcome is TestOutcome.PASSED for each in bench.tests)


def _keep_to_paths(engine: Engine, edits: Edits, bench: Workbench) -> None:
    """Raise Refused where an engine edits what it may not: an engine's own restraint is not relied on."""
    beyond = [edit.path for edit in edits.edits if not bench.may_edit(edit.path)]
    if beyond:
        raise Refused(f"engine {engine.name} wanted to edit {beyond[0]}, which is protected: allow it in paths, or ask for less")


async def _with(walk: _Walk, work: Work, edits: Edits, run: Run, tools: Tools) -> _Walk:
    """Return the walk with one step's edits in; as it is where there are none."""
    if not edits.edits:
        return walk
    at = await tools.forge.commit(walk.at, edits.edits, edits.why or "a step", run.id)
    merged = {**walk.edits, **{edit.path: edit for edit in edits.edits}}
    why = f"{walk.why}; {edits.why}" if walk.why else edits.why
    alternatives = walk.alternatives + work.alternatives
    notes = {**walk.notes, **edits.notes}
    return replace(walk, at=at, edits=merged, why=why, alternatives=alternatives, notes=notes, author=work.author or walk.author)


async def _bench(step: Step, walk: _Walk, run: Run, tools: Tools, spec: Spec, plan: Plan) -> Workbench:  # noqa: PLR0913, PLR0917
    root = await tools.lay_out(walk.at)
    locked = {each.path for each in spec.files} | {each.path for each in spec.locked}

    def allowed(path: str) -> bool:
        return path not in locked and may_edit(path, tools.config, plan.verb, is_link=lambda each: (root / each).is_symlink())

    rejected = tuple(changed.edits for changed, checked in tools.history.rounds if checked is not None and changed.edits)
    return Workbench(
        root=root,
        lab=await tools.lab(run.instruction.base),
        instruction=run.instruction,
        spec=for_engine(spec),
        tests=_shown(spec),
        capability=step.capability,
        inputs=step.inputs,
        findings=_findings(tools, spec),
        rejected=rejected,
        may_edit=allowed,
        seconds=tools.config.budget.engine_seconds,
        seed=tools.seed,
        asker=tools.asker,
        candidates=tools.config.budget.candidates,
        progress=tools.progress,
    )


def _shown(spec: Spec) -> tuple[NodeId, ...]:
    """Return the tests an engine may see, witnesses first."""
    return tuple(each.id for each in sorted(spec.shown, key=lambda each: each.role is not Role.WITNESS))


def _findings(tools: Tools, spec: Spec) -> tuple[Finding, ...]:
    """Return what the gates said of the last round's change, as an engine may hear it."""
    checked = tools.history.rounds[-1][1] if tools.history.rounds else None
    said = (finding for gate in checked.gates if not gate.green for finding in gate.findings) if checked else ()
    return tuple(dict.fromkeys(_discreet(each, spec) for each in said))


def _discreet(finding: Finding, spec: Spec) -> Finding:
    """Return a finding as it is, or, where it tells of a held-out test, that one failed and no more.

    A gate may name any test, and what it expected, to people; a policy repeats what gates say.
    """
    paths = hidden_paths(spec)
    names = {each.id.rpartition("::")[2].partition("[")[0] for each in spec.tests if each.kept and each.held_out}
    telling = finding.path in paths or any(
        re.search(rf"(?<!\w){re.escape(each)}(?!\w)", finding.message) for each in (*paths, *names)
    )
    return Finding("", 1, "a held-out test of the spec failed", finding.rule, finding.severity) if telling else finding


def _engines(step: Step, choice: EngineChoice, engines: Mapping[str, Engine]) -> list[Engine]:
    """Return the engines that may take the step, cheapest first."""
    able = plugins(capabilities, Capability)[step.capability].engines
    found = [engine for name, engine in engines.items() if name in able and choice in {EngineChoice.AUTO, name}]
    return sorted(found, key=lambda each: each.cost)


def _ask(question: Question, run: Run) -> str:
    """Return the one question that decides between readings, as a sentence."""
    readings = ", ".join(f"reading {each.label} gives {each.gives}" for each in question.readings)
    return (
        f"several different changes satisfy the spec: on {question.call} {readings}; which is right? "
        f"Answer with: pawl run --resume {run.id} --answer '{question.call} == …'"
    )


def _message(run: Run, walk: _Walk, spec: Spec, credit: str) -> str:
    """Return the commit message: what and why, and the trailers that tie it to its run, its spec and who asked."""
    title = (walk.why or run.instruction.text).strip().splitlines()[0]
    short = title if len(title) <= 72 else title[:71] + "…"  # noqa: PLR2004 - the width git tools show of a title
    body = f"{title}\n\n" if short != title else ""
    return f"{short}\n\n{body}Pawl-Run: {run.id}\nPawl-Spec: {spec.digest}\n{credit}".rstrip() + "\n"


STAGE = Stage("change", State.CHANGING, run)
