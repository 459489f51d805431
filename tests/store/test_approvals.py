"""Approvals by command: each word once, in order, with its ledger entry."""

from __future__ import annotations

from bot.ids import Login, PullNumber, Sha
from bot.policy.standing import Person, Stand
from bot.store.store import Store

BOB = Person(2, Login("bob"))
HEAD = Sha("b" * 40)
SEVEN = PullNumber(7)


async def test_words_are_kept_in_order_and_once(store: Store) -> None:
    assert await store.approvals.say(5, SEVEN, HEAD, BOB, Stand.APPROVED, "d1#0")
    assert await store.approvals.say(5, SEVEN, HEAD, BOB, Stand.WITHDRAWN, "d2#0")
    assert not await store.approvals.say(5, SEVEN, HEAD, BOB, Stand.APPROVED, "d1#0")
    said = await store.approvals.of(5, SEVEN)
    assert [(each.person, each.stand, each.head) for each in said] == [(BOB, Stand.APPROVED, HEAD), (BOB, Stand.WITHDRAWN, HEAD)]
    assert said[0].at <= said[1].at
    assert await store.approvals.of(6, SEVEN) == ()
    assert (await store.ledger_head()).count == 2
