"""What is known of a run is gathered here for its evidence: both trees measured, what it ran on, what the ledger holds of it."""

from __future__ import annotations

import asyncio
import platform
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from bot import VERSION
from bot.config import Config
from bot.evidence.record import Record
from bot.evidence.sbom import bill
from bot.evidence.snapshot import health, measure
from bot.history import History
from bot.ids import RunId, Sha
from bot.run import Run
from bot.sources import read_sources
from bot.store.store import Store
from bot.workshop import Workshop

_TOOLS: Final = ("bandit", "complexipy", "griffe", "hypothesis", "libcst", "mypy", "pip-audit", "pytest", "regorus", "ruff")
"""Packages whose version may change a verdict."""


async def record_of(  # noqa: PLR0913, PLR0917 - all that is known of a run
    run: Run, history: History, config: Config, shop: Workshop, store: Store | None, at: str = ""
) -> Record:
    """Return what is known of a run, measured on both trees where there are two; ``at`` where no store knows its time."""
    checked = history.checked
    base = run.instruction.base
    head = checked.change.head if checked else base
    trees = {"before": await shop.lay_out(base), "after": await shop.lay_out(head)}
    snapshot: dict[str, dict[str, Any]] = {}
    for (name, root), side in zip(trees.items(), ("base", "head"), strict=True):
        inventory = await asyncio.to_thread(_inventory, root)
        snapshot[name] = {"inventory": inventory, **health(checked.gates if checked else (), side)}
    return Record(
        run,
        history,
        config,
        snapshot,
        await asyncio.to_thread(bill, trees["after"], Path(run.instruction.repo).name, head),
        _environment(shop) | (await _judge(store, run.id, head) if store else {}),
        await store.ledger(run.id) if store else (),
        asdict(await store.ledger_head()) if store else {},
        await store.received(run.id) if store else at,
        await store.completions.by_author(run.id) if store else (),
    )


def _inventory(root: Path) -> dict[str, Any]:
    return measure(read_sources(root).files)


def _environment(shop: Workshop) -> dict[str, Any]:
    """Return the fingerprint of what a run ran on: the same where nothing differs that could change a verdict."""
    return {
        "pawl": VERSION,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "kernel": f"{platform.system()} {platform.release()}",
        "sandbox": str(shop.sandbox.layer) if shop.sandbox else "none",
        "tools": {name: version for name in _TOOLS if (version := _version(name))},
        "project": [{"digest": each.digest, "from": each.source} for each in shop.environments],
        "seeds": {"inputs": shop.seed, "order": shop.seed + 1, "hashes": [0, 1]},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


async def _judge(store: Store, run: RunId, head: Sha) -> dict[str, str]:
    """Return by which wheel of Pawl a head was judged in a runner elsewhere; nothing where it was judged here."""
    papers = [each.paper for each in await store.examinations.of_run(run) if each.paper.head == head]
    return {"judge": papers[0].judge} if papers and papers[0].judge else {}
