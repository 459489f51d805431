"""Comparing what variants of the same code did on the same calls."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.harness.harness import Call, Observation, ObservedKind


@dataclass(frozen=True)
class Difference:
    """One call that does not do the same before and after."""

    call: Call
    before: Observation
    after: Observation


def written(call: Call) -> str:
    """Return the call as people write it: ``f([3, 1])``, ``Queue(2).put('a')``."""
    positional = [ast.unparse(each) for each in _elements(call.arguments)]
    keywords = [f"{name}={value!r}" for name, value in ast.literal_eval(call.keywords).items()]
    inside = ", ".join((*positional, *keywords))
    if call.receiver is None:
        return f"{call.qualname}({inside})"
    owner, _, method = call.qualname.rpartition(".")
    made = ", ".join(ast.unparse(each) for each in _elements(call.receiver))
    return f"{owner}({made}).{method}({inside})"


def _elements(source: str) -> list[ast.expr]:
    body = ast.parse(source, mode="eval").body
    return body.elts if isinstance(body, ast.Tuple) else [body]


def canonical(observation: Observation) -> str:
    """Return one text that is equal exactly where two observations count as the same behaviour.

    Of an exception only its type counts (its words are for people), of a time-out only that it was one; what is printed
    and what happens to the arguments counts as much as the value.
    """
    if observation.kind is ObservedKind.RETURNED:
        value = f"{observation.type}:{observation.value}"
    elif observation.kind is ObservedKind.RAISED:
        value = observation.type
    else:
        value = ""
    return repr((observation.kind.value, value, observation.arguments_after, observation.printed))


def outcome(observation: Observation) -> str:
    """Return what a call gave, as a person reads it."""
    if observation.kind is ObservedKind.RETURNED:
        return observation.value
    if observation.kind is ObservedKind.RAISED:
        return f"raises {observation.value or observation.type}"
    return observation.kind.value


def differences(calls: Sequence[Call], before: Sequence[Observation], after: Sequence[Observation]) -> tuple[Difference, ...]:
    """Return the calls on which two variants differ; where either could not be observed there is no difference to tell."""
    return tuple(
        Difference(call, old, new)
        for call, old, new in zip(calls, before, after, strict=True)
        if ObservedKind.UNAVAILABLE not in {old.kind, new.kind} and canonical(old) != canonical(new)
    )


def classes(observed: Mapping[str, Sequence[Observation]]) -> tuple[tuple[str, ...], ...]:
    """Group variants (by id) that did the same on every call; groups and members keep the order given."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name, observations in observed.items():
        found.setdefault(tuple(canonical(each) for each in observations), []).append(name)
    return tuple(tuple(members) for members in found.values())
