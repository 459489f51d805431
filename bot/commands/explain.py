"""``/pawl explain [gate]``: why it is red."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done
from bot.github.permissions import Level
from bot.speech import messages

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Show what the red gates of the newest run found, or all that one gate says."""
    newest = next(iter(await desk.store.latest(call.place.repository, call.place.number)), None)
    if newest is None:
        return done(messages.nothing_yet("verdict to explain"))
    gate = next(iter(call.spoken.arguments), "").lower()
    return done(messages.explained(newest, (await desk.store.history(newest.id)).checked, gate))


COMMAND = Command(
    name="explain",
    usage="/pawl explain [gate]",
    summary="Says why the last run stands where it stands, with what the red gates found.",
    least=Level.READ,
    examples=("/pawl explain", "/pawl explain mutation"),
    obey=obey,
)
