"""``/pawl retry``: try the last instruction again, on what stands there now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.command import Command, begun, done
from bot.errors import Refused
from bot.github.permissions import Level
from bot.run import FINAL, WAITING, State
from bot.speech.wish import again, asked, default_head, judgement

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run like the newest one, judge a pull request anew as it stands, or have a proposal that waits look again."""
    newest = next((each for each in await call.earlier(desk) if each.instruction.queued is None), None)
    if newest is None:
        raise Refused("nothing was asked of Pawl here yet, so there is nothing to try again: `/pawl help` lists what it can do")
    if newest.instruction.head is not None and newest.state in WAITING | FINAL:  # green, too: a gate may have been lucky
        return begun((await judgement(newest.instruction.text, asked(call), desk)).id)
    if newest.state in WAITING:
        await desk.store.wake(newest.id)
        return done("The run looks again at how its proposal stands.")
    if newest.state not in FINAL:
        raise Refused(f"run `{newest.id}` is at work: let it end, or give it up by `/pawl cancel`")
    if newest.state is State.DONE:
        raise Refused(f"run `{newest.id}` is done: ask for something new by a command such as `/pawl fix`")
    wish = replace(newest.instruction, base=await default_head(await call.repository(desk)))
    return begun((await again(wish, asked(call), desk)).id)


COMMAND = Command(
    name="retry",
    usage="/pawl retry",
    summary="Tries the last instruction again, on what stands in the repository now.",
    least=Level.WRITE,
    examples=("/pawl retry",),
    obey=obey,
)
