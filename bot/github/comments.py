"""Comments under issues and pull requests, and reactions to both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.github.accounts import Account, account_of
from bot.github.repository import Repository


@dataclass(frozen=True)
class CommentFacts:
    """A comment as it stands; ``body`` is a stranger's text. ``user`` is None where the account is gone."""

    id: int
    body: str
    user: Account | None
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class Reaction:
    """One reaction; ``user`` is None where the account is gone."""

    content: str
    user: Account | None
    created: datetime


async def create(repo: Repository, number: int, body: str) -> int:
    """Write a comment under an issue or pull request; return its id. A body over 65,536 characters is refused by GitHub."""
    made = await repo.post(f"issues/{number}/comments", {"body": body})
    return int(made["id"])


async def edit(repo: Repository, comment: int, body: str) -> None:
    """Give a comment another body; nobody is notified. Raises NotFound where it was deleted."""
    await repo.patch(f"issues/comments/{comment}", {"body": body})


async def get(repo: Repository, comment: int) -> CommentFacts:
    """Return a comment; raises NotFound where it is gone."""
    told = await repo.get(f"issues/comments/{comment}")
    created, updated = (datetime.fromisoformat(str(told[key])) for key in ("created_at", "updated_at"))
    return CommentFacts(int(told["id"]), str(told.get("body") or ""), _user(told), created, updated)


async def reactions(repo: Repository, comment: int) -> tuple[Reaction, ...]:
    """Return the reactions to a comment, oldest first."""
    found = [each async for each in repo.pages(f"issues/comments/{comment}/reactions")]
    return tuple(Reaction(str(each["content"]), _user(each), datetime.fromisoformat(str(each["created_at"]))) for each in found)


async def find(repo: Repository, number: int, marker: str) -> int | None:
    """Return the first comment of Pawl's own that begins with ``marker``; what others wrote is never taken for it.

    Nor is a marker further down, which may be a stranger's words that Pawl showed as code.
    """
    own = (await repo.app.me()).bot_id
    async for each in repo.pages(f"issues/{number}/comments"):
        if _author(each) == own and str(each.get("body") or "").startswith(marker):
            return int(each["id"])
    return None


async def react(repo: Repository, comment: int, content: str) -> None:
    """React to a comment (``eyes``, ``rocket``, ``confused``, ``-1``…); the same reaction twice is one."""
    await repo.post(f"issues/comments/{comment}/reactions", {"content": content})


async def react_issue(repo: Repository, number: int, content: str) -> None:
    """React to an issue or pull request itself."""
    await repo.post(f"issues/{number}/reactions", {"content": content})


def _user(told: dict[str, Any]) -> Account | None:
    return account_of(told["user"]) if told.get("user") else None


def _author(told: dict[str, Any]) -> int | None:
    """Return the numeric id of who wrote it; None where the account is gone."""
    user = told.get("user") or {}
    return int(user["id"]) if user.get("id") else None
