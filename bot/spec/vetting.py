"""What code from an instruction may do before it becomes a test that people will run and keep.

Instructions come from strangers. Their examples may call the project and a few harmless parts of Python, and nothing that
reaches files, processes, the network or the interpreter's insides. Nothing here is ever executed: syntax trees only.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Container, Iterator, Mapping
from importlib import import_module
from types import ModuleType

MAX_CHARACTERS = 4000
MAX_NODES = 1200

SAFE_BUILTINS = frozenset(
    {
        *("abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "complex", "dict", "divmod", "enumerate"),
        *("filter", "float", "format", "frozenset", "hash", "hex", "int", "isinstance", "issubclass", "iter", "len", "list"),
        *("map", "max", "min", "next", "object", "oct", "ord", "pow", "print", "range", "repr", "reversed", "round", "set"),
        *("slice", "sorted", "str", "sum", "tuple", "type", "zip", "Ellipsis", "NotImplemented"),
        *(name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)),
    }
)

SAFE_MODULES = frozenset(
    [
        "abc",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "itertools",
        "json",
        "math",
        "numbers",
        "operator",
        "re",
        "statistics",
        "string",
        "textwrap",
        "typing",
    ]
)

CLOSED_ATTRIBUTES = frozenset(
    {
        *("attrgetter", "methodcaller", "Formatter", "get_field", "vformat"),
        *("get_type_hints", "ForwardRef", "evaluate_forward_ref", "make_dataclass", "bltns", "SystemRandom"),
        *("singledispatch", "singledispatchmethod"),
        *("gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin", "ag_frame", "ag_code"),
        *("ag_await", "tb_frame", "tb_next", "f_back", "f_globals", "f_builtins", "f_locals", "f_code", "with_traceback"),
    }
)
"""Parts of harmless modules by which a string, an annotation too, becomes an attribute or code; and the ways from an object to
its frames, which lead to everything that runs."""

_ALONG = frozenset({"collections.abc", "json.decoder", "json.encoder", "html.entities"})
"""Modules that may be reached as a part of another one."""

STATEMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Assert, ast.Expr, ast.For, ast.If, ast.With, ast.Pass, ast.Delete)
"""What an example may be made of."""


def parse_example(source: str) -> ast.Module | None:
    """Return the tree of a piece of an instruction, or None where it is not Python, too long or too deep."""
    if len(source) > MAX_CHARACTERS:
        return None
    try:
        tree = ast.parse(source)
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            return None
        ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree


def parse_expression(source: str) -> ast.expr | None:
    """Return the tree of one expression, or None."""
    tree = parse_example(f"({source.strip()}\n)")
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    return tree.body[0].value


def objection(node: ast.AST, known: Container[str] = ()) -> str:
    """Return why this code may not become a test, '' where it may. ``known`` are names that the project itself defines."""
    return next(filter(None, (_objection(each, known) for each in ast.walk(node))), "")


def _objection(node: ast.AST, known: Container[str]) -> str:
    match node:
        case ast.Attribute():
            return _objection_to_attribute(node, known)
        case ast.Name(id=name) if name.startswith("__"):
            return f"it uses `{name}`"
        case ast.Name(id=name) if _is_closed(name) and name not in known:
            return f"it uses `{name}`, which an example may not"
        case ast.stmt() if not isinstance(node, STATEMENTS):
            return f"it holds a statement that an example may not have (`{ast.unparse(node).splitlines()[0][:40]}`)"
        case ast.Yield() | ast.YieldFrom() | ast.Await():
            return "it yields or awaits"
        case _:
            return ""


def _objection_to_attribute(node: ast.Attribute, known: Container[str]) -> str:
    name = node.attr
    if name.startswith("_") or name in CLOSED_ATTRIBUTES:
        return f"it reaches for the {'private ' * name.startswith('_')}name `{name}`"
    beyond = leads_elsewhere(node, {each: each for each in SAFE_MODULES}, known)
    return f"it reaches through a module for another one (`{beyond}`)" if beyond else ""


def leads_elsewhere(node: ast.Attribute, modules: Mapping[str, str], known: Container[str] = ()) -> str:
    """Return the other module that a chain of names like ``statistics.sys`` leads to, '' where it leads to none.

    ``modules`` has names -> the harmless modules that they stand for: only these are ever imported here. ``known`` are names
    that stand for something else.
    """
    names: list[str] = []
    start: ast.expr = node
    while isinstance(start, ast.Attribute):
        names.append(start.attr)
        start = start.value
    if not isinstance(start, ast.Name) or start.id in known or not modules.get(start.id):
        return ""
    found: object = import_module(modules[start.id])
    for name in reversed(names):
        found = getattr(found, name, None)
        if isinstance(found, ModuleType) and found.__name__ not in _ALONG:
            return found.__name__
    return ""


def _is_closed(name: str) -> bool:
    return hasattr(builtins, name) and name not in SAFE_BUILTINS


def free_names(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield the names that the code reads and does not bind itself, in order, once each."""
    bound: set[str] = set()
    loaded: dict[str, None] = {}
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Name):
                if isinstance(each.ctx, ast.Load):
                    loaded[each.id] = None
                else:
                    bound.add(each.id)
            elif isinstance(each, ast.arg):
                bound.add(each.arg)
    yield from (name for name in loaded if name not in bound)
