"""``/pawl rollback``: take a merged change of Pawl's back, as a proposal that is proven like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.errors import Refused
from bot.github import pulls
from bot.github.permissions import Level
from bot.ids import RunId
from bot.run import FINAL, Instruction, Reverted, Run, State, Verb
from bot.speech.wish import asked, default_head, ready

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


_MERGED = frozenset({State.MERGING, State.DONE})
"""GitHub has merged before the run hears of it."""


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run that undoes a merged one on top of the default branch; its pull request needs approval as any other."""
    repository = await ready(call.place, desk)
    here = await desk.store.latest(call.place.repository, call.place.number)
    old = await _meant(call, desk, here)
    number = await desk.store.pull_of_run(old.id)
    checked = (await desk.store.history(old.id)).checked
    if number is None or checked is None or old.instruction.head is not None:
        raise Refused(f"run `{old.id}` proposed nothing, so there is nothing to take back")
    pull = await pulls.get(repository, number)
    if not pull.merged or old.state not in _MERGED:
        state = old.state.replace("_", " ")
        raise Refused(f"run `{old.id}` is {state} and #{number} is not merged by it, so there is nothing to take back: close it")
    for each in await call.earlier(desk):
        undone = each.instruction.reverts
        if undone and undone.run == old.id and each.state not in FINAL:
            raise Refused(f"run `{each.id}` takes that back already: `/pawl status` shows how it stands")
    who = asked(call)
    wish = Instruction(
        verb=Verb.FIX,
        text=f"Revert #{number}: {pull.title}",
        repo=call.place.repo,
        base=await default_head(repository),
        requester=call.actor.login,
        door="github",
        origin=who.origin,
        reverts=Reverted(old.id, checked.change.base, checked.change.head),
    )
    return begun((await desk.store.create_once(wish, who.delivery, who.ordinal)).id)


async def _meant(call: Call, desk: Desk, here: tuple[Run, ...]) -> Run:
    """Return the run named, which has to be of this repository, or the newest one here that was merged."""
    named = next(iter(call.spoken.arguments), "")
    if named:
        found = await desk.store.get(RunId(named.upper()))
        origin = found.instruction.origin
        if origin is None or origin.repository != call.place.repository:
            raise Refused(f"there is no run `{named}` in this repository: `/pawl status` shows the ones there are")
        return found
    own = [each for each in here if each.state in _MERGED and each.instruction.head is None]
    merged = [each for each in own if await desk.store.pull_of_run(each.id) is not None]
    if not merged:
        raise Refused("no change of Pawl's was merged from here: name its run, `/pawl rollback <run>`")
    return merged[0]


COMMAND = Command(
    name="rollback",
    usage="/pawl rollback [run]",
    summary="Proposes the proven revert of a merged change of Pawl's; it costs a level of trust once it is merged.",
    least=Level.MAINTAIN,
    examples=("/pawl rollback", "/pawl rollback 01J9ZX7K3M2Q4R5S6T7V8W9X0Y"),
    obey=obey,
)
