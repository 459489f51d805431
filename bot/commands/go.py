"""``/pawl go``: carry out the plan that was posted last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.errors import Refused
from bot.github.permissions import Level
from bot.speech.wish import again, asked

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk
    from bot.run import Run


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run of the planned instruction on the commit it was planned for, so that the plan is the one that was seen."""
    planned = await _planned(call, desk)
    wish = replace(planned.instruction, plan_only=False)
    return begun((await again(wish, asked(call), desk)).id)


async def _planned(call: Call, desk: Desk) -> Run:
    """Return the newest run under this issue, which ended with a plan; raises Refused where it did not."""
    newest = next(iter(await call.earlier(desk)), None)
    if newest is None or not newest.instruction.plan_only:
        raise Refused("no plan waits here: have one made by `/pawl plan`")
    if (await desk.store.history(newest.id)).plan is None:
        raise Refused("the plan is not there yet: say `/pawl go` once it is posted")
    return newest


COMMAND = Command(
    name="go",
    usage="/pawl go",
    summary="Carries out the plan that `/pawl plan` posted.",
    least=Level.WRITE,
    examples=("/pawl go",),
    obey=obey,
)
