"""The lab: runs the code of one project's trees in the sandbox, and remembers.

Two gates that need the same suite run, trace or kill matrix share it. Thread-safe; one lab serves one run; a context
manager that ends its fork servers on leaving.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bot.harness.harness import Project, SuiteOrder, SuiteRun, Variants
from bot.ids import NodeId
from bot.mutation.mutation import KillMatrix
from bot.sandbox.sandbox import Completed, Limits, Sandbox

FILE_ORDER = SuiteOrder()
TOOL_LIMITS = Limits()


class Lab(Protocol):
    """What gates, engines and the spec oracle may ask for. All methods raise NoIsolation where there is no sandbox."""

    seed: int

    @property
    def sandbox(self) -> Sandbox:
        """The layer in use."""
        ...

    def project(self, root: Path) -> Project:
        """Return the tree together with its prepared environment."""
        ...

    def suite(
        self, root: Path, tests: tuple[NodeId, ...] = (), order: SuiteOrder = FILE_ORDER, *, trace: bool = False
    ) -> SuiteRun:
        """Run the suite (all of it where ``tests`` is empty) once per distinct request."""
        ...

    def variants(self, root: Path, tests: tuple[NodeId, ...] = ()) -> Variants:
        """Return the fork server of that tree and those tests, started at the first call; the lab ends it."""
        ...

    def kill_matrix(
        self, root: Path, lines: Mapping[str, frozenset[int]], tests: tuple[NodeId, ...] = (), *, every_killer: bool = False
    ) -> KillMatrix:
        """Mutate the given lines (path -> numbers) and judge the mutants by ``tests`` (all where empty)."""
        ...

    def tool(self, root: Path, command: tuple[str, ...], limits: Limits = TOOL_LIMITS) -> Completed:
        """Run one of Pawl's own tools (``python -m mypy …``) over the tree, in the sandbox, with Pawl's interpreter."""
        ...
