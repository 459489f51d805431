from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot.config import Budget, Config
from bot.errors import Busy, ConfigError, Fatal, Hindered, InputError, Refused, Retryable
from bot.history import Changed
from bot.ids import InstallationId, RepoName, RunId, Sha, new_run_id
from bot.plan.plan import Plan
from bot.run import Instruction, Origin, Run, State, Verb
from bot.settings import Settings
from bot.stage import Outcome, Stage, Tools
from bot.store.holder import current
from bot.store.store import Store, open_store
from bot.worker import MOST_DEATHS, Worker

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

WAY = {
    State.PLANNING: State.SPECIFYING,
    State.SPECIFYING: State.CHANGING,
    State.CHANGING: State.CHECKING,
    State.CHECKING: State.PROPOSING,
    State.PROPOSING: State.DONE,
}
Body = Callable[[Run, Tools], Awaitable[Outcome]]


class Bench:
    """A worker whose stages go straight to the end, but for the ones that a test replaces; it remembers what was called."""

    def __init__(self, store: Store, config: Config | None = None) -> None:
        self.store = store
        self.called: list[State] = []
        self.seen: list[Tools] = []
        self.config = config or Config()
        self.stages = {state: self._stage(state, None) for state in WAY}
        self.told: list[State] = []
        self.worker = Worker(store, self._tools, self.stages, lambda run: self.told.append(run.state), pause=0.001)

    def stage(self, state: State, body: Body) -> None:
        self.stages[state] = self._stage(state, body)

    def _stage(self, state: State, body: Body | None) -> Stage:
        async def run(run: Run, tools: Tools) -> Outcome:
            self.called.append(state)
            self.seen.append(tools)
            if body is not None:
                return await body(run, tools)
            return Outcome(WAY[state], f"{state} went well", Plan(Verb.FIX, state.value, ()))

        return Stage(state.value, state, run)

    async def _tools(self, run: Run) -> Tools:
        nothing: Any = None
        history = await self.store.history(run.id)
        return Tools(nothing, nothing, self.config, history, nothing, nothing, {}, {}, nothing, nothing, nothing, nothing)

    async def received(self, repo: str = "/repo") -> RunId:
        wish = Instruction(Verb.FIX, "fix f", RepoName(repo), Sha("a" * 40))
        return (await self.store.create(wish, new_run_id(), alone=False)).id

    async def until_done(self, *runs: RunId) -> None:
        while {(await self.store.get(run)).state for run in runs} != {State.DONE}:  # noqa: ASYNC110 - another process is at it
            await asyncio.sleep(0.02)

    async def drive(self) -> Run:
        return await self.worker.drive(await self.received())


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store)


def raising(error: BaseException) -> Body:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        raise error

    return body


async def test_a_run_is_driven_to_its_end(bench: Bench) -> None:
    run = await bench.drive()
    assert (run.state, run.reason) == (State.DONE, "proposing went well")
    assert bench.called == list(WAY)
    assert bench.told == [*WAY, State.DONE]
    assert await bench.store.get(run.id) == run
    assert [each.history.plan and each.history.plan.goal for each in bench.seen] == [None, *list(WAY)[:-1]]
    assert await bench.store.verify_ledger() == []
    again = await bench.worker.drive(run.id)
    assert again == run
    assert len(bench.called) == len(WAY)


