"""Ask for a newer version of a dependency."""

from __future__ import annotations

from bot.capability import Capability, Effect, Level

CAPABILITY = Capability(
    name="dependency.upgrade",
    version=1,
    does="Moves a package's pin or range in the manifests to the version asked for.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["package"],
        "properties": {
            "package": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"},
            "version": {"type": "string", "pattern": r"^[0-9][A-Za-z0-9.!+_-]{0,60}$"},
        },
    },
    gives={
        "type": "object",
        "required": ["edits"],
        "properties": {"edits": {"type": "array", "items": {"type": "object", "required": ["path", "content"]}}},
    },
    effects=frozenset({Effect.READS_CODE, Effect.EDITS_MANIFESTS}),
    level=Level.HIGH,
    engines=("codemod",),
)
