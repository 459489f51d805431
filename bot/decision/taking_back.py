"""Taking a merged change back: how the run that does it makes its change, and which gates it is not held to.

What is restored was merged and in use before. So gates that ask how good *new* code is are shown and not required, and tests go
with the change that brought them; everything else, the rest of the suite first of all, has to be green.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.change.change import Edits
from bot.change.undo import undo
from bot.errors import Refused
from bot.forge import branch_name
from bot.gate import GateResult, Severity, Tree, Verdict
from bot.history import Changed
from bot.run import State
from bot.stage import Outcome

if TYPE_CHECKING:
    from bot.change.change import Change
    from bot.run import Reverted, Run
    from bot.stage import Tools

OF_NEW_CODE: Final = frozenset(
    {"behaviour", "complexity", "contracts", "coverage", "interface", "lint", "mutation", "static_types"}
)
"""Gates whose question is about new code."""
_ASKED_AGAIN: Final = "policy"
"""It asks the policies without knowing that a change is taken back; the stage asks them again, knowing it."""
_GONE: Final = "test-gone"


async def take_back(run: Run, old: Reverted, tools: Tools) -> Outcome:
    """Make the change that undoes a merged one on top of the run's base.

    Raises:
        Refused: it would not revert cleanly; the message names the files and says what to do.
    """
    tools.progress("change: take back")
    change = await tools.forge.change(old.base, old.head)
    base = run.instruction.base
    before, after, now = [Tree(each, await tools.lay_out(each)) for each in (old.base, old.head, base)]
    found = await asyncio.to_thread(undo, change, before.text, after.text, now.text)
    if found.conflicts:
        raise Refused(f"the change does not revert cleanly: {'; '.join(found.conflicts)}. Take it back by hand")
    if not found.edits:
        raise Refused("there is nothing to take back: everything is as it was before the change")
    why = run.instruction.text.splitlines()[0]
    trailers = f"Pawl-Run: {run.id}\nPawl-Reverts: {old.run}\n{tools.forge.credit(run.instruction)}".rstrip()
    made = await tools.forge.commit(base, found.edits, f"{why}\n\n{trailers}\n", run.id)
    head = await tools.forge.publish(run.id, branch_name(run.instruction), made)
    return Outcome(State.CHECKING, why, Changed("revert", head, Edits(found.edits, why)))


def excused(results: Iterable[GateResult], change: Change) -> tuple[GateResult, ...]:
    """Return the results of judging a revert, those that it is not held to as not required."""
    touched = {path for each in change.files for path in (each.path, each.old_path)}
    return tuple(replace(each, required=False) if _is_excused(each, touched) else each for each in results)


def _is_excused(result: GateResult, touched: set[str | None]) -> bool:
    if result.verdict is not Verdict.FAIL:
        return False
    if result.name in OF_NEW_CODE or result.name == _ASKED_AGAIN:
        return True
    errors = [each for each in result.findings if each.severity is Severity.ERROR]
    return result.name == "tests" and bool(errors) and all(each.rule == _GONE and each.path in touched for each in errors)
