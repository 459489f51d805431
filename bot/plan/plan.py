"""What a plan is: steps with capabilities, inputs and acceptance criteria, in an acyclic graph of bounded size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.capability import Capability, Effect, mismatch
from bot.errors import InputError, Refused
from bot.run import Verb

MAX_STEPS = 20
MAX_DEPTH = 8
_MAX_TEXT = 20_000


@dataclass(frozen=True)
class Step:
    """One atomic thing to do."""

    id: str
    capability: str
    inputs: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    """Steps that come before."""
    acceptance: tuple[str, ...] = ()
    """What must hold afterwards, in words."""
    expected: Mapping[str, float] = field(default_factory=dict)
    """Expected change of metrics: ``{"failing_tests": -1}``."""


@dataclass(frozen=True)
class Plan:
    """What is to be done for one instruction."""

    verb: Verb
    goal: str
    steps: tuple[Step, ...]
    may_change_interface: bool = False
    """Only where the instruction asks for it."""
    needs_witness: bool = True
    """Whether the spec must hold a test that fails on the base (a fix, an addition) or only guards."""
    author: str = ""
    """The model that chose the steps, ``provider:model``; empty where a recipe did."""


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a plan's JSON; it may gain optional keys and never loses one."""
    words = {"type": "array", "items": {"type": "string", "maxLength": 500}, "maxItems": MAX_STEPS}
    step = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "capability", "inputs", "needs", "acceptance", "expected"],
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$", "description": "Unique within the plan."},
            "capability": {"type": "string", "pattern": r"^[a-z][a-z0-9_.-]{0,59}$"},
            "inputs": {"type": "object", "description": "As the capability's own schema says."},
            "needs": {**words, "uniqueItems": True, "description": "Ids of the steps that come before."},
            "acceptance": {**words, "description": "What must hold afterwards."},
            "expected": {"type": "object", "additionalProperties": {"type": "number"}, "description": "Change of metrics."},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan",
        "type": "object",
        "additionalProperties": False,
        "required": ["verb", "goal", "steps", "may_change_interface", "needs_witness"],
        "properties": {
            "verb": {"enum": [each.value for each in Verb]},
            "goal": {"type": "string", "minLength": 1, "maxLength": _MAX_TEXT},
            "steps": {"type": "array", "items": step, "minItems": 1, "maxItems": MAX_STEPS},
            "may_change_interface": {"type": "boolean"},
            "needs_witness": {"type": "boolean"},
            "author": {"type": "string", "minLength": 1, "maxLength": 200, "description": "The model that chose the steps."},
        },
    }


