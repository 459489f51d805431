"""What a plan step can name: a capability, with schemas for what it takes and gives, its effects and its security level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much harm a capability could do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Effect(StrEnum):
    """What a capability does to the world outside its answer."""

    READS_CODE = "reads code"
    RUNS_CODE = "runs code in the sandbox"
    EDITS_CODE = "proposes edits"
    EDITS_TESTS = "proposes tests"
    EDITS_MANIFESTS = "proposes edits to manifests"


@dataclass(frozen=True)
class Capability:
    """One thing a plan step can ask for."""

    name: str
    version: int
    does: str
    """One sentence for people."""
    takes: Mapping[str, Any]
    """JSON schema of the step's inputs."""
    gives: Mapping[str, Any]
    """JSON schema of what it answers."""
    effects: frozenset[Effect]
    level: Level
    engines: tuple[str, ...]
    """Engines that can carry it out, cheapest first."""
