"""What a spec is: tests that say what "done" means, each with its role and the reason it was kept or dropped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.ids import Digest, NodeId, Sha


class Role(StrEnum):
    """What a test of the spec is good for."""

    WITNESS = "witness"
    """Fails on the base, by assertion or by the reported error: the wish itself."""
    GUARD = "guard"
    """Passes on the base and kills a mutant: what must stay."""


class Source(StrEnum):
    """Where a candidate test came from."""

    EXAMPLE = "example"
    TRACEBACK = "traceback"
    NAMED = "named test"
    DOCSTRING = "docstring"
    ANNOTATION = "annotation"
    ANSWER = "answer"
    SUITE = "project's suite"
    MODEL = "model"


@dataclass(frozen=True)
class Candidate:
    """A test that may enter the spec: one pytest function, with its imports, as source text."""

    name: str
    """The function's name; unique within a spec."""
    source: str
    """The function's source, without imports."""
    imports: tuple[str, ...]
    """Import statements it needs."""
    origin: Source
    quote: str = ""
    """The words of the instruction or docstring it was read from."""


@dataclass(frozen=True)
class SpecTest:
    """One test of the spec, kept or not."""

    id: NodeId
    role: Role
    origin: Source
    kept: bool
    kills: int
    """Mutants of the base it killed; a witness: trivial stand-ins it failed on. What it kills of the change the gate says."""
    reason: str
    held_out: bool = False
    """Never shown to the engine that writes the change."""
    quote: str = ""


@dataclass(frozen=True)
class SpecFile:
    """A file that the lock commit adds."""

    path: str
    content: str


@dataclass(frozen=True)
class Locked:
    """A file that was there before and must not differ by a byte afterwards."""

    path: str
    digest: Digest


@dataclass(frozen=True)
class Spec:
    """The locked spec of one run."""

    tests: tuple[SpecTest, ...]
    files: tuple[SpecFile, ...]
    locked: tuple[Locked, ...]
    """Files of named tests, every ``conftest.py``, and configuration that could switch tests off."""
    digest: Digest
    commit: Sha | None = None
    """The lock commit; its parent is the base."""
    kill_rate: float | None = None
    """Of the non-equivalent mutants of the code in question on the base; None where there was nothing to mutate."""
    author: str = ""
    """The model that wrote tests of it, ``provider:model``; empty where none did."""

    @property
    def witnesses(self) -> tuple[SpecTest, ...]:
        """The kept tests that fail on the base."""
        return tuple(each for each in self.tests if each.kept and each.role is Role.WITNESS)

    @property
    def guards(self) -> tuple[SpecTest, ...]:
        """The kept tests that pass on the base."""
        return tuple(each for each in self.tests if each.kept and each.role is Role.GUARD)

    @property
    def shown(self) -> tuple[SpecTest, ...]:
        """The kept tests an engine may see."""
        return tuple(each for each in self.tests if each.kept and not each.held_out)
