"""Another program that reads ``--json``: the shapes it relies on, as JSON schemas. Fields may be added, never lost or renamed."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "number"}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
YES_OR_NO: Final[Schema] = {"type": "boolean"}


def one_of(*words: str) -> Schema:
    return {"enum": list(words)}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def record(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def several(**fields: Schema) -> Schema:
    return {"type": "array", "items": record(**fields)}


SHA: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{40}([0-9a-f]{24})?$"}
SPEC: Final = record(
    digest={"type": "string", "pattern": "^sha256:"},
    commit=maybe(SHA),
    kill_rate=maybe(NUMBER),
    tests=several(id=TEXT, role=one_of("witness", "guard"), kept=YES_OR_NO, kills={"type": "integer"}, reason=TEXT),
)
RISK: Final = record(
    level=one_of("SAFE", "LOW", "MEDIUM", "HIGH", "CRITICAL"), score=NUMBER, factors=several(name=TEXT, points=NUMBER, why=TEXT)
)
_JUDGED: Final[dict[str, Schema]] = {
    "change": record(
        diff=TEXT, files=several(path=TEXT, added={"type": "integer"}, removed={"type": "integer"}), risk=maybe(RISK)
    ),
    "gates": several(
        name=TEXT,
        verdict=one_of("pass", "fail", "error", "not_applicable"),
        required=YES_OR_NO,
        summary=TEXT,
        seconds=NUMBER,
        findings=several(path=TEXT, line={"type": "integer"}, message=TEXT, severity=TEXT, rule=TEXT),
    ),
    "decision": record(allow=YES_OR_NO, deny=TEXTS, require=TEXTS, warn=TEXTS),
    "bundle": maybe(TEXT),
    "report": maybe(TEXT),
    "seconds": NUMBER,
}
RUN: Final = record(
    run=maybe(TEXT),
    state=one_of("done", "refused", "awaiting_approval", "failed"),
    engine=maybe(TEXT),
    base=maybe(SHA),
    head=maybe(SHA),
    branch=maybe(TEXT),
    reason=TEXT,
    spec=maybe(SPEC),
    pull_request=maybe(TEXT),
    **_JUDGED,
)
GATES: Final = record(**_JUDGED)
MUTATE: Final = record(
    mutants=several(
        id=TEXT,
        path=TEXT,
        line={"type": "integer"},
        operator=TEXT,
        diff=TEXT,
        status=one_of("killed", "survived", "timeout", "equivalent", "uncovered", "error"),
        killed_by=TEXTS,
    ),
    kill_rate=maybe(NUMBER),
    tests=several(id=TEXT, kills={"type": "integer"}),
    seconds=NUMBER,
)
ANSWER: Final = record(
    run=maybe(TEXT),
    state=one_of("done", "refused", "awaiting_approval", "failed"),
    reason=TEXT,
    paragraphs=several(text=TEXT),
    bugs=several(id=TEXT),
)
AUDIT: Final = record(checked=TEXT, problems=TEXTS)
