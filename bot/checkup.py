"""Is it whole, is it sound? What an auditor and an operator ask: evidence, the ledger, and this machine."""

from __future__ import annotations

import asyncio
import json
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import settings
from bot.consulting import in_words
from bot.errors import InputError, NoIsolation, UserError
from bot.evidence.bundle import SEAL, SUMS, problems
from bot.evidence.statement import load_seal, unseal
from bot.ids import Digest
from bot.ledger.entry import Head
from bot.llm.provider import Failure, Message, Request
from bot.llm.seat import Seat
from bot.sandbox.probe import examine, find_sandbox
from bot.seats import seats_of
from bot.settings import Settings
from bot.store.store import open_store

TINY = 16
"""Tokens of an answer that only shows that there is one: the fewest that every vendor takes."""


@dataclass(frozen=True)
class Audited:
    """What was checked, and what is wrong with it."""

    checked: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Checkup:
    """What this machine can do: (name, whether good, what was seen)."""

    lines: tuple[tuple[str, bool, str], ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is missing."""
        return all(good for _, good, _ in self.lines)


async def verify(bundle: Path | None) -> Audited:
    """Check a bundle's files and seal, or, without one, the ledger's chain; raises InputError where there is no such folder."""
    found = settings.load()
    if bundle is None:
        async with open_store(found) as store:
            head, wrong = await store.ledger_head(), await store.verify_ledger()
        return Audited(f"the ledger, {head.count} entries", tuple(f"entry {each.seq}: {each.what}" for each in wrong))
    if not await asyncio.to_thread(bundle.is_dir):
        raise InputError(f"{bundle} is not a directory: name an evidence bundle, as `pawl run` prints it")
    broken = problems(bundle)
    try:
        statement = unseal(
            json.loads((bundle / SEAL).read_text(encoding="utf-8")), load_seal(found.home / "keys/seal.pem").public
        )
    except (OSError, ValueError) as error:
        return Audited(str(bundle), (*broken, f"the seal cannot be read ({error}): it is no evidence of this installation"))
    except UserError as error:
        return Audited(str(bundle), (*broken, f"{error}: it was not sealed by this installation, or it was changed"))
    return Audited(str(bundle), (*broken, *_against(statement, bundle), *await _ledger(statement, found)))


async def _ledger(statement: dict[str, Any], found: Settings) -> list[str]:
    """Return what is wrong with the ledger in the light of how long it was, and how it ended, when the bundle was sealed."""
    head = statement["predicate"].get("ledger")
    if not head:
        return []
    async with open_store(found) as store:
        wrong = await store.verify_ledger([Head(int(head["count"]), Digest(head["digest"]))])
    return [f"ledger entry {each.seq}: {each.what}" for each in wrong]


def _against(statement: dict[str, Any], bundle: Path) -> list[str]:
    """Return which sums differ from what was sealed: files and sums could have been changed together."""
    listing = (bundle / SUMS).read_text(encoding="utf-8").splitlines() if (bundle / SUMS).is_file() else []
    summed = {path: digest for digest, _, path in (line.partition("  ") for line in listing)}
    sealed = {each["name"]: each["digest"]["sha256"] for each in statement["subject"] if "sha256" in each["digest"]}
    differing = (path for path in sorted(sealed.keys() | summed.keys()) if sealed.get(path) != summed.get(path))
    return [f"{path} differs from what was sealed" for path in differing]


async def doctor(*, ask_models: bool = False) -> Checkup:
    """Say what this machine can do for Pawl; with ``ask_models`` every model is asked one tiny question, which costs money."""
    lines = [("Python", sys.version_info >= (3, 11), platform.python_version())]
    git = shutil.which("git")
    lines.append(("git", git is not None, git or "missing: apt-get install git"))
    try:
        layer, advice = find_sandbox().layer, examine().why_not()
        lines.append(("sandbox", True, f"{layer}; {advice}" if advice else str(layer)))
    except NoIsolation as error:
        lines.append(("sandbox", False, str(error)))
    try:
        async with open_store(settings.load()) as store:
            head = await store.ledger_head()
            lines.append(("store", True, f"answers; {head.count} entries in the ledger"))
    except UserError as error:
        lines.append(("store", False, str(error)))
    lines += await models(ask=ask_models)
    return Checkup(tuple(lines))


async def models(*, ask: bool = False) -> list[tuple[str, bool, str]]:
    """Say which models answer for which duty, and with ``ask`` whether each does; that none is configured is no fault."""
    try:
        seats = await seats_of(settings.load())
    except UserError as error:
        return [("models", False, str(error))]
    everybody = {seat.author: seat for each in seats.by_duty.values() for seat in each}
    lines = [("models", True, in_words(seats))]
    try:
        lines += await asyncio.gather(*map(_asked, everybody.values())) if ask else []
    finally:
        await seats.close()
    if everybody and not ask:
        lines.append(("models' keys", True, "not tried: `pawl doctor --ask-models` asks each model one question"))
    return lines


async def _asked(seat: Seat) -> tuple[str, bool, str]:
    """Say whether a model answers, whatever it says."""
    question = Request(seat.model, "", (Message("user", "Answer with the one word: yes"),), most_output=TINY)
    try:
        await seat.provider.complete(question, lambda _characters: None)
    except Failure as failure:
        return (seat.author, False, f"{failure}: look at its key, its name and its address")
    return (seat.author, True, "answers")
