"""The evidence bundle: one directory a run, laid out for auditors, with a digest of every file and a seal over all of them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.errors import Hindered, InputError
from bot.evidence.barrier import barrier
from bot.evidence.junit import junit
from bot.evidence.progress import progress
from bot.evidence.record import Record
from bot.gate import GateResult
from bot.ids import Digest

SUMS = "SHA256SUMS"
SEAL = "evidence/statement.dsse.json"
_UNSUMMED = frozenset({SUMS, SEAL})


@dataclass(frozen=True)
class Bundle:
    """A written bundle; the digest is over its list of sums."""

    directory: Path
    digest: Digest


def jsonable(value: object) -> Any:
    """Return a dataclass, or anything made of them, as JSON values."""
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def contents(record: Record) -> dict[str, str]:
    """Return the bundle's data files as path -> text, reports and seal not included."""
    history = record.history
    files: dict[str, object] = {
        "evidence/run.json": jsonable(record.run),
        "evidence/environment.json": dict(record.environment),
        "evidence/config.json": record.config.model_dump(mode="json"),
        "snapshot/before.json": record.snapshot.get("before", {}),
        "snapshot/after.json": record.snapshot.get("after", {}),
        "snapshot/barrier.json": {"critical_barrier": barrier(record)},
        "sbom/bom.cdx.json": dict(record.components),
    }
    for name, part in (("artifacts/plan", history.plan), ("artifacts/spec", history.spec), ("artifacts/change", history.changed)):
        if part is not None:
            files[f"{name}.json"] = jsonable(part)
    texts = {path: _json(value) for path, value in files.items()}
    texts |= {**_judged(record), **_tested(record)}
    texts["evidence/ledger.jsonl"] = "".join(json.dumps(each, sort_keys=True, default=str) + "\n" for each in record.ledger)
    texts["progress/progress.log.jsonl"] = "".join(json.dumps(each, sort_keys=True) + "\n" for each in progress(record))
    for file in history.spec.files if history.spec else ():
        texts[f"artifacts/spec/{file.path}"] = file.content
    return texts


def _judged(record: Record) -> dict[str, str]:
    """Return what the gates, the risk score and the policies said, a file each."""
    checked = record.history.checked
    if checked is None:
        return {}
    texts = {
        "artifacts/change.diff": checked.change.diff,
        "evidence/gates.json": _json([_gate(each) for each in checked.gates]),
        "evidence/risk.json": _json(jsonable(checked.risk)),
        "evidence/decision.json": _json(jsonable(checked.decision)),
        "evidence/debt.json": _json(_debt(checked.gates)),
    }
    places = {
        "mutation": "evidence/kill_matrix.json",
        "behaviour": "evidence/behaviour.json",
        "contracts": "contracts/contracts.json",
        "critic": "evidence/critic.json",
    }
    for name, place in places.items():
        result = record.gate(name)
        if result is not None:
            texts[place] = _json({"verdict": result.verdict, "summary": result.summary, **_lasting(result.evidence)})
    return texts


def _tested(record: Record) -> dict[str, str]:
    """Return each test's result before and after, as JUnit's XML, and what the suite cost."""
    seen = record.gate("tests")
    results = seen.evidence.get("results") if seen else None
    if seen is None or not isinstance(results, Mapping):
        return {}
    both = {str(test): ends for test, ends in results.items() if isinstance(ends, list | tuple) and len(ends) == len(_SIDES)}
    texts = {
        f"reports/tests_{name}.xml": junit(name, {test: str(ends[place]) for test, ends in both.items()})
        for place, name in enumerate(_SIDES)
    }
    return {**texts, "evidence/performance.json": _json(seen.evidence.get("performance", {}))}


_SIDES = ("before", "after")
_ELSEWHERE = frozenset({"seconds", "performance", "results"})
"""What of a gate's evidence stands in files of its own, or differs from run to run."""


