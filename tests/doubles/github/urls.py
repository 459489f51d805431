"""The addresses in answers, built from the ``Host`` that was asked, so that a recorder can stand between.

``http://host/api/v3`` is the API as on a GitHub Enterprise Server; ``http://api.host`` is it as on github.com.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from aiohttp import web

from tests.doubles.github.repository import Repository

PREFIX = "/api/v3"


@dataclass(frozen=True)
class Urls:
    """Where the pages (and git) and the API are, for whoever asked."""

    web: str
    api: str

    def repo(self, repo: Repository) -> str:
        """Return the API's address of a repository."""
        return f"{self.api}/repos/{repo.full_name}"

    def page(self, repo: Repository) -> str:
        """Return the page of a repository."""
        return f"{self.web}/{repo.full_name}"


def at(url: str) -> Urls:
    """Return the addresses below the process's own address."""
    return Urls(url, url + PREFIX)


def asked_at(request: web.Request) -> Urls:
    """Return the addresses as the caller knows them."""
    root = f"{request.scheme}://{request.host}"
    if request.host.startswith("api."):
        return Urls(f"{request.scheme}://{request.host.removeprefix('api.')}", root)
    return at(root)


CURRENT: ContextVar[Urls] = ContextVar("urls")
"""The addresses of the request that is being answered; webhooks that it causes use them too."""
