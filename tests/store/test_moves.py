"""Who moved a pull request's branch: each move once, until it is forgotten."""

from __future__ import annotations

from bot.change.move import Move
from bot.ids import Login, PullNumber, Sha
from bot.store.store import Store

SEVEN = PullNumber(7)
FIRST = Move(Sha("a" * 40), Sha("b" * 40), 2, Login("bob"))
SECOND = Move(Sha("b" * 40), Sha("c" * 40), 3, Login("eve"))


async def test_moves_are_kept_once_and_forgotten_with_their_pull_request(store: Store) -> None:
    for each in (FIRST, SECOND, FIRST):
        await store.moves.note(5, SEVEN, each)
    await store.moves.note(6, SEVEN, FIRST)
    assert await store.moves.of(5, SEVEN) == (FIRST, SECOND)
    await store.moves.forget(5, SEVEN)
    assert await store.moves.of(5, SEVEN) == ()
    assert await store.moves.of(6, SEVEN) == (FIRST,)
