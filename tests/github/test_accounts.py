"""Accounts: known by their ids, whatever they are called; only an organisation's active owners own it."""

from __future__ import annotations

from bot.github.accounts import account, owns
from bot.github.permissions import team_members
from bot.ids import InstallationId, Login, RepoName
from tests.doubles.github.client import Double
from tests.github.hosted import Hosted, hosted_on


async def test_an_account_is_found_by_its_number(hosted: Hosted) -> None:
    found = await account(hosted.repo, hosted.owner.id)
    assert found is not None
    assert (found.id, found.login, found.bot) == (hosted.owner.id, hosted.owner.login, False)
    assert await account(hosted.repo, 987_654_321) is None


async def test_owners_of_an_organisation_and_nobody_else(hub: Double) -> None:
    boss, member = hub.person("boss"), hub.person("member")
    hub.organisation("acme", owners=[boss.login], members=[member.login])
    hub.team("acme", "reviewers", [member.login])
    async with hosted_on(hub) as hosted:
        hub.repository("acme/tool", {"a": "1"})
        installation = InstallationId(hub.install(hosted.facts, "acme"))
        repo = await hosted.app.repository(installation, RepoName("acme/tool"))
        assert (await repo.facts()).organization
        assert await team_members(repo, "acme", "reviewers") == {member.id}
        assert await owns(repo, "acme", Login(boss.login), boss.id)
        assert not await owns(repo, "acme", Login(boss.login), member.id)
        assert not await owns(repo, "acme", Login(member.login), member.id)
        assert not await owns(repo, "acme", Login("stranger-to-all"), 1)
