"""Write code that is not there yet."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="code.generate",
    version=1,
    does="Writes new code, or the missing body of code, until the spec's witnesses pass.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "names": {"type": "array", "items": {"type": "string", "maxLength": 500}, "maxItems": 50},
            "paths": {"type": "array", "items": {"type": "string", "maxLength": 500}, "maxItems": 50},
        },
    },
    gives={
        "type": "object",
        "required": ["edits"],
        "properties": {"edits": {"type": "array", "items": {"type": "object", "required": ["path", "content"]}}},
    },
    effects=frozenset({Effect.READS_CODE, Effect.RUNS_CODE, Effect.EDITS_CODE}),
    level=Level.MEDIUM,
    engines=("search", "model"),
)
