"""Planning: the instruction becomes a plan, as data, checked before anything is done."""

from __future__ import annotations

import asyncio

from bot import capabilities
from bot.capability import Capability
from bot.plan.plan import validate
from bot.plan.planner import make_plan
from bot.registry import plugins
from bot.run import Run, State
from bot.stage import Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Make the plan and refuse one that no capability could carry out."""
    tools.progress("plan")
    root = await tools.lay_out(run.instruction.base)
    plan = await asyncio.to_thread(make_plan, run.instruction, root)
    validate(plan, plugins(capabilities, Capability))
    steps = ", ".join(step.capability for step in plan.steps)
    return Outcome(State.SPECIFYING, f"plan: {steps}", plan)


STAGE = Stage("plan", State.PLANNING, run)
