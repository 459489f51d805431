"""Proposing: the evidence is laid out and sealed, and only a change that may go on gets a branch."""

from __future__ import annotations

import asyncio

from bot.errors import Fatal
from bot.evidence.publish import write
from bot.evidence.pull_request import body, title
from bot.forge import branch_name
from bot.history import Sealed
from bot.run import Run, State
from bot.stage import Outcome, Stage, Tools


async def run(run: Run, tools: Tools) -> Outcome:
    """Seal the evidence; propose what is allowed, refuse the rest with everything kept."""
    checked = tools.history.checked
    if checked is None:
        raise Fatal(f"run {run.id} came to proposing without a judged change")
    tools.progress("evidence")
    record = await tools.record()
    bundle = await asyncio.to_thread(write, record, tools.out, tools.seal)
    if not checked.decision.allow:
        why = "; ".join(checked.decision.deny)
        return Outcome(State.REFUSED, f"the proof is not there: {why}", Sealed(str(bundle.directory), bundle.digest, None))
    if run.instruction.head is not None:
        seal = Sealed(str(bundle.directory), bundle.digest, None)
        return Outcome(State.DONE, "every gate is green and the policies agree", seal)
    head = checked.change.head
    place = await tools.forge.propose(run.id, branch_name(run.instruction), head, title(record), body(record))
    sealed = Sealed(str(bundle.directory), bundle.digest, place.branch, place.pull)
    if checked.decision.require:
        return Outcome(State.AWAITING_APPROVAL, f"proven; still needed: {'; '.join(checked.decision.require)}", sealed)
    if place.pull is not None:
        return Outcome(State.AWAITING_APPROVAL, "proven and allowed; merging is next", sealed)
    return Outcome(State.DONE, f"proven and allowed: {place.branch}", sealed)


STAGE = Stage("propose", State.PROPOSING, run)
