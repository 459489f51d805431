"""Run one codemod."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="code.transform",
    version=1,
    does="Rewrites source files by a named, deterministic, idempotent codemod.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["codemod"],
        "properties": {
            "codemod": {"type": "string", "maxLength": 60},
            "arguments": {"type": "object"},
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
    engines=("codemod",),
)
