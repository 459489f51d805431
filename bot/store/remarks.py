"""Why a run still waits: said anew, with its ledger entry and its notice, while the run stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.ledger.entry import Fact
from bot.store import jobs, ledger
from bot.store.connection import clean

if TYPE_CHECKING:
    from bot.store.connection import Connection
    from bot.store.runs import Claim


async def add(connection: Connection, held: Claim, reason: str) -> bool:
    """Give a claimed run another reason; False where the claim was lost."""
    run = held.run
    async with connection.transaction():
        step = await connection.fetchval(
            "UPDATE run SET reason = $4"
            " WHERE id = $1 AND fence = $2 AND step = $3 AND lease_until > clock_timestamp() RETURNING step",
            run.id,
            held.fence,
            held.step,
            clean(reason),
        )
        if step is None:
            return False
        before, after = {"reason": run.reason}, {"reason": clean(reason)}
        await ledger.append(connection, Fact("pawl", f"run.{run.state}", clean(reason), run.id, before, after))
        if run.instruction.origin is not None:
            await jobs.tell(connection, run.id, step)
    return True
