"""How often Pawl answers within an hour: no flood of one, and none of many, takes what others need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.replies import MOST
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

HERE, ELSEWHERE = 5, 6


async def taken(store: Store, person: int, wanted: int, *, stranger: bool = True, where: int = HERE) -> int:
    """Ask for so many answers to one person; return how many there was room for."""
    found = [await store.replies.room(where, person, f"comment {person} {at}", stranger=stranger) for at in range(wanted)]
    return sum(found)


async def test_one_person_is_answered_so_often_in_an_hour(store: Store, connection: Db) -> None:
    assert await taken(store, 1, MOST.person + 5) == MOST.person
    assert await taken(store, 2, 3) == 3
    assert await taken(store, 1, 3, where=ELSEWHERE) == 3
    await connection.execute("UPDATE reply SET at = at - interval '1 hour' WHERE repository = $1", HERE)
    assert await store.replies.room(HERE, 1, "comment later", stranger=True)
    assert await connection.fetchval("SELECT count(*) FROM reply WHERE repository = $1", HERE) == 1, "what is over is forgotten"


async def test_a_crowd_silences_itself_and_nobody_who_works_there(store: Store) -> None:
    crowd = [await taken(store, person, MOST.person) for person in range(10, 15)]
    assert sum(crowd) == MOST.strangers
    assert await taken(store, 99, 1) == 0
    assert await taken(store, 1, MOST.person + 5, stranger=False) == MOST.person


async def test_what_has_room_keeps_it(store: Store) -> None:
    for _ in range(MOST.person + 5):
        assert await store.replies.room(HERE, 1, "comment 7", stranger=True)
