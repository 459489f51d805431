"""Deliveries that reach the file of their event, and runs for them to find."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from bot.desk import Delivery, Desk
from bot.ids import DeliveryId, InstallationId, RepoName, Sha, new_run_id
from bot.run import Instruction, Origin, Run, State, Verb
from bot.store.onboardings import Welcome
from bot.webhook import Event

if TYPE_CHECKING:
    from bot.store.connection import Connection
    from bot.store.store import Store

INSTALLATION, REPOSITORY, NUMBER = 9, 2, 3
SENDER = {"login": "mona", "id": 11, "type": "User"}
WHERE = {
    "installation": {"id": INSTALLATION},
    "repository": {"id": REPOSITORY, "full_name": "o/r", "default_branch": "main"},
    "sender": SENDER,
}
_numbers = itertools.count(1)


async def arrives(event: Event, desk: Desk, action: str = "", **told: Any) -> None:
    """Have the event's file answer a delivery twice, as may happen."""
    payload = {**WHERE, **({"action": action} if action else {}), **told}
    each = Delivery(DeliveryId(f"d{next(_numbers)}"), event.name, action, payload)
    assert event.wants(each)
    await event.answer(each, desk)
    await event.answer(each, desk)


def desk_of(store: Store) -> Desk:
    """Return a desk without GitHub."""
    nothing: Any = None
    return Desk(store, nothing, nothing, nothing)


async def sleeping(store: Store, connection: Connection, number: int = NUMBER, repository: int = REPOSITORY) -> Run:
    """Return a run that waits, without a job, in a repository where nothing is judged unasked."""
    await store.onboardings.put(repository, Welcome.DECLINED, None, "mona")
    origin = Origin(InstallationId(INSTALLATION), repository, number, 1)
    wish = Instruction(Verb.FIX, "f", RepoName("o/r"), Sha("a" * 40), origin=origin)
    run = await store.create(wish, new_run_id(), alone=False)
    await connection.execute("UPDATE run SET state = $2 WHERE id = $1", run.id, State.AWAITING_APPROVAL.value)
    await connection.execute("DELETE FROM pgqueuer")
    return run


async def woken(connection: Connection) -> set[str]:
    """Return the runs that a worker is to look at."""
    rows = await connection.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'run'")
    return {row["payload"].decode() for row in rows}
