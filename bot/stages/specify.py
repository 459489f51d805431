"""Specifying: what "done" means is written down, shown to be strong, and committed before anything is changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.change.change import Edit
from bot.errors import Fatal
from bot.forge import branch_name
from bot.run import Run, State
from bot.spec.author import NoSpec, write_spec
from bot.spec.lock import message
from bot.stage import Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Write and lock the spec, or refuse with the example that would make the wish provable."""
    plan = tools.history.plan
    if plan is None:
        raise Fatal(f"run {run.id} came to specifying without a plan")
    tools.progress("spec")
    base = run.instruction.base
    root = await tools.lay_out(base)
    lab = await tools.lab(base)
    found = await asyncio.to_thread(write_spec, run.instruction, plan, root, lab)
    if isinstance(found, NoSpec):
        return Outcome(State.REFUSED, f"no trustworthy spec: {found.reason} {found.advice}".strip())
    lab.foresee(root)
    edits = tuple(Edit(each.path, each.content) for each in found.files)
    made = await tools.forge.commit(base, edits, message(found, run), run.id)
    commit = await tools.forge.publish(run.id, branch_name(run.instruction), made)
    reason = f"spec locked: {len(found.witnesses)} witnesses, {len(found.guards)} guards"
    return Outcome(State.CHANGING, reason, replace(found, commit=commit))


STAGE = Stage("specify", State.SPECIFYING, run)
