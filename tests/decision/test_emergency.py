"""The emergency stop's parts: one that fails keeps no other from being done, and every process revokes its own tokens."""

from __future__ import annotations

import asyncio

import pytest

from bot.decision import emergency
from bot.decision.emergency import _each, halt, watch
from bot.errors import Refused, Retryable
from bot.ids import InstallationId, Login, RepoName
from bot.policy.standing import Person
from bot.store.store import Store
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]
ANN = Person(1, Login("ann"))


async def test_what_people_must_mend_is_told_and_the_rest_is_done() -> None:
    done: list[int] = []

    async def do(number: int) -> None:
        if number == 2:
            raise Refused("two cannot be done")
        done.append(number)

    assert await _each(do, (1, 2, 3)) == ["two cannot be done"]
    assert done == [1, 3]


async def test_what_did_not_get_through_is_raised_after_all_were_tried() -> None:
    done: list[int] = []

    async def do(number: int) -> None:
        if number == 1:
            raise Retryable("GitHub does not answer")
        await asyncio.sleep(0)
        done.append(number)

    with pytest.raises(Retryable):
        await _each(do, (1, 2, 3))
    assert done == [2, 3]


async def test_where_nothing_goes_on_nothing_is_to_be_done(hosted: Hosted, store: Store) -> None:
    facts = await hosted.repo.facts()
    brake = await store.brakes.pull(hosted.installation, facts.id, ANN, "")
    for _ in range(2):
        halted = await halt(brake, RepoName(hosted.name), store, hosted.app)
        assert (halted.disarmed, halted.cancelled, halted.problems) == ((), 0, ())


class Revoking:
    """Stands for an App, and remembers whose tokens were revoked."""

    def __init__(self) -> None:
        self.revoked: list[InstallationId] = []
        self.heard = asyncio.Event()

    async def revoke_all(self, installation: InstallationId) -> None:
        self.revoked.append(installation)
        self.heard.set()


async def test_another_process_revokes_its_tokens_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    app, stop, looked = Revoking(), asyncio.Event(), asyncio.Event()
    await store.brakes.pull(InstallationId(8), 4, ANN, "before it started")
    pulled = store.brakes.all_pulled

    async def counted() -> object:
        found = await pulled()
        looked.set()
        return found

    monkeypatch.setattr(store.brakes, "all_pulled", counted)
    watching = asyncio.create_task(watch(store, app, stop, every=0.01))  # type: ignore[arg-type]
    await looked.wait()
    await store.brakes.pull(InstallationId(9), 5, ANN, "")
    await app.heard.wait()
    stop.set()
    await watching
    assert app.revoked == [InstallationId(9)]


def test_the_workflow_that_is_cancelled_is_pawls() -> None:
    assert emergency.WORKFLOW == "pawl.yml"
