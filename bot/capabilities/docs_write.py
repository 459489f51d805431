"""Write documentation."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="docs.write",
    version=1,
    does="Writes docstrings and documentation; no executable line differs afterwards.",
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
    effects=frozenset({Effect.READS_CODE, Effect.EDITS_CODE}),
    level=Level.LOW,
    engines=("model",),
)
