"""A comment is heard once, obeyed where its speaker may say it, and answered."""

from __future__ import annotations

import pytest

from bot.command import Answer, Reaction
from bot.doors.hearing import MOST, known, shown
from bot.errors import InputError, Retryable
from bot.github.permissions import Level
from bot.run import State, Verb
from bot.store.replies import MOST as OFTEN
from tests.commands.room import Room


async def test_a_wish_becomes_a_run_with_its_origin(room: Room) -> None:
    comment = await room.say("writer", "Hello\n/pawl fix `price(2)` should return 4\n\n```\n>>> price(3)\n9\n```")
    (run,) = await room.runs()
    wish, origin = run.instruction, run.instruction.origin
    assert run.state is State.RECEIVED
    assert (wish.verb, wish.repo, wish.door) == (Verb.FIX, room.name, "github")
    assert wish.text == "`price(2)` should return 4\n\n```\n>>> price(3)\n9\n```".replace("4\n\n", "4\n")
    assert wish.base == room.hosted.double.get(f"/repos/{room.name}/branches/main")["commit"]["sha"]
    assert wish.requester == room.people["writer"].login
    assert origin is not None
    assert (origin.repository, origin.number, origin.comment) == (room.repository, room.issue, comment)
    assert (origin.requester, origin.pull) == (room.people["writer"].id, False)
    assert room.reactions(comment) == ["eyes"]
    assert room.said() == []


async def test_the_same_comment_twice_does_nothing_twice(room: Room) -> None:
    comment = room.people["writer"].comments(room.name, room.issue, "/pawl fix\n/pawl help\n/pawl test cover `price`")
    payload = room.payload(room.issue, comment)
    delivery = await room.hears(payload)
    await room.hears(payload, delivery)
    assert [each.instruction.verb for each in await room.runs()] == [Verb.TEST, Verb.FIX]
    assert len(room.said()) == 1
    assert room.reactions(comment) == ["eyes"]


async def test_an_answer_that_github_wrote_without_saying_so_is_not_written_again(room: Room) -> None:
    comment = room.people["writer"].comments(room.name, room.issue, "/pawl help fix\n/pawl docs it")
    payload = room.payload(room.issue, comment)
    room.hosted.double.fault("lost", path=f"/repos/{room.name}/issues/{room.issue}/comments$", method="POST", count=1)
    with pytest.raises(Retryable):
        await room.hears(payload, "again")
    await room.hears(payload, "again")
    assert len(room.said()) == 1
    assert len(await room.runs()) == 1


async def test_a_comment_without_a_command_is_left_alone(room: Room) -> None:
    comment = await room.say("writer", "> /pawl fix\n\nI would not.")
    assert room.reactions(comment) == []


@pytest.mark.parametrize("action", ["edited", "deleted"])
async def test_only_created_comments_act(room: Room, action: str) -> None:
    comment = room.people["writer"].comments(room.name, room.issue, "/pawl fix")
    await room.hears(room.payload(room.issue, comment, action))
    assert room.reactions(comment) == []
    assert await room.runs() == ()


async def test_pawl_does_not_hear_itself_nor_other_bots(room: Room) -> None:
    comment = room.people["admin"].comments(room.name, room.issue, "/pawl fix")
    own = room.payload(room.issue, comment)
    own["comment"]["user"] = {"login": room.hosted.facts.bot, "id": room.hosted.facts.bot_id, "type": "User"}
    bot = room.payload(room.issue, comment)
    bot["comment"]["user"]["type"] = "Bot"
    through = room.payload(room.issue, comment)
    through["comment"]["performed_via_github_app"] = {"id": room.hosted.facts.id}
    for payload in (own, bot, through):
        await room.hears(payload)
    assert room.reactions(comment) == []
    assert await room.runs() == ()


async def test_who_may_not_gets_a_thumb_and_nothing_else(room: Room) -> None:
    comment = await room.say("reader", "/pawl fix\n/pawl cancel")
    assert room.reactions(comment) == ["eyes", "-1"]
    assert room.said() == []
    assert await room.runs() == ()


