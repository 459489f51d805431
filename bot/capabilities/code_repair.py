"""Make failing tests pass by the smallest change."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="code.repair",
    version=1,
    does="Changes the code that makes the spec's witnesses fail, until they and all guards pass.",
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
    engines=("codemod", "search", "model"),
)
