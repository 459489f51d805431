"""``issues``: a label such as ``pawl:fix`` makes an issue's title and body an instruction."""

from __future__ import annotations

from typing import Final

from bot.desk import Delivery, Desk
from bot.doors import gesture
from bot.doors.gesture import Gesture
from bot.run import Verb
from bot.speech import payload
from bot.webhook import Event

LABEL: Final = "pawl:"
"""What Pawl's labels start with."""


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Take the label for the command of its name, where it is one that changes code."""
    told = delivery.payload
    verb = payload.text(payload.part(told, "label"), "name").removeprefix(LABEL)
    if f"{LABEL}{verb}" != told["label"]["name"] or verb not in set(Verb):
        return
    issue = payload.part(told, "issue")
    who = payload.actor(payload.part(told, "sender"))
    said = Gesture(verb, who, payload.place(told, "issue"), payload.text(issue, "title"), payload.text(issue, "body"))
    await gesture.obey(said, delivery, desk)


EVENT = Event("issues", frozenset({"labeled"}), answer)