def to_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON data that :func:`from_json` reads back to an equal plan."""
    return {
        "verb": plan.verb.value,
        "goal": plan.goal,
        "steps": [
            {
                "id": each.id,
                "capability": each.capability,
                "inputs": dict(each.inputs),
                "needs": list(each.needs),
                "acceptance": list(each.acceptance),
                "expected": dict(each.expected),
            }
            for each in plan.steps
        ],
        "may_change_interface": plan.may_change_interface,
        "needs_witness": plan.needs_witness,
        **({"author": plan.author} if plan.author else {}),
    }


def from_json(data: object) -> Plan:
    """Read a plan from JSON data.

    Raises:
        InputError: the data does not fit :func:`schema`.
    """
    problem = mismatch(data, schema())
    if problem or not isinstance(data, dict):
        msg = f"this is no plan: {problem}; see the plan's published JSON schema"
        raise InputError(msg)
    steps = tuple(
        Step(
            id=each["id"],
            capability=each["capability"],
            inputs=each["inputs"],
            needs=tuple(each["needs"]),
            acceptance=tuple(each["acceptance"]),
            expected=each["expected"],
        )
        for each in data["steps"]
    )
    flags = (data["may_change_interface"], data["needs_witness"])
    return Plan(Verb(data["verb"]), data["goal"], steps, *flags, data.get("author", ""))


def validate(plan: Plan, capabilities: Mapping[str, Capability]) -> None:
    """Check that every step can be carried out, in some order, within the bounds.

    Raises:
        InputError: malformed, an id twice, an unknown capability or need, inputs that do not fit, or a circle.
        Refused: too many steps, too long a chain, or an interface change that nobody asked for.
    """
    if len(plan.steps) > MAX_STEPS:
        msg = f"the plan has {len(plan.steps)} steps and at most {MAX_STEPS} are allowed: split the instruction"
        raise Refused(msg)
    from_json(to_json(plan))
    for step in plan.steps:
        _validate_step(step, plan, capabilities)
    depth = _depth(order(plan))
    if depth > MAX_DEPTH:
        msg = f"the plan is {depth} steps deep and at most {MAX_DEPTH} are allowed: split the instruction"
        raise Refused(msg)


def _validate_step(step: Step, plan: Plan, capabilities: Mapping[str, Capability]) -> None:
    capability = capabilities.get(step.capability)
    if capability is None:
        known = ", ".join(sorted(capabilities)) or "none"
        msg = f"step {step.id} names the capability {step.capability!r}, which is not registered: use one of {known}"
        raise InputError(msg)
    problem = mismatch(dict(step.inputs), capability.takes)
    if problem:
        msg = f"step {step.id}: inputs do not fit the capability {step.capability}: {problem}"
        raise InputError(msg)
    if Effect.CHANGES_INTERFACE in capability.effects and not plan.may_change_interface:
        msg = (
            f"step {step.id} ({step.capability}) may change a public interface, which nobody asked for: say so in the instruction"
        )
        raise Refused(msg)


def order(plan: Plan) -> tuple[Step, ...]:
    """Return the steps so that each comes after all it needs; among the free ones the plan's own order decides.

    Raises:
        InputError: an id twice, a need that no step has, or a circle.
    """
    _check_ids(plan)
    done: dict[str, Step] = {}
    while len(done) < len(plan.steps):
        free = next((step for step in plan.steps if step.id not in done and done.keys() >= set(step.needs)), None)
        if free is None:
            stuck = ", ".join(step.id for step in plan.steps if step.id not in done)
            msg = f"the steps {stuck} need each other in a circle: take one of the needs away"
            raise InputError(msg)
        done[free.id] = free
    return tuple(done.values())


def _check_ids(plan: Plan) -> None:
    """Check that each step has an id of its own, and needs only steps that are there; raises InputError."""
    known = {step.id for step in plan.steps}
    if len(known) < len(plan.steps):
        msg = f"the plan has {len(plan.steps)} steps but only {len(known)} different ids: give each its own"
        raise InputError(msg)
    for step in plan.steps:
        unknown = sorted(set(step.needs) - known)
        if unknown:
            msg = f"step {step.id} needs {unknown[0]!r}, which is no step of this plan: it has {', '.join(sorted(known))}"
            raise InputError(msg)


def _depth(ordered: tuple[Step, ...]) -> int:
    depths: dict[str, int] = {}
    for step in ordered:
        depths[step.id] = 1 + max((depths[need] for need in step.needs), default=0)
    return max(depths.values(), default=0)


def mermaid(plan: Plan) -> str:
    """Return the plan as a Mermaid flowchart. Whatever the texts hold, they stay inside their boxes and the fence."""
    numbers = {step.id: number for number, step in enumerate(plan.steps, start=1)}
    lines = ["flowchart TD", f'  goal["{_label(f"{plan.verb.value}: {plan.goal}")}"]']
    lines += [f'  s{numbers[step.id]}["{_label(f"{step.id}: {step.capability}")}"]' for step in plan.steps]
    for step in plan.steps:
        before = [f"s{numbers[need]}" for need in step.needs if need in numbers] or ["goal"]
        lines += [f"  {one} --> s{numbers[step.id]}" for one in before]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    """Return one clipped line in which everything but letters, digits and plain punctuation is a numeric entity."""
    one_line = " ".join(text.split())
    clipped = one_line if len(one_line) <= 80 else one_line[:79] + "…"  # noqa: PLR2004 - what fits a box
    return "".join(char if char.isalnum() or char in " .,:-_/…" else f"#{ord(char)};" for char in clipped)
