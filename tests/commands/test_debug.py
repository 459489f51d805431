"""``/pawl debug``: bugs are looked for, and one that was told can be fixed by its id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.history import Answered, Suspect
from bot.ids import RunId
from bot.llm.citation import Citation
from bot.run import Inquiry, State, Verb
from bot.settings import Settings
from bot.spec.showing import Shown
from bot.store.runs import Transition
from tests.commands.room import Room

BUG = Suspect("bug:00000001", Citation("shop.py", 2, 2, "    return n"), "Doubles nothing.", "price(2)", "4", Shown.SHOWN, "2")


@pytest.fixture
def asking(room: Room) -> Room:
    return replace(room, desk=replace(room.desk, settings=Settings.model_validate({"ANTHROPIC_API_KEY": "a-key"})))


async def question(room: Room) -> RunId:
    async with room.store._transaction() as connection:
        return RunId(await connection.fetchval("SELECT id FROM run WHERE inquiry = 'debug'"))


@pytest.mark.parametrize("where", ["", "shop.py", "the prices"])
async def test_it_leaves_a_run_that_looks_there(asking: Room, where: str) -> None:
    await asking.say("writer", f"/pawl debug {where}")
    wish = (await asking.store.get(await question(asking))).instruction
    assert (wish.inquiry, wish.text) == (Inquiry.DEBUG, where)


async def test_a_reader_may_not(asking: Room) -> None:
    comment = await asking.say("reader", "/pawl debug")
    assert asking.reactions(comment) == ["eyes", "-1"]
    assert await asking.store.listed(None, most=5) == ()


async def test_a_bug_that_was_told_is_fixed_by_its_id(asking: Room) -> None:
    await asking.say("writer", "/pawl debug")
    run = await question(asking)
    for to, output in ((State.ANSWERING, None), (State.DONE, Answered((), (BUG,)))):
        held = await asking.store.claim(run)
        assert held is not None
        assert await asking.store.commit(held, Transition(to, "on", output)) is not None
        await asking.store.release(held)
    await asking.say("writer", "/pawl fix bug:00000001")
    (fix,) = await asking.runs()
    assert fix.instruction.verb is Verb.FIX
    assert fix.instruction.text == BUG.wish
    assert "`price(2)` should return `4`" in fix.instruction.text


async def test_a_bug_that_nobody_told_is_refused(asking: Room) -> None:
    comment = await asking.say("writer", "/pawl fix bug:ffffffff")
    assert "no bug:ffffffff was reported in this repository" in asking.said()[0]
    assert asking.reactions(comment) == ["eyes", "confused"]
    assert await asking.runs() == ()
