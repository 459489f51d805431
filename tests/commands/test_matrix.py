"""Everybody says every verb everywhere: who may not causes nothing, and runs exist only where somebody may ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from bot.doors.hearing import known
from bot.github.permissions import Level
from tests.commands.room import Room

ACTORS = {
    "stranger": Level.READ,
    "reader": Level.READ,
    "sorter": Level.TRIAGE,
    "writer": Level.WRITE,
    "keeper": Level.MAINTAIN,
    "admin": Level.ADMIN,
    "removed": Level.READ,
    "pawl": None,
    "bot": None,
}
"""What each may do in a public repository; bots may say nothing."""
PLACES = ("issue", "pull", "fork")
CHANGING = {"fix", "add", "refactor", "test", "docs", "upgrade", "plan"}


def chunks(verbs: list[str]) -> Iterator[list[str]]:
    rest = iter(verbs)
    while chunk := list(islice(rest, 5)):
        yield chunk


def said_by(room: Room, actor: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Make a comment's payload one of this actor."""
    if actor == "pawl":
        payload["comment"]["user"] = {"login": room.hosted.facts.bot, "id": room.hosted.facts.bot_id, "type": "Bot"}
    if actor == "bot":
        payload["comment"]["user"] |= {"type": "Bot"}
    return payload


async def rows(room: Room) -> dict[str, int]:
    """Count what the store holds."""
    async with room.store._transaction() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {each["tablename"]: await connection.fetchval(f'SELECT count(*) FROM "{each["tablename"]}"') for each in tables}  # noqa: S608


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("actor", ACTORS)
async def test_nobody_causes_what_he_may_not(room: Room, actor: str, place: str) -> None:
    number = room.issue if place == "issue" else room.pull("stranger" if place == "fork" else "writer", fork=place == "fork")
    speaker = {"removed": "writer", "pawl": "admin", "bot": "admin"}.get(actor, actor)
    level = ACTORS[actor]
    forbidden = [name for name, command in known().items() if level is None or level < command.least]
    for verbs in chunks(forbidden):
        await silent(room, actor, speaker, number, verbs)
    if level is None:
        return
    allowed = [name for name in known() if name not in forbidden]
    for verbs in chunks(allowed):
        comment = room.people[speaker].comments(
            room.name, number, "\n".join(f"/pawl {each} `price(2)` should return 4" for each in verbs)
        )
        payload = room.payload(number, comment)
        remove(room, actor)
        await room.hears(payload)
        restore(room, actor)
        assert "eyes" in room.reactions(comment)
    for run in await room.runs(number):
        assert level >= (Level.TRIAGE if run.instruction.head else Level.WRITE)
        assert (run.instruction.head is None) == (place == "issue")


async def silent(room: Room, actor: str, speaker: str, number: int, verbs: list[str]) -> None:
    """Say what may not be said, and see that nothing comes of it but a thumb; of a bot not even that."""
    comment = room.people[speaker].comments(room.name, number, "\n".join(f"/pawl {each} x" for each in verbs))
    payload = said_by(room, actor, room.payload(number, comment))
    before, said = await rows(room), room.said(number)
    remove(room, actor)
    await room.hears(payload)
    restore(room, actor)
    assert await rows(room) == before
    assert room.said(number) == said
    assert room.reactions(comment) == ([] if ACTORS[actor] is None else ["eyes", "-1"])


def remove(room: Room, actor: str) -> None:
    """Take the writer's rights away between the comment and its hearing."""
    if actor == "removed":
        room.hosted.double.change(room.name, collaborators={room.people["writer"].login: "none"})


def restore(room: Room, actor: str) -> None:
    if actor == "removed":
        room.hosted.double.change(room.name, collaborators={room.people["writer"].login: "write"})


@pytest.mark.parametrize("verb", sorted(CHANGING))
async def test_on_a_pull_request_code_is_not_changed(room: Room, verb: str) -> None:
    number = room.pull()
    comment = await room.say("admin", f"/pawl {verb} `price(2)` should return 4", number)
    assert room.reactions(comment) == ["eyes", "confused"]
    assert "this is a pull request: open an issue for it" in room.said(number)[0]
    assert await room.runs(number) == ()
