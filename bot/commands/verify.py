"""``/pawl verify``: judge a pull request as it stands, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.github.permissions import Level
from bot.speech.wish import asked, judgement

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run that only judges. What the author wrote of the change is not asked: only the words of this command are."""
    return begun((await judgement(call.spoken.text, asked(call), desk)).id)


COMMAND = Command(
    name="verify",
    usage="/pawl verify [what the change is for]",
    summary="Runs every gate on this pull request, whoever wrote it, and shows the verdict as check runs.",
    least=Level.TRIAGE,
    examples=("/pawl verify", "/pawl verify `slug` may drop its second argument"),
    obey=obey,
)
