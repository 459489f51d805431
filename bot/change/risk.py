"""How dangerous a change is: a sum of named, explained factors. Same input, same score; no I/O, no model.

``assess(change, facts)`` is the whole of it. What lies in a path can be read off the diff alone; what needs the project's code or
history (interface, fan-in, churn, coverage) comes as :class:`Facts`, and a fact that nobody knows counts nothing.
More lines, more callers, more breakage or weaker tests never lower a score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.change.area import Area, area, sensitive
from bot.change.change import Change, FileChange, FileStatus
from bot.change.counted import counted


class RiskLevel(StrEnum):
    """Levels in rising order."""

    SAFE = "SAFE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True)
class RiskFactor:
    """One reason why a change is dangerous."""

    name: str
    points: int
    why: str


@dataclass(frozen=True)
class Risk:
    """The score (0 to 100) and the level it amounts to."""

    level: RiskLevel
    score: int
    factors: tuple[RiskFactor, ...]


@dataclass(frozen=True)
class Facts:
    """What the diff alone cannot tell; None or nothing where it is not known."""

    breaking: tuple[str, ...] = ()
    """Public objects that callers can no longer use as before."""
    widened: tuple[str, ...] = ()
    """Public objects that are new."""
    cosmetic: frozenset[str] = frozenset()
    """Source files in which only comments, docstrings or layout differ."""
    product: frozenset[str] = frozenset()
    """Touched files that look like tests and are part of the product."""
    fan_in: int = 0
    """Modules besides the tests that import or call what was changed."""
    churn: int = 0
    """Commits to the touched files in the last 90 days."""
    coverage: float | None = None
    """Share of the changed lines that a test runs, 0 to 1."""
    kill_rate: float | None = None
    """Share of the change's mutants that the tests notice, 0 to 1."""


NO_FACTS: Final = Facts()

THRESHOLDS: Final = (
    (80, RiskLevel.CRITICAL),
    (50, RiskLevel.HIGH),
    (20, RiskLevel.MEDIUM),
    (5, RiskLevel.LOW),
    (0, RiskLevel.SAFE),
)
"""Least score of each level. One factor alone that a reader would call HIGH has 50 points, CRITICAL 80, and so on."""

LARGE_LINES: Final = 400
"""A reviewer reads at most 200 to 400 lines in one sitting with care (Cisco's study of code review, Cohen 2006)."""
LARGE_FILES: Final = 20
_SHOWN: Final = 3
_GOOD_COVERAGE: Final = 0.8
_GOOD_KILL_RATE: Final = 0.8
_STRENGTH: Final = frozenset({"coverage", "mutation strength"})
"""Factors that are measured only by the gates."""
_SPECIAL_MODES: Final = {"100755": "becomes executable", "120000": "is a symbolic link", "160000": "is a submodule"}


def assess(change: Change, facts: Facts = NO_FACTS) -> Risk:
    """Return the change's risk; an empty change is SAFE."""
    factors = tuple(_factors(change, facts))
    score = min(100, sum(each.points for each in factors))
    return Risk(level_of(score), score, factors)


def with_strength(risk: Risk, coverage: float | None, kill_rate: float | None) -> Risk:
    """Return the risk with what was measured since, the same as if :func:`assess` had known it.

    Shares of the changed lines that tests run, and of the change's mutants that they notice; None where nobody measured.
    """
    others = tuple(each for each in risk.factors if each.name not in _STRENGTH)
    factors = (*others, *_strength(coverage, kill_rate))
    score = min(100, sum(each.points for each in factors))
    return Risk(level_of(score), score, factors)


def level_of(score: int) -> RiskLevel:
    """Return the level a score amounts to."""
    return next(level for least, level in THRESHOLDS if score >= least)


def _factors(change: Change, facts: Facts) -> Iterator[RiskFactor]:
    yield from _by_area(change, facts)
    yield from _sensitive(change)
    yield from _interface(facts)
    yield from _size(change)
    yield from _odd_files(change)
    yield from _surroundings(facts)


