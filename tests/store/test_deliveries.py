"""Deliveries in a real Postgres: kept once, answered by one at a time, and never made into two runs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.ids import DeliveryId, InstallationId, RepoName, Sha
from bot.run import Instruction, Origin, Verb
from bot.store.connection import pool
from bot.store.deliveries import Letter, Result, opened
from bot.store.holder import Holder, current
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

LEASE = timedelta(seconds=60)
FIRST = DeliveryId("first")


def letter(name: str = FIRST, payload: str = '{"a":1}') -> Letter:
    return Letter(DeliveryId(name), "issue_comment", "created", payload, 0)


def wish(requester: int = 1, repository: int = 2, number: int = 3) -> Instruction:
    origin = Origin(InstallationId(9), repository, number, requester)
    return Instruction(
        Verb.FIX, "fix f", RepoName("o/r"), Sha("a" * 40), requester=f"user{requester}", door="github", origin=origin
    )


def somebody(*, alive: bool) -> Holder:
    here = current()
    return here if alive else replace(here, started="1")


async def as_other(database: str, holder: Holder) -> Letter | None:
    async def address() -> str:
        return database

    async with pool(address, 1) as connections:
        return await Store(connections, address, me=holder).take_delivery(FIRST, LEASE)


async def jobs(connection: Db) -> int:
    found: int = await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'delivery'")
    return found


async def test_a_delivery_is_taken_by_one_and_finished_once(store: Store) -> None:
    assert await store.deliver(letter())
    taken = [each for each in await asyncio.gather(*(store.take_delivery(FIRST, LEASE) for _ in range(5))) if each]
    assert [replace(each, age=timedelta()) for each in taken] == [replace(letter(), attempts=1)]
    assert opened(taken[0]) == {"a": 1}
    assert await store.finish_delivery(taken[0], Result.ANSWERED)
    assert not await store.finish_delivery(taken[0], Result.FAILED, "late")
    assert await store.delivery_result(FIRST) == (Result.ANSWERED, "")
    assert await store.take_delivery(FIRST, LEASE) is None


async def test_who_lost_a_delivery_writes_nothing(store: Store) -> None:
    await store.deliver(letter())
    lost = await store.take_delivery(FIRST, timedelta(0))
    found = await store.take_delivery(FIRST, LEASE)
    assert lost is not None
    assert found is not None
    assert found.attempts == 2
    assert not await store.finish_delivery(lost, Result.FAILED, "late")
    assert await store.finish_delivery(found, Result.REFUSED, "because \0")
    assert await store.delivery_result(FIRST) == (Result.REFUSED, "because \ufffd")


@pytest.mark.parametrize("alive", [True, False])
async def test_the_claim_of_a_process_that_is_gone_counts_nothing(store: Store, database: str, alive: bool) -> None:
    await store.deliver(letter())
    assert await as_other(database, somebody(alive=alive)) is not None
    assert (await store.take_delivery(FIRST, LEASE) is None) == alive


async def test_what_is_given_back_may_be_taken_again(store: Store) -> None:
    await store.deliver(letter())
    for tries in (1, 2):
        taken = await store.take_delivery(FIRST, LEASE)
        assert taken is not None
        assert taken.attempts == tries
        assert await store.finish_delivery(taken, Result.WAITING, "GitHub is away")


@pytest.mark.parametrize("end", [Result.ANSWERED, Result.REFUSED, Result.FAILED])
async def test_only_what_failed_is_tried_again_when_it_is_sent_again(store: Store, connection: Db, end: Result) -> None:
    await store.deliver(letter())
    taken = await store.take_delivery(FIRST, LEASE)
    assert taken is not None
    await store.finish_delivery(taken, end, "why")
    await connection.execute("DELETE FROM pgqueuer")
    assert await store.known_deliveries([FIRST, DeliveryId("other")]) == (set() if end is Result.FAILED else {FIRST})
    assert await store.deliver(letter()) == (end is Result.FAILED)
    assert await jobs(connection) == (end is Result.FAILED)


async def test_what_nobody_wants_is_known_and_holds_nothing(store: Store, connection: Db) -> None:
    assert await store.deliver(letter(), wanted=False)
    assert not await store.deliver(letter(), wanted=False)
    assert await store.delivery_result(FIRST) == (Result.UNWANTED, "")
    assert await connection.fetchval("SELECT payload FROM delivery") == ""
    assert await jobs(connection) == 0
    assert await store.delivery_result(DeliveryId("never\0")) is None


async def test_the_sweep_writes_the_jobs_that_are_missing(store: Store, connection: Db) -> None:
    for name in ("a", "b", "c"):
        await store.deliver(letter(name))
    await store.deliver(letter("d"), wanted=False)
    await connection.execute("DELETE FROM pgqueuer WHERE convert_from(payload, 'UTF8') <> 'b'")
    assert await store.sweep() == 2
    assert await store.sweep() == 0
    assert await jobs(connection) == 3


async def test_old_deliveries_are_forgotten_and_waiting_ones_stay(store: Store, connection: Db) -> None:
    for name in ("old", "new", "waiting"):
        await store.deliver(letter(name), wanted=name == "waiting")
        await store.create_once(wish(), DeliveryId(name))
    await connection.execute("UPDATE delivery SET received = now() - interval '31 days' WHERE id <> 'new'")
    await connection.execute("UPDATE delivery_run SET made = now() - interval '31 days' WHERE delivery = 'old'")
    assert await store.prune_deliveries() == 1
    assert await store.known_deliveries([DeliveryId(each) for each in ("old", "new", "waiting")]) == {"new", "waiting"}
    assert await store.made_of(DeliveryId("old")) == ()
    assert len(await store.made_of(DeliveryId("new"))) == 1


async def test_a_delivery_makes_a_run_once_however_often_it_is_answered(store: Store, connection: Db) -> None:
    runs = await asyncio.gather(*(store.create_once(wish(), FIRST) for _ in range(6)))
    assert len({each.id for each in runs}) == 1
    assert runs[0].instruction == wish()
    assert await connection.fetchval("SELECT count(*) FROM run") == 1
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'run'") == 1


async def test_one_delivery_may_ask_for_several_things(store: Store) -> None:
    first = await store.create_once(wish(), FIRST, 0)
    second = await store.create_once(replace(wish(), text="fix g"), FIRST, 1)
    assert (await store.create_once(wish(), FIRST, 1)).id == second.id
    assert [each.id for each in await store.made_of(FIRST)] == [first.id, second.id]


async def test_a_run_that_cannot_be_made_leaves_no_link(store: Store, connection: Db) -> None:
    with pytest.raises(Exception, match="characters that are no text"):
        await store.create_once(replace(wish(), repo=RepoName("o/\0")), FIRST)
    assert await connection.fetchval("SELECT count(*) FROM delivery_run") == 0


async def test_what_is_stored_as_a_body_is_read_back_to_the_byte(store: Store) -> None:
    body = json.dumps({"text": "\0\ud800 ü", "n": 1e300}) + " "
    await store.deliver(letter(payload=body))
    taken = await store.take_delivery(FIRST, LEASE)
    assert taken is not None
    assert taken.payload == body
