"""``pull_request``: what is opened or pushed to is judged as the configuration wants; two labels are commands.

Whatever else happens wakes the run of it. Who pushed is written down: the commits themselves name whom their maker likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.change.move import Move
from bot.desk import Delivery, Desk, Place
from bot.doors import gesture, unasked
from bot.doors.gesture import Gesture
from bot.installation import onboarding
from bot.speech import payload
from bot.webhook import Event

LABELS: Final = {
    ("labeled", unasked.LABEL): "verify",
    ("labeled", "pawl:hold"): "hold",
    ("unlabeled", "pawl:hold"): "unhold",
}
"""Which command a label says when it is put on or taken off."""
_WAKING: Final = frozenset(
    {"synchronize", "closed", "reopened", "edited", "converted_to_draft", "ready_for_review", "auto_merge_disabled", "dequeued"}
)
_NEW: Final = frozenset({"opened", "synchronize", "reopened", "edited", "ready_for_review"})
"""What may leave a head that is to be judged, or judged for another branch."""


async def answer(delivery: Delivery, desk: Desk) -> None:
    """Obey a label; else wake the run that sleeps over this pull request, which reads what is new, and have a new head judged."""
    told = delivery.payload
    where = payload.place(told, "pull_request")
    if delivery.action in {"closed", "reopened"} and await _is_onboarding(desk, where):
        await onboarding.welcome(await desk.repository(where.installation, where.repo), desk.store, desk.settings)
        return
    if delivery.action == "synchronize":
        await desk.store.moves.note(where.repository, where.number, _move(told))
    if delivery.action == "closed":
        await desk.store.moves.forget(where.repository, where.number)
    if delivery.action in _WAKING | _NEW:
        # An edited title or body changes nothing that a run waits for; another base does.
        if delivery.action != "edited" or "base" in payload.part(told, "changes"):
            await desk.store.wake_all(where.repository, where.number)
            if delivery.action in _NEW:
                await unasked.judge(where, delivery, desk)
        return
    verb = _verb(told)
    if verb is not None:
        pull = payload.part(told, "pull_request")
        who = payload.actor(payload.part(told, "sender"))
        said = Gesture(verb, who, where, payload.text(pull, "title"), payload.text(pull, "body"))
        if await gesture.obey(said, delivery, desk) is None and verb == LABELS["labeled", unasked.LABEL]:
            await unasked.judge(where, delivery, desk)  # a bot's own label commands nothing, and may be what is waited for


def _move(told: Mapping[str, Any]) -> Move:
    """Return what a push did to the pull request's branch, and whose it was: its commits need not tell."""
    who = payload.actor(payload.part(told, "sender"))
    return Move(payload.sha(told, "before"), payload.sha(told, "after"), who.id, who.login)


async def _is_onboarding(desk: Desk, where: Place) -> bool:
    known = await desk.store.onboardings.of(where.repository)
    return known is not None and known.pull == where.number


async def asked_in(delivery: Delivery, _desk: Desk) -> Place | None:
    """Return the pull request where a label said a command; None for everything else that happens to it."""
    told = delivery.payload
    return payload.place(told, "pull_request") if "label" in told and _verb(told) else None


def _verb(told: Mapping[str, Any]) -> str | None:
    return LABELS.get((payload.text(told, "action"), payload.text(payload.part(told, "label"), "name")))


EVENT = Event("pull_request", _WAKING | _NEW | {"labeled", "unlabeled"}, answer, asked_in=asked_in)
