"""Trivial stand-ins for a function: what somebody would write who wants tests to pass and nothing else.

A spec that any of them satisfies proves nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.harness.harness import Variant
from bot.mutation.rewrite import Rewrite, Text
from bot.spec.definitions import Definition, Function
from bot.syntax.tree import MOST_WRITTEN, parse

ANSWERS = ("None", "True", "False", "0", "1", "''", "[]", "{}", "()", "set()", "0.5", "'a'")


@dataclass(frozen=True)
class StandIn:
    """One function with a trivial body."""

    variant: Variant
    says: str
    """For people: ``return 0``."""


def stand_ins(source: str, definition: Definition) -> Iterator[StandIn]:
    """Yield the file with the function's body replaced: constants of every kind, its first argument, an exception."""
    tree = parse(source, MOST_WRITTEN)
    function = next((each for each in ast.walk(tree) if _is_it(each, definition)), None) if tree else None
    if not isinstance(function, Function):
        return
    text = Text(source)
    start, end = text.span(function.body[0])[0], text.span(function.body[-1])[1]
    for says in _bodies(_first_argument(function)):
        identity = f"{definition.path}:{definition.qualname}: {says}"
        yield StandIn(Variant(identity, {definition.path: text.apply(Rewrite(start, end, says))}), says)


def stand_ins_for_missing(source: str, path: str, name: str) -> Iterator[StandIn]:
    """Yield the file with something added that it does not have yet, or that takes the place of what it has.

    ``name`` is a function, ``Class.name()`` a method, ``Class.name`` an attribute.
    """
    owner, _, last = name.removesuffix("()").rpartition(".")
    is_attribute = bool(owner) and not name.endswith("()")
    for says in _bodies("" if is_attribute else "arguments[0] if arguments else None"):
        text = _with_member(source, owner, last, says, is_attribute=is_attribute) if owner else _with_function(source, last, says)
        if text:
            yield StandIn(Variant(f"{path}:{name}: {says}", {path: text}), says)


def stand_ins_for_instances(source: str, definition: Definition) -> Iterator[StandIn]:
    """Yield the file with a class that takes any arguments and has every attribute, always the same trivial one."""
    for says in _bodies(""):
        added = f"class {definition.name}({definition.name}):\n    def __init__(self, *arguments, **keywords):\n        pass\n\n"
        text = f"{source.rstrip()}\n\n\n{added}    def __getattr__(self, name):\n        {says}\n"
        yield StandIn(
            Variant(f"{definition.path}:{definition.qualname}: {says}", {definition.path: text}), f"any attribute: {says}"
        )


def _with_function(source: str, name: str, says: str) -> str:
    return f"{source.rstrip()}\n\n\ndef {name}(*arguments, **keywords):\n    {says}\n".lstrip("\n")


def _with_member(source: str, owner: str, name: str, says: str, *, is_attribute: bool) -> str:
    """Return the source with a member at the end of a class; '' where there is no such class."""
    tree = parse(source, MOST_WRITTEN)
    node: ast.AST | None = tree
    for part in owner.split("."):
        node = next((each for each in getattr(node, "body", []) if isinstance(each, ast.ClassDef) and each.name == part), None)
    if not isinstance(node, ast.ClassDef):
        return ""
    text, first, last = Text(source), node.body[0], node.body[-1]
    inner = " " * (node.col_offset + 4 if first.lineno == node.lineno else first.col_offset)
    head = f"@property\n{inner}def {name}(self):" if is_attribute else f"def {name}(self, *arguments, **keywords):"
    added = f"\n\n{inner}{head}\n{inner}    {says}"
    if first.lineno == node.lineno:
        start, end = text.span(first)[0], text.span(last)[1]
        return text.apply(Rewrite(start, end, f"\n{inner}{text.raw[start:end].decode()}{added}"))
    return text.apply(Rewrite(text.span(last)[1], text.span(last)[1], added))


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
