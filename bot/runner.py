"""What a runner is: where gates run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.gate import Gate, GateResult, Subject


class Runner(Protocol):
    """Runs gates on a subject; whatever a gate does, each gate asked for has an answer."""

    @property
    def here(self) -> bool:
        """Whether gates run on this machine, and so need a lab."""
        ...

    async def run(
        self, gates: tuple[Gate, ...], subject: Subject, progress: Callable[[GateResult], None]
    ) -> tuple[GateResult, ...]:
        """Return one result per gate, in the gates' order; ``progress`` hears each as it comes."""
        ...
