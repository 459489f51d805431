"""Who speaks for a whole account: its owner, or an owner of the organisation, as GitHub answers now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github import accounts

if TYPE_CHECKING:
    from bot.desk import Actor
    from bot.github.repository import Repository


async def governs(repository: Repository, actor: Actor) -> bool:
    """Return whether somebody owns the account that a repository belongs to; raises Forbidden where that cannot be seen."""
    facts = await repository.facts()
    if not facts.organization:
        return facts.owner_id == actor.id
    return await accounts.owns(repository, repository.owner, actor.login, actor.id)
