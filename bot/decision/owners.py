"""Owners that CODEOWNERS names by e-mail address, as the accounts that they are: nobody approves under an address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.github import accounts

if TYPE_CHECKING:
    from bot.github.repository import Repository
    from bot.policy.standing import Owned


async def named(repo: Repository, owned: Iterable[Owned]) -> tuple[Owned, ...]:
    """Return owned paths whose owners are accounts and teams; an address that no account is found for stays as it is."""
    paths = tuple(owned)
    addresses = sorted({each for path in paths for each in path.owners if not each.startswith("@")})
    found = {each: await accounts.by_address(repo, each) for each in addresses}
    logins = {address: f"@{account.login}" for address, account in found.items() if account is not None}
    return tuple(replace(path, owners=tuple(logins.get(each, each) for each in path.owners)) for path in paths)
