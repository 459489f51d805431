"""``/pawl refactor``: change how code is written, not what it does."""

from __future__ import annotations

from bot.command import Command
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import changing

COMMAND = Command(
    name="refactor",
    usage="/pawl refactor <what> [engine=…]",
    summary="Changes how code is written; what it does stays the same, and is shown to.",
    least=Level.WRITE,
    examples=("/pawl refactor rename `get` to `fetch` in store.py", "/pawl refactor remove unused imports"),
    obey=changing(Verb.REFACTOR),
)