async def test_a_run_that_waits_for_a_person_stays(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(State.AWAITING_APPROVAL, "two approvals are missing")

    bench.stage(State.PROPOSING, body)
    run = await bench.drive()
    assert (run.state, run.kind) == (State.AWAITING_APPROVAL, "")
    assert (await bench.worker.drive(run.id)).state is State.AWAITING_APPROVAL
    assert bench.called.count(State.PROPOSING) == 1


async def test_a_run_that_sleeps_is_looked_at_once_for_each_waking(bench: Bench) -> None:
    looks = iter([State.AWAITING_APPROVAL] * (MOST_DEATHS + 2) + [State.DONE])

    async def look(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(next(looks), "looked")

    async def sleeps(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(State.AWAITING_APPROVAL, "two approvals are missing")

    bench.stage(State.PROPOSING, sleeps)
    bench.stage(State.AWAITING_APPROVAL, look)
    run = await bench.drive()
    for number in range(MOST_DEATHS + 2):
        assert await bench.store.wake(run.id)
        run = await bench.worker.drive(run.id, MOST_DEATHS)
        assert (run.state, run.reason) == (State.AWAITING_APPROVAL, "looked")
        assert bench.called.count(State.AWAITING_APPROVAL) == number + 1
    assert [each["why"] for each in await bench.store.ledger(run.id)].count("looked") == 1
    assert (await bench.worker.drive(run.id, MOST_DEATHS)).state is State.DONE
    assert not await bench.store.wake(run.id)


async def test_a_forge_that_is_down_does_not_end_a_run_that_waits(bench: Bench) -> None:
    async def sleeps(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(State.AWAITING_APPROVAL, "two approvals are missing")

    async def look(_run: Run, _tools: Tools) -> Outcome:
        raise Retryable("GitHub does not answer")

    bench.stage(State.PROPOSING, sleeps)
    bench.stage(State.AWAITING_APPROVAL, look)
    run = await bench.drive()
    with pytest.raises(Retryable):
        await bench.worker.drive(run.id)
    assert (await bench.store.get(run.id)).state is State.AWAITING_APPROVAL


async def test_nothing_starts_while_a_brake_is_pulled(bench: Bench) -> None:
    async def braked(run: Run) -> str | None:
        return "ann stopped it" if run.state is State.CHANGING else None

    bench.worker.braked = braked
    run = await bench.drive()
    assert (run.state, run.reason) == (State.STOPPED, "ann stopped it")
    assert State.CHANGING not in bench.called


async def test_work_in_hand_is_stopped_by_a_brake(bench: Bench) -> None:
    pulled, begun = asyncio.Event(), asyncio.Event()

    async def braked(_run: Run) -> str | None:
        return "ann stopped it" if pulled.is_set() else None

    async def endless(_run: Run, _tools: Tools) -> Outcome:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    bench.worker.braked = braked
    bench.stage(State.CHANGING, endless)
    driving = asyncio.create_task(bench.drive())
    await begun.wait()
    pulled.set()
    (listed,) = await bench.store.listed()
    await bench.store.cancel(listed.run.id, "ann stopped it", "ann")
    run = await driving
    assert (run.state, run.reason) == (State.STOPPED, "ann stopped it")


async def test_a_change_that_is_there_already_goes_straight_to_checking(bench: Bench) -> None:
    wish = Instruction(Verb.FIX, "", RepoName("/repo"), Sha("a" * 40), head=Sha("b" * 40))
    run = await bench.store.create(wish, new_run_id())
    assert (await bench.worker.drive(run.id)).state is State.DONE
    assert bench.called == [State.CHECKING, State.PROPOSING]


@pytest.mark.parametrize(
    "error", [Refused("no trustworthy spec: add an example"), InputError("say what"), ConfigError("f:1: bad")]
)
async def test_what_a_person_may_read_becomes_the_reason(bench: Bench, error: Exception) -> None:
    bench.stage(State.SPECIFYING, raising(error))
    run = await bench.drive()
    assert (run.state, run.reason, run.kind) == (State.REFUSED, str(error), type(error).__name__)
    assert (await bench.store.history(run.id)).plan == Plan(Verb.FIX, "planning", ())


async def test_a_stage_may_refuse_by_itself(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(State.REFUSED, "nothing found", Changed("search", None, None))

    bench.stage(State.CHANGING, body)
    run = await bench.drive()
    assert (run.state, run.kind) == (State.REFUSED, "Refused")
    assert (await bench.store.history(run.id)).changed == Changed("search", None, None)


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), Fatal("promise broken"), TimeoutError("the stage's own")])
async def test_what_nobody_foresaw_fails_the_run_by_its_name(bench: Bench, error: Exception) -> None:
    bench.stage(State.CHECKING, raising(error))
    run = await bench.drive()
    name = type(error).__name__
    assert (run.state, run.kind) == (State.FAILED, name)
    assert run.reason == f"{name} while checking: the log has it whole under run {run.id}"


async def test_code_that_is_nested_without_end_is_named_as_that(bench: Bench) -> None:
    bench.stage(State.CHECKING, raising(RecursionError("maximum recursion depth exceeded")))
    run = await bench.drive()
    assert (run.state, run.kind) == (State.FAILED, "RecursionError")
    assert run.reason.startswith("code is nested more deeply than Python follows: split")


async def test_what_may_pass_is_tried_again(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        if bench.called.count(State.CHANGING) < 3:
            raise Retryable("not now")
        return Outcome(State.CHECKING, "at last")

    bench.stage(State.CHANGING, body)
    assert (await bench.drive()).state is State.DONE
    bench.stage(State.CHANGING, raising(Retryable("never")))
    run = await bench.drive()
    assert (run.state, run.kind) == (State.FAILED, "Retryable")


NO_ROOM = OSError(errno.ENOSPC, "No space left on device", "/full")


@pytest.mark.parametrize("error", [NO_ROOM, Hindered("the evidence cannot be written")])
async def test_a_run_on_a_machine_without_room_stands_as_it_stood_and_can_be_resumed(bench: Bench, error: Exception) -> None:
    bench.stage(State.PROPOSING, raising(error))
    run = await bench.received()
    with pytest.raises(Hindered, match=f"then go on by `pawl run --resume {run}`"):
        await bench.worker.drive(run)
    assert (await bench.store.get(run)).state is State.PROPOSING
    bench.stage(State.PROPOSING, done_body)
    assert (await bench.worker.drive(run)).state is State.DONE
    assert bench.called.count(State.CHECKING) == 1


async def done_body(_run: Run, _tools: Tools) -> Outcome:
    return Outcome(State.DONE, "at last")


async def test_a_stage_that_names_an_impossible_state_fails_the_run(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(State.ROLLED_BACK, "what")

    bench.stage(State.PLANNING, body)
    run = await bench.drive()
    assert (run.state, run.kind) == (State.FAILED, "Fatal")
    assert "Fatal after planning" in run.reason


async def test_a_state_without_a_stage_fails_the_run(bench: Bench) -> None:
    del bench.stages[State.CHECKING]
    assert (await bench.drive()).kind == "Fatal"


async def test_tools_that_cannot_be_had_refuse_the_run(bench: Bench) -> None:
    async def none(_run: Run) -> Tools:
        raise ConfigError(".github/pawl.yml:3: unknown key 'gatez'")

    bench.worker.tools_for = none
    run = await bench.drive()
    assert (run.state, run.kind) == (State.REFUSED, "ConfigError")


async def test_out_of_time_is_a_refusal_with_what_was_made_kept(store: Store) -> None:
    bench = Bench(store, Config(budget=Budget(seconds=0.2)))

    async def body(_run: Run, _tools: Tools) -> Outcome:
        await asyncio.sleep(60)
        raise AssertionError

    bench.stage(State.CHANGING, body)
    run = await bench.drive()
    assert (run.state, run.kind) == (State.REFUSED, "Refused")
    assert run.reason.startswith("out of time while changing: this run may work for 0.2 s")
    assert (await store.history(run.id)).plan is not None


async def test_time_worked_before_an_interruption_counts(bench: Bench, connection: Db) -> None:
    run = await bench.received()
    await connection.execute("UPDATE run SET worked = 1e9 WHERE id = $1", run)
    assert (await bench.worker.drive(run)).reason.startswith("out of time while planning")


async def test_a_cancelled_run_ends_within_a_heartbeat(database: str) -> None:
    started = asyncio.Event()

    async def body(_run: Run, _tools: Tools) -> Outcome:
        started.set()
        await asyncio.sleep(60)
        raise AssertionError

    async with open_store(Settings(DATABASE_URL=SecretStr(database)), timedelta(seconds=1)) as store:
        bench = Bench(store)
        bench.stage(State.CHANGING, body)
        run = await bench.received()
        driving = asyncio.create_task(bench.worker.drive(run))
        await started.wait()
        await store.cancel(run, "no longer needed", "ann")
        ended = await driving
    assert (ended.state, ended.reason) == (State.CANCELLED, "no longer needed")


async def test_an_interrupted_worker_leaves_the_run_as_it_stood(bench: Bench) -> None:
    started = asyncio.Event()

    async def body(_run: Run, _tools: Tools) -> Outcome:
        started.set()
        await asyncio.sleep(60)
        raise AssertionError

    bench.stage(State.CHANGING, body)
    run = await bench.received()
    driving = asyncio.create_task(bench.worker.drive(run))
    await started.wait()
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving
    assert (await bench.store.get(run)).state is State.CHANGING
    bench.stage(State.CHANGING, raising(Refused("nothing")))
    assert (await bench.worker.drive(run)).reason == "nothing"
    assert bench.called == [State.PLANNING, State.SPECIFYING, State.CHANGING, State.CHANGING]


async def test_two_workers_on_one_run_do_it_once(bench: Bench) -> None:
    run = await bench.received()
    both = await asyncio.gather(bench.worker.drive(run), bench.worker.drive(run), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) in (["Busy", "Run"], ["Run", "Run"])
    assert bench.called == list(WAY)


async def test_a_blocking_stage_keeps_its_run(database: str) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        await asyncio.sleep(0)
        _block(2)
        return Outcome(State.SPECIFYING, "done")

    async with open_store(Settings(DATABASE_URL=SecretStr(database)), timedelta(seconds=1)) as store:
        bench = Bench(store)
        bench.stage(State.PLANNING, body)
        assert (await bench.drive()).state is State.DONE
    assert bench.called.count(State.PLANNING) == 1


def _block(seconds: float) -> None:
    """Hold the event loop, as a stage with a long computation would."""
    subprocess.run([sys.executable, "-S", "-c", f"import time; time.sleep({seconds})"], check=True)


async def test_a_claim_lost_on_the_way_is_taken_again(bench: Bench, connection: Db) -> None:
    async def body(run: Run, _tools: Tools) -> Outcome:
        if bench.called.count(State.CHANGING) == 1:
            await connection.execute("UPDATE run SET lease_until = clock_timestamp() WHERE id = $1", run.id)
        return Outcome(State.CHECKING, "done")

    bench.stage(State.CHANGING, body)
    run = await bench.drive()
    assert run.state is State.DONE
    assert bench.called.count(State.CHANGING) == 2
    assert len(await bench.store.ledger(run.id)) == 7


async def test_a_claim_lost_to_another_worker_is_theirs(bench: Bench, connection: Db) -> None:
    other = Store(bench.store._pool, bench.store._address, me=replace(current(), host="elsewhere", namespace="other"))

    async def body(run: Run, _tools: Tools) -> Outcome:
        await connection.execute("UPDATE run SET lease_until = clock_timestamp() WHERE id = $1", run.id)
        await other.claim(run.id)
        return Outcome(State.CHECKING, "done")

    bench.stage(State.CHANGING, body)
    with pytest.raises(Busy, match="on elsewhere is at work on run"):
        await bench.drive()


async def test_a_run_lost_over_and_over_is_given_back(bench: Bench, connection: Db) -> None:
    async def body(run: Run, _tools: Tools) -> Outcome:
        await connection.execute("UPDATE run SET lease_until = clock_timestamp() WHERE id = $1", run.id)
        return Outcome(State.CHECKING, "done")

    bench.stage(State.CHANGING, body)
    with pytest.raises(Retryable, match="was lost to other workers 3 times"):
        await bench.drive()


async def test_the_queue_is_worked_off(bench: Bench) -> None:
    runs = [await bench.received(f"/repo{number}") for number in range(4)]
    stop = asyncio.Event()
    working = asyncio.create_task(bench.worker.work(stop, at_once=2, sweep_every=0.1))
    await bench.until_done(*runs)
    await bench.until_done(await bench.received("/later"))
    stop.set()
    await working
    assert sorted(bench.called) == sorted(list(WAY) * 5)


async def test_lost_jobs_are_written_again(bench: Bench, connection: Db) -> None:
    run = await bench.received()
    await connection.execute("TRUNCATE pgqueuer")
    stop = asyncio.Event()
    working = asyncio.create_task(bench.worker.work(stop, sweep_every=0.05))
    await bench.until_done(run)
    stop.set()
    await working


async def test_a_run_somebody_holds_comes_again_later(bench: Bench) -> None:
    run = await bench.received()
    held = await bench.store.claim(run)
    assert held is not None
    assert await bench.worker._job(run) == timedelta(seconds=5)
    await bench.store.release(held)
    assert await bench.worker._job(run) is None
    assert await bench.worker._job(RunId("nonsense")) is None


async def test_a_stage_that_kills_its_workers_is_given_up(bench: Bench) -> None:
    run = await bench.received()
    for _ in range(MOST_DEATHS):
        held = await bench.store.claim(run)
        assert held is not None
        await bench.store.release(held)
    assert await bench.worker._job(run) is None
    ended = await bench.store.get(run)
    assert (ended.state, ended.reason) == (
        State.FAILED,
        "5 tries while received came to nothing: look at the log, then ask again",
    )


@pytest.mark.parametrize("victim", ["server", "supervisor"])
@pytest.mark.skipif(sys.platform != "linux", reason="finds the supervisor through /proc")
async def test_a_database_that_is_killed_meanwhile_loses_nothing(victim: str) -> None:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="pawl-", dir=memory, ignore_cleanup_errors=True) as home:
        async with open_store(Settings(PAWL_HOME=Path(home), PAWL_CACHE=Path(home) / "cache")) as store:
            bench = Bench(store)
            bench.worker.pause = 0.3

            async def body(_run: Run, _tools: Tools) -> Outcome:
                if bench.called.count(State.CHANGING) == 1:
                    server = _server(Path(home))
                    os.kill(server if victim == "server" else _parent(server), signal.SIGKILL)
                return Outcome(State.CHECKING, "done", Changed("search", None, None))

            bench.stage(State.CHANGING, body)
            run = await bench.drive()
            assert run.state is State.DONE
            assert len(await store.ledger(run.id)) == 7
            assert await store.verify_ledger() == []
        await asyncio.to_thread(_wait_until_stopped, Path(home))


def _server(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text(encoding="utf-8").split()[0])


def _wait_until_stopped(home: Path) -> None:
    with (home / "postgres/server").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def from_github(repo: str = "o/r") -> Instruction:
    return Instruction(Verb.FIX, "fix f", RepoName(repo), Sha("a" * 40), origin=Origin(InstallationId(1), 2, 3, 4))


async def test_a_run_from_github_is_put_back_five_times_and_then_given_up(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        raise Retryable("GitHub is away")

    bench.stage(State.PLANNING, body)
    run = (await bench.store.create(from_github(), new_run_id(), alone=False)).id
    assert [await bench.worker._job(run) for _ in range(MOST_DEATHS)] == [timedelta(seconds=each) for each in (5, 5, 20, 80, 320)]
    stands = await bench.store.get(run)
    assert (stands.state, stands.reason) == (State.PLANNING, "taken up")
    ended = await until_ended(bench, run)
    assert (ended.state, ended.kind) == (State.FAILED, "Retryable")
    assert "5 tries while planning came to nothing" in ended.reason


async def test_a_run_from_github_rests_where_there_is_no_room(bench: Bench) -> None:
    bench.stage(State.PLANNING, raising(NO_ROOM))
    run = (await bench.store.create(from_github(), new_run_id(), alone=False)).id
    assert await bench.worker._job(run) == timedelta(seconds=5)
    assert (await bench.store.get(run)).state is State.PLANNING


async def test_a_run_rests_for_as_long_as_a_limit_lasts(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        error = Retryable("GitHub's limits leave no room")
        error.after = 1800
        raise error

    bench.stage(State.PLANNING, body)
    run = (await bench.store.create(from_github(), new_run_id(), alone=False)).id
    assert await bench.worker._job(run) == timedelta(seconds=1800)


async def until_ended(bench: Bench, run: RunId) -> Run:
    for _ in range(3):
        if await bench.worker._job(run) is None:
            break
    return await bench.store.get(run)


async def test_a_sleeping_run_that_cannot_be_looked_at_goes_on_sleeping(bench: Bench) -> None:
    async def body(_run: Run, _tools: Tools) -> Outcome:
        raise Retryable("GitHub is away")

    async def proposed(_run: Run, _tools: Tools) -> Outcome:
        return Outcome(State.AWAITING_APPROVAL, "waiting")

    bench.stage(State.PROPOSING, proposed)
    bench.stage(State.AWAITING_APPROVAL, body)
    run = (await bench.store.create(from_github(), new_run_id(), alone=False)).id
    await bench.worker._job(run)
    for _ in range(MOST_DEATHS + 2):
        assert await bench.worker._job(run) == timedelta(minutes=1)
    assert (await bench.store.get(run)).state is State.AWAITING_APPROVAL


async def test_who_gave_tools_hears_that_the_worker_left(bench: Bench) -> None:
    left = []

    async def gone(run: RunId) -> None:
        left.append(run)

    bench.worker.left = gone
    run = await bench.received()
    await bench.worker._job(run)
    assert left == [run]


async def test_a_job_that_finds_the_run_in_other_hands_leaves_its_tools_alone(bench: Bench) -> None:
    left = []
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def gone(run: RunId) -> None:
        left.append(run)

    async def slow(_run: Run, _tools: Tools) -> Outcome:
        at_work.set()
        await go_on.wait()
        return Outcome(State.SPECIFYING, "planned")

    bench.worker.left = gone
    bench.stage(State.PLANNING, slow)
    run = await bench.received()
    first = asyncio.create_task(bench.worker._job(run))
    await at_work.wait()
    assert await bench.worker._job(run) is not None, "another job of the same run has to wait"
    assert left == []
    go_on.set()
    await first
    assert left == [run]
