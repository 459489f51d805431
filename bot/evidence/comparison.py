"""Before and after, in words: one row a measure, for the report and the pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.change.counted import counted
from bot.evidence.record import Record

Measure = Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """One measure on both sides."""

    what: str
    before: str
    after: str

    @property
    def moved(self) -> bool:
        """Whether the change made a difference to it."""
        return self.before != self.after


def compared(record: Record) -> tuple[Compared, ...]:
    """Return the rows; none where the two sides were not both measured."""
    before, after = (record.snapshot.get(side, {}) for side in ("before", "after"))
    if record.history.checked is None or not before or not after:
        return ()
    return tuple(_rows(before, after, record))


def _rows(before: Measure, after: Measure, record: Record) -> Iterator[Compared]:
    for part, (what, words) in _WORDS.items():
        yield Compared(what, *(_said(side.get(part), words) for side in (before, after)))
    seen = record.gate("tests")
    paces = seen.evidence.get("performance") if seen else None
    if isinstance(paces, Mapping):
        yield Compared("time", *(_said(paces.get(side), _pace) for side in ("base", "head")))


def _said(found: object, words: Callable[[Measure], str]) -> str:
    """Return a measure in words; evidence may have come from a runner elsewhere: what is none of it says nothing."""
    if not isinstance(found, Mapping) or "not_measured" in found:
        return "not measured"
    try:
        return words(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return "not measured"


def _inventory(found: Measure) -> str:
    return (
        f"{counted(found['python_files'], 'file')}, {counted(found['lines'], 'line')}, {counted(found['functions'], 'function')}"
    )


def _tests(found: Measure) -> str:
    total, failing = sum(found["outcomes"].values()), found["failing"]
    if not failing:
        return f"{counted(total, 'test')}, none fails"
    return f"{len(failing)} of {counted(total, 'test')} fail{'s' * (len(failing) == 1)}"


def _coverage(found: Measure) -> str:
    return f"{found['share']:.1%} of {counted(found['statements'], 'statement')}"


def _complexity(found: Measure) -> str:
    if not found["functions"]:
        return "no touched function"
    touched = counted(found["functions"], "touched function")
    return f"worst {found['worst_cyclomatic']}, mean {found['mean_cyclomatic']:g} in {touched}"


def _types(found: Measure) -> str:
    return counted(found["findings"], "finding")


def _vulnerabilities(found: Measure) -> str:
    known = found["known_vulnerabilities"]
    asked = counted(len(found["asked_about"]), "new package")
    return f"{', '.join(known) or 'none'} known in {asked}"


def _pace(found: Measure) -> str:
    return f"suite {found['suite_seconds']:.1f} s, imports {found['import_seconds']:.1f} s"


_WORDS: Mapping[str, tuple[str, Callable[[Measure], str]]] = {
    "inventory": ("inventory", _inventory),
    "tests": ("tests", _tests),
    "coverage": ("coverage", _coverage),
    "complexity": ("complexity", _complexity),
    "types": ("types", _types),
    "vulnerabilities": ("vulnerabilities", _vulnerabilities),
}
