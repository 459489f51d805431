"""Return annotations as tests: on inputs that examples already use, and on small ones, the result has the stated type.

Only ever guards: an annotation that does not hold on the base is no wish.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from bot.spec.definitions import Definition
from bot.spec.draft import Claim, Draft, Kind
from bot.spec.names import Resolver
from bot.spec.spec import Source
from bot.spec.vetting import parse_expression

MOST_INPUTS = 2

SMALL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "int": ("1", "2", "0"),
        "float": ("1.5", "0.0", "2.0"),
        "str": ("'a'", "'ab c'", "''"),
        "bytes": ("b'a'", "b''"),
        "bool": ("True", "False"),
        "list": ("[1, 2]", "[3]", "[]"),
        "List": ("[1, 2]", "[3]", "[]"),
        "list[int]": ("[1, 2]", "[3]", "[]"),
        "List[int]": ("[1, 2]", "[3]", "[]"),
        "list[float]": ("[1.0, 2.5]", "[3.0]"),
        "List[float]": ("[1.0, 2.5]", "[3.0]"),
        "list[str]": ("['a', 'b']", "['c']", "[]"),
        "List[str]": ("['a', 'b']", "['c']", "[]"),
        "dict": ("{'a': 1}", "{}"),
    }
)
"""Annotation -> sources of small arguments."""

_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("int", "str", "bytes", "bool", "list", "dict", "tuple", "set", "frozenset", "complex")},
        "List": "list",
        "Dict": "dict",
        "Tuple": "tuple",
        "Set": "set",
        "FrozenSet": "frozenset",
        "float": "(int, float)",
        "None": "type(None)",
    }
)


def draft_annotations(definitions: Iterable[Definition], examples: Iterable[Draft], resolver: Resolver) -> list[Draft]:
    """Return type tests of the functions whose return annotation is a plain one."""
    claims = [each.claim for each in examples]
    found = []
    for definition in definitions:
        kind = checked_type(definition.returns)
        if kind is None or definition.is_async or definition.is_method:
            continue
        for call in islice(_calls(definition, claims), MOST_INPUTS):
            quote = f"{definition.signature} -> {definition.returns}"
            draft = resolver.draft(Claim(Kind.ISINSTANCE, call, kind, None, (), quote, Source.ANNOTATION), definition.module)
            found += [draft] if isinstance(draft, Draft) else []
    return found


def checked_type(annotation: str) -> ast.expr | None:
    """Return the second argument of ``isinstance`` for an annotation, None where it says too little or too much."""
    node = parse_expression(annotation) if annotation else None
    return parse_expression(_checked(node)) if node is not None and _checked(node) else None


def _checked(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name == "Optional":
            return _either([node.slice, ast.Constant(None)])
        if name == "Union" and isinstance(node.slice, ast.Tuple):
            return _either(node.slice.elts)
        return _PLAIN.get(name, "")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _either([node.left, node.right])
    if isinstance(node, ast.Constant) and node.value is None:
        return _PLAIN["None"]
    return _PLAIN.get(node.id, "") if isinstance(node, ast.Name) else ""


def _either(parts: list[ast.expr]) -> str:
    kinds = [_checked(each) for each in parts]
    return f"({', '.join(kinds)})" if all(kinds) else ""


def _calls(definition: Definition, claims: list[Claim]) -> Iterator[ast.expr]:
    """Yield calls of a function: as in the examples where those need no set-up, then on small arguments."""
    yield from _calls_shown(definition.name, claims)
    yield from _calls_on_small(definition)


def _calls_shown(name: str, claims: list[Claim]) -> Iterator[ast.Call]:
    """Yield the calls of ``name`` in examples that need no set-up and end in a value."""
    for claim in claims:
        if claim.setup or claim.kind in {Kind.RAISES, Kind.RUNS}:
            continue
        for each in ast.walk(claim.expression):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == name:
                yield each


def _calls_on_small(definition: Definition) -> Iterator[ast.expr]:
    """Yield calls on small arguments of the annotated types; none where a parameter has no annotation that is known."""
    choices = [SMALL.get(annotation, ()) for _, annotation in definition.parameters]
    if not choices or not all(choices):
        return
    for round_ in range(max(map(len, choices))):
        arguments = ", ".join(each[round_ % len(each)] for each in choices)
        call = parse_expression(f"{definition.name}({arguments})")
        if call is not None:
            yield call
