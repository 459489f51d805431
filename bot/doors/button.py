"""A button on a check run: finds the run that wrote the check, and has the click obeyed where that run was asked for.

What a check run says of itself is believed only where Pawl's own App wrote it and the store knows the run, of this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.desk import Delivery, Desk, Place
from bot.doors import gesture
from bot.doors.gesture import Gesture
from bot.errors import InputError
from bot.ids import RunId
from bot.run import Run
from bot.speech import answering, payload

ANSWER: Final = "answer"
"""The command behind the buttons of a question."""


async def clicked(verb: str, words: str, checks: Iterable[Mapping[str, Any]], delivery: Delivery, desk: Desk) -> None:
    """Obey a click on one of these check runs; nothing happens where none of them is of a known run.

    Raises:
        Retryable: GitHub or the store went away; call again.
    """
    run = await _of(checks, delivery, desk)
    if run is not None:
        await _obey(run, verb, words, delivery, desk)


async def chosen(label: str, check: Mapping[str, Any], delivery: Delivery, desk: Desk) -> None:
    """Answer the question on a check run with the reading that was clicked; clicked again, nothing more happens.

    Raises:
        Retryable: GitHub or the store went away; call again.
    """
    run = await _of((check,), delivery, desk)
    changed = (await desk.store.history(run.id)).changed if run else None
    if run is None or changed is None or changed.question is None:
        return
    if label not in {each.label for each in changed.question.readings}:
        return
    words = answering.assertion(changed.question, label)
    given = await desk.store.made_of(answering.delivery_of(run.id))
    if not any(each.instruction.answers[-1:] == (words,) for each in given):
        await _obey(run, ANSWER, words, delivery, desk)


async def asked_in(checks: Iterable[Mapping[str, Any]], delivery: Delivery, desk: Desk) -> Place | None:
    """Return where the run that wrote one of these check runs was asked for, which is where a click is obeyed.

    A check run of a fork's commit names no pull request itself.

    Raises:
        Retryable: the store went away; call again.
    """
    run = await _of(checks, delivery, desk)
    return None if run is None else _place(run, delivery)


async def _of(checks: Iterable[Mapping[str, Any]], delivery: Delivery, desk: Desk) -> Run | None:
    """Return the newest run that wrote one of these check runs, where it was asked for on GitHub."""
    _, repository = payload.repository(delivery.payload)
    ids = {str(each.get("external_id") or "") for each in checks if payload.part(each, "app").get("id") == desk.github.id}
    return await _newest(ids, repository, desk)


async def _obey(run: Run, verb: str, words: str, delivery: Delivery, desk: Desk) -> None:
    """Have the click obeyed like a command where the run was asked for."""
    where = _place(run, delivery)
    if where is not None:
        who = payload.actor(payload.part(delivery.payload, "sender"))
        await gesture.obey(Gesture(verb, who, where, words=words), delivery, desk)


def _place(run: Run, delivery: Delivery) -> Place | None:
    origin = run.instruction.origin
    if origin is None:
        return None
    name, repository = payload.repository(delivery.payload)
    return Place(payload.installation(delivery.payload), name, repository, origin.number, origin.pull)


async def _newest(ids: Iterable[str], repository: int, desk: Desk) -> Run | None:
    for each in sorted(ids, reverse=True):
        try:
            run = await desk.store.get(RunId(each))
        except InputError:
            continue
        if run.instruction.origin is not None and run.instruction.origin.repository == repository:
            return run
    return None
