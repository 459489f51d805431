"""Onboarding at the double: one pull request, whatever happens twice; merged means yes, closed means no."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from bot.config import Config, load
from bot.github import contents, pulls
from bot.installation import onboarding, starter
from bot.installation.onboarding import BRANCH, WORKFLOW, welcome, workflow_link
from bot.store.onboardings import Onboarding, Welcome
from bot.store.store import Store
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]


async def test_one_pull_request_brings_the_configuration_and_asks_for_the_workflow(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store)
    assert first.state is Welcome.PROPOSED
    assert await welcome(hosted.repo, store) == first
    assert first.pull is not None
    pull = await pulls.get(hosted.repo, first.pull)
    assert pull.head_branch == BRANCH
    assert [each.path for each in await pulls.files(hosted.repo, first.pull)] == [".github/pawl.yml"]
    brought = await contents.text(hosted.repo, ".github/pawl.yml", BRANCH)
    assert brought is not None
    assert load(brought, "pawl.yml", ()) == Config()
    assert workflow_link(hosted.repo, BRANCH) in pull.body
    assert "Closing it means no" in pull.body


async def test_merged_with_the_workflow_it_is_accepted(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store)
    assert first.pull is not None
    hosted.owner.pushes(hosted.name, {WORKFLOW: starter.workflow()}, BRANCH)
    hosted.owner.merges(hosted.name, first.pull)
    for _ in range(2):
        assert await welcome(hosted.repo, store) == Onboarding(Welcome.ACCEPTED, first.pull)
    assert hosted.double.said(hosted.name, first.pull) == []


async def test_merged_without_the_workflow_it_says_once_where_to_add_it(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store)
    assert first.pull is not None
    hosted.owner.merges(hosted.name, first.pull)
    for _ in range(2):
        assert (await welcome(hosted.repo, store)).state is Welcome.ACCEPTED
    (said,) = hosted.double.said(hosted.name, first.pull)
    assert workflow_link(hosted.repo, "main") in said


async def test_closed_it_stays_declined_until_it_is_opened_again(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store)
    assert first.pull is not None
    hosted.owner.close(hosted.name, first.pull)
    for _ in range(2):
        assert await welcome(hosted.repo, store) == Onboarding(Welcome.DECLINED, first.pull)
    hosted.owner.ask("PATCH", f"/repos/{hosted.name}/issues/{first.pull}", {"state": "open"})
    assert (await welcome(hosted.repo, store)).state is Welcome.PROPOSED


async def test_a_repository_that_has_a_configuration_is_asked_nothing(hosted: Hosted, store: Store) -> None:
    hosted.owner.pushes(hosted.name, {".github/pawl.yml": "trust: 1\n"})
    assert await welcome(hosted.repo, store) == Onboarding(Welcome.ACCEPTED, None)
    assert await pulls.find(hosted.repo, BRANCH, "all") is None


async def test_the_link_fills_the_page_in_as_long_as_it_is_short_enough(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onboarding, "MOST_LINK", 1_000_000)
    told = parse_qs(urlsplit(workflow_link(hosted.repo, "a b")).query, keep_blank_values=True)
    assert told["filename"] == [WORKFLOW]
    kept = [line for line in starter.workflow().splitlines() if not line.lstrip().startswith("#")]
    assert told["value"] == ["\n".join(kept) + "\n"]
    monkeypatch.setattr(onboarding, "MOST_LINK", 1_000)
    assert workflow_link(hosted.repo, "a b").endswith("/new/a%20b?filename=.github/workflows/pawl.yml")
