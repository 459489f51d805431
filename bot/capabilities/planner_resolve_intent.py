"""Say what an instruction asks for, without planning it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.capability import Capability, Effect, Level
from bot.plan.intent import resolve_verb
from bot.run import Verb


def _answer(inputs: Mapping[str, Any], _capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    return {"verb": resolve_verb(inputs["text"]).value}


CAPABILITY = Capability(
    name="planner.resolve_intent",
    version=1,
    does="Finds the verb that an instruction's words ask for.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {"text": {"type": "string"}},
    },
    gives={"type": "object", "required": ["verb"], "properties": {"verb": {"enum": [each.value for each in Verb]}}},
    effects=frozenset[Effect](),
    level=Level.LOW,
    answer=_answer,
)
