"""``/pawl fix``: repair what an issue or the words after the verb tell."""

from __future__ import annotations

from bot.command import Command
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import changing

COMMAND = Command(
    name="fix",
    usage="/pawl fix [what is wrong] [engine=…] [test=…]",
    summary="Repairs what is wrong, proves it, and opens a pull request. Without words, the issue says what is wrong.",
    least=Level.WRITE,
    examples=(
        "/pawl fix",
        "/pawl fix `median([1, 2])` should return 1.5",
        "/pawl fix test=tests/test_stats.py::test_median",
    ),
    obey=changing(Verb.FIX),
)
