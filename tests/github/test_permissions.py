"""Permissions: GitHub's present answer, standard and custom roles alike; strangers and renamed accounts may nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bot.github.errors import NotFound
from bot.github.permissions import Level, collaborators, level, level_of, team_members
from bot.ids import Login
from tests.doubles.github.client import Double
from tests.github.hosted import Hosted, hosted_on


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"permission": "write", "role_name": "maintain"}, Level.MAINTAIN),
        ({"permission": "read", "role_name": "triage"}, Level.TRIAGE),
        ({"permission": "admin", "role_name": "admin"}, Level.ADMIN),
        ({"permission": "none", "role_name": "none"}, Level.NONE),
        ({"permission": "read", "role_name": "reader+", "user": {"permissions": {"pull": True, "triage": True}}}, Level.TRIAGE),
        ({"permission": "write", "role_name": "x", "user": {"permissions": {"pull": True, "push": True}}}, Level.WRITE),
        ({"permission": "write", "role_name": "x"}, Level.WRITE),
        ({"permission": "odd", "role_name": "x"}, Level.NONE),
        ({"role_name": "x", "user": {"permissions": {"admin": "yes"}}}, Level.NONE),
        ({}, Level.NONE),
    ],
)
def test_an_answer_becomes_a_level(told: dict[str, Any], expected: Level) -> None:
    assert level_of(told) is expected


def test_levels_rise() -> None:
    assert Level.NONE < Level.READ < Level.TRIAGE < Level.WRITE < Level.MAINTAIN < Level.ADMIN


@pytest.mark.parametrize("role", ["triage", "write", "maintain", "admin"])
async def test_a_collaborators_level_is_asked_of_github(hosted: Hosted, role: str) -> None:
    person = hosted.double.person(f"{role}-{hosted.owner.login}")
    hosted.double.change(hosted.name, collaborators={person.login: role})
    assert await level(hosted.repo, Login(person.login)) is Level[role.upper()]
    assert await level(hosted.repo, Login(person.login), person.id) is Level[role.upper()]
    assert await level(hosted.repo, Login(person.login), person.id + 1) is Level.NONE


async def test_a_stranger_may_read_a_public_repository_and_nothing_of_a_private_one(hub: Double) -> None:
    stranger = Login(hub.person("stranger").login)
    async with hosted_on(hub) as public:
        assert await level(public.repo, stranger) is Level.READ
        assert await level(public.repo, Login("nobody/at all")) is Level.NONE
    async with hosted_on(hub, private=True) as private:
        assert await level(private.repo, stranger) is Level.NONE


async def test_a_teams_members_are_told_by_their_ids(hosted: Hosted) -> None:
    with pytest.raises(NotFound):
        await team_members(hosted.repo, "no-such-org", "team")


async def test_collaborators_are_listed_with_their_rights(hosted: Hosted) -> None:
    person = hosted.double.person(f"triager-{hosted.owner.login}")
    hosted.double.change(hosted.name, collaborators={person.login: "triage"})
    found = {each.account.id: each.rights for each in await collaborators(hosted.repo)}
    assert found[person.id] == {"pull", "triage"}
