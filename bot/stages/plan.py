"""Planning: the instruction becomes a plan, as data, checked before anything is done."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot import capabilities, codemods
from bot.capability import Capability
from bot.codemod import Codemod
from bot.plan.inventory import take_inventory
from bot.plan.plan import Plan
from bot.plan.planner import make_plan
from bot.registry import plugins
from bot.run import Run, State
from bot.sources import read_sources
from bot.stage import Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Make the plan and refuse one that no capability could carry out; where only the plan was asked for, that is all."""
    tools.progress("plan")
    root = await tools.lay_out(run.instruction.base)
    plan = await asyncio.to_thread(_plan, run, root)
    steps = ", ".join(step.capability for step in plan.steps)
    if run.instruction.plan_only:
        return Outcome(State.CANCELLED, f"only the plan was asked for: {steps}", plan)
    return Outcome(State.SPECIFYING, f"plan: {steps}", plan)


def _plan(run: Run, root: Path) -> Plan:
    inventory = take_inventory(read_sources(root).files)
    return make_plan(run.instruction, inventory, plugins(capabilities, Capability), plugins(codemods, Codemod))


STAGE = Stage("plan", State.PLANNING, run)
