"""Turns at a sticky comment: one at a time, a pause apart, and none for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.ids import InstallationId, RepoName, Sha, new_run_id
from bot.run import Instruction, Origin, Run, Verb
from bot.store.stickies import Turn
from bot.store.store import Store

LEASE = timedelta(minutes=1)
NOW = timedelta(0)


async def made(store: Store, number: int = 7) -> Run:
    origin = Origin(InstallationId(1), 11, number, 5)
    wish = Instruction(Verb.FIX, "mend it", RepoName("acme/tool"), Sha("0" * 40), origin=origin)
    return await store.create(wish, new_run_id(), alone=False)


async def test_of_many_who_ask_one_gets_the_turn(store: Store) -> None:
    found = await asyncio.gather(*(store.stickies.take(11, 7, NOW, LEASE) for _ in range(8)))
    waits = [each for each in found if isinstance(each, timedelta)]
    assert len(waits) == 7
    assert all(NOW < each <= LEASE for each in waits)


async def test_another_place_has_a_turn_of_its_own(store: Store) -> None:
    assert isinstance(await store.stickies.take(11, 7, NOW, LEASE), Turn)
    assert isinstance(await store.stickies.take(11, 8, NOW, LEASE), Turn)


async def test_who_leaves_lets_the_next_one_see_what_is_shown(store: Store) -> None:
    turn = await store.stickies.take(11, 7, NOW, LEASE)
    assert isinstance(turn, Turn)
    assert (turn.comment, turn.shown) == (None, "")
    assert await store.stickies.written(turn, 99, "digest")
    await store.stickies.leave(turn)
    following = await store.stickies.take(11, 7, NOW, LEASE)
    assert isinstance(following, Turn)
    assert (following.comment, following.shown) == (99, "digest")
    assert await store.stickies.shown(11, 7) == (99, "digest")


async def test_edits_are_a_pause_apart(store: Store) -> None:
    turn = await store.stickies.take(11, 7, NOW, LEASE)
    assert isinstance(turn, Turn)
    await store.stickies.written(turn, 99, "digest")
    await store.stickies.leave(turn)
    wait = await store.stickies.take(11, 7, timedelta(seconds=50), LEASE)
    assert isinstance(wait, timedelta)
    assert NOW < wait <= timedelta(seconds=50)


async def test_a_turn_ends_by_itself_and_then_writes_nothing(store: Store) -> None:
    dead = await store.stickies.take(11, 7, NOW, NOW)
    assert isinstance(dead, Turn)
    turn = await store.stickies.take(11, 7, NOW, LEASE)
    assert isinstance(turn, Turn)
    assert not await store.stickies.written(dead, 98, "old")
    await store.stickies.leave(dead)
    assert isinstance(await store.stickies.take(11, 7, NOW, LEASE), timedelta)
    assert await store.stickies.shown(11, 7) == (None, "")


@pytest.mark.parametrize("comment", [None, 5])
async def test_what_was_said_once_is_known(store: Store, comment: int | None) -> None:
    run = await made(store)
    assert not await store.stickies.said(run.id, "done")
    await store.stickies.say(run.id, "done", comment)
    await store.stickies.say(run.id, "done", 6)
    assert await store.stickies.said(run.id, "done")
    assert not await store.stickies.said(run.id, "refused")


async def test_a_question_is_open_until_a_newer_run_is_asked_for_there(store: Store) -> None:
    run, elsewhere = await made(store), await made(store, 8)
    await store.stickies.say(run.id, "question", 41)
    await store.stickies.say(elsewhere.id, "question", 42)
    assert [each.comment for each in await store.stickies.questions(timedelta(days=1))] == [41, 42]
    assert await store.stickies.questions(timedelta(0)) == ()
    await made(store)
    assert [each.run for each in await store.stickies.questions(timedelta(days=1))] == [elsewhere.id]


async def test_of_a_place_nobody_knows_nothing_is_shown(store: Store) -> None:
    assert await store.stickies.shown(11, 7) == (None, "")


async def test_the_seconds_of_work_are_those_of_the_run(store: Store) -> None:
    assert await store.stickies.worked((await made(store)).id) == 0.0