def _gate(result: GateResult) -> dict[str, Any]:
    """Return a gate's answer without what it took, so that the same inputs give the same evidence."""
    found: dict[str, Any] = jsonable(result)
    found.pop("seconds")
    return {**found, "evidence": _lasting(found["evidence"])}


def _lasting(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in evidence.items() if name not in _ELSEWHERE}


def _debt(gates: Sequence[GateResult]) -> list[dict[str, Any]]:
    """Return what was let through: warnings and notes, to be paid later."""
    return [{"gate": gate.name, **jsonable(finding)} for gate in gates if gate.green for finding in gate.findings]


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def sums(files: Mapping[str, str]) -> dict[str, Digest]:
    """Return the digest of every file."""
    return {path: Digest(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}") for path, text in sorted(files.items())}


def lay_down(files: Mapping[str, str], directory: Path, run: str, seal: Callable[[Mapping[str, Digest]], str]) -> Bundle:
    """Write the files, their sums and the seal over them at once: a reader sees the whole bundle or none.

    Raises:
        InputError: something else lies where the bundle should go.
        Hindered: it cannot be written there, or the disk is full.
    """
    require_free(directory, run)
    digests = sums(files)
    listing = "".join(f"{digest.removeprefix('sha256:')}  {path}\n" for path, digest in digests.items())
    fresh = _beside(directory)
    try:
        for path, text in {**files, SUMS: listing, SEAL: seal(digests)}.items():
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            (fresh / path).write_text(text, encoding="utf-8")
        if directory.exists():
            shutil.rmtree(directory)
        fresh.rename(directory)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        why = f"the evidence cannot be written to {directory} ({error.strerror}): make room or name another place with --out"
        raise Hindered(why) from error
    return Bundle(directory, Digest(f"sha256:{hashlib.sha256(listing.encode()).hexdigest()}"))


def require_free(directory: Path, run: str) -> None:
    """Raise InputError where ``directory`` holds anything but this run's own earlier bundle, or cannot be made."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise InputError(f"{directory} is in the way of the evidence bundle: move it or name another place with --out")
    if directory.is_mount():
        raise InputError(f"{directory} is a mount point, which nothing can be moved onto: name a directory in it with --out")
    if directory.is_dir() and any(directory.iterdir()) and _owner(directory) != run:
        raise InputError(f"{directory} is not empty: the evidence bundle needs a directory of its own, name one with --out")
    try:
        _try_to_make(_beside(directory))
    except OSError as error:
        raise InputError(f"{directory} cannot be written ({error.strerror}): name another place with --out") from error


def _beside(directory: Path) -> Path:
    """Return where a bundle is written before it is moved to its place."""
    return directory.with_name(f".{directory.name}.{os.getpid()}")


def _try_to_make(folder: Path) -> None:
    """Make a folder with all above it, and take away again what was not there."""
    missing = [each for each in folder.parents if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    finally:
        for each in (folder, *missing):
            with suppress(OSError):
                each.rmdir()


def _owner(directory: Path) -> str:
    try:
        return str(json.loads((directory / "evidence/run.json").read_text(encoding="utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def problems(directory: Path) -> list[str]:
    """Return what differs between a bundle's files and its sums: changed, missing and additional files."""
    try:
        listing = (directory / SUMS).read_text(encoding="utf-8")
    except OSError:
        return [f"{directory} has no {SUMS}: it is no evidence bundle"]
    wanted = {path: digest for digest, _, path in (line.partition("  ") for line in listing.splitlines())}
    there = {str(file.relative_to(directory)): file for file in directory.rglob("*") if file.is_symlink() or not file.is_dir()}
    found = [f"{path} is missing" for path in wanted if path not in there]
    found += [f"{path} was added" for path in sorted(there) if path not in wanted and path not in _UNSUMMED]
    for path in sorted(wanted.keys() & there.keys()):
        if there[path].is_symlink() or hashlib.sha256(there[path].read_bytes()).hexdigest() != wanted[path]:
            found.append(f"{path} was changed")
    return found
