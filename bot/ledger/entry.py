"""A ledger entry and the chain that entries form: each carries the digest of the one before it.

What the chain shows: an edited, deleted, inserted or moved entry always; a cut tail wherever a :class:`Head` recorded elsewhere
(the store's head row, a sealed evidence bundle) knows of entries that are gone. Somebody who rewrites the whole ledger *and*
every head kept beside it goes unseen; that is what the heads in sealed bundles are for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bot.ids import Digest, RunId

NOTHING: Final = Digest("sha256:" + "0" * 64)
"""What the first entry names as the digest before it."""


@dataclass(frozen=True)
class Fact:
    """What somebody decided or did, not yet in the chain. ``before`` and ``after`` are JSON."""

    actor: str
    """A login, ``pawl`` itself, or ``model:<name>``."""
    action: str
    """A dotted word: ``run.planning``, ``approval.given``."""
    why: str = ""
    run: RunId | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A fact in its place in the chain."""

    seq: int
    """Counts from 1 without gaps."""
    at: datetime
    """In UTC, to the microsecond."""
    fact: Fact
    previous: Digest
    digest: Digest

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON; :func:`from_json` is its inverse."""
        return {**_signed_part(self.seq, self.at, self.fact, self.previous), "digest": self.digest}


@dataclass(frozen=True)
class Head:
    """How long the chain was at some moment, and the digest of its last entry then."""

    count: int
    digest: Digest


EMPTY: Final = Head(0, NOTHING)


@dataclass(frozen=True)
class Problem:
    """One place where the chain does not hold."""

    seq: int
    what: str


def canonical(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted keys, no spaces, ASCII. Raises ValueError for NaN and infinities."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def digest_of(value: Any) -> Digest:
    """Return the digest of a value's canonical JSON."""
    return Digest(f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}")


def chained(head: Head, fact: Fact, at: datetime) -> Entry:
    """Return the entry that puts ``fact`` after ``head``."""
    seq = head.count + 1
    digest = digest_of(_signed_part(seq, at, fact, head.digest))
    return Entry(seq, at.astimezone(UTC), fact, head.digest, digest)


def from_json(value: Mapping[str, Any]) -> Entry:
    """Return the entry that :meth:`Entry.as_json` gave; nothing is checked here, :func:`verify` does that.

    Raises:
        KeyError: a field is missing.
        ValueError: the time is no ISO 8601 time.
    """
    run = value["run"]
    fact = Fact(
        actor=value["actor"],
        action=value["action"],
        why=value["why"],
        run=None if run is None else RunId(run),
        before=value["before"],
        after=value["after"],
    )
    at = datetime.fromisoformat(value["at"])
    return Entry(value["seq"], at, fact, Digest(value["previous"]), Digest(value["digest"]))


def verify(entries: Iterable[Entry], head: Head, anchors: Iterable[Head] = ()) -> list[Problem]:
    """Return every place where the chain does not hold; nothing found means nothing was touched.

    Args:
        entries: the whole ledger in its stored order.
        head: what the store recorded beside it at the last entry.
        anchors: heads from sealed bundles, in any order.
    """
    problems: list[Problem] = []
    digests: list[Digest] = []
    last = EMPTY
    for entry in entries:
        problems.extend(_broken(entry, last))
        digests.append(entry.digest)
        last = Head(entry.seq, entry.digest)
    for known, where in [(head, "its recorded head"), *((anchor, "a sealed bundle") for anchor in anchors)]:
        problems.extend(_unanchored(digests, known, where))
    if len(digests) > head.count:
        problems.append(Problem(head.count + 1, f"the ledger holds {len(digests)} entries, its recorded head knows {head.count}"))
    return problems


def _signed_part(seq: int, at: datetime, fact: Fact, previous: Digest) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": fact.actor,
        "action": fact.action,
        "why": fact.why,
        "run": fact.run,
        "before": dict(fact.before),
        "after": dict(fact.after),
        "previous": previous,
    }


def _broken(entry: Entry, last: Head) -> Iterable[Problem]:
    """Say what is wrong between one entry and the one stored before it."""
    if entry.seq != last.count + 1:
        yield Problem(entry.seq, f"entry {entry.seq} follows entry {last.count}: entries were deleted, inserted or moved")
    if entry.previous != last.digest:
        yield Problem(entry.seq, f"entry {entry.seq} was chained to another entry than the one before it")
    if entry.digest != digest_of(_signed_part(entry.seq, entry.at, entry.fact, entry.previous)):
        yield Problem(entry.seq, f"entry {entry.seq} was edited: its content does not give its digest")


def _unanchored(digests: list[Digest], known: Head, where: str) -> Iterable[Problem]:
    """Say whether the chain still leads through a head that was recorded elsewhere."""
    if known.count > len(digests):
        gone = known.count - len(digests)
        yield Problem(len(digests) + 1, f"{where} knows {known.count} entries: the last {gone} were cut off")
    elif known.count and digests[known.count - 1] != known.digest:
        yield Problem(known.count, f"entry {known.count} is not the one that {where} knows")
