"""GitHub's own published descriptions: fetched once by ``.ci/schemas``, read from then on.

``PAWL_SCHEMAS`` names another folder than ``.venv/.schemas``. Whoever asks for a description that cannot be had gets
``Unpublished``, one sentence that says what to do.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from graphql import GraphQLSchema, build_ast_schema, parse

ROOT = Path(__file__).parents[2]
FILES = ("rest.json", "schema.graphql", "payloads.json")
_TALK = {"description", "example", "examples", "externalDocs", "summary", "tags", "title", "x-github"}
_NAMED = {"properties", "schemas", "paths", "x-webhooks", "responses", "parameters", "headers", "content"}


class Unpublished(Exception):
    """GitHub's descriptions are not here and could not be fetched."""


class Recorded(NamedTuple):
    """A webhook as GitHub once sent it."""

    event: str
    payload: dict[str, Any]


def folder() -> Path:
    """Return the folder that holds the descriptions, fetched first where it is not there yet.

    Raises:
        Unpublished: they could not be fetched.
    """
    into = Path(os.environ.get("PAWL_SCHEMAS") or ROOT / ".venv" / ".schemas")
    into.mkdir(parents=True, exist_ok=True)
    with (into / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers start together; one of them fetches
        if not all((into / each).is_file() for each in FILES):
            done = subprocess.run([str(ROOT / ".ci" / "schemas"), str(into)], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unpublished(f"GitHub's published descriptions are missing and .ci/schemas failed: {done.stderr.strip()}")
    return into


@functools.cache
def rest() -> dict[str, Any]:
    """Return the description of REST and webhooks as plain JSON Schema: no prose, ``nullable`` spelled as a type."""
    whole = folder() / "rest.json"
    slim = whole.with_name("rest.slim.json")
    if not slim.is_file() or slim.stat().st_mtime < whole.stat().st_mtime:
        fresh = slim.with_name(f".{slim.name}.{os.getpid()}")
        fresh.write_text(json.dumps(_plain(json.loads(whole.read_bytes()))))
        fresh.replace(slim)
    found: dict[str, Any] = json.loads(slim.read_bytes())
    return _mended(found)


def _mended(description: dict[str, Any]) -> dict[str, Any]:
    """Put right the one list that the description gets wrong: its accounts would be a user and an enterprise at once."""
    answer = description["paths"]["/app/installations"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"type": "array", "items": {"$ref": "#/components/schemas/installation"}}
    return description


@functools.cache
def graphql_schema() -> GraphQLSchema:
    """Return GitHub's GraphQL schema."""
    return build_ast_schema(parse((folder() / "schema.graphql").read_text(), no_location=True), assume_valid=True)


@functools.cache
def recorded_webhooks() -> tuple[Recorded, ...]:
    """Return the payloads that people recorded from GitHub: all events, most actions, some of them years old."""
    whole = json.loads((folder() / "payloads.json").read_bytes())
    return tuple(Recorded(each["name"], payload) for each in whole for payload in each["examples"])


def _plain(node: Any, *, named: bool = False) -> Any:
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {key: _plain(value) for key, value in node.items()}
    kept = {key: _plain(value, named=key in _NAMED) for key, value in node.items() if key not in _TALK and key != "nullable"}
    return _nullable(kept) if node.get("nullable") is True else kept


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(schema.get("type"), str) or {"$ref", "oneOf", "anyOf", "allOf"} & schema.keys():
        return {"anyOf": [schema, {"type": "null"}]}
    values = {"enum": [*schema["enum"], None]} if "enum" in schema and None not in schema["enum"] else {}
    return {**schema, **values, "type": [schema["type"], "null"]}
