"""What is known of a run, gathered for its evidence."""

from __future__ import annotations

from pathlib import Path

from bot import VERSION
from bot.config import Config
from bot.demo import make_project
from bot.examination.paper import Paper
from bot.forges.local import open_repository
from bot.history import History
from bot.ids import Digest, RepoName, RunId, new_run_id
from bot.recording import record_of
from bot.run import Instruction, Run, State, Verb
from bot.store.results import Examination
from bot.store.store import Store
from bot.workshop import Workshop


def quiet(step: str, fraction: float | None = None) -> None:
    del step, fraction


async def test_a_run_that_changed_nothing_is_recorded_without_a_store(tmp_path: Path) -> None:
    forge = open_repository(make_project(tmp_path / "rooms"))
    base = await forge.resolve("HEAD")
    run = Run(RunId("01R"), Instruction(Verb.FIX, "fix it", RepoName(str(forge.root)), base), State.REFUSED)
    async with Workshop(forge, None, tmp_path / "cache", Config(), quiet) as shop:
        record = await record_of(run, History(), shop.config, shop, None)
    assert record.snapshot["before"] == record.snapshot["after"]
    assert record.environment["pawl"] == VERSION
    assert record.environment["sandbox"] == "none"
    assert (record.ledger, record.at, record.spending) == ((), "", ())


async def test_who_judged_elsewhere_is_recorded_by_its_digest(tmp_path: Path, store: Store) -> None:
    forge = open_repository(make_project(tmp_path / "rooms"))
    base = await forge.resolve("HEAD")
    run = await store.create(Instruction(Verb.FIX, "fix it", RepoName("o/r"), base), new_run_id())
    judge = Digest(f"sha256:{'0' * 64}")
    await store.examinations.open(Examination(Paper(run.id, base, base, "fix it", None, ("tests",), judge=judge), 7, "w"))
    async with Workshop(forge, None, tmp_path / "cache", Config(), quiet) as shop:
        record = await record_of(run, History(), shop.config, shop, store)
    assert record.environment["judge"] == judge
