"""What is known of a run when its evidence is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ulid import ULID

from bot.config import Config
from bot.gate import GateResult
from bot.history import History
from bot.llm.spending import Spending
from bot.run import Run
from bot.spec.challenge import Challenge, read_challenge

_ULID: Final = re.compile(r"[0-9A-Z]{26}")


@dataclass(frozen=True)
class Difference:
    """One input on which old and new code differ."""

    call: str
    before: str
    after: str
    asked_for: bool = False


@dataclass(frozen=True)
class Tried:
    """One counter-example that was run, and what came of it, as the gate wrote it."""

    challenge: Challenge
    head: str
    base: str
    """Empty where it did not have to be run there."""
    ruling: str


@dataclass(frozen=True)
class Record:
    """All that is known of a run when its evidence is written."""

    run: Run
    history: History
    config: Config
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    """``before`` and ``after``: measured health of the two trees."""
    components: Mapping[str, Any] = field(default_factory=dict)
    """The CycloneDX document of the head."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """What it ran on: interpreter, kernel, sandbox layer, versions of the tools, the project's own packages, seeds."""
    ledger: Sequence[Mapping[str, Any]] = ()
    ledger_head: Mapping[str, Any] = field(default_factory=dict)
    """``count`` and ``digest`` of the whole ledger when the evidence was written: sealed, it shows a ledger rewritten later."""
    at: str = ""
    """When the run was received, ISO 8601; of a change that no run made, when its head was committed."""
    spending: tuple[Spending, ...] = ()
    """What models were asked, by duty and author, as the store counted it."""

    def gate(self, name: str) -> GateResult | None:
        """Return one gate's answer."""
        checked = self.history.checked
        return next((each for each in checked.gates if each.name == name), None) if checked else None

    @property
    def loop(self) -> str:
        """The ULID of the loop from findings back to changing: the run's own; where no run was, one that its commits give."""
        checked = self.history.checked
        if _ULID.fullmatch(self.run.id) or checked is None:
            return self.run.id
        born = int(datetime.fromisoformat(self.at).timestamp() * 1000) if self.at else 0
        mark = hashlib.sha256(f"{checked.change.base}..{checked.change.head}".encode()).digest()[:10]
        return str(ULID.from_bytes(born.to_bytes(6, "big") + mark))

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What old and new code did differently on generated inputs."""
        seen = self.gate("behaviour")
        rows = seen.evidence.get("differences", ()) if seen else ()
        return tuple(
            Difference(str(each["call"]), str(each["before"]), str(each["after"]), bool(each.get("asked_for"))) for each in rows
        )

    @property
    def tried(self) -> tuple[Tried, ...]:
        """Return the counter-examples that were run; evidence may come from a runner elsewhere: what is none is left out."""
        seen = self.gate("critic")
        rows = seen.evidence.get("challenges") if seen else None
        pairs = [(read_challenge(each), each) for each in rows] if isinstance(rows, list | tuple) else []
        return tuple(
            Tried(one, *(str(each.get(name, "")) for name in ("head", "base", "ruling")))
            for one, each in pairs
            if one is not None
        )
