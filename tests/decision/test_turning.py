"""A check that lets something in is turned at once, with the reason, and what was never judged has none to turn."""

from __future__ import annotations

from bot.decision.turning import held, turn
from bot.policy.standing import Hold
from tests.commands.proposed import Proposed, proposed

__all__ = ["proposed"]


async def test_what_was_let_in_is_let_in_no_more(proposed: Proposed) -> None:
    room = proposed.room
    await proposed.say("keeper", "/pawl approve")
    proposed.needs_reviews(2)
    await proposed.look()
    assert proposed.check() == "success"
    await turn(room.hosted.repo, room.store, proposed.id, held(Hold("eve", "the release")))
    assert proposed.check() == "action_required"


async def test_what_was_not_judged_has_nothing_to_turn(proposed: Proposed) -> None:
    room = proposed.room
    await room.say("writer", "/pawl docs all of it")
    (fresh, *_) = await room.runs()
    await turn(room.hosted.repo, room.store, fresh.id, "everything is stopped here")
    assert proposed.check() == "action_required"


def test_a_hold_says_who_and_why() -> None:
    assert held(Hold("eve")) == "eve asked to wait; anybody with write access lifts that by /pawl unhold"
    assert held(Hold("eve", "the release")).startswith("eve asked to wait (the release); ")
