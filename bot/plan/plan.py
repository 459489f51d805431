"""What a plan is: steps with capabilities, inputs and acceptance criteria, in an acyclic graph of bounded size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.run import Verb

MAX_STEPS = 20
MAX_DEPTH = 8


@dataclass(frozen=True)
class Step:
    """One atomic thing to do."""

    id: str
    capability: str
    inputs: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    """Steps that come before."""
    acceptance: tuple[str, ...] = ()
    """What must hold afterwards, in words."""
    expected: Mapping[str, float] = field(default_factory=dict)
    """Expected change of metrics: ``{"failing_tests": -1}``."""


@dataclass(frozen=True)
class Plan:
    """What is to be done for one instruction."""

    verb: Verb
    goal: str
    steps: tuple[Step, ...]
    may_change_interface: bool = False
    """Only where the instruction asks for it."""
    needs_witness: bool = True
    """Whether the spec must hold a test that fails on the base (a fix, an addition) or only guards."""
