"""Holds: one a person and place, lifted all together."""

from __future__ import annotations

from bot.ids import Login
from bot.policy.standing import Hold, Person
from bot.store.store import Store

ANN, BOB = Person(1, Login("ann")), Person(2, Login("bob"))


async def test_holds_stand_until_somebody_lifts_them(store: Store) -> None:
    assert await store.holds.put(5, 7, ANN, "the release")
    assert not await store.holds.put(5, 7, ANN, "another reason")
    assert await store.holds.put(5, 3, BOB, "")
    assert await store.holds.put(6, 7, BOB, "elsewhere")
    assert await store.holds.of(5, (3, 7)) == (Hold("ann", "the release"), Hold("bob"))
    assert await store.holds.lift(5, (3, 7), BOB) == ("ann", "bob")
    assert await store.holds.lift(5, (3, 7), BOB) == ()
    assert await store.holds.of(5, (3, 7)) == ()
    assert await store.holds.of(6, (7,)) == (Hold("bob", "elsewhere"),)
    assert (await store.ledger_head()).count == 5
