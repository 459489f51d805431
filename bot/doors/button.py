"""A button on a check run: finds the run that wrote the check, and has the click obeyed where that run was asked for.

What a check run says of itself is believed only where Pawl's own App wrote it and the store knows the run, of this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.desk import Delivery, Desk, Place
from bot.doors import gesture
from bot.doors.gesture import Gesture
from bot.errors import InputError
from bot.ids import RunId
from bot.run import Run
from bot.speech import payload


async def clicked(verb: str, words: str, checks: Iterable[Mapping[str, Any]], delivery: Delivery, desk: Desk) -> None:
    """Obey a click on one of these check runs; nothing happens where none of them is of a known run.

    Raises:
        Retryable: GitHub or the store went away; call again.
    """
    told = delivery.payload
    name, repository = payload.repository(told)
    ids = {str(each.get("external_id") or "") for each in checks if payload.part(each, "app").get("id") == desk.github.id}
    run = await _newest(ids, repository, desk)
    if run is None or run.instruction.origin is None:
        return
    origin = run.instruction.origin
    where = Place(payload.installation(told), name, repository, origin.number, origin.pull)
    who = payload.actor(payload.part(told, "sender"))
    await gesture.obey(Gesture(verb, who, where, words=words), delivery, desk)


async def _newest(ids: Iterable[str], repository: int, desk: Desk) -> Run | None:
    for each in sorted(ids, reverse=True):
        try:
            run = await desk.store.get(RunId(each))
        except InputError:
            continue
        if run.instruction.origin is not None and run.instruction.origin.repository == repository:
            return run
    return None
