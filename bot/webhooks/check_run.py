"""``check_run``: a button on one of Pawl's check runs, or GitHub's own *Re-run*, says a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.board import BUTTONS, EXPLAIN, RETRY, gate_of
from bot.desk import Delivery, Desk, Place
from bot.doors import button
from bot.speech import payload
from bot.speech.buttons import label_of
from bot.webhook import Event


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Have the click obeyed like the command of its name, by who clicked."""
    told = delivery.payload
    check = payload.part(told, "check_run")
    verb = RETRY
    if delivery.action == "requested_action":
        verb = payload.text(payload.part(told, "requested_action"), "identifier")
    label = label_of(verb)
    if label is not None:
        await button.chosen(label, check, delivery, desk)
    elif verb in BUTTONS:
        words = gate_of(payload.text(check, "name")) if verb == EXPLAIN else ""
        await button.clicked(verb, words, (check,), delivery, desk)


def asked_in(told: Mapping[str, Any]) -> Place | None:
    """Return the pull request whose check was clicked on; None where the commit is in none of the repository's own."""
    check = payload.part(told, "check_run")
    pulls = check.get("pull_requests") or ()
    first = next((each for each in pulls if isinstance(each, Mapping)), None)
    return payload.place({**told, "pull_request": first}, "pull_request") if first is not None else None


EVENT = Event("check_run", frozenset({"requested_action", "rerequested"}), answer, asked_in=asked_in)
