"""Caps counted in a real Postgres: per person, per repository and altogether, within a day."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import Refused
from bot.ids import DeliveryId, InstallationId, RepoName, Sha
from bot.run import Inquiry, Instruction, Origin, Verb
from bot.store.caps import Caps
from bot.store.connection import pool
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db


def wish(requester: int = 1, repository: int = 2) -> Instruction:
    origin = Origin(InstallationId(9), repository, 3, requester)
    return Instruction(Verb.FIX, "fix f", RepoName("o/r"), Sha("a" * 40), requester=f"user{requester}", origin=origin)


async def capped(database: str, most: Caps, wishes: list[Instruction]) -> list[str]:
    """Return 'made' or the refusal's sentence for each wish, asked for one after the other."""

    async def address() -> str:
        return database

    said = []
    async with pool(address, 2) as connections:
        store = Store(connections, address, most=most)
        for at, each in enumerate(wishes):
            try:
                await store.create_once(each, DeliveryId(f"d{at}"))
            except Refused as error:
                said.append(str(error))
            else:
                said.append("made")
    return said


@pytest.mark.parametrize(
    ("most", "wishes", "who"),
    [
        (Caps(2, 99, 99), [wish(1), wish(1, 7), wish(1, 8)], "@user1 asked for 2 runs within 24 hours"),
        (Caps(99, 2, 99), [wish(1), wish(2), wish(3)], "o/r asked for 2 runs within 24 hours"),
        (Caps(99, 99, 2), [wish(1), wish(2, 5), wish(3, 6)], "everybody together asked for 2 runs within 24 hours"),
    ],
)
async def test_who_asked_for_as_much_as_may_be_is_refused(database: str, most: Caps, wishes: list[Instruction], who: str) -> None:
    said = await capped(database, most, wishes)
    assert said[:2] == ["made", "made"]
    assert who in said[2]
    assert "ask again after" in said[2]


async def test_others_and_yesterdays_runs_are_not_counted(database: str, connection: Db) -> None:
    most = Caps(1, 1, 99)
    assert await capped(database, most, [wish(1, 1), wish(2, 2)]) == ["made", "made"]
    await connection.execute("UPDATE run SET created = created - interval '25 hours'; DELETE FROM delivery_run")
    assert await capped(database, most, [wish(1, 1)]) == ["made"]


async def test_a_merge_queue_takes_nothing_of_what_a_person_may_ask_for(database: str) -> None:
    queued = replace(wish(0), queued=Sha("b" * 40))
    said = await capped(database, Caps(1, 3, 99), [queued, queued, wish(1), queued])
    assert said[:3] == ["made", "made", "made"]
    assert "o/r asked for 3 runs" in said[3], "the repository's cap holds"


async def test_a_laptops_runs_are_not_counted(database: str) -> None:
    local = replace(wish(), origin=None)
    assert await capped(database, Caps(1, 1, 1), [local, replace(local, repo=RepoName("/b"))]) == ["made", "made"]


async def test_a_repetition_is_no_new_run_for_the_caps(database: str) -> None:
    async def address() -> str:
        return database

    async with pool(address, 2) as connections:
        small = Store(connections, address, most=Caps(1, 1, 1))
        made = await small.create_once(wish(), DeliveryId("first"))
        assert (await small.create_once(wish(), DeliveryId("first"))).id == made.id


async def test_caps_hold_when_many_ask_at_once(database: str, connection: Db) -> None:
    async def address() -> str:
        return database

    async with pool(address, 8) as connections:
        store = Store(connections, address, most=Caps(3, 99, 99))
        asked = (store.create_once(wish(), DeliveryId(f"d{each}")) for each in range(10))
        said = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, Refused) for each in said) == 7
    assert await connection.fetchval("SELECT count(*) FROM run") == 3


async def test_questions_of_strangers_leave_most_of_a_day_to_work(database: str) -> None:
    """On a public repository anybody may ask, under as many names as they like."""
    asked = [replace(wish(number), inquiry=Inquiry.ASK) for number in range(3)]
    debug = replace(wish(8), inquiry=Inquiry.DEBUG)
    said = await capped(database, Caps(99, 8, 99), [*asked, debug, wish(9)])
    assert "o/r asked for 2 questions within 24 hours" in said[2]
    assert [each == "made" for each in said] == [True, True, False, True, True]


async def test_nor_do_they_where_they_ask_everywhere(database: str) -> None:
    asked = [replace(wish(number, 10 + number), inquiry=Inquiry.EXPLAIN) for number in range(3)]
    said = await capped(database, Caps(99, 99, 8), [*asked, wish(9)])
    assert "everybody together asked for 2 questions within 24 hours" in said[2]
    assert [each == "made" for each in said] == [True, True, False, True]
