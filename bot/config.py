"""``.github/pawl.yml``: what a repository's owners want, read from the base commit. No file is needed.

Unknown keys are errors; messages say ``file:line``, the key, what is allowed, and the nearest key.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PLACES = (".github/pawl.yml", "pawl.yml")
"""Where the file may lie, first found wins."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paths(_Section):
    """Which files a change may touch, as git-style globs."""

    allowed: tuple[str, ...] = Field(("**",), description="Only these files may be touched.")
    protected: tuple[str, ...] = Field(
        (
            ".github/**",
            "**/CODEOWNERS",
            "pawl.yml",
            "**/AGENTS.md",
            "**/CLAUDE.md",
            "**/GEMINI.md",
            ".cursor/**",
            ".cursorrules",
            ".mcp.json",
            "**/copilot-instructions.md",
        ),
        description="These never, whatever is asked. Lock files and manifests join them unless the instruction is an upgrade.",
    )


class Mutation(_Section):
    """How strong tests must be."""

    threshold: Share = Field(0.8, description="Least kill rate on the changed lines.")
    most: int = Field(200, ge=1, description="Most mutants tried on one change.")


class Coverage(_Section):
    """How much of the change must run under test."""

    changed_lines: Share = Field(1.0, description="Least share of changed, executable lines that some test runs.")
    changed_branches: Share = Field(0.8, description="Least share of changed branches that some test takes.")
    floor: Share = Field(0.0, description="Least coverage of the whole project; it never falls under the base's.")


class Complexity(_Section):
    """How complicated changed code may be."""

    cyclomatic: int = Field(10, ge=1)
    cognitive: int = Field(15, ge=1)
    function_lines: int = Field(50, ge=1)
    inheritance: int = Field(3, ge=1)


class Dependencies(_Section):
    """What may come in."""

    allowed: tuple[str, ...] = Field((), description="Only these packages; empty allows all.")
    denied: tuple[str, ...] = ()


class Scope(_Section):
    """How far a change may reach."""

    files: int = Field(20, ge=1, description="Most files in one change.")
    lines: int = Field(600, ge=1, description="Most added and removed lines in one change.")


class Budget(_Section):
    """Caps of one run."""

    rounds: int = Field(3, ge=1, le=5, description="Most walks from findings back to changing.")
    seconds: float = Field(900.0, gt=0, description="Wall time of one run.")
    engine_seconds: float = Field(60.0, gt=0, description="Wall time of one engine's work on one step.")
    suite_seconds: float = Field(300.0, gt=0, description="Wall time of one run of the project's suite.")


class GateSetting(_Section):
    """One gate's switch. Off is shown in every report; a required gate must be green."""

    required: bool = True
    run: bool = True


class Config(_Section):
    """The whole file; every key has a default."""

    version: Literal[1] = 1
    gates: dict[str, GateSetting] = Field(default_factory=dict, description="By gate name; gates not named are required.")
    paths: Paths = Paths()
    mutation: Mutation = Mutation()
    coverage: Coverage = Coverage()
    complexity: Complexity = Complexity()
    dependencies: Dependencies = Dependencies()
    scope: Scope = Scope()
    budget: Budget = Budget()
    trust: int = Field(0, ge=0, le=4, description="How much goes without a person: 0 nothing, 4 everything green.")
