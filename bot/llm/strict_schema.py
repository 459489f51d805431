"""Whether a JSON schema can be promised by a vendor: its answer is then held to it while it is written (pure).

Vendors promise only closed objects and a part of JSON Schema. What they cannot promise is loosened, never tightened: the whole
schema is checked again when the answer is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_KEPT: Final = frozenset({
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs", "description",
})  # fmt: skip
_LOOSE: Final = frozenset({
    "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "pattern", "format", "uniqueItems", "default", "examples", "title", "$schema", "$id", "$comment",
})  # fmt: skip
"""What only narrows or explains: without it, more answers fit."""


def promised(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the schema without what no vendor promises, or None where that would not be the same question.

    Every object in it has to be closed (``additionalProperties`` false) and to require all that it names.
    """
    if schema.get("type") != "object" or any(not _promisable(each) for each in parts(schema)):
        return None
    loosened = _loosened(schema)
    return loosened if isinstance(loosened, dict) else None


def closed(schema: Mapping[str, Any]) -> bool:
    """Say whether every object in the schema names what it may hold, so that closing it loses no answer that is asked for."""
    return all(_names_all(each) for each in parts(schema))


def parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schema and every schema inside it."""
    yield schema
    for keyword in ("properties", "$defs"):
        for each in _mapping(schema.get(keyword)).values():
            yield from parts(_mapping(each))
    for keyword in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(keyword) or ():
            yield from parts(_mapping(each))
    for keyword in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield from parts(schema[keyword])


def _names_all(part: Mapping[str, Any]) -> bool:
    if part.get("type") == "object":
        return bool(part.get("properties")) and not isinstance(part.get("additionalProperties"), Mapping)
    return bool({"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"} & set(part)) and not isinstance(
        part.get("type"), list
    )


def _promisable(part: Mapping[str, Any]) -> bool:
    if not set(part) <= _KEPT | _LOOSE:
        return False
    if part.get("type") == "array" and "items" not in part:
        return False
    if part.get("type") != "object":
        return bool({"type", "enum", "const", "anyOf", "$ref"} & set(part)) and "properties" not in part
    names = _mapping(part.get("properties"))
    return bool(names) and part.get("additionalProperties") is False and set(part.get("required", ())) == set(names)


def _loosened(node: Any) -> Any:
    if isinstance(node, list | tuple):
        return [_loosened(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    return {key: _held(key, value) for key, value in node.items() if key in _KEPT}


def _held(keyword: str, value: Any) -> Any:
    """Return what a keyword holds, loosened where that is a schema or holds some."""
    if keyword in {"properties", "$defs"}:
        return {name: _loosened(each) for name, each in value.items()}
    if keyword in {"enum", "const", "required"}:
        return list(value) if isinstance(value, tuple) else value
    return _loosened(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
