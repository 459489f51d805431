"""Onboarding at the double: one pull request, whatever happens twice; merged means yes, closed means no."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from bot.config import Config, load
from bot.examination.workflow import PLACE, machines, same, workflow
from bot.github import contents, pulls
from bot.ids import RepoName
from bot.installation.onboarding import BRANCH, body, welcome, workflow_link
from bot.settings import Settings
from bot.store.onboardings import Onboarding, Welcome
from bot.store.store import Store
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]
FOUND = Settings(PAWL_PUBLIC_URL="https://pawl.example", PAWL_RUNS_ON="self-hosted linux")
BLOCK = re.compile(r"```yaml\n(.*?)\n```", re.DOTALL)
MOST_LINK = 2000
"""Longest address that every browser opens."""


async def test_one_pull_request_brings_the_configuration_and_asks_for_the_workflow(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store, FOUND)
    assert first.state is Welcome.PROPOSED
    assert await welcome(hosted.repo, store, FOUND) == first
    assert first.pull is not None
    pull = await pulls.get(hosted.repo, first.pull)
    assert pull.head_branch == BRANCH
    assert [each["filename"] for each in await hosted.repo.get(f"pulls/{first.pull}/files")] == [".github/pawl.yml"]
    brought = await contents.text(hosted.repo, ".github/pawl.yml", BRANCH)
    assert brought is not None
    assert load(brought, "pawl.yml", ()) == Config()
    assert workflow_link(hosted.repo, BRANCH) in pull.body
    assert same(BLOCK.findall(pull.body)[0], workflow(machines(FOUND)))
    assert "https://pawl.example/pawl.yml" in pull.body
    assert "Closing it means no" in pull.body


async def test_merged_with_the_workflow_it_is_accepted(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store, FOUND)
    assert first.pull is not None
    hosted.owner.pushes(hosted.name, {PLACE: workflow(machines(FOUND))}, BRANCH)
    hosted.owner.merges(hosted.name, first.pull)
    for _ in range(2):
        assert await welcome(hosted.repo, store, FOUND) == Onboarding(Welcome.ACCEPTED, first.pull)
    assert hosted.double.said(hosted.name, first.pull) == []


async def test_merged_without_the_workflow_it_says_once_where_to_add_it(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store, FOUND)
    assert first.pull is not None
    hosted.owner.merges(hosted.name, first.pull)
    for _ in range(2):
        assert (await welcome(hosted.repo, store, FOUND)).state is Welcome.ACCEPTED
    (said,) = hosted.double.said(hosted.name, first.pull)
    assert workflow_link(hosted.repo, "main") in said
    assert same(BLOCK.findall(said)[0], workflow(machines(FOUND)))


async def test_closed_it_stays_declined_until_it_is_opened_again(hosted: Hosted, store: Store) -> None:
    first = await welcome(hosted.repo, store, FOUND)
    assert first.pull is not None
    hosted.owner.close(hosted.name, first.pull)
    for _ in range(2):
        assert await welcome(hosted.repo, store, FOUND) == Onboarding(Welcome.DECLINED, first.pull)
    hosted.owner.ask("PATCH", f"/repos/{hosted.name}/issues/{first.pull}", {"state": "open"})
    assert (await welcome(hosted.repo, store, FOUND)).state is Welcome.PROPOSED


async def test_a_repository_that_has_a_configuration_is_asked_nothing(hosted: Hosted, store: Store) -> None:
    hosted.owner.pushes(hosted.name, {".github/pawl.yml": "trust: 1\n"})
    assert await welcome(hosted.repo, store, FOUND) == Onboarding(Welcome.ACCEPTED, None)
    assert await pulls.find(hosted.repo, BRANCH, "all") is None


async def test_the_longest_names_that_github_allows_have_a_link_that_opens_and_a_text_to_copy(hosted: Hosted) -> None:
    longest = replace(hosted.repo, name=RepoName(f"{'o' * 39}/{'r' * 100}"))
    link = workflow_link(longest, "b" * 244)
    assert len(link) < MOST_LINK
    assert parse_qs(urlsplit(link).query) == {"filename": [PLACE]}
    text = body(longest, FOUND, replace(await hosted.repo.facts(), default_branch="b" * 244))
    assert workflow_link(longest, BRANCH) in text
    assert same(BLOCK.findall(text)[0], workflow(machines(FOUND)))
    assert len(text) < 65_536


async def test_a_branch_with_any_name_is_named_in_the_link(hosted: Hosted) -> None:
    assert workflow_link(hosted.repo, "a b#c").endswith("/new/a%20b%23c?filename=.github/workflows/pawl.yml")
