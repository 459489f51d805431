"""``/pawl add``: add what the examples show."""

from __future__ import annotations

from bot.command import Command
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import changing

COMMAND = Command(
    name="add",
    usage="/pawl add <what, with examples> [engine=…] [test=…]",
    summary="Adds what is asked for; examples of what it should do become its locked spec.",
    least=Level.WRITE,
    examples=('/pawl add `slug(text)`: `slug("A b")` should return `"a-b"`',),
    obey=changing(Verb.ADD),
)
