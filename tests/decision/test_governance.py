"""Who speaks for a whole account."""

from __future__ import annotations

from bot.decision.governance import governs
from bot.desk import Actor
from bot.ids import Login
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]


async def test_a_person_owns_the_own_account(hosted: Hosted) -> None:
    owner = Actor(Login(hosted.owner.login), hosted.owner.id, bot=False)
    assert await governs(hosted.repo, owner)
    assert not await governs(hosted.repo, Actor(owner.login, owner.id + 1, bot=False))
