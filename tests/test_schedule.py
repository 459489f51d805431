"""The schedule: what is due is a pure question; of several processes one does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Desk
from bot.errors import Refused, Retryable
from bot.github.deliveries import DeliveryRow
from bot.ids import DeliveryId, InstallationId, RepoName, Sha, new_run_id
from bot.run import Instruction, Origin, Verb
from bot.schedule import CHORES, MOST_ASKED, Schedule, due, look_back, wanted_again
from bot.store.deliveries import Letter
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(days=-5), timedelta(days=5)).map(lambda each: NOW + each)


@given(st.dictionaries(st.sampled_from(sorted(CHORES)), TIMES))
def test_a_chore_is_due_once_its_time_has_passed(begun: dict[str, datetime]) -> None:
    found = due(NOW, begun)
    assert [each for each in CHORES if each in found] == list(found)
    for name, every in CHORES.items():
        if name not in begun:
            assert name in found
        else:
            assert (name in found) == (abs(NOW - begun[name]) >= every)


def test_who_has_just_begun_everything_has_nothing_due() -> None:
    assert due(NOW, dict.fromkeys(CHORES, NOW)) == ()


@given(st.none() | TIMES)
def test_deliveries_are_looked_through_as_far_as_github_remembers(last: datetime | None) -> None:
    since = look_back(NOW, last)
    assert NOW - timedelta(days=3) <= since <= NOW
    if last is not None and NOW - timedelta(days=2) < last <= NOW:
        assert since == last - timedelta(hours=1)


def row(guid: str = "a", attempts: int = 1, age: int = 60, status: int = 502) -> DeliveryRow:
    delivered = NOW - timedelta(seconds=age)
    return DeliveryRow(len(guid), DeliveryId(guid), "push", "", status, redelivered=False, delivered=delivered, attempts=attempts)


def test_what_never_got_through_is_asked_for_again_five_times() -> None:
    rows = [row("a"), row("b", MOST_ASKED - 1), row("c", MOST_ASKED), row("e")]
    assert [each.guid for each in wanted_again(rows, frozenset({DeliveryId("e")}))] == ["a", "b"]


@dataclass
class GitHub:
    """Remembers deliveries, and which it was asked for again."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def client(self) -> GitHub:
        return self

    async def pages(self, _path: str) -> AsyncIterator[Any]:
        if self.error is not None:
            raise self.error
        for each in self.rows:
            yield each

    async def post(self, path: str) -> None:
        self.asked.append(path)


def remembered(number: int, guid: str, status: int, age: int = 60) -> dict[str, Any]:
    moment = (NOW - timedelta(seconds=age)).isoformat()
    return {"id": number, "guid": guid, "event": "push", "action": None, "status_code": status, "delivered_at": moment}


def schedule(store: Store, github: GitHub, **others: Any) -> Schedule:
    told: Any = github
    nothing: Any = None
    return Schedule(Desk(store, told, nothing, nothing), clock=lambda: NOW, **others)


async def test_the_chores_are_done_once_however_many_processes_look(store: Store, connection: Db) -> None:
    github = GitHub([remembered(3, "lost", 502), remembered(2, "kept", 504), remembered(1, "fine", 202)])
    await store.deliver(Letter(DeliveryId("kept"), "push", "", "{}", 0))
    await connection.execute("DELETE FROM pgqueuer")
    done = await asyncio.gather(*(schedule(store, github).turn() for _ in range(4)))
    assert sorted(name for each in done for name in each) == sorted(CHORES)
    assert github.asked == ["/app/hook/deliveries/3/attempts"]
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 1
    assert await schedule(store, github).turn() == ()


async def test_sleeping_runs_are_woken(store: Store, connection: Db) -> None:
    origin = Origin(InstallationId(1), 2, 3, 4)
    run = await store.create(Instruction(Verb.FIX, "f", RepoName("o/r"), Sha("a" * 40), origin=origin), new_run_id(), alone=False)
    await connection.execute("UPDATE run SET state = 'awaiting_approval' WHERE id = $1", run.id)
    await connection.execute("DELETE FROM pgqueuer")
    await schedule(store, GitHub(), chores={"wake": timedelta(minutes=5)}).turn()
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'run'") == 1


async def test_a_chore_that_fails_keeps_no_other_from_being_done(store: Store) -> None:
    done = await schedule(store, GitHub(error=Retryable("GitHub is away"))).turn()
    assert set(done) == set(CHORES)


async def test_the_schedule_works_until_it_is_stopped() -> None:
    class Away:
        async def chores(self) -> dict[str, datetime]:
            looked.append(1)
            if len(looked) == 3:
                stop.set()
            raise (Retryable if len(looked) == 1 else Refused)("no")

    looked: list[int] = []
    stop = asyncio.Event()
    away: Any = Away()
    async with asyncio.timeout(20):
        await schedule(away, GitHub(), tick=0.001).work(stop)
    assert len(looked) == 3
