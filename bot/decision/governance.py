"""Who speaks for a whole account: its owner, or an owner of the organisation, as GitHub answers now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github.client import segment
from bot.github.errors import NotFound

if TYPE_CHECKING:
    from bot.desk import Actor
    from bot.github.repository import Repository


async def governs(repository: Repository, actor: Actor) -> bool:
    """Return whether somebody owns the account that a repository belongs to; raises Forbidden where that cannot be seen."""
    facts = await repository.facts()
    if not facts.organization:
        return facts.owner_id == actor.id
    client = await repository.app.installation(repository.installation, {"members": "read"})
    try:
        told = await client.get(f"/orgs/{segment(repository.owner)}/memberships/{segment(actor.login)}")
    except NotFound:
        return False
    user = told.get("user") or {}
    return (user.get("id"), told.get("role"), told.get("state")) == (actor.id, "admin", "active")
