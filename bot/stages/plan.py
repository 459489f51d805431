"""Planning: the instruction becomes a plan, as data, checked before anything is done."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot import capabilities, codemods
from bot.capability import Capability
from bot.codemod import Codemod
from bot.context.gather import gather
from bot.duties.planner import Brief, Planned, improve, open_to
from bot.llm.asking import Asker, Duty
from bot.plan.intent import Intent, asked_for, resolve
from bot.plan.inventory import take_inventory
from bot.plan.planner import decompose, make_plan
from bot.registry import plugins
from bot.run import EngineChoice, Instruction, Run, State, Verb
from bot.sources import read_sources
from bot.stage import Outcome, Progress, Stage, Tools

MAP_TOKENS = 8_000
"""How much of the repository the planner sees."""


async def run(run: Run, tools: Tools) -> Outcome:
    """Make the plan and refuse one that no capability could carry out; where only the plan was asked for, that is all."""
    tools.progress("plan")
    root = await tools.lay_out(run.instruction.base)
    planned = await asyncio.to_thread(_plan, run.instruction, root, tools.asker, tools.progress)
    steps = ", ".join(step.capability for step in planned.plan.steps)
    if planned.plan.author:
        steps = f"{steps} (chosen by {planned.plan.author})"
    elif planned.why_not:
        steps = f"{steps} (by the recipe: {planned.why_not})"
    if run.instruction.plan_only:
        return Outcome(State.CANCELLED, f"only the plan was asked for: {steps}", planned.plan)
    return Outcome(State.SPECIFYING, f"plan: {steps}", planned.plan)


def _plan(instruction: Instruction, root: Path, asker: Asker | None, progress: Progress) -> Planned:
    inventory = take_inventory(read_sources(root).files)
    able = plugins(capabilities, Capability)
    named = asker is not None or instruction.verb is Verb.REFACTOR
    known = plugins(codemods, Codemod) if named else {}  # what they rewrite code with takes a second to import
    plain = make_plan(instruction, inventory, able, known)
    intent = resolve(instruction.text, instruction.verb, inventory, known)
    brief = Brief(instruction.text, plain, able, known, inventory)
    if asker is None or not asker.authors(Duty.PLANNER) or not open_to(brief) or not _is_worth_asking(instruction, intent):
        return Planned(plain)
    progress("a model makes the plan")
    context = gather(
        root,
        intent.text,
        names=intent.names,
        paths=intent.paths,
        tests=instruction.tests,
        tokens=MAP_TOKENS,
        hide=lambda _path: False,
    )
    return improve(asker, Brief(instruction.text, plain, able, known, inventory, context))


def _is_worth_asking(instruction: Instruction, intent: Intent) -> bool:
    """A recipe does where codemods are asked for by name, or one thing is wanted; a person may want a model all the same."""
    if intent.wishes:
        return False
    parts = [part for part in decompose(instruction.text) if asked_for(part)]
    return instruction.engine is EngineChoice.MODEL or len(parts) > 1


STAGE = Stage("plan", State.PLANNING, run)
