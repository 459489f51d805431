"""``/setup``: makes the GitHub App by the manifest flow, while this server has none.

The page sends ``app.yml``, with this server's addresses filled in, to GitHub, which shows what the App may do, makes it and comes
back to ``/setup/made`` with a code. The code is exchanged for the App's keys, which are kept
(:mod:`bot.installation.credentials`). Only who knows the token that the server printed when it started may do any of this, or a
passer-by could make Pawl *his* App.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import yaml
from aiohttp import ClientSession, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import bot
from bot import logs
from bot.callers import said
from bot.errors import Fatal, Fault, UserError
from bot.github.manifest import convert
from bot.installation import credentials
from bot.settings import Settings

MANIFEST: Final = "app.yml"
_ORGANIZATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}", re.ASCII)
_HOME: Final = {"localhost", "127.0.0.1", "::1"}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logs.get(__name__)


def _word() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Setup:
    """The pages, until ``made`` is set."""

    settings: Settings
    session: ClientSession
    made: asyncio.Event = field(default_factory=asyncio.Event)
    token: str = field(default_factory=_word, repr=False)
    """Opens the pages."""
    state: str = field(default_factory=_word, repr=False)
    """Comes back from GitHub with the code: who has not begun here cannot end here."""

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return f"{self.settings.public_url}/setup?{urlencode({'token': self.token})}"

    def routes(self) -> list[web.RouteDef]:
        """Return the pages' routes."""
        return [web.get("/setup", _told(self.page)), web.get("/setup/made", _told(self.exchange))]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Show the form that sends the manifest to GitHub."""
        if not _same(request.query.get("token", ""), self.token):
            return said(HTTPStatus.FORBIDDEN, "open the address that `pawl serve` printed when it started: it has a token")
        organization = request.query.get("organization", "").strip()
        if organization and _ORGANIZATION.fullmatch(organization) is None:
            return said(HTTPStatus.BAD_REQUEST, "that is no organisation's name: letters, digits and hyphens")
        server = self.settings.server_url
        place = f"organizations/{organization}/settings" if organization else "settings"
        public = self.settings.public_url
        return self._html(
            made=None,
            action=f"{server}/{place}/apps/new?{urlencode({'state': self.state})}",
            manifest=filled(public),
            server=urlsplit(server).netloc,
            organization=organization,
            token=self.token,
            public=public,
            local=urlsplit(public).hostname in _HOME and urlsplit(server).hostname not in _HOME,
        )

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """Exchange GitHub's code for the App's keys, keep them, and say what is next."""
        if not _same(request.query.get("state", ""), self.state):
            return said(HTTPStatus.FORBIDDEN, "this App was not begun here: open the address that `pawl serve` printed")
        if self.made.is_set():
            return said(HTTPStatus.CONFLICT, "there is an App already: install it from its page on GitHub")
        found = await convert(self.session, self.settings.api_url, request.query.get("code", ""))
        file = await asyncio.to_thread(credentials.keep, self.settings, found)
        _log.warning("the App is made", app=found.slug, file=str(file))
        page = self._html(made=found, file=str(file))
        self.made.set()
        return page

    def _html(self, **facts: Any) -> web.Response:
        text = _pages().get_template("setup.html.jinja").render(**facts)
        guard = f"default-src 'none'; form-action 'self' {self.settings.server_url}; base-uri 'none'; frame-ancestors 'none'"
        told = {"Content-Security-Policy": guard, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
        return web.Response(text=text, content_type="text/html", headers=told)


def manifest() -> dict[str, Any]:
    """Return ``app.yml``; raises Fatal where it is not there."""
    package = Path(bot.__file__).parent
    for place in (package / MANIFEST, package.parent / MANIFEST):
        if place.is_file():
            found: dict[str, Any] = yaml.safe_load(place.read_text(encoding="utf-8"))
            return found
    raise Fatal(f"{MANIFEST} is not there: install Pawl again")


def filled(public: str) -> dict[str, Any]:
    """Return the manifest with this server's addresses."""
    told = manifest()
    return {
        **told,
        "url": public,
        "hook_attributes": {**told["hook_attributes"], "url": f"{public}/webhook"},
        "redirect_url": f"{public}/setup/made",
    }


def _told(handler: _Handler) -> _Handler:
    """Return the handler with its errors told in one sentence each."""

    async def told(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except UserError as error:
            return said(HTTPStatus.BAD_REQUEST, str(error))
        except Fault as error:
            _log.exception("setting up failed")
            return said(HTTPStatus.BAD_GATEWAY, f"{type(error).__name__}: the server's log has it whole; try again")

    return told


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
