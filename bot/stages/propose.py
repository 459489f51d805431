"""Proposing: the evidence is laid out and sealed, and only a change that may go on gets a branch."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.errors import Fatal
from bot.evidence.publish import write
from bot.evidence.pull_request import body, title
from bot.forge import branch_name
from bot.history import Checked, Sealed
from bot.ids import PullNumber
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
        return _judged(run, tools, checked, Sealed(str(bundle.directory), bundle.digest, None))
    head = checked.change.head
    place = await tools.forge.propose(run.id, branch_name(run.instruction), head, title(record), body(record))
    sealed = Sealed(str(bundle.directory), bundle.digest, place.branch, place.pull)
    if checked.decision.require:
        return Outcome(State.AWAITING_APPROVAL, f"proven; still needed: {'; '.join(checked.decision.require)}", sealed)
    if place.pull is not None:
        return Outcome(State.AWAITING_APPROVAL, "proven and allowed; merging is next", sealed)
    return Outcome(State.DONE, f"proven and allowed: {place.branch}", sealed)


def _judged(run: Run, tools: Tools, checked: Checked, sealed: Sealed) -> Outcome:
    """Return where a change goes that others proposed: to wait for the people who must agree, where there are any to ask."""
    origin = run.instruction.origin
    if tools.ballot is None or origin is None or not origin.pull:
        return Outcome(State.DONE, "every gate is green and the policies agree", sealed)
    needed = f"proven; still needed: {'; '.join(checked.decision.require)}"
    why = needed if checked.decision.require else "proven and allowed; what else is missing is looked at next"
    return Outcome(State.AWAITING_APPROVAL, why, replace(sealed, pull=PullNumber(origin.number)))


STAGE = Stage("propose", State.PROPOSING, run)