async def test_a_name_that_changed_hands_has_no_rights(room: Room) -> None:
    comment = room.people["reader"].comments(room.name, room.issue, "/pawl fix")
    payload = room.payload(room.issue, comment)
    payload["comment"]["user"]["login"] = room.people["admin"].login
    await room.hears(payload)
    assert room.reactions(comment) == ["eyes", "-1"]
    assert await room.runs() == ()


async def test_an_unknown_verb_gets_the_nearest(room: Room) -> None:
    comment = await room.say("reader", "/pawl hepl @everyone")
    assert room.reactions(comment) == ["eyes", "confused"]
    (said,) = room.said()
    assert "There is no verb `hepl`: did you mean `/pawl help`?" in said


async def test_a_hostile_verb_is_shown_as_code(room: Room) -> None:
    await room.say("reader", "/pawl `@owner`<img/src=x>")
    (said,) = room.said()
    assert "`` `@owner`<img/src=x> ``" in said


async def test_a_refusal_is_said_in_one_sentence(room: Room) -> None:
    comment = await room.say("writer", "/pawl fix engine=magic it")
    assert room.reactions(comment) == ["eyes", "confused"]
    (said,) = room.said()
    assert "there is no engine 'magic': use one of auto, search, codemod, model" in said


async def test_so_many_commands_and_no_more(room: Room) -> None:
    comment = await room.say("writer", "\n".join(["/pawl help status"] * (MOST + 2)))
    (said,) = room.said()
    assert said.count("Shows how the runs") == MOST
    assert "the last 2 were not read" in said
    assert room.reactions(comment) == ["eyes", "rocket"]


async def test_a_comment_that_is_gone_is_not_obeyed(room: Room) -> None:
    comment = room.people["writer"].comments(room.name, room.issue, "/pawl fix")
    payload = room.payload(room.issue, comment)
    room.people["writer"].deletes(room.name, comment)
    with pytest.raises(InputError):
        await room.hears(payload)
    assert await room.runs() == ()


@pytest.mark.parametrize(
    ("reactions", "one"),
    [
        ([Reaction.DONE], Reaction.DONE),
        ([None], None),
        ([Reaction.DONE, None], None),
        ([Reaction.REFUSED, None, Reaction.DONE], Reaction.REFUSED),
        ([Reaction.REFUSED, Reaction.NOT_PERMITTED], Reaction.NOT_PERMITTED),
    ],
)
def test_one_reaction_stands_for_all(reactions: list[Reaction | None], one: Reaction | None) -> None:
    assert shown([Answer(each) for each in reactions]) is one


def test_every_command_has_help_worth_reading() -> None:
    for name, command in known().items():
        assert command.usage.startswith(f"/pawl {name}")
        assert command.summary.endswith(".")
        assert command.examples
        assert all(each.startswith(f"/pawl {name}") for each in command.examples)
        assert command.least > Level.NONE


async def test_who_asks_too_often_gets_a_reaction_and_no_words(room: Room) -> None:
    person = room.people["stranger"]
    for at in range(OFTEN.person):
        assert await room.store.replies.room(room.repository, person.id, f"earlier {at}", stranger=True)
    comment = await room.say("stranger", "/pawl help")
    assert room.reactions(comment) == ["eyes", "confused"]
    assert room.said() == []
    await room.say("reader", "/pawl help")
    assert len(room.said()) == 1, "others are answered"


async def test_who_works_there_is_obeyed_however_often(room: Room) -> None:
    person = room.people["admin"]
    for at in range(OFTEN.person):
        assert await room.store.replies.room(room.repository, person.id, f"earlier {at}", stranger=False)
    comment = await room.say("admin", "/pawl stop it floods")
    assert room.reactions(comment) == ["eyes", "rocket"]
    assert room.said() == []
    assert await room.store.brakes.pulled(room.hosted.installation, room.repository)
