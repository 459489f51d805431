"""``/pawl status``: how the runs here stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.command import Command, done
from bot.github.permissions import Level
from bot.speech import messages

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk

MOST: Final = 10


async def obey(call: Call, desk: Desk) -> Answer:
    """List the newest runs that were asked for here."""
    runs = (await desk.store.latest(call.place.repository, call.place.number))[:MOST]
    if not runs:
        return done(messages.nothing_yet("status"))
    pulls = {each.id: await desk.store.pull_of_run(each.id) for each in runs}
    return done(messages.status(runs, {run: f"#{pull}" for run, pull in pulls.items() if pull is not None}))


COMMAND = Command(
    name="status",
    usage="/pawl status",
    summary="Shows how the runs of this issue or pull request stand.",
    least=Level.READ,
    examples=("/pawl status",),
    obey=obey,
)
