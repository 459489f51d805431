"""Who could approve: teams and people by role."""

from __future__ import annotations

from bot.config import Approvals, Config, Role
from bot.decision import roster
from bot.policy.standing import Owned
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]
CONFIG = Config(
    approvals=Approvals(roles={"legal": Role(users=("dan",), teams=("Acme/Legal",)), "security": Role(permission="admin")})
)


def test_the_teams_that_roles_and_owners_name() -> None:
    owned = (Owned("a.py", ("@acme/core", "@bob", "x@y.org")),)
    assert roster.teams(CONFIG, owned) == {"acme/legal", "acme/core"}


async def test_people_by_permission_and_by_name(hosted: Hosted) -> None:
    keeper = hosted.double.person(f"keeper-of-{hosted.owner.login}")
    writer = hosted.double.person(f"writer-of-{hosted.owner.login}")
    hosted.double.change(hosted.name, collaborators={keeper.login: "maintain", writer.login: "write"})
    facts = await hosted.repo.facts()
    found = await roster.of(hosted.repo, facts, CONFIG, (Owned("a.py", ("@bob",)),))
    assert found["legal"] == ("@dan", "@Acme/Legal")
    assert set(found["maintainer"]) == {f"@{hosted.owner.login}", f"@{keeper.login}"}
    assert found["security"] == (f"@{hosted.owner.login}",)
    assert found["owner"] == ("@bob",)
