"""``/pawl fix``: repair what an issue or the words after the verb tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.github.permissions import Level
from bot.run import Verb
from bot.speech.wish import asked, change, wording

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run that repairs what was told; a suspected bug that is named by its id is told in its own words."""
    said = wording(call.spoken, call.title, call.body)
    text = await desk.store.mending(said.text, call.place.repo, call.place.repository)
    return begun((await change(Verb.FIX, replace(said, text=text), asked(call), desk)).id)


COMMAND = Command(
    name="fix",
    usage="/pawl fix [what is wrong] [engine=…] [test=…]",
    summary="Repairs what is wrong, proves it, and opens a pull request. Without words, the issue says what is wrong.",
    least=Level.WRITE,
    examples=(
        "/pawl fix",
        "/pawl fix `median([1, 2])` should return 1.5",
        "/pawl fix bug:ab12cd34",
        "/pawl fix test=tests/test_stats.py::test_median",
    ),
    obey=obey,
)
