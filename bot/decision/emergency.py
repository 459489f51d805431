"""The emergency stop: everything in a repository, or in an installation, comes to rest within seconds.

The brake in the store comes first: from then on nothing starts, whatever happens to this process. Then what works is ended, what
waits is let in no more and disarmed, workflow runs are cancelled and tokens revoked; each part is tried whatever became of the
others, and the whole may be done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from bot import logs
from bot.decision.turning import turn
from bot.errors import Retryable, UserError
from bot.github import actions, merge_queue, pulls
from bot.github.errors import NotFound
from bot.ids import RepoName, RunId
from bot.ledger.entry import Fact

if TYPE_CHECKING:
    from bot.github.app import App
    from bot.github.repository import Repository
    from bot.store.brakes import Brake
    from bot.store.store import Store

WORKFLOW: Final = "pawl.yml"
_BACK: Final = timedelta(hours=12)
"""How far back workflow runs may have been started and still go on."""

_log = logs.get(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Halted:
    """What the stop came to."""

    disarmed: tuple[str, ...]
    """``owner/name#number``"""
    cancelled: int
    """Workflow runs."""
    problems: tuple[str, ...]
    """What could not be done, each as a sentence."""


async def halt(brake: Brake, repo: RepoName, store: Store, github: App) -> Halted:
    """Bring everything under a pulled brake to rest; ``repo`` is where it was asked for.

    Raises:
        Retryable: part of it did not get through; do it again.
    """
    waiting = await store.brakes.apply(brake)
    places = {run: RepoName((await store.get(run)).instruction.repo) for run in waiting}
    repos = sorted({repo, *places.values(), *await store.brakes.repos(brake)})
    disarmed: list[str] = []
    cancelled: list[int] = []

    async def disarm(run: RunId) -> None:
        disarmed.extend(await _disarm(await github.repository(brake.installation, places[run]), store, run, brake))

    async def cancel(name: RepoName) -> None:
        cancelled.extend(await _cancel(await github.repository(brake.installation, name)))

    problems = await _each(disarm, places) + await _each(cancel, repos)
    problems += await _each(github.revoke_all, (brake.installation,))
    return Halted(tuple(disarmed), len(cancelled), tuple(problems))


async def _disarm(repository: Repository, store: Store, run: RunId, brake: Brake) -> list[str]:
    number = await store.pull_of_run(run)
    if number is None:
        return []
    await turn(repository, store, run, f"everything is stopped here: {brake.sentence}")
    pull = await pulls.get(repository, number)
    if not await merge_queue.take_back(repository, pull):
        return []
    await store.note(Fact(brake.by.login, "merge.disarmed", brake.sentence, run, {}, {"pull": number, "head": pull.head}))
    return [f"{repository.name}#{number}"]


async def _cancel(repository: Repository) -> list[int]:
    """Cancel what goes on of the repository's workflow; return its ids."""
    try:
        found = await actions.runs_of(repository, WORKFLOW, datetime.now(UTC) - _BACK)
    except NotFound:  # the workflow is not installed
        return []
    going = [each.id for each in found if each.status != "completed"]
    for each in going:
        await actions.cancel(repository, each)
    return going


async def _each(do: Callable[[T], Awaitable[None]], things: Iterable[T]) -> list[str]:
    """Do one thing to each at once; return what people have to mend. What did not get through is raised after all were tried."""
    ends = await asyncio.gather(*(do(each) for each in things), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, UserError):
            _log.error("part of an emergency stop did not get through", exc_info=end)
            raise end
    return [str(end) for end in ends if isinstance(end, UserError)]


async def watch(store: Store, github: App, stop: asyncio.Event, every: float = 2.0) -> None:
    """Revoke this process's tokens of every installation in which somebody pulls a brake, until ``stop`` is set."""
    seen: frozenset[int] | None = None
    while not stop.is_set():
        try:
            now = {each.id: each.installation for each in await store.brakes.all_pulled()}
            for brake in now.keys() - (seen if seen is not None else now.keys()):
                await github.revoke_all(now[brake])
            seen = frozenset(now)
        except (Retryable, UserError) as error:
            _log.warning("brakes could not be looked at", why=str(error))
        try:
            await asyncio.wait_for(stop.wait(), every)
        except TimeoutError:
            continue
