"""``/pawl help [verb]``: what can be said, by whom, with examples. It is made of the commands' own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, done, nearest, refused
from bot.github.permissions import Level
from bot.speech import messages

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Show all commands, or one with its examples."""
    del desk
    verb = next(iter(call.spoken.arguments), "").lower().removeprefix("/pawl")
    if not verb:
        return done(messages.help_all(call.known))
    command = call.known.get(verb)
    return done(messages.help_one(command)) if command else refused(messages.unknown_verb(verb, nearest(verb, call.known)))


COMMAND = Command(
    name="help",
    usage="/pawl help [verb]",
    summary="Lists what can be said; with a verb, shows who may say it and examples.",
    least=Level.READ,
    examples=("/pawl help", "/pawl help fix"),
    obey=obey,
)
