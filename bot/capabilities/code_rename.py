"""Rename something public."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="code.rename",
    version=1,
    does="Renames a public function, class, method or variable wherever the project uses it.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["old", "new"],
        "properties": {
            "old": {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_.]{0,199}$"},
            "new": {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_.]{0,199}$"},
        },
    },
    gives={
        "type": "object",
        "required": ["edits"],
        "properties": {"edits": {"type": "array", "items": {"type": "object", "required": ["path", "content"]}}},
    },
    effects=frozenset({Effect.READS_CODE, Effect.EDITS_CODE, Effect.CHANGES_INTERFACE}),
    level=Level.MEDIUM,
    engines=("codemod",),
)
