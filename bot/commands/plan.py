"""``/pawl plan``: show what would be done, and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.command import Command, begun
from bot.github.permissions import Level
from bot.plan.intent import resolve_verb
from bot.run import Verb
from bot.speech.wish import asked, change, wording

if TYPE_CHECKING:
    from bot.command import Answer, Call
    from bot.desk import Desk


async def obey(call: Call, desk: Desk) -> Answer:
    """Leave a run that ends with its plan; the first word may be the verb that is to be planned."""
    said = wording(call.spoken, call.title, call.body)
    first = next(iter(call.spoken.arguments), "").lower()
    verb = Verb(first) if first in set(Verb) else resolve_verb(said.text)
    return begun((await change(verb, said, asked(call), desk, plan_only=True)).id)


COMMAND = Command(
    name="plan",
    usage="/pawl plan [what is to be done]",
    summary="Posts the plan only; `/pawl go` carries it out.",
    least=Level.WRITE,
    examples=("/pawl plan", "/pawl plan refactor rename `get` to `fetch` in store.py"),
    obey=obey,
)
