"""List what Pawl can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.capability import Capability, Effect, Level


def _answer(_inputs: Mapping[str, Any], capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    listed = [
        {
            "name": each.name,
            "version": each.version,
            "does": each.does,
            "level": each.level.value,
            "effects": sorted(effect.value for effect in each.effects),
            "engines": list(each.engines),
            "takes": dict(each.takes),
            "gives": dict(each.gives),
        }
        for _, each in sorted(capabilities.items())
    ]
    return {"capabilities": listed}


CAPABILITY = Capability(
    name="introspect.capability_graph",
    version=1,
    does="Lists every registered capability with its schemas, effects, security level and engines.",
    takes={"type": "object", "additionalProperties": False, "properties": {}},
    gives={
        "type": "object",
        "required": ["capabilities"],
        "properties": {"capabilities": {"type": "array", "items": {"type": "object", "required": ["name", "version", "level"]}}},
    },
    effects=frozenset[Effect](),
    level=Level.LOW,
    answer=_answer,
)
