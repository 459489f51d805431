"""The policies' input: one JSON document about one change, a public and versioned contract.

``build(...)`` makes it, :data:`SCHEMA` says what is in it. Within a version fields are added, never renamed or removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.change.area import area, sensitive
from bot.change.change import Change, FileChange
from bot.change.paths import matches, may_upgrade, why_protected
from bot.change.risk import Risk, RiskLevel
from bot.config import Config
from bot.gate import GateResult, Severity, Verdict
from bot.ids import Sha
from bot.spec.spec import Spec

VERSION: Final = 1


@dataclass(frozen=True)
class Approval:
    """What one person said of one commit."""

    by: str
    role: str
    """``maintainer``, ``security``, ``owner``…"""
    head: Sha
    state: str
    """``approved`` or ``vetoed``."""
    bot: bool = False
    id: int = 0
    """The account's number; 0 where it is not known."""


@dataclass(frozen=True)
class OwnedPath:
    """A touched path that CODEOWNERS names owners for, and who of them approved."""

    path: str
    owners: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True)
class Merging:
    """How the proposal stands where it is to be merged."""

    proven: Sha
    """The commit that was judged."""
    open: bool
    draft: bool
    branch: str
    """Where it would be merged into, and below where it was proven for."""
    proven_branch: str
    check: str
    """What the gates and policies amounted to when they judged the head: ``success`` or anything else."""
    holds: tuple[tuple[str, str], ...] = ()
    """(who, why)"""
    brake: str = ""
    unsafe: tuple[str, ...] = ()
    """Settings that would let something in unproven."""


@dataclass(frozen=True)
class Circumstances:
    """What a decision takes into account besides the change itself."""

    verb: str | None = None
    """What was asked for; None where nobody told."""
    requester: str = "local"
    door: str = "cli"
    authors: tuple[str, ...] = ()
    """Committers and co-authors: their approvals do not count."""
    expected: tuple[str, ...] = ()
    """Gates that were to run."""
    approvals: tuple[Approval, ...] = ()
    owned: tuple[OwnedPath, ...] = ()
    merging: Merging | None = None
    """None as long as nothing is to be merged."""
    seconds: float = 0.0
    rounds: int = 1
    reverts: bool = False
    """Whether the change takes a merged one back."""


ON_A_LAPTOP: Final = Circumstances()


def build(  # noqa: PLR0913, PLR0917 - each argument is one part of the document
    change: Change,
    gates: tuple[GateResult, ...],
    risk: Risk,
    spec: Spec | None,
    config: Config,
    instruction: str = "",
    circumstances: Circumstances = ON_A_LAPTOP,
) -> dict[str, Any]:
    """Return the document; the same arguments give the same document."""
    upgrade = may_upgrade(circumstances.verb, instruction)
    mine = {each.path for each in spec.files} if spec else set()
    return {
        "version": VERSION,
        "change": {
            "base": change.base,
            "head": change.head,
            "lines": sum(each.added + each.removed for each in change.files if each.path not in mine),
            "files": [_file(each, config, upgrade=upgrade) | {"spec": each.path in mine} for each in change.files],
        },
        "risk": {
            "level": risk.level.value,
            "score": risk.score,
            "factors": [{"name": each.name, "points": each.points, "why": each.why} for each in risk.factors],
        },
        "gates": [_gate(each) for each in gates],
        "expected": list(circumstances.expected),
        "spec": _spec(spec),
        "instruction": {"text": instruction, "verb": circumstances.verb},
        "actor": {"name": circumstances.requester, "door": circumstances.door},
        "authors": list(circumstances.authors),
        "approvals": [
            {"by": each.by, "id": each.id, "role": each.role, "head": each.head, "state": each.state, "bot": each.bot}
            for each in circumstances.approvals
        ],
        "owned": [{"path": each.path, "owners": list(each.owners), "by": list(each.by)} for each in circumstances.owned],
        "merge": _merge(circumstances.merging),
        "spent": {"seconds": circumstances.seconds, "rounds": circumstances.rounds},
        "config": config.model_dump(mode="json"),
    }


