"""An App of Pawl's kind installed on a double of GitHub, and a repository of its own for each test."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.github.app import App
from bot.github.repository import Repository
from bot.github.wire import Patience
from bot.ids import InstallationId, RepoName
from tests.doubles.github.client import AppFacts, Double, Person
from tests.doubles.github.fixture import running

PERMISSIONS = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "write",
    "actions": "write",
    "members": "read",
    "administration": "read",
    "statuses": "read",
}
FILES = {"src/a.py": "one = 1\n", "README.md": "# Hello\n", "data.bin": {"base64": "AP/ggA=="}}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Hosted:
    """What a test holds: the double, the App as Pawl sees it and as GitHub does, and a fresh repository."""

    double: Double
    app: App
    facts: AppFacts
    installation: InstallationId
    repo: Repository
    owner: Person

    @property
    def name(self) -> str:
        return str(self.repo.name)


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    """One double for many tests, which share nothing in it but the App's owner."""
    with running(tmp_path_factory.mktemp("github") / "data") as double:
        yield double


@asynccontextmanager
async def hosted_on(double: Double, files: Any = None, **repository: Any) -> AsyncIterator[Hosted]:
    number = next(_numbers)
    owner = double.person(f"owner{number}")
    manifest = {"name": f"Pawl {number}", "url": "https://example.org", "default_permissions": PERMISSIONS, "default_events": []}
    facts = double.app(owner.login, manifest)
    name = double.repository(f"{owner.login}/hello", FILES if files is None else files, **repository)
    installation = InstallationId(double.install(facts, owner.login))
    async with aiohttp.ClientSession() as session:
        app = App(facts.id, facts.pem, double.api, double.url, session, Patience(first_pause=0.01))
        repo = await app.repository(installation, RepoName(name))
        yield Hosted(double, app, facts, installation, repo, owner)
        await app.close()


@pytest.fixture
async def hosted(hub: Double) -> AsyncIterator[Hosted]:
    async with hosted_on(hub) as made:
        yield made
