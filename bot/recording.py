"""What is known of a run is gathered here for its evidence: both trees measured, what it ran on, what the ledger holds of it."""

from __future__ import annotations

import asyncio
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import VERSION
from bot.config import Config
from bot.evidence.record import Record
from bot.evidence.sbom import bill
from bot.evidence.snapshot import judged, measure
from bot.history import History
from bot.ids import RunId, Sha
from bot.run import Run
from bot.sources import read_sources
from bot.store.store import Store
from bot.workshop import Workshop


async def record_of(run: Run, history: History, config: Config, shop: Workshop, store: Store | None) -> Record:
    """Return what is known of a run, measured on both trees where there are two."""
    checked = history.checked
    base = run.instruction.base
    head = checked.change.head if checked else base
    trees = {"before": await shop.lay_out(base), "after": await shop.lay_out(head)}
    snapshot = {name: await asyncio.to_thread(_measured, root) for name, root in trees.items()}
    if checked:
        seen = {each.name: each.evidence for each in checked.gates}
        for name, side in (("before", "base"), ("after", "head")):
            snapshot[name]["gates"] = dict(judged(seen, side))
    return Record(
        run,
        history,
        config,
        snapshot,
        await asyncio.to_thread(bill, trees["after"], Path(run.instruction.repo).name, head),
        _environment(shop) | (await _judge(store, run.id, head) if store else {}),
        await store.ledger(run.id) if store else (),
        asdict(await store.ledger_head()) if store else {},
        await store.received(run.id) if store else "",
        await store.completions.by_author(run.id) if store else (),
    )


def _measured(root: Path) -> dict[str, Any]:
    return measure(read_sources(root).files)


def _environment(shop: Workshop) -> dict[str, str]:
    """Return the fingerprint of what a run ran on."""
    return {
        "pawl": VERSION,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "sandbox": str(shop.sandbox.layer) if shop.sandbox else "none",
        "seed": str(shop.seed),
    }


async def _judge(store: Store, run: RunId, head: Sha) -> dict[str, str]:
    """Return by which wheel of Pawl a head was judged in a runner elsewhere; nothing where it was judged here."""
    papers = [each.paper for each in await store.examinations.of_run(run) if each.paper.head == head]
    return {"judge": papers[0].judge} if papers and papers[0].judge else {}
