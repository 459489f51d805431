"""Rewrite code in other words, for wishes that no codemod covers."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="code.rewrite",
    version=1,
    does="Rewrites code as the instruction says while everything that passed still passes.",
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
    engines=("model",),
)
