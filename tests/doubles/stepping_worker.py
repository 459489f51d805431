"""A kennel of workers that may be killed at any moment: ``python stepping_worker.py URL LEASE``.

For every line ``go`` it forks a worker that drives every run of the store until all have ended, and prints its process id.
The stages sleep a few milliseconds and make an output that names the run, the stage and the round.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from bot.config import Config
from bot.errors import Busy, Retryable
from bot.history import Changed, Output
from bot.plan.plan import Plan
from bot.run import WORKED, Run, State, Verb
from bot.settings import Settings
from bot.stage import Outcome, Stage, Tools
from bot.store.store import Store, open_store
from bot.worker import Worker

ROUNDS = 2
WAY = {
    State.PLANNING: State.SPECIFYING,
    State.SPECIFYING: State.CHANGING,
    State.CHANGING: State.CHECKING,
    State.CHECKING: State.PROPOSING,
    State.PROPOSING: State.DONE,
}


def tools_from(store: Store, config: Config | None = None) -> Callable[[Run], Awaitable[Tools]]:
    """Return tools that have nothing but the configuration and the history."""
    nothing: Any = None

    async def tools_for(run: Run) -> Tools:
        history = await store.history(run.id)
        return Tools(nothing, nothing, config or Config(), history, nothing, nothing, {}, {}, nothing, nothing, nothing, nothing)

    return tools_for


def _stage(state: State, most: float) -> Stage:
    async def run(run: Run, _tools: Tools) -> Outcome:
        await asyncio.sleep(random.uniform(0, most))  # noqa: S311
        again = state is State.CHECKING and run.round < ROUNDS
        name = f"{run.id} {state} {run.round}"
        output: Output = Changed(name, None, None) if state is State.CHANGING else Plan(Verb.FIX, name, ())
        return Outcome(State.CHANGING if again else WAY[state], name, output)

    return Stage(state.value, state, run)


def stages(most: float) -> dict[State, Stage]:
    """Return all stages, each sleeping up to ``most`` seconds; checking finds fault once."""
    return {state: _stage(state, most) for state in WAY}


async def drive_all(url: str, lease: float) -> None:
    """Drive every run of the store until all have ended."""
    async with open_store(Settings(DATABASE_URL=SecretStr(url)), timedelta(seconds=lease)) as store:
        worker = Worker(store, tools_from(store), stages(0.01), pause=0.05)
        while True:
            todo = [each.run.id for each in await store.listed(most=1000) if each.run.state in WORKED]
            if not todo:
                return
            random.shuffle(todo)
            for run in todo:
                try:
                    await worker.drive(run)
                except (Busy, Retryable):
                    await asyncio.sleep(0.01)


def main() -> None:
    """Fork a worker for every ``go``."""
    url, lease = sys.argv[1], float(sys.argv[2])
    for line in sys.stdin:
        if line.strip() != "go":
            return
        pid = os.fork()
        if pid == 0:
            asyncio.run(drive_all(url, lease))
            os._exit(0)
        print(pid, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
