"""Say whether a plan could be carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.capability import Capability, Effect, Level
from bot.errors import UserError
from bot.plan.plan import from_json, order, validate


def _answer(inputs: Mapping[str, Any], capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    try:
        plan = from_json(inputs["plan"])
        validate(plan, capabilities)
    except UserError as error:
        return {"valid": False, "reason": str(error), "order": []}
    return {"valid": True, "reason": "", "order": [step.id for step in order(plan)]}


CAPABILITY = Capability(
    name="planner.validate_plan",
    version=1,
    does="Checks a plan against its schema, the registered capabilities and the bounds, and orders its steps.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["plan"],
        "properties": {"plan": {"type": "object"}},
    },
    gives={
        "type": "object",
        "required": ["valid", "reason", "order"],
        "properties": {
            "valid": {"type": "boolean"},
            "reason": {"type": "string"},
            "order": {"type": "array", "items": {"type": "string"}},
        },
    },
    effects=frozenset[Effect](),
    level=Level.LOW,
    answer=_answer,
)
