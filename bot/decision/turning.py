"""Turning the check of what waits, at once: where somebody stops or holds a merge, nobody waits for a worker to come by.

Whoever looks next says the same, or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.board import GitHubBoard
from bot.policy.standing import Hold

if TYPE_CHECKING:
    from bot.github.repository import Repository
    from bot.ids import RunId
    from bot.store.store import Store


async def turn(repository: Repository, store: Store, run_id: RunId, why: str) -> None:
    """Have the check of a judged head let nothing in, with this reason; nothing happens where nothing was judged.

    Raises:
        Retryable: GitHub or the store went away; call again.
        UserError: GitHub does not let Pawl write the check.
    """
    run, checked = await store.get(run_id), (await store.history(run_id)).checked
    default = (await repository.facts()).default_branch
    if checked is not None and run.instruction.into in {"", default}:
        await GitHubBoard(repository).ruled(run, checked, (why,))


def held(hold: Hold) -> str:
    """Return why a hold lets nothing in."""
    because = f" ({hold.why})" if hold.why else ""
    return f"{hold.by} asked to wait{because}; anybody with write access lifts that by /pawl unhold"
