"""The App: how it proves who it is, and how it asks for, keeps and gives back tokens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web

from bot.errors import Fatal, InputError, Retryable
from bot.github.app import JWT_SECONDS, SKEW, App, AppFacts, self_signed
from bot.ids import InstallationId, Login, RepoName
from tests.github.conftest import Answering, Clock

ONE, TWO = InstallationId(1), InstallationId(2)
REPO = RepoName("octo/hello")


class GitHub:
    """Answers what an App asks of GitHub about itself and its tokens."""

    def __init__(self) -> None:
        self.given = 0
        self.revoked: list[str] = []
        self.wanted: list[dict[str, Any]] = []
        self.minutes = 60.0
        self.installations = [{"id": 1}]
        self.deny_revoking = 204

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path.endswith("/access_tokens"):
            self.given += 1
            self.wanted.append(json.loads(await request.read()))
            ends = datetime.now(UTC) + timedelta(minutes=self.minutes)
            return web.json_response(
                {"token": f"ghs_{self.given}", "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}, status=201
            )
        if path == "/installation/token":
            self.revoked.append(request.headers["Authorization"])
            return web.Response(status=self.deny_revoking)
        answers: dict[str, Any] = {
            "/app": {"id": 7, "slug": "pawl"},
            "/app/installations": self.installations,
            "/users/pawl[bot]": {"id": 77},
            "/repos/octo/hello/installation": {"id": 1},
            "/repos/octo/hello": {"id": 3, "default_branch": "main", "private": False, "size": 9},
        }
        return web.json_response(answers[path])


@pytest.fixture
def github(server: Answering) -> GitHub:
    found = GitHub()
    server.answers = [found.answer]
    return found


@pytest.fixture
async def app(
    github: GitHub, server: Answering, session: aiohttp.ClientSession, private_key: str, clock: Clock
) -> AsyncIterator[App]:
    del github
    made = App(7, private_key, server.url, server.url, session, clock.patience())
    yield made
    await made.close()


def test_the_proof_of_the_key_is_signed_and_short_and_allows_for_a_wrong_clock(private_key: str) -> None:
    told = jwt.decode(self_signed(7, private_key, 1000), options={"verify_signature": False})
    assert told == {"iat": 1000 - SKEW, "exp": 1000 - SKEW + JWT_SECONDS, "iss": "7"}
    assert JWT_SECONDS + SKEW <= 600
    assert jwt.get_unverified_header(self_signed(7, private_key, 1000))["alg"] == "RS256"


def test_a_key_that_is_none_is_said_without_showing_it() -> None:
    with pytest.raises(InputError, match="PAWL_PRIVATE_KEY is no RSA key") as caught:
        self_signed(7, "hunter2", 1000)
    assert "hunter2" not in str(caught.value)


async def test_a_token_is_narrowed_kept_and_asked_for_once(app: App, github: GitHub) -> None:
    reading = {"contents": "read"}
    first = await asyncio.gather(*(app.token(ONE, REPO, reading) for _ in range(5)))
    assert set(first) == {"ghs_1"}
    assert github.wanted == [{"repositories": ["hello"], "permissions": {"contents": "read"}}]
    assert await app.token(ONE, REPO, {"contents": "write"}) == "ghs_2"
    assert await app.token(ONE, REPO) == "ghs_3"
    assert await app.token(TWO, REPO, reading) == "ghs_4"
    assert github.wanted[2] == {"repositories": ["hello"]}


async def test_a_token_about_to_end_is_not_handed_out(app: App, github: GitHub) -> None:
    github.minutes = 4
    assert await app.token(ONE, REPO) == "ghs_1"
    assert await app.token(ONE, REPO) == "ghs_2"


async def test_a_fresh_token_replaces_the_one_that_was_kept(app: App) -> None:
    assert await app.token(ONE, REPO) == "ghs_1"
    assert await app.token(ONE, REPO, fresh=True) == "ghs_2"
    assert await app.token(ONE, REPO) == "ghs_2"


async def test_revoking_uses_the_token_itself_and_forgets_it(app: App, github: GitHub) -> None:
    token = await app.token(ONE, REPO)
    await app.revoke(token)
    assert github.revoked == ["token ghs_1"]
    assert await app.token(ONE, REPO) == "ghs_2"
    github.deny_revoking = 401
    await app.revoke("ghs_2")


async def test_closing_revokes_everything_even_where_one_cannot_be(app: App, github: GitHub) -> None:
    await app.token(ONE, REPO)
    await app.token(TWO, REPO)
    github.deny_revoking = 500
    await app.close()
    assert set(github.revoked) == {"token ghs_1", "token ghs_2"}
    github.deny_revoking = 204


async def test_one_installation_can_be_silenced_alone(app: App, github: GitHub) -> None:
    await app.token(ONE, REPO)
    await app.token(TWO, REPO)
    await app.revoke_all(TWO)
    assert github.revoked == ["token ghs_2"]
    github.deny_revoking = 500
    with pytest.raises(Retryable):
        await app.revoke_all()


@pytest.mark.parametrize("installations", [[{"id": 1}], []])
async def test_the_app_knows_the_account_it_acts_as(app: App, github: GitHub, installations: list[dict[str, int]]) -> None:
    github.installations = installations
    with pytest.raises(Fatal):
        _ = app.slug
    assert await app.me() == AppFacts(7, "pawl", Login("pawl[bot]"), 77)
    assert app.slug == "pawl"


async def test_a_repository_speaks_with_a_token_of_its_own(app: App, server: Answering) -> None:
    repo = await app.repository(ONE, REPO, {"contents": "read"})
    facts = await repo.facts()
    assert (facts.id, facts.default_branch, facts.kilobytes) == (3, "main", 9)
    assert facts.merge_methods == ("merge", "squash", "rebase")
    assert server.asked[-1][2]["Authorization"] == "token ghs_1"
    assert await app.repository(ONE, REPO, {"contents": "read"}) is repo
    assert repo.path("/issues/") == "/repos/octo/hello/issues"
    assert "ghs_" not in repr(repo)
    assert await app.installed(REPO) == ONE


@pytest.mark.parametrize("name", ["octo", "octo/..", "octo/a/b", "octo/a b", "../x", "octo/", "octo/a?b", "octo/a%2F"])
async def test_a_name_that_is_no_repositorys_never_gets_into_a_path(app: App, name: str) -> None:
    with pytest.raises(InputError, match="no repository's name"):
        await app.repository(ONE, RepoName(name))
