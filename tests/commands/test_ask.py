"""``/pawl ask``: a question leaves a run that answers, and one comment when it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.history import Answered, Output, Paragraph
from bot.ids import RunId
from bot.llm.citation import Citation
from bot.run import Inquiry, Run, State
from bot.settings import Settings
from bot.speech.notice import Notice
from bot.store.caps import Caps
from bot.store.runs import Transition
from bot.store.store import Store
from tests.commands.room import Room

FOUND = Answered((Paragraph("It returns `n`, @mona.", (Citation("shop.py", 2, 2, "    return n"),)),), author="v:m")


@pytest.fixture
def asking(room: Room) -> Room:
    """A room whose operator has a model."""
    return replace(room, desk=replace(room.desk, settings=Settings.model_validate({"OPENAI_API_KEY": "a-key"})))


async def question(store: Store, repository: int) -> Run:
    """Return the only question there is."""
    async with store._transaction() as connection:
        (id_,) = [row["id"] for row in await connection.fetch("SELECT id FROM run WHERE inquiry IS NOT NULL")]
    run = await store.get(RunId(id_))
    assert run.instruction.origin is not None
    assert run.instruction.origin.repository == repository
    return run


async def goes(store: Store, run: Run, *steps: tuple[State, str, Output | None]) -> Run:
    for to, reason, output in steps:
        held = await store.claim(run.id)
        assert held is not None
        assert await store.commit(held, Transition(to, reason, output)) is not None
        await store.release(held)
    return await store.get(run.id)


def notice(room: Room) -> Notice:
    return Notice(room.store, room.hosted.app, pause=timedelta())


async def test_a_reader_asks_and_gets_one_comment_with_the_lines(asking: Room) -> None:
    comment = await asking.say("reader", "/pawl ask what does `price` return?\nPlease.")
    run = await question(asking.store, asking.repository)
    wish = run.instruction
    assert (wish.inquiry, wish.text) == (Inquiry.ASK, "what does `price` return?\nPlease.")
    assert wish.origin is not None
    assert (wish.origin.comment, wish.head) == (comment, None)
    assert asking.reactions(comment) == ["eyes"]
    telling = notice(asking)
    await telling.told(run)
    await telling.told(await goes(asking.store, run, (State.ANSWERING, "taken up", None)))
    assert asking.said() == []
    done = await goes(asking.store, run, (State.DONE, "answered", FOUND))
    for each in (telling, telling, notice(asking)):
        await each.told(done)
    (said,) = asking.said()
    link = f"/{asking.name}/blob/{wish.base}/shop.py#L2-L2"
    assert f"[`shop.py:2`]({asking.hosted.app.server_url}{link})" in said
    assert "It returns `n`, @<!-- -->mona." in said
    assert asking.reactions(comment) == ["eyes", "rocket"]
    assert await asking.runs() == ()


async def test_an_answer_that_did_not_hold_is_a_refusal(asking: Room) -> None:
    comment = await asking.say("reader", "/pawl ask why?")
    run = await question(asking.store, asking.repository)
    ended = await goes(asking.store, run, (State.ANSWERING, "taken up", None), (State.REFUSED, "nothing holds", None))
    await notice(asking).told(ended)
    (said,) = asking.said()
    assert "No answer.** Nothing holds." in said
    assert asking.reactions(comment) == ["eyes", "confused"]


async def test_a_question_does_not_take_the_place_of_the_run_that_is_shown(asking: Room) -> None:
    await asking.say("writer", "/pawl fix `price(2)` should return 4")
    (change,) = await asking.runs()
    await notice(asking).told(change)
    await asking.say("reader", "/pawl ask why?")
    await goes(
        asking.store, await question(asking.store, asking.repository), (State.ANSWERING, "on", None), (State.DONE, "a", FOUND)
    )
    await notice(asking).told(await question(asking.store, asking.repository))
    sticky, answer = asking.said()
    assert "/pawl fix" in sticky
    assert "Answer" in answer
    assert [each.id for each in await asking.runs()] == [change.id]


async def test_under_a_pull_request_its_own_code_is_asked_about(asking: Room) -> None:
    number = asking.pull()
    await asking.say("reader", "/pawl ask what does it do now?", number)
    wish = (await question(asking.store, asking.repository)).instruction
    assert wish.head == asking.hosted.double.get(f"/repos/{asking.name}/pulls/{number}")["head"]["sha"]
    assert wish.base != wish.head


async def test_without_a_model_it_is_said_in_a_sentence_and_no_run_is_left(room: Room) -> None:
    comment = await room.say("reader", "/pawl ask why?")
    (said,) = room.said()
    assert "no language model is configured" in said
    assert room.reactions(comment) == ["eyes", "confused"]
    with pytest.raises(ValueError, match="not enough values"):
        await question(room.store, room.repository)


async def test_questions_are_counted_like_any_run(asking: Room) -> None:
    few = Store(asking.store._pool, asking.store._address, most=Caps(user=1))
    room = replace(asking, desk=replace(asking.desk, store=few))
    await room.say("reader", "/pawl ask why?")
    comment = await room.say("reader", "/pawl ask and why that?")
    assert "asked for 1 runs within 24 hours" in room.said()[0]
    assert room.reactions(comment) == ["eyes", "confused"]
    await question(room.store, room.repository)


async def test_nothing_asked_is_told(asking: Room) -> None:
    await asking.say("reader", "/pawl ask")
    assert "nothing is asked" in asking.said()[0]


async def test_the_same_delivery_again_asks_once(asking: Room) -> None:
    comment = asking.people["reader"].comments(asking.name, asking.issue, "/pawl ask why?")
    payload = asking.payload(asking.issue, comment)
    await asking.hears(payload, "one")
    await asking.hears(payload, "one")
    await question(asking.store, asking.repository)
