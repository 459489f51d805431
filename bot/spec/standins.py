"""Trivial stand-ins for a function: what somebody would write who wants tests to pass and nothing else.

A spec that any of them satisfies proves nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.harness.harness import Variant
from bot.mutation.rewrite import Rewrite, Text
from bot.spec.definitions import Definition, Function, parse_quietly

ANSWERS = ("None", "True", "False", "0", "1", "''", "[]", "{}", "()", "set()", "0.5", "'a'")


@dataclass(frozen=True)
class StandIn:
    """One function with a trivial body."""

    variant: Variant
    says: str
    """For people: ``return 0``."""


def stand_ins(source: str, definition: Definition) -> Iterator[StandIn]:
    """Yield the file with the function's body replaced: constants of every kind, its first argument, an exception."""
    tree = parse_quietly(source)
    function = next((each for each in ast.walk(tree) if _is_it(each, definition)), None) if tree else None
    if not isinstance(function, Function):
        return
    text = Text(source)
    start, end = text.span(function.body[0])[0], text.span(function.body[-1])[1]
    for says in _bodies(_first_argument(function)):
        identity = f"{definition.path}:{definition.qualname}: {says}"
        yield StandIn(Variant(identity, {definition.path: text.apply(Rewrite(start, end, says))}), says)


def stand_ins_for_missing(source: str, path: str, name: str) -> Iterator[StandIn]:
    """Yield the file with a function added that it does not have yet."""
    for says in _bodies("arguments[0] if arguments else None"):
        added = f"{source.rstrip()}\n\n\ndef {name}(*arguments, **keywords):\n    {says}\n"
        yield StandIn(Variant(f"{path}:{name}: {says}", {path: added}), says)


def _is_it(node: ast.AST, definition: Definition) -> bool:
    return isinstance(node, Function) and node.lineno == definition.first and node.name == definition.name


def _first_argument(function: Function) -> str:
    names = [each.arg for each in [*function.args.posonlyargs, *function.args.args] if each.arg not in {"self", "cls"}]
    return names[0] if names else ""


def _bodies(first: str) -> Iterator[str]:
    yield from (f"return {answer}" for answer in ANSWERS)
    if first:
        yield f"return {first}"
    yield "raise NotImplementedError"
