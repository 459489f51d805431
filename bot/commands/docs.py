"""``/pawl docs``: write docstrings and documents."""

from __future__ import annotations

from bot.command import Command
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import changing

COMMAND = Command(
    name="docs",
    usage="/pawl docs <what to document>",
    summary="Writes documentation and changes no behaviour.",
    least=Level.WRITE,
    examples=("/pawl docs document `Client` in client.py",),
    obey=changing(Verb.DOCS),
)
