"""An answer in JSON, read strictly and held to its schema; what is wrong is said so that a model can mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.capability import mismatch

_FENCED: Final = re.compile(r"^```(?:json|JSON)?[ \t]*\n(.*?)\n?```[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Parsed:
    """What an answer holds; ``problem`` is '' where it fits."""

    data: Any
    problem: str


def parse(text: str, schema: Mapping[str, Any]) -> Parsed:
    """Return the data of an answer that is JSON, whole or as its only fenced block, and fits ``schema``.

    Duplicate keys, NaN, infinities, numbers that JSON cannot hold and characters that are no text do not fit.
    """
    try:
        data = _loaded(_payload(text))
        problem = mismatch(data, schema)
    except RecursionError:
        return Parsed(None, "it is nested too deeply to be read")
    except ValueError as error:
        return Parsed(None, f"it is not JSON: {str(error)[:200]}")
    return Parsed(None if problem else data, problem)


def _payload(text: str) -> str:
    bare = text.strip().removeprefix("\ufeff")
    if bare.startswith(("{", "[", '"')):
        return bare
    blocks = _FENCED.findall(bare)
    return blocks[0] if len(blocks) == 1 else bare


def _loaded(payload: str) -> Any:
    data = json.loads(payload, object_pairs_hook=_without_repetition, parse_constant=_no_number)
    json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    return data


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"the key {twice[:60]!r} stands twice in one object"
        raise ValueError(msg)
    return found


def _no_number(name: str) -> Any:
    msg = f"{name} is no JSON"
    raise ValueError(msg)
