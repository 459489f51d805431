"""The App: its key, its installations' tokens, and the way from an installation to a repository.

A token is asked for one repository and, where they are named, for certain permissions only; it is kept until shortly before
it expires and revoked when the App closes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from weakref import WeakValueDictionary

import aiohttp
import jwt
from cachetools import LRUCache, TLRUCache

from bot.errors import Fatal, InputError, PawlError
from bot.github.client import Client, segment
from bot.github.errors import Forbidden
from bot.github.limits import Limits
from bot.github.repository import Repository
from bot.github.wire import Line, Patience, kept_answers
from bot.ids import InstallationId, Login, RepoName

SKEW: Final = 60
"""Seconds by which this machine's clock may be ahead of GitHub's."""
JWT_SECONDS: Final = 540
"""How long an App's own token is good for, ten minutes less the skew."""
EARLY: Final = 300.0
"""Seconds before its end at which an installation's token is no longer handed out."""
_MOST_SECONDS = 3600.0

Permissions = Mapping[str, str]
_Key = tuple[InstallationId, RepoName | None, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class AppFacts:
    """Who the App is: its own id, and the account it acts as."""

    id: int
    slug: str
    bot_login: Login
    bot_id: int


@dataclass(frozen=True)
class _Token:
    text: str = field(repr=False)
    seconds: float


class App:
    """A GitHub App on github.com or an Enterprise server. ``close`` it in the end, so that no token outlives it."""

    def __init__(  # noqa: PLR0913, PLR0917 - what an App is known by and where
        self,
        app_id: int,
        private_key: str,
        api_url: str,
        server_url: str,
        session: aiohttp.ClientSession,
        patience: Patience | None = None,
    ) -> None:
        self.id = app_id
        self.api_url = api_url.rstrip("/")
        self.server_url = server_url.rstrip("/")
        self._private_key = private_key
        self._session = session
        self._patience = patience or Patience()
        self._kept = kept_answers()
        self._facts: AppFacts | None = None
        self._jwt: tuple[str, float] = ("", 0.0)
        self._own = Client(self._line(), self._own_authorisation)
        self._lines: dict[InstallationId, Line] = {}
        self._tokens: TLRUCache[_Key, _Token] = TLRUCache(1024, ttu=_until, timer=time.monotonic)
        self._asking: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()
        self._repositories: LRUCache[_Key, Repository] = LRUCache(256)

    @property
    def slug(self) -> str:
        """The App's name in URLs, known once :meth:`me` was asked."""
        if self._facts is None:
            raise Fatal("the App's slug was wanted before GitHub was asked who the App is")
        return self._facts.slug

    async def me(self) -> AppFacts:
        """Return who the App is; asked once."""
        if self._facts is None:
            told = await self._own.get("/app")
            login = f"{told['slug']}[bot]"
            account = await (await self._anyone()).get(f"/users/{segment(login)}")
            self._facts = AppFacts(int(told["id"]), str(told["slug"]), Login(login), int(account["id"]))
        return self._facts

    async def client(self) -> Client:
        """Return a client that speaks as the App itself: its installations, its webhook deliveries."""
        return self._own

    async def repository(
        self, installation: InstallationId, repo: RepoName, permissions: Permissions | None = None
    ) -> Repository:
        """Return a repository to speak to; the token covers it alone, and only ``permissions`` where they are named."""
        key = _key(installation, repo, permissions)
        known = self._repositories.get(key)
        if known is None:
            known = Repository(repo, installation, self._speaker(key), self)
            self._repositories[key] = known
        return known

    async def installation(self, installation: InstallationId, permissions: Permissions | None = None) -> Client:
        """Return a client for what belongs to no one repository: an organisation's teams, the list of repositories."""
        return self._speaker(_key(installation, None, permissions))

    async def installed(self, repo: RepoName) -> InstallationId:
        """Return the installation that covers a repository; raises NotFound where there is none."""
        owner, _, name = repo.partition("/")
        told = await self._own.get(f"/repos/{segment(owner)}/{segment(name)}/installation")
        return InstallationId(int(told["id"]))

    async def token(
        self, installation: InstallationId, repo: RepoName | None, permissions: Permissions | None = None, *, fresh: bool = False
    ) -> str:
        """Return an installation token for one repository; ``fresh`` asks for another than the last."""
        key = _key(installation, repo, permissions)
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = None if fresh else self._tokens.get(key)
            if known is None:
                known = await self._ask(key)
                self._tokens[key] = known
        return known.text

    async def revoke(self, token: str) -> None:
        """Make a token worthless at once; one that GitHub no longer knows is left alone."""
        for key, each in self._held():
            if each.text == token:
                self._tokens.pop(key, None)

        async def authorisation(_fresh: bool) -> str:  # noqa: FBT001 - the shape of Authorize
            return f"token {token}"

        try:
            await Client(self._line(), authorisation).delete("/installation/token")
        except Forbidden as error:
            if error.status != 401:  # noqa: PLR2004 - it is worthless already
                raise

    async def revoke_all(self, installation: InstallationId | None = None) -> None:
        """Revoke the tokens handed out, of one installation or of all."""
        for key, each in self._held():
            if installation in {None, key[0]}:
                await self.revoke(each.text)

    async def close(self) -> None:
        """Revoke every token; what cannot be revoked now ends by itself within the hour."""
        for _, each in self._held():
            try:
                await self.revoke(each.text)
            except PawlError:
                continue

    def _held(self) -> list[tuple[_Key, _Token]]:
        """Return the tokens that are good still."""
        found = [(key, self._tokens.get(key)) for key in list(self._tokens)]
        return [(key, each) for key, each in found if each is not None]

    def _line(self) -> Line:
        return Line(self._session, self.api_url, Limits(), self._patience, self._kept)

    def _speaker(self, key: _Key) -> Client:
        installation, repo, permissions = key

        async def authorisation(fresh: bool) -> str:  # noqa: FBT001 - the shape of Authorize
            return f"token {await self.token(installation, repo, dict(permissions), fresh=fresh)}"

        if installation not in self._lines:
            self._lines[installation] = self._line()
        return Client(self._lines[installation], authorisation)

    async def _anyone(self) -> Client:
        """Return a client that may read accounts: an installation's where there is one, else nobody's."""
        async for each in self._own.pages("/app/installations", per_page=1):
            return self._speaker(_key(InstallationId(int(each["id"])), None, {"metadata": "read"}))

        async def nobody(_fresh: bool) -> None:  # noqa: FBT001 - the shape of Authorize
            return None

        return Client(self._line(), nobody)

    async def _own_authorisation(self, fresh: bool) -> str:  # noqa: FBT001 - the shape of Authorize
        text, until = self._jwt
        if fresh or time.monotonic() > until:
            text = self_signed(self.id, self._private_key, int(time.time()))
            self._jwt = text, time.monotonic() + JWT_SECONDS - 2 * SKEW
        return f"Bearer {text}"

    async def _ask(self, key: _Key) -> _Token:
        installation, repo, permissions = key
        wanted: dict[str, Any] = {}
        if repo is not None:
            wanted["repositories"] = [repo.partition("/")[2]]
        if permissions:
            wanted["permissions"] = dict(permissions)
        told = await self._own.post(f"/app/installations/{installation}/access_tokens", wanted)
        ends = datetime.fromisoformat(told["expires_at"])
        left = min((ends - datetime.now(UTC)).total_seconds(), _MOST_SECONDS)
        return _Token(str(told["token"]), max(0.0, left - EARLY))


def self_signed(app_id: int, private_key: str, now: int) -> str:
    """Return the token by which an App proves that it has its key, good for less than ten minutes.

    Raises:
        InputError: the key is none.
    """
    claims = {"iat": now - SKEW, "exp": now + JWT_SECONDS - SKEW, "iss": str(app_id)}
    try:
        return jwt.encode(claims, private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise InputError("PAWL_PRIVATE_KEY is no RSA key in PEM form: download one from the App's settings page") from None


def _key(installation: InstallationId, repo: RepoName | None, permissions: Permissions | None) -> _Key:
    return installation, repo, frozenset((permissions or {}).items())


def _until(_key: object, token: _Token, now: float) -> float:
    return now + token.seconds
