"""Calls to language models: one row each, with what came of it and what it cost, and its entry in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.ids import RunId
from bot.ledger.entry import Fact
from bot.llm.asking import Duty, OverBudget, Usage
from bot.llm.budget import Budget, why_not
from bot.llm.journal import UNDER_WAY, Call, Switch
from bot.llm.spending import Spending
from bot.store import ledger
from bot.store.connection import clean

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bot.store.connection import Connection

_DAY: Final = timedelta(hours=24)
_LOST: Final = "lost"
_DIED: Final = "the process that asked ended before the answer; what it cost is estimated"

_SUMS: Final = (
    "SELECT count(*) AS calls, coalesce(sum(input), 0)::bigint AS input, coalesce(sum(output), 0)::bigint AS output,"
    " coalesce(sum(cached), 0)::bigint AS cached, coalesce(sum(money), 0) AS money, count(*) - count(money) AS unpriced"
    " FROM completion JOIN run ON run.id = completion.run"
)

_WITHIN: Final = (
    f"{_SUMS} WHERE completion.at > clock_timestamp() - $1::interval"
    " AND ($2::bigint IS NULL OR run.origin_repository = $2) AND ($3::bigint IS NULL OR run.origin_requester = $3)"
    " AND (NOT $4 OR (run.inquiry IN ('ask', 'explain') AND run.origin_repository IS NOT NULL))"
)


@dataclass(frozen=True)
class Purse:
    """A budget that runs share: what all of them, or those of one repository or one person, may spend within a day.

    Both are told by their numeric ids on GitHub.
    """

    budget: Budget
    repository: int | None = None
    user: int | None = None
    questions: bool = False
    """Whether only what readers ask there is paid from it."""


class Completions:
    """The store's calls to models; every method is one transaction, its ledger entry included."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._transaction = transaction

    async def begun(self, run: RunId, call: Call, purses: tuple[Purse, ...] = ()) -> int:
        """Write down a call that is about to go out, with what it may cost at most; return its number.

        A run asks one model at a time, so what is under way still is lost: it stays on the bill, at its most.

        Raises:
            OverBudget: it would go beyond one of the purses; no two calls, of whatever process, may each take the rest of one.
        """
        used = call.usage
        async with self._transaction() as connection:
            await _require(connection, purses, used)
            lost = await connection.fetch(
                "UPDATE completion SET outcome = $2 WHERE run = $1 AND outcome = $3 RETURNING *", run, _LOST, UNDER_WAY
            )
            for each in lost:
                await _enter(connection, run, _lost(dict(each)))
            number = await connection.fetchval(
                "INSERT INTO completion (run, duty, provider, model, input, output, cached, money, seconds, outcome)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
                run,
                call.duty.value,
                clean(call.provider),
                clean(call.model),
                used.input,
                used.output,
                used.cached,
                used.money,
                call.seconds,
                clean(call.outcome),
            )
        return int(number)

    async def called(self, run: RunId, number: int, call: Call) -> None:
        """Write down how a call that was begun has ended."""
        used = call.usage
        async with self._transaction() as connection:
            await connection.execute(
                "UPDATE completion SET input = $3, output = $4, cached = $5, money = $6, seconds = $7, outcome = $8"
                " WHERE run = $1 AND id = $2",
                run,
                number,
                used.input,
                used.output,
                used.cached,
                used.money,
                call.seconds,
                clean(call.outcome),
            )
            await _enter(connection, run, call)

    async def switched(self, run: RunId, switch: Switch) -> None:
        """Write down that one model was given up for another."""
        before, after = {"model": clean(switch.left)}, {"model": clean(switch.taken), "duty": switch.duty.value}
        async with self._transaction() as connection:
            await ledger.append(connection, Fact(f"model:{switch.left}", "model.switched", switch.why, run, before, after))

    async def spent(self, run: RunId, *, known: bool = False) -> Usage:
        """Return what a run's calls came to; those under way count with what they may cost at most.

        Its money is None where the price of one of them is unknown, or, with ``known``, that of the calls whose price is known.
        """
        async with self._transaction() as connection:
            return await _sum(connection, f"{_SUMS} WHERE completion.run = $1", run, known=known)

    async def by_author(self, run: RunId) -> tuple[Spending, ...]:
        """Return what a run's calls that have ended came to, by duty and author, in the order in which they were asked first."""
        query = (
            "SELECT duty, provider || ':' || model AS author, count(*) AS calls, sum(input)::bigint AS input,"
            " sum(output)::bigint AS output, sum(cached)::bigint AS cached, sum(money) AS money,"
            " count(*) - count(money) AS unpriced, count(*) FILTER (WHERE outcome = 'answered') AS answered"
            " FROM completion WHERE run = $1 AND outcome <> $2 GROUP BY duty, provider, model ORDER BY min(id)"
        )
        async with self._transaction() as connection:
            rows = await connection.fetch(query, run, UNDER_WAY)
        return tuple(_spending(dict(each)) for each in rows)


async def _require(connection: Connection, purses: tuple[Purse, ...], wanted: Usage) -> None:
    """Make sure, until the transaction ends, that a call fits into the purses; raises OverBudget."""
    if purses:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('purses', 0))")
    for each in purses:
        spent = await _sum(connection, _WITHIN, _DAY, each.repository, each.user, each.questions, known=True)
        why = why_not(each.budget, spent, wanted)
        if why:
            raise OverBudget(why)


async def _sum(connection: Connection, query: str, *values: Any, known: bool) -> Usage:
    row = await connection.fetchrow(query, *values)
    if row is None:
        return Usage()
    money = None if row["unpriced"] and not known else row["money"]
    return Usage(row["input"], row["output"], row["cached"], money, row["calls"])


async def _enter(connection: Connection, run: RunId, call: Call) -> None:
    """Enter a call in the ledger."""
    await ledger.append(connection, Fact(f"model:{call.author}", "model.called", _why(call), run, {}, _told(call)))


def _lost(row: Mapping[str, Any]) -> Call:
    usage = Usage(row["input"], row["output"], row["cached"], row["money"], 1)
    return Call(Duty(row["duty"]), row["provider"], row["model"], usage, row["seconds"], _LOST, _DIED)


def _spending(row: Mapping[str, Any]) -> Spending:
    money = None if row["unpriced"] else row["money"]
    usage = Usage(row["input"], row["output"], row["cached"], money, row["calls"])
    return Spending(Duty(row["duty"]), row["author"], usage, row["answered"])


def _why(call: Call) -> str:
    return f"{call.outcome}: {call.why}" if call.why else call.outcome


def _told(call: Call) -> Mapping[str, Any]:
    used = call.usage
    return {
        "duty": call.duty.value,
        "model": clean(call.author),
        "input": used.input,
        "output": used.output,
        "cached": used.cached,
        "money": used.money,
        "seconds": round(call.seconds, 3),
    }
