"""What stages made: written once per transition, read back exactly, gathered into a run's history."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from bot.errors import Fatal
from bot.history import Answered, Changed, Checked, History, Output, Sealed
from bot.ids import Digest, RunId
from bot.plan.plan import Plan
from bot.run import Run
from bot.spec.spec import Spec

if TYPE_CHECKING:
    from bot.store.connection import Connection

_KINDS: Final[dict[str, Any]] = {kind.__name__: kind for kind in (Plan, Spec, Changed, Checked, Sealed, Answered)}


def dump(output: Output) -> str:
    """Return an output as JSON text in ASCII; raises Fatal where it holds what JSON cannot."""
    kind = type(output).__name__
    return dumped(_adapter(kind), output, kind)


def load(kind: str, body: str) -> Output:
    """Return the output that :func:`dump` wrote; raises Fatal where the text is no such thing."""
    if kind not in _KINDS:
        raise Fatal(f"the store holds an output of the unknown kind {kind!r}")
    found: Output = loaded(_adapter(kind), body, kind)
    return found


def dumped(adapter: TypeAdapter[Any], value: Any, what: str) -> str:
    """Return a dataclass as JSON text; escapes keep NUL and lone surrogates, which Postgres' text cannot hold."""
    try:
        return json.dumps(adapter.dump_python(value, mode="json"), separators=(",", ":"), allow_nan=False)
    except (PydanticSerializationError, ValueError) as error:
        raise Fatal(f"a run's {what} cannot be stored: {error}") from error


def loaded(adapter: TypeAdapter[Any], body: str, what: str) -> Any:
    """Return the dataclass that :func:`dumped` wrote."""
    try:
        return adapter.validate_python(json.loads(body))
    except (ValidationError, ValueError) as error:
        raise Fatal(f"a stored {what} cannot be read back: {error}") from error


async def add(connection: Connection, run: Run, step: int, output: Output) -> Digest:
    """Write what the stage of ``run.state`` made, inside the transition's transaction; return its digest for the ledger."""
    body = dump(output)
    digest = Digest(f"sha256:{hashlib.sha256(body.encode()).hexdigest()}")
    await connection.execute(
        "INSERT INTO output (run, step, state, round, kind, body, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        run.id,
        step,
        run.state.value,
        run.round,
        type(output).__name__,
        body,
        digest,
    )
    return digest


async def history(connection: Connection, run: RunId) -> History:
    """Return all that a run's stages made so far."""
    rows = await connection.fetch("SELECT round, kind, body FROM output WHERE run = $1 ORDER BY step", run)
    return gathered([(row["round"], load(row["kind"], row["body"])) for row in rows])


def gathered(outputs: list[tuple[int, Output]]) -> History:
    """Return the history of (round, output) pairs in order: the newest of each kind, and one pair a round that has a change."""
    newest: dict[str, Any] = {}
    changed: dict[int, Changed] = {}
    checked: dict[int, Checked] = {}
    for number, output in outputs:
        newest[type(output).__name__.lower()] = output
        if isinstance(output, Changed):
            changed[number] = output
        if isinstance(output, Checked):
            checked[number] = output
    rounds = tuple((each, checked.get(number)) for number, each in sorted(changed.items()))
    return History(**newest, rounds=rounds)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])
