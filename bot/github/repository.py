"""A repository to speak to: its name, the installation that covers it, and a client whose token reaches nothing else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bot.errors import InputError
from bot.github.client import Client
from bot.ids import InstallationId, RepoName, Sha

if TYPE_CHECKING:
    from bot.github.app import App

_NAME = re.compile(r"(?P<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?P<name>(?!\.{1,2}$)[A-Za-z0-9._-]+)", re.ASCII)
_METHODS: Final = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}


@dataclass(frozen=True)
class RepositoryFacts:
    """What GitHub says of a repository."""

    id: int
    default_branch: str
    private: bool
    allow_auto_merge: bool
    merge_methods: tuple[str, ...]
    """Of ``merge``, ``squash`` and ``rebase`` those that are allowed, in this order; all where GitHub does not say."""
    archived: bool
    permissions: Mapping[str, bool]
    owner_id: int = 0
    organization: bool = False
    """Whether the owner is an organisation, so that there are teams."""
    fork: bool = False
    kilobytes: int = 0
    """How large GitHub takes its git data to be."""


@dataclass(frozen=True)
class Repository:
    """One repository of one installation; paths are relative to ``/repos/{name}``."""

    name: RepoName
    installation: InstallationId
    client: Client = field(repr=False, compare=False)
    app: App = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise InputError(f"{self.name!r} is no repository's name: it looks like owner/name")

    @property
    def owner(self) -> str:
        """The account it belongs to."""
        return self.name.partition("/")[0]

    async def get(self, path: str, **params: Any) -> Any:
        """Return what stands at a path."""
        return await self.client.get(self.path(path), **params)

    def pages(self, path: str, key: str = "items", **params: Any) -> AsyncIterator[Any]:
        """Yield the items of a list page by page; ``key`` names the list where the answer is an object."""
        return self.client.pages(self.path(path), key, **params)

    async def post(self, path: str, data: Any = None) -> Any:
        """Make something."""
        return await self.client.post(self.path(path), data)

    async def patch(self, path: str, data: Any = None) -> Any:
        """Change something."""
        return await self.client.patch(self.path(path), data)

    async def put(self, path: str, data: Any = None) -> Any:
        """Set something."""
        return await self.client.put(self.path(path), data)

    async def delete(self, path: str, data: Any = None) -> Any:
        """Take something away."""
        return await self.client.delete(self.path(path), data)

    def path(self, path: str) -> str:
        """Return the full path of a part of this repository."""
        part = path.strip("/")
        return f"/repos/{self.name}/{part}" if part else f"/repos/{self.name}"

    def page_of(self, at: Sha, path: str, first: int, last: int) -> str:
        """Return the address at which people see some lines of a file as it is in a commit."""
        return f"{self.app.server_url}/{self.name}/blob/{at}/{quote(path)}#L{first}-L{last}"

    def check_page(self, check: int) -> str:
        """Return the address at which people see a check run and its buttons."""
        return f"{self.app.server_url}/{self.name}/runs/{check}"

    def pull_page(self, number: int) -> str:
        """Return the address at which people see a pull request."""
        return f"{self.app.server_url}/{self.name}/pull/{number}"

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token that may read this repository's git data, for git over HTTPS."""
        reading = {"contents": "read", "metadata": "read"}
        return await self.app.token(self.installation, self.name, reading, fresh=fresh)

    async def facts(self) -> RepositoryFacts:
        """Return what GitHub says of the repository."""
        told = await self.get("")
        owner = told.get("owner") or {}
        return RepositoryFacts(
            id=int(told["id"]),
            default_branch=str(told["default_branch"]),
            private=bool(told["private"]),
            allow_auto_merge=bool(told.get("allow_auto_merge")),
            merge_methods=tuple(method for method, key in _METHODS.items() if told.get(key, True)),
            archived=bool(told.get("archived")),
            permissions={str(key): bool(value) for key, value in (told.get("permissions") or {}).items()},
            owner_id=int(owner.get("id") or 0),
            organization=owner.get("type") == "Organization",
            fork=bool(told.get("fork")),
            kilobytes=int(told.get("size") or 0),
        )
