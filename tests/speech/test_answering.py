"""Questions are answered once, by word or by reaction, by people who may."""

from __future__ import annotations

import pytest

from bot.change.change import Edits
from bot.engine import Question, Reading
from bot.errors import InputError
from bot.history import Changed
from bot.run import Run, State
from bot.speech.answering import assertion, gather
from bot.speech.notice import Notice
from bot.speech.telling import REACTIONS
from tests.commands.room import Room

QUESTION = Question("price(3)", (Reading("A", Edits((), ""), "6"), Reading("B", Edits((), ""), "raises ValueError('x')")))


async def ask(room: Room) -> tuple[Run, int]:
    """Have a run end with the question, and return it with the comment that asks."""
    await room.say("writer", "/pawl fix")
    refused = (State.REFUSED, Changed("search", None, None, question=QUESTION))
    run = await room.goes((State.PLANNING, None), (State.SPECIFYING, None), (State.CHANGING, None), refused)
    await Notice(room.store, room.hosted.app).told(run)
    comments = room.hosted.double.get(f"/repos/{room.name}/issues/{room.issue}/comments?per_page=100")
    return run, next(each["id"] for each in comments if "Which is right?" in each["body"])


@pytest.mark.parametrize(
    ("said", "test"),
    [
        ("A", "price(3) == 6"),
        ("a.", "price(3) == 6"),
        ("reading A", "price(3) == 6"),
        ("B", "price(3) raises ValueError('x')"),
        ("price(3) == 9", "price(3) == 9"),
        ("`price(3) == 9`", "price(3) == 9"),
        ("price(0)", "price(0)"),
        ("not price(0)", "not price(0)"),
    ],
)
def test_an_answer_amounts_to_a_test(said: str, test: str) -> None:
    assert assertion(QUESTION, said) == test


@pytest.mark.parametrize("said", ["C", "both", "x = 1", "import os", "price(3) raises 5", "1", "(" * 5000, "lambda: 0", ""])
def test_what_is_no_answer_is_refused(said: str) -> None:
    with pytest.raises(InputError):
        assertion(QUESTION, said)


async def test_an_answer_goes_on_as_a_run_with_one_more_test(room: Room) -> None:
    asked, _ = await ask(room)
    comment = await room.say("keeper", "/pawl answer A")
    run, old = await room.runs()
    assert old == asked
    assert run.instruction.answers == ("price(3) == 6",)
    assert (run.instruction.text, run.instruction.base) == (old.instruction.text, old.instruction.base)
    assert run.instruction.origin is not None
    assert (run.instruction.origin.comment, run.instruction.origin.requester) == (comment, room.people["keeper"].id)


async def test_heard_twice_it_is_one_answer(room: Room) -> None:
    await ask(room)
    payload = room.payload(room.issue, room.people["writer"].comments(room.name, room.issue, "/pawl answer price(3) == 9"))
    delivery = await room.hears(payload)
    await room.hears(payload, delivery)
    assert len(await room.runs()) == 2
    assert not any("no question" in each for each in room.said())


async def test_a_question_is_answered_once(room: Room) -> None:
    await ask(room)
    await room.say("writer", "/pawl answer A")
    await room.say("keeper", "/pawl answer B")
    assert len(await room.runs()) == 2
    assert "no question is open here" in room.said()[-1]


async def test_a_reaction_answers(room: Room) -> None:
    _, comment = await ask(room)
    assert await gather(room.desk) == 0
    room.people["writer"].reacts(room.name, comment, REACTIONS["A"])
    assert await gather(room.desk) == 1
    assert await gather(room.desk) == 0
    run, _ = await room.runs()
    assert run.instruction.answers == ("price(3) == 6",)
    assert run.instruction.requester == room.people["writer"].login


@pytest.mark.parametrize("who", ["stranger", "reader", "sorter"])
async def test_the_reaction_of_who_may_not_counts_nothing(room: Room, who: str) -> None:
    _, comment = await ask(room)
    room.people[who].reacts(room.name, comment, REACTIONS["A"])
    assert await gather(room.desk) == 0
    assert len(await room.runs()) == 1


async def test_where_people_differ_nobody_is_heard(room: Room) -> None:
    _, comment = await ask(room)
    room.people["writer"].reacts(room.name, comment, REACTIONS["A"])
    room.people["keeper"].reacts(room.name, comment, REACTIONS["B"])
    assert await gather(room.desk) == 0


async def test_a_question_that_is_gone_bothers_nobody(room: Room) -> None:
    _, comment = await ask(room)
    room.hosted.owner.deletes(room.name, comment)
    assert await gather(room.desk) == 0
