"""How dangerous a change is: a sum of named, explained factors. Same input, same score; no I/O, no model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
