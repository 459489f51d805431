"""Proposing: the evidence is laid out and sealed, and only a change that may go on gets a branch."""

from __future__ import annotations

import asyncio
import re
import unicodedata

from bot.errors import Fatal
from bot.evidence.publish import write
from bot.evidence.pull_request import body, title
from bot.history import Sealed
from bot.run import Run, State
from bot.stage import Outcome, Stage, Tools

MOST_SLUG = 40
"""Longest readable part of a branch name."""


async def run(run: Run, tools: Tools) -> Outcome:
    """Seal the evidence; propose what is allowed, refuse the rest with everything kept."""
    changed, checked = tools.history.changed, tools.history.checked
    if changed is None or changed.head is None or checked is None:
        raise Fatal(f"run {run.id} came to proposing without a judged change")
    tools.progress("evidence")
    record = await tools.record()
    bundle = await asyncio.to_thread(write, record, tools.out, tools.seal)
    if not checked.decision.allow:
        why = "; ".join(checked.decision.deny)
        return Outcome(State.REFUSED, f"the proof is not there: {why}", Sealed(str(bundle.directory), bundle.digest, None))
    place = await tools.forge.propose(run.id, f"pawl/{slug(run.instruction.text)}", changed.head, title(record), body(record))
    sealed = Sealed(str(bundle.directory), bundle.digest, place.branch)
    if checked.decision.require:
        return Outcome(State.AWAITING_APPROVAL, f"proven; still needed: {'; '.join(checked.decision.require)}", sealed)
    return Outcome(State.DONE, f"proven and allowed: {place.branch}", sealed)


def slug(text: str) -> str:
    """Return the readable part of a branch name: lower-case ASCII words of the text's first line."""
    line = next((each for each in text.splitlines() if each.strip()), "")
    plain = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    short = ""
    for word in words:
        if len(short) + len(word) >= MOST_SLUG:
            break
        short = f"{short}-{word}" if short else word
    return short or (words[0][:MOST_SLUG] if words else "change")


STAGE = Stage("propose", State.PROPOSING, run)