def _by_area(change: Change, facts: Facts) -> Iterator[RiskFactor]:
    """Say what kinds of file were touched; only the first of each kind is named."""
    touched: dict[Area, list[str]] = {}
    for file in change.files:
        kind = Area.SOURCE if file.path in facts.product else area(file.path)
        if kind is Area.SOURCE and file.path in facts.cosmetic:
            kind = Area.COSMETIC
        touched.setdefault(kind, []).append(file.path)
    for kind in sorted(touched):
        points, what = _AREAS[kind]
        yield RiskFactor(kind.value, points, f"{what}: {_some(touched[kind])}")
    tests = [each for each in change.files if area(each.path) is Area.TESTS and each.path not in facts.product]
    weakened = [each.path for each in tests if each.removed]
    if weakened:
        yield RiskFactor("tests rewritten", 5, f"lines of existing tests are gone: {_some(weakened)}")


_AREAS: Final = {
    Area.DOCS: (0, "documentation changed"),
    Area.TESTS: (5, "tests changed"),
    Area.COSMETIC: (5, "only comments, docstrings or layout changed"),
    Area.SOURCE: (20, "code changed"),
    Area.SETTINGS: (20, "settings changed"),
    Area.OTHER: (20, "files of an unknown kind changed"),
}


def _sensitive(change: Change) -> Iterator[RiskFactor]:
    found: dict[str, list[str]] = {}
    for file in change.files:
        for path in filter(None, (file.path, file.old_path)):
            topic = sensitive(path)
            if topic:
                found.setdefault(topic, []).append(path)
    for topic in sorted(found):
        yield RiskFactor(f"sensitive: {topic}", 80, f"touches {topic}: {_some(found[topic])}")


def _interface(facts: Facts) -> Iterator[RiskFactor]:
    if facts.breaking:
        yield RiskFactor("public interface changed", 50, f"callers may break: {_some(facts.breaking)}")
    if facts.widened:
        yield RiskFactor("public interface widened", 10, f"new public names: {_some(facts.widened)}")


def _size(change: Change) -> Iterator[RiskFactor]:
    lines = sum(each.added + each.removed for each in change.files if area(each.path) not in {Area.TESTS, Area.DOCS})
    if lines > LARGE_LINES or len(change.files) > LARGE_FILES:
        size = f"{counted(lines, 'line')} of code in {counted(len(change.files), 'file')}"
        yield RiskFactor("large diff", 50, f"{size}; over {LARGE_LINES} nobody reads with care")
    elif lines > LARGE_LINES // 4:
        yield RiskFactor("sizeable diff", 10, f"{counted(lines, 'line')} of code")


def _odd_files(change: Change) -> Iterator[RiskFactor]:
    binary = [each.path for each in change.files if each.binary]
    if binary:
        yield RiskFactor("binary files", 30, f"nobody can read their difference: {_some(binary)}")
    special = [f"{each.path} {_SPECIAL_MODES[each.mode]}" for each in change.files if each.mode in _SPECIAL_MODES]
    if special:
        yield RiskFactor("file modes", 30, _some(special))
    gone = [each.path for each in change.files if _is_gone(each)]
    if gone:
        yield RiskFactor("code deleted", 10, f"source files are gone: {_some(gone)}")


def _is_gone(file: FileChange) -> bool:
    return file.status is FileStatus.DELETED and area(file.path) is Area.SOURCE


def _surroundings(facts: Facts) -> Iterator[RiskFactor]:
    if facts.fan_in:
        yield RiskFactor("fan-in", min(15, 2 + facts.fan_in), f"used by {counted(facts.fan_in, 'other module')}")
    if facts.churn:
        yield RiskFactor("churn", min(10, facts.churn // 3), f"{counted(facts.churn, 'commit')} to these files in 90 days")
    yield from _strength(facts.coverage, facts.kill_rate)


def _strength(coverage: float | None, kill_rate: float | None) -> Iterator[RiskFactor]:
    if coverage is not None and coverage < 1.0:
        points = 15 if coverage < _GOOD_COVERAGE else 5
        yield RiskFactor("coverage", points, f"tests run {coverage:.0%} of the changed lines")
    if kill_rate is not None and kill_rate < 1.0:
        points = 15 if kill_rate < _GOOD_KILL_RATE else 5
        yield RiskFactor("mutation strength", points, f"tests notice {kill_rate:.0%} of the faults planted in it")


def _some(names: list[str] | tuple[str, ...]) -> str:
    """Name the first few in order, and how many more there are."""
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
