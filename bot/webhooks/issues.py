"""``issues``: a label such as ``pawl:fix`` makes an issue's title and body an instruction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.desk import Delivery, Desk, Place
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
    verb = _verb(told)
    if verb is None:
        return
    issue = payload.part(told, "issue")
    who = payload.actor(payload.part(told, "sender"))
    said = Gesture(verb, who, payload.place(told, "issue"), payload.text(issue, "title"), payload.text(issue, "body"))
    await gesture.obey(said, delivery, desk)


async def asked_in(delivery: Delivery, _desk: Desk) -> Place | None:
    """Return the issue that got one of Pawl's labels; None where it was another."""
    told = delivery.payload
    return payload.place(told, "issue") if _verb(told) else None


def _verb(told: Mapping[str, Any]) -> Verb | None:
    label = payload.text(payload.part(told, "label"), "name")
    return next((each for each in Verb if label == f"{LABEL}{each}"), None)


EVENT = Event("issues", frozenset({"labeled"}), answer, asked_in=asked_in)
