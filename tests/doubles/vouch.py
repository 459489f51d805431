"""What GitHub's published descriptions say about recorded traffic: every way in which it is not GitHub's.

The recording is JSON, one object a line, of three kinds:
``{"kind": "rest", "method", "path", "query", "request", "status", "response"}`` (path without the base, or with ``/api/v3``),
``{"kind": "webhook", "event", "payload"}`` and ``{"kind": "graphql", "query", "variables", "answer"}``;
lines of kind ``git`` are passed over.
An answer may say nothing that the description does not know, so no client of the double can come to rely on it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.doubles import vouch_graphql
from tests.doubles.published import rest

_ROOT = "urn:github"
_BASE = re.compile(r"^/api/v3(?=/)")
_BY_ID = re.compile(r"^/repositories/\d+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_REFUSAL = {
    "type": "object",
    "required": ["message", "documentation_url"],
    "properties": {"message": {"type": "string"}, "documentation_url": {"type": "string"}},
}
_GROWN = re.compile(r"\.(app|performed_via_github_app)\.(events|permissions)\b")
"""Apps ask for more events and permissions than these lists of the description know."""
_LEFT = {"2026-03-10": {"merge_commit_sha", "assignee"}}
"""What a newer version of the API no longer has and the description, which is of the older one, still requires."""
_formats = FormatChecker(formats=())


@dataclass(frozen=True)
class Violation:
    """One thing said that GitHub's description does not allow: the line of the recording, where in it, and what."""

    line: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.what}"


@dataclass(frozen=True)
class _Door:
    """One operation of the description: its template, as a pattern, and where it stands."""

    template: str
    pattern: re.Pattern[str]
    operations: Mapping[str, Any]


@_formats.checks("date-time")
def _moment(value: object) -> bool:
    return not isinstance(value, str) or bool(_MOMENT.fullmatch(value))


@_formats.checks("uri")
def _address(value: object) -> bool:
    return not isinstance(value, str) or not value or bool(urlsplit(value).scheme)  # GitHub says "" where a homepage is not given


def violations(recording: Iterable[Mapping[str, Any]]) -> list[Violation]:
    """Return what the recording says that GitHub would not, in the order of its lines."""
    return [Violation(number, where, what) for number, spoken in enumerate(recording, start=1) for where, what in judged(spoken)]


def read(path: Path) -> list[dict[str, Any]]:
    """Return a recording from a file of JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def judged(spoken: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (where, what) for each violation in one line of a recording.

    Raises:
        ValueError: the line is of no known kind.
    """
    match spoken["kind"]:
        case "rest":
            yield from _rest(spoken)
        case "webhook":
            yield from _webhook(spoken["event"], spoken["payload"])
        case "graphql":
            where = "graphql"
            found = vouch_graphql.judged(spoken["query"], spoken.get("variables") or {}, spoken["answer"])
            yield from ((where, what) for what in found)
        case "git":  # git speaks for itself
            return
        case other:
            raise ValueError(f"a recording has lines of kind rest, webhook, graphql and git, not {other!r}")


