"""Write tests for code that has too few."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="tests.generate",
    version=1,
    does="Writes tests that pass, stay green in any order and kill mutants that survived before.",
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
    effects=frozenset({Effect.READS_CODE, Effect.RUNS_CODE, Effect.EDITS_TESTS}),
    level=Level.LOW,
    engines=("model",),
)
