"""An examination: what gates that run on another machine are given, and what they hand back.

The **paper** says what is to be judged; the **answers** are one result per gate. Both travel as JSON through places that
strangers may write to, so reading them checks every field, and the answers name the paper they belong to by its digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, TypeVar

from pydantic import PlainSerializer, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from bot.config import Config
from bot.errors import Fatal, InputError
from bot.gate import GateResult
from bot.ids import Digest, RunId, Sha
from bot.spec.challenge import Criticism
from bot.spec.spec import Spec

MOST_BYTES: Final = 16 * 1024 * 1024
"""Longest paper or answers that are read: a kill matrix of 200 mutants with their diffs is well below it."""
MOST_NAME: Final = 40
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")

_OPEN: Final = frozenset({"criticism", "judge", "config", "policies"})
"""Fields that a paper may leave open."""

T = TypeVar("T")


def _told(config: Config | None) -> dict[str, Any] | None:
    """Return a configuration without what is as it is by default: a runner that knows another key writes the same paper."""
    return None if config is None else config.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True)
class Paper:
    """What is to be judged, whole: nothing else is needed but the repository."""

    run: RunId
    base: Sha
    head: Sha
    instruction: str
    """What was asked for: a stranger's words."""
    spec: Spec | None
    gates: tuple[str, ...]
    """The gates that are asked."""
    criticism: Criticism | None = None
    """Counter-examples to try; None where nobody was asked for any."""
    judge: Digest | None = None
    """The wheel of Pawl that is to judge; None where nobody said."""
    config: Annotated[Config | None, PlainSerializer(_told)] = None
    """What the change is held to; None for what the base commit says."""
    policies: Mapping[str, str] | None = None
    """The repository's own policies, path -> Rego text; None for those of the base commit."""


@dataclass(frozen=True)
class Answers:
    """What the gates said of one paper."""

    paper: Digest
    results: tuple[GateResult, ...]


def digest_of(paper: Paper) -> Digest:
    """Return a paper's identity, over its canonical JSON."""
    return Digest(f"sha256:{hashlib.sha256(dumped(paper).encode()).hexdigest()}")


def dumped(value: Paper | Answers | GateResult) -> str:
    """Return canonical JSON text in ASCII; raises Fatal where a gate's evidence is no JSON.

    What a paper leaves open is written as if there were no such field, so that it keeps the digest it always had.
    """
    try:
        plain = _adapter(type(value).__name__).dump_python(value, mode="json")
        if isinstance(value, Paper):
            plain = {name: told for name, told in plain.items() if told is not None or name not in _OPEN}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (PydanticSerializationError, ValueError) as error:
        raise Fatal(f"{type(value).__name__} cannot be written as JSON: {error}") from error


def read_paper(text: str | bytes, name: str) -> Paper:
    """Return the paper in ``text``, which is called ``name`` in messages; raises InputError where it is none."""
    paper = _read(text, Paper, name)
    for what, commit in (("base", paper.base), ("head", paper.head)):
        if not _SHA.fullmatch(commit):
            raise InputError(f"{name}: {what} is no full commit name: give 40 hexadecimal digits")
    if paper.judge is not None and not _DIGEST.fullmatch(paper.judge):
        raise InputError(f"{name}: judge is no digest: give sha256: and 64 hexadecimal digits")
    if not paper.gates or not all(gate_name(each) for each in paper.gates):
        raise InputError(f"{name}: gates must name at least one gate, in small letters and underscores")
    return paper


def read_answers(text: str | bytes, name: str) -> Answers:
    """Return the answers in ``text``; raises InputError where it holds none."""
    return _read(text, Answers, name)


def read_result(text: str | bytes, name: str) -> GateResult:
    """Return the one gate's result in ``text``; raises InputError where it is none."""
    result = _read(text, GateResult, name)
    if not gate_name(result.name):
        raise InputError(f"{name}: {result.name[:MOST_NAME]!r} is no gate's name: small letters and underscores")
    return result


def gate_name(text: str) -> bool:
    """Return whether a text has the form of a gate's name, and so may stand in a path."""
    return len(text) <= MOST_NAME and _NAME.fullmatch(text) is not None


def _read(text: str | bytes, kind: type[T], name: str) -> T:
    if len(text) > MOST_BYTES:
        raise InputError(f"{name} is larger than {MOST_BYTES // 1024**2} MiB: ask fewer gates at once")
    try:
        found: T = _adapter(kind.__name__).validate_python(json.loads(text, parse_constant=_no_constant))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InputError(f"{name} is no {kind.__name__.lower()}: {place}: {first['msg'].lower()}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{name} is not JSON: write it as `pawl gates --results` does") from None
    return found


def _no_constant(name: str) -> Any:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter({each.__name__: each for each in (Paper, Answers, GateResult)}[kind])
