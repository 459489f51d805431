"""What a plan step can name: a capability, with schemas for what it takes and gives, its effects and its security level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bot.errors import Fatal, InputError


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
    CHANGES_INTERFACE = "may change a public interface"


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
    engines: tuple[str, ...] = ()
    """Engines that can carry it out, cheapest first; none where ``answer`` does."""
    answer: Callable[[Mapping[str, Any], Mapping[str, Capability]], dict[str, Any]] | None = None
    """Pure thought over the inputs and all registered capabilities; None where an engine does the work."""


def mismatch(data: object, wanted: Mapping[str, Any]) -> str:
    """Return where and how ``data`` does not fit a JSON schema, in one phrase; '' where it fits."""
    error = best_match(Draft202012Validator(wanted).iter_errors(data))
    if error is None:
        return ""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    return f"{where or 'the whole'}: {error.message[:200]}"


def exactly(**fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an object that has these fields and no other."""
    return {"type": "object", "additionalProperties": False, "required": list(fields), "properties": fields}


def perform(name: str, inputs: Mapping[str, Any], capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    """Let a capability that needs no engine answer, with both sides checked against its schemas.

    Raises:
        InputError: no such capability, one that only an engine can carry out, or inputs that do not fit.
        Fatal: the answer does not fit the schema that the capability gives for it.
    """
    capability = capabilities.get(name)
    if capability is None:
        msg = f"there is no capability {name!r}: use one of {', '.join(sorted(capabilities)) or 'none'}"
        raise InputError(msg)
    if capability.answer is None:
        msg = f"{name} is work for an engine ({', '.join(capability.engines)}): make it a step of a plan"
        raise InputError(msg)
    problem = mismatch(dict(inputs), capability.takes)
    if problem:
        msg = f"the inputs do not fit {name}: {problem}"
        raise InputError(msg)
    answer = capability.answer(inputs, capabilities)
    problem = mismatch(answer, capability.gives)
    if problem:
        msg = f"{name} broke its promise: {problem}"
        raise Fatal(msg)
    return answer