def _rest(spoken: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if spoken["path"].endswith("/graphql"):  # refused before it was understood: the words of REST
        yield from _invalid(_REFUSAL, spoken["response"], f"graphql -> {spoken['status']}")
        return
    path = _BY_ID.sub("/repos/o/r", _BASE.sub("", urlsplit(spoken["path"]).path))
    where, status = f"{spoken['method']} {path}", int(spoken["status"])
    door = next((each for each in _doors() if spoken["method"].lower() in each.operations and each.pattern.fullmatch(path)), None)
    if door is None:
        if status not in {404, 405}:
            yield where, "GitHub describes no such operation"
        return
    if "json" not in spoken.get("headers", {}).get("Content-Type", "json"):  # a diff, a log, an archive
        return
    operation = door.operations[spoken["method"].lower()]
    place = f"{_ROOT}#/paths/{_escaped(door.template)}/{spoken['method'].lower()}"
    if status < 300:
        yield from _asked(spoken, operation, place, where)
    gone = _LEFT.get(spoken.get("version", ""), set())
    for at, what in _answered(spoken.get("response"), status, operation, place, f"{where} -> {status}"):
        if not any(what == f"{name!r} is a required property" for name in gone):
            yield at, what


def _asked(spoken: Mapping[str, Any], operation: Mapping[str, Any], place: str, where: str) -> Iterator[tuple[str, str]]:
    query = spoken.get("query") or dict(parse_qsl(urlsplit(spoken["path"]).query))
    known = {each["name"] for each in map(_resolved, operation.get("parameters", [])) if each["in"] == "query"}
    for name in sorted(set(query) - known):
        yield f"{where} ?{name}", "GitHub describes no such parameter"
    body = operation.get("requestBody")
    if body is None:
        if spoken.get("request"):
            yield f"{where} request", "GitHub takes no body here"
        return
    if spoken.get("request") is None and not body.get("required"):
        return
    at = f"{place}/requestBody/content/application~1json/schema"
    if "application/json" in body["content"]:
        yield from _against(at, spoken.get("request"), f"{where} request")


def _answered(answer: Any, status: int, operation: Mapping[str, Any], place: str, where: str) -> Iterator[tuple[str, str]]:
    if status == 304:  # any question may be asked conditionally
        return
    described = operation["responses"].get(str(status))
    if described is None:
        if status < 400:
            yield where, f"GitHub answers {', '.join(operation['responses'])} here"
        else:
            yield from _invalid(_REFUSAL, answer, where)
        return
    if status >= 400 and isinstance(answer, dict):  # every refusal repeats its status, in the description few do
        answer = {key: value for key, value in answer.items() if key != "status"}
    at = f"{place}/responses/{status}"
    if "$ref" in described:
        at, described = f"{_ROOT}{described['$ref']}", _resolved(described)
    if "application/json" in described.get("content", {}):
        yield from _against(f"{at}/content/application~1json/schema", answer, where)
    elif answer and not described.get("content") and status < 400:
        yield where, "GitHub answers without a body here"


def _webhook(event: str, payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    action = payload.get("action")
    name = "-".join([event, *([action] if isinstance(action, str) else [])]).replace("_", "-")
    if event == "repository_dispatch":  # its action is the caller's own word
        name = next(each for each in rest()["x-webhooks"] if each.startswith("repository-dispatch"))
    where = f"webhook {event}" + (f".{action}" if action else "")
    if name not in rest()["x-webhooks"]:
        yield where, "GitHub describes no such event"
        return
    yield from _against(f"{_ROOT}#/x-webhooks/{_escaped(name)}/post/requestBody/content/application~1json/schema", payload, where)


def _against(place: str, value: Any, where: str) -> Iterator[tuple[str, str]]:
    yield from _invalid({"$ref": place}, value, where)
    for path in sorted(_strange([{"$ref": place}], value, "$")):
        if not _GROWN.search(path):
            yield f"{where} {path}", "GitHub describes no such field"


def _invalid(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[tuple[str, str]]:
    for error in Draft202012Validator(schema, registry=_registry(), format_checker=_formats).iter_errors(value):
        deepest = best_match([error]) or error
        if not _GROWN.search(deepest.json_path):
            yield f"{where} {deepest.json_path}", _said(deepest)


def _said(error: ValidationError) -> str:
    return error.message if len(error.message) <= 200 else f"…{error.message[-200:]}"


def _strange(schemas: list[Mapping[str, Any]], value: Any, path: str) -> Iterator[str]:
    """Yield the paths of fields that none of the schemas (joined, whatever joins them) knows."""
    flat = [each for schema in schemas for each in _flat(schema)]
    if isinstance(value, list):
        items = [each["items"] for each in flat if "items" in each]
        for index, item in enumerate(value if items else []):
            yield from _strange(items, item, f"{path}[{index}]")
    if not isinstance(value, dict) or any(_open(each) for each in flat):
        return
    for key, inner in value.items():
        known = [each["properties"][key] for each in flat if key in each.get("properties", {})]
        if known:
            yield from _strange(known, inner, f"{path}.{key}")
        else:
            yield f"{path}.{key}"


def _open(schema: Mapping[str, Any]) -> bool:
    if "additionalProperties" in schema:
        return schema["additionalProperties"] is not False
    kinds = schema.get("type", "object")
    return "object" in (kinds if isinstance(kinds, list) else [kinds]) and "properties" not in schema


def _flat(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    joined = [*schema.get("allOf", []), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    if "$ref" in schema:
        yield from _flat(_resolved(schema))
    for each in joined:
        yield from _flat(each)
    if "properties" in schema or ("$ref" not in schema and not joined):
        yield schema


def _resolved(node: Mapping[str, Any]) -> Any:
    found: Any = node
    while "$ref" in found:
        steps = found["$ref"].partition("#/")[2].split("/")
        found = functools.reduce(lambda at, step: at[_unescaped(step)], steps, rest())
    return found


@functools.cache
def _registry() -> Registry[Any]:
    found: Registry[Any] = Registry().with_resource(_ROOT, DRAFT202012.create_resource(rest()))
    return found


@functools.cache
def _doors() -> tuple[_Door, ...]:
    """The operations, the most literal template first: ``/pulls/comments`` before ``/pulls/{number}``."""
    doors = (_Door(template, _pattern(template, operations), operations) for template, operations in rest()["paths"].items())
    return tuple(sorted(doors, key=lambda door: (door.template.count("{"), -len(door.template))))


def _pattern(template: str, operations: Mapping[str, Any]) -> re.Pattern[str]:
    parameters = [_resolved(each) for each in next(iter(operations.values())).get("parameters", [])]
    long = {each["name"] for each in parameters if each.get("x-multi-segment")}

    def one(found: re.Match[str]) -> str:
        return "(.+)" if found[1] in long else "([^/]+)"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", one, re.escape(template)))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _unescaped(step: str) -> str:
    return unquote(step).replace("~1", "/").replace("~0", "~")
