"""Inputs for a function that nobody wrote down: grown from the calls people made, from annotations and from names.

The order is: calls that were seen, small changes of one argument, arguments of different calls mixed, random values of
the same shape; so that a caller who takes only the first few has the most telling ones.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from bot.behaviour import shapes
from bot.behaviour.seen import docstring_calls, is_literal, seen_calls
from bot.behaviour.shapes import Shape
from bot.harness.harness import Call

__all__ = ["calls_for", "docstring_calls", "seen_calls"]

RANDOM_EACH = 3
"""Random calls after every round of small changes."""
LONGEST_ARGUMENTS = 2_000
"""Characters of an argument tuple's source."""


def calls_for(source: str, module: str, qualname: str, seen: Sequence[Call], seed: int = 0, most: int = 64) -> tuple[Call, ...]:  # noqa: PLR0913, PLR0917 - the contract named in the behaviour room
    """Return up to ``most`` different calls of one function or method, the same for the same arguments.

    Nothing is returned for a function that cannot be found, takes part in no seen call as a method (its object cannot be
    made), or needs an argument no value can be made for.
    """
    signature = _signature(source, qualname)
    if signature is None:
        return ()
    known = [*(each for each in seen if each.qualname == qualname), *_documented(source, module, qualname)]
    if signature.bound and not any(each.receiver is not None for each in known):
        return ()
    found: dict[tuple[str, str, str | None], Call] = {}
    for call in (*known, *_grown(signature, known, Call(module, qualname, "()"), seed)):
        key = (call.arguments, call.keywords, call.receiver)
        if key not in found and len(call.arguments) <= LONGEST_ARGUMENTS and is_literal(call.arguments):
            found[key] = call
        if len(found) >= most:
            break
    return tuple(found.values())


def _documented(source: str, module: str, qualname: str) -> Iterator[Call]:
    return (each for each in docstring_calls(source, module) if each.qualname == qualname)


@dataclass(frozen=True)
class _Signature:
    names: tuple[str, ...]
    """Positional parameters, without the receiver."""
    annotations: tuple[ast.expr | None, ...]
    required: int
    bound: bool
    """An instance method: it needs an object."""
    positive: bool
    """The docstring speaks of positive or non-negative numbers."""


def _signature(source: str, qualname: str) -> _Signature | None:
    try:
        body: list[ast.stmt] = ast.parse(source).body
    except (SyntaxError, ValueError):
        return None
    owner: ast.AST | None = None
    node: ast.AST | None = None
    for part in qualname.split("."):
        owner = node
        node = next((each for each in body if getattr(each, "name", None) == part), None)
        body = getattr(node, "body", [])
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    plain = any(ast.unparse(each) == "staticmethod" for each in node.decorator_list)
    method = isinstance(owner, ast.ClassDef) and not plain
    arguments = [*node.args.posonlyargs, *node.args.args][1 if method else 0 :]
    words = (ast.get_docstring(node) or "").lower()
    return _Signature(
        tuple(each.arg for each in arguments),
        tuple(each.annotation for each in arguments),
        max(0, len(arguments) - len(node.args.defaults)),
        method and not any(ast.unparse(each) == "classmethod" for each in node.decorator_list),
        any(word in words for word in ("positive", "non-negative", "nonnegative", "natural number")),
    )


def _grown(signature: _Signature, known: Sequence[Call], empty: Call, seed: int) -> Iterator[Call]:
    rows = [ast.literal_eval(each.arguments) for each in known]
    columns = _columns(signature, rows)
    rng = random.Random(seed)  # noqa: S311 - reproducible inputs, no secret
    templates = list(known) or [empty]
    near = [_changed(row, call, columns) for row, call in zip(rows, known, strict=True)]
    random_calls = _random_calls(templates, columns, rng, rows)
    for wave in zip_longest(*near):
        yield from (call for call in wave if call is not None)
        yield from (call for call, _ in zip(random_calls, range(RANDOM_EACH), strict=False))
    yield from (call for call, _ in zip(random_calls, range(400), strict=False))


def _columns(signature: _Signature, rows: Sequence[tuple[Any, ...]]) -> list[Shape]:
    """One shape per positional argument: of what was seen there, else annotated, else from the name."""
    count = max((len(row) for row in rows), default=signature.required)
    found: list[Shape] = []
    for at in range(count):
        values = [row[at] for row in rows if at < len(row)]
        name = signature.names[at] if at < len(signature.names) else ""
        annotation = signature.annotations[at] if at < len(signature.annotations) else None
        shape = shapes.shape_of(values) if values else shapes.annotated(annotation) or shapes.named(name)
        low = 1 if signature.positive and shape.kind == "int" and 0 not in shape.pool and shape.low >= 0 else shape.low
        found.append(replace(shape, low=low))
    return found


def _changed(row: tuple[Any, ...], call: Call, columns: list[Shape]) -> Iterator[Call]:
    """Yield the call with one argument changed a little, in turns over its arguments."""
    streams = [shapes.neighbours(value, columns[at]) for at, value in enumerate(row)]
    for wave in zip_longest(*streams, fillvalue=_NOTHING):
        for at, value in enumerate(wave):
            if value is not _NOTHING:
                yield replace(call, arguments=repr((*row[:at], value, *row[at + 1 :])))


_NOTHING = object()


def _random_calls(
    templates: list[Call], columns: list[Shape], rng: random.Random, rows: Sequence[tuple[Any, ...]]
) -> Iterator[Call]:
    while True:
        call = rng.choice(templates)
        row = tuple(shapes.generated(each, rng) for each in columns)
        yield replace(call, arguments=repr(row))
        if len(rows) > 1:
            mixed = tuple(rng.choice([each[at] for each in rows if at < len(each)]) for at in range(len(columns)))
            yield replace(call, arguments=repr(mixed))
