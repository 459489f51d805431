"""``/pawl upgrade``: move a dependency to another version."""

from __future__ import annotations

from bot.command import Command
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import changing

COMMAND = Command(
    name="upgrade",
    usage="/pawl upgrade <package> [to <version>]",
    summary="Moves a dependency to another version, and everything that names it along.",
    least=Level.WRITE,
    examples=("/pawl upgrade requests to 2.32.4", "/pawl upgrade urllib3"),
    obey=changing(Verb.UPGRADE),
)
