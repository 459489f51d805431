"""What a gate is: one question put to one change, answered with a verdict and findings on lines.

``pass`` is the only way to be green. A gate that cannot run says ``error``; one that has nothing to judge says
``not_applicable`` with the reason. A gate never sees a key, the store or the forge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.change.change import NO_PAST, Change, Past
from bot.change.encoding import decoded
from bot.change.risk import Risk
from bot.change.testing import disguised, is_test
from bot.config import Config
from bot.ids import Sha
from bot.sources import read_sources
from bot.spec.challenge import Criticism
from bot.spec.spec import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from bot.lab import Lab


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How bad a finding is; only an ``error`` makes a gate fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """Something to look at, on a line of the head (line 1 where it concerns the whole file; path '' the whole change)."""

    path: str
    line: int
    message: str
    rule: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class GateResult:
    """A gate's answer. ``evidence`` is JSON for the report: kill matrix, behaviour differences, coverage and the like."""

    name: str
    verdict: Verdict
    summary: str
    findings: tuple[Finding, ...] = ()
    required: bool = True
    seconds: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether it is in nobody's way."""
        return self.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE} or not self.required


@dataclass(frozen=True)
class Tree:
    """A commit's files, laid out in a directory that nobody writes to."""

    sha: Sha
    root: Path

    def text(self, path: str) -> str | None:
        """Return a file's text with plain line ends, or None where there is no such regular file or it is no text."""
        file = self.root / path
        if file.is_symlink() or not file.is_file():
            return None
        text = decoded(file.read_bytes())
        return text and text.replace("\r\n", "\n").replace("\r", "\n")

    def is_test(self, path: str) -> bool:
        """Tell whether a file belongs to the tests; what the product imports does not, wherever it lies."""
        return is_test(path) and path not in self._disguised

    @cached_property
    def _disguised(self) -> frozenset[str]:
        return disguised(read_sources(self.root).files)


@dataclass(frozen=True)
class Subject:
    """All a gate may see."""

    base: Tree
    head: Tree
    change: Change
    instruction: str
    """What was asked for; empty where nobody said."""
    spec: Spec | None
    config: Config
    lab: Lab
    """Runs the code of either tree in the sandbox; remembers, so that two gates never run the same suite twice."""
    risk: Risk
    results: tuple[GateResult, ...] = ()
    """The other gates' answers; only gates with ``after_others`` get them."""
    past: Past = NO_PAST
    """The commits between base and head."""
    criticism: Criticism | None = None
    """Counter-examples that somebody was asked to name; None where nobody was."""
    policies: Mapping[str, str] = field(default_factory=dict)
    """The repository's own policies, path -> Rego text: never those of the change itself."""

    @property
    def brought(self) -> frozenset[str]:
        """The files that the locked spec itself brought: whoever makes the change may not touch them."""
        return frozenset(each.path for each in self.spec.files) if self.spec else frozenset()


@dataclass(frozen=True)
class Gate:
    """A gate as its file registers it."""

    name: str
    asks: str
    """The question, as in the catalogue."""
    judge: Callable[[Subject], GateResult]
    runs_code: bool = False
    """Whether it needs the sandbox; without one it is red."""
    after_others: bool = False
    shares: bool = False
    """Whether what it has run serves other gates: it starts first."""


def demanded(known: Mapping[str, Gate], config: Config) -> tuple[Gate, ...]:
    """Return those of the known gates that a configuration does not switch off."""
    return tuple(gate for name, gate in known.items() if name not in config.gates or config.gates[name].run)


def passed(name: str, summary: str, findings: tuple[Finding, ...] = (), **evidence: object) -> GateResult:
    """Return a green answer; findings may only be warnings and notes."""
    return GateResult(name, Verdict.PASS, summary, findings, evidence=evidence)


def failed(name: str, summary: str, findings: tuple[Finding, ...], **evidence: object) -> GateResult:
    """Return a red answer with what was found."""
    return GateResult(name, Verdict.FAIL, summary, findings, evidence=evidence)


def not_applicable(name: str, reason: str) -> GateResult:
    """Return the answer of a gate that has nothing to judge."""
    return GateResult(name, Verdict.NOT_APPLICABLE, reason)


def errored(name: str, reason: str, **evidence: object) -> GateResult:
    """Return the answer of a gate that could not run: red."""
    return GateResult(name, Verdict.ERROR, reason, evidence=evidence)


def from_findings(name: str, findings: tuple[Finding, ...], clean: str, **evidence: object) -> GateResult:
    """Pass with ``clean`` where no finding is an error, else fail with their count."""
    errors = sum(each.severity is Severity.ERROR for each in findings)
    if not errors:
        return passed(name, clean, findings, **evidence)
    first = next(each for each in findings if each.severity is Severity.ERROR)
    return failed(name, f"{errors} finding{'s' * (errors > 1)}: {first.message}", findings, **evidence)
