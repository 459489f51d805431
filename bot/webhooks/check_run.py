"""``check_run``: a button on one of Pawl's check runs, or GitHub's own *Re-run*, says a command."""

from __future__ import annotations

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


async def asked_in(delivery: Delivery, desk: Desk) -> Place | None:
    """Return where the run behind the check was asked for; None where it is no check of Pawl's."""
    return await button.asked_in((payload.part(delivery.payload, "check_run"),), delivery, desk)


EVENT = Event("check_run", frozenset({"requested_action", "rerequested"}), answer, asked_in=asked_in)
