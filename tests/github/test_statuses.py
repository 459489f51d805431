"""Commit statuses: the newest word of each context, and a refusal that says what permission is lacking."""

from __future__ import annotations

import pytest

from bot.github import git, statuses
from bot.github.errors import Forbidden
from bot.github.statuses import SeenStatus
from bot.ids import Sha
from tests.doubles.github.client import Double
from tests.github.hosted import Hosted, hosted_on


async def head(hosted: Hosted) -> Sha:
    found = await git.ref(hosted.repo, "main")
    assert found is not None
    return found


async def test_the_newest_word_of_each_context_is_seen(hosted: Hosted) -> None:
    sha = await head(hosted)
    assert await statuses.of_commit(hosted.repo, sha) == ()
    for context, state in (("build", "pending"), ("lint", "failure"), ("build", "success")):
        hosted.owner.ask("POST", f"/repos/{hosted.name}/statuses/{sha}", {"context": context, "state": state})
    assert set(await statuses.of_commit(hosted.repo, sha)) == {SeenStatus("build", "success"), SeenStatus("lint", "failure")}


async def test_who_may_not_read_them_is_told(hub: Double) -> None:
    async with hosted_on(hub, private=True) as hosted:
        blind = await hosted.app.repository(hosted.installation, hosted.repo.name, {"contents": "read"})
        with pytest.raises(Forbidden):
            await statuses.of_commit(blind, await head(hosted))
