"""``/pawl test``: write tests that notice when code breaks."""

from __future__ import annotations

from bot.command import Command
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import changing

COMMAND = Command(
    name="test",
    usage="/pawl test <what to cover>",
    summary="Writes tests that fail when the code they cover is broken on purpose.",
    least=Level.WRITE,
    examples=("/pawl test cover `parse` in config.py",),
    obey=changing(Verb.TEST),
)
