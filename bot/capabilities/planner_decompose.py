"""Take an instruction apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.capability import Capability, Effect, Level
from bot.plan.planner import decompose


def _answer(inputs: Mapping[str, Any], _capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    return {"parts": list(decompose(inputs["text"]))}


CAPABILITY = Capability(
    name="planner.decompose",
    version=1,
    does="Splits an instruction into the parts that are wishes of their own.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {"text": {"type": "string"}},
    },
    gives={
        "type": "object",
        "required": ["parts"],
        "properties": {"parts": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    },
    effects=frozenset[Effect](),
    level=Level.LOW,
    answer=_answer,
)
