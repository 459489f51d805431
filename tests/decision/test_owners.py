"""Owners named by an address are the accounts that commit under it."""

from __future__ import annotations

from bot.decision.owners import named
from bot.policy.standing import Owned
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]


async def test_an_address_becomes_the_account_that_commits_under_it(hosted: Hosted) -> None:
    eve = hosted.double.person(f"eve-{hosted.owner.login}", email=f"eve@{hosted.owner.login}.example")
    hosted.double.change(hosted.name, collaborators={eve.login: "write"})
    eve.pushes(hosted.name, {"src/b.py": "b = 1\n"})
    stranger = {"name": "Dan", "email": "dan@nowhere.example"}
    hosted.owner.pushes(hosted.name, {"src/c.py": "c = 1\n"}, maker=stranger)
    address = f"Eve@{hosted.owner.login}.example"
    owned = (Owned("a.py", ("@acme/core", address)), Owned("b.py", ("dan@nowhere.example", "never@seen.example")))
    found = await named(hosted.repo, owned)
    assert found[0] == Owned("a.py", ("@acme/core", f"@{eve.login}"))
    assert found[1] == owned[1]
