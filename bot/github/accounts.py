"""Accounts: who a numeric id belongs to now, and who owns an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.github.client import segment
from bot.github.errors import NotFound
from bot.github.repository import Repository
from bot.ids import Login


@dataclass(frozen=True)
class Account:
    """A GitHub account; ``id`` decides who it is, ``login`` is what it is called now."""

    id: int
    login: Login
    bot: bool
    """Whether GitHub says that it is no person's."""


async def account(repo: Repository, number: int) -> Account | None:
    """Return the account of a numeric id, or None where it is gone."""
    try:
        return account_of(await repo.client.get(f"/user/{number}"))
    except NotFound:
        return None


async def by_address(repo: Repository, address: str) -> Account | None:
    """Return whose an e-mail address is, as GitHub knows the authors of the repository's commits; None where none is under it."""
    told = await repo.get("commits", author=address, per_page=1)
    newest = next(iter(told), None)
    if newest is None or not newest.get("author") or newest["commit"]["author"]["email"].casefold() != address.casefold():
        return None
    return account_of(newest["author"])


async def owns(repo: Repository, organisation: str, login: Login, number: int) -> bool:
    """Return whether an account owns an organisation now; raises Forbidden where the App may not see that."""
    client = await repo.app.installation(repo.installation, {"members": "read"})
    try:
        told = await client.get(f"/orgs/{segment(organisation)}/memberships/{segment(login)}")
    except NotFound:
        return False
    user = told.get("user") or {}
    return (user.get("id"), told.get("role"), told.get("state")) == (number, "admin", "active")


def account_of(told: Mapping[str, Any]) -> Account:
    """Return the account in an answer or a webhook's payload."""
    return Account(int(told["id"]), Login(str(told["login"])), told.get("type") == "Bot")