def _file(file: FileChange, config: Config, *, upgrade: bool) -> dict[str, Any]:
    paths = [path for path in (file.path, file.old_path) if path is not None]
    return {
        "path": file.path,
        "old_path": file.old_path,
        "status": file.status.value,
        "added": file.added,
        "removed": file.removed,
        "binary": file.binary,
        "mode": file.mode,
        "area": area(file.path).value,
        "sensitive": next((topic for topic in map(sensitive, paths) if topic), ""),
        "allowed": all(matches(path, config.paths.allowed) for path in paths),
        "protected": any(why_protected(path, config.paths.protected, upgrade=upgrade) for path in paths),
    }


def _gate(result: GateResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "verdict": result.verdict.value,
        "required": result.required,
        "summary": result.summary,
        "errors": sum(each.severity is Severity.ERROR for each in result.findings),
        "warnings": sum(each.severity is Severity.WARNING for each in result.findings),
        "rules": sorted({each.rule for each in result.findings if each.severity is not Severity.NOTE}),
    }


def _merge(merging: Merging | None) -> dict[str, Any] | None:
    if merging is None:
        return None
    return {
        "proven": merging.proven,
        "open": merging.open,
        "draft": merging.draft,
        "branch": merging.branch,
        "proven_branch": merging.proven_branch,
        "check": merging.check,
        "holds": [{"by": by, "why": why} for by, why in merging.holds],
        "brake": merging.brake,
        "unsafe": list(merging.unsafe),
    }


def _spec(spec: Spec | None) -> dict[str, Any] | None:
    if spec is None:
        return None
    return {
        "digest": spec.digest,
        "commit": spec.commit,
        "kill_rate": spec.kill_rate,
        "witnesses": len(spec.witnesses),
        "guards": len(spec.guards),
        "held_out": sum(each.kept and each.held_out for each in spec.tests),
    }


def _object(**fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_FLAG: Final = {"type": "boolean"}

SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What Pawl's policies judge",
    **_object(
        version={"const": VERSION},
        change=_object(
            base=_TEXT,
            head=_TEXT,
            lines=_COUNT,
            files=_list(
                _object(
                    path=_TEXT,
                    old_path=_TEXT_OR_NULL,
                    status=_TEXT,
                    added=_COUNT,
                    removed=_COUNT,
                    binary=_FLAG,
                    mode=_TEXT_OR_NULL,
                    area=_TEXT,
                    sensitive=_TEXT,
                    allowed=_FLAG,
                    protected=_FLAG,
                    spec=_FLAG,
                )
            ),
        ),
        risk=_object(
            level={"enum": [each.value for each in RiskLevel]},
            score={"type": "integer", "minimum": 0, "maximum": 100},
            factors=_list(_object(name=_TEXT, points=_COUNT, why=_TEXT)),
        ),
        gates=_list(
            _object(
                name=_TEXT,
                verdict={"enum": [each.value for each in Verdict]},
                required=_FLAG,
                summary=_TEXT,
                errors=_COUNT,
                warnings=_COUNT,
                rules=_list(_TEXT),
            )
        ),
        expected=_list(_TEXT),
        spec={
            "oneOf": [
                {"type": "null"},
                _object(
                    digest=_TEXT,
                    commit=_TEXT_OR_NULL,
                    kill_rate={"type": ["number", "null"]},
                    witnesses=_COUNT,
                    guards=_COUNT,
                    held_out=_COUNT,
                ),
            ]
        },
        instruction=_object(text=_TEXT, verb=_TEXT_OR_NULL),
        actor=_object(name=_TEXT, door=_TEXT),
        authors=_list(_TEXT),
        approvals=_list(_object(by=_TEXT, id=_COUNT, role=_TEXT, head=_TEXT, state={"enum": ["approved", "vetoed"]}, bot=_FLAG)),
        owned=_list(_object(path=_TEXT, owners=_list(_TEXT), by=_list(_TEXT))),
        merge={
            "oneOf": [
                {"type": "null"},
                _object(
                    proven=_TEXT,
                    open=_FLAG,
                    draft=_FLAG,
                    branch=_TEXT,
                    proven_branch=_TEXT,
                    check=_TEXT,
                    holds=_list(_object(by=_TEXT, why=_TEXT)),
                    brake=_TEXT,
                    unsafe=_list(_TEXT),
                ),
            ]
        },
        spent=_object(seconds={"type": "number", "minimum": 0}, rounds=_COUNT),
        config={"type": "object"},
    ),
}
"""JSON schema of the document; ``config`` has the shape of the repository's configuration."""
