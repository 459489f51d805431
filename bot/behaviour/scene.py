"""What is needed to watch a changed function at work: the calls people wrote, and calls grown from them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.behaviour.inputs import calls_for
from bot.behaviour.seen import docstring_calls, seen_calls
from bot.behaviour.touched import Routine, TouchedFile, functions
from bot.change.testing import by_texts
from bot.harness.harness import Call
from bot.sources import read_sources

MOST_EXAMPLES = 6
"""Examples from which ties and long values are made."""
LONG = 60
TIMES = 5
MOST_ROUTINES = 12
"""Functions of one change that are watched; the first in the files' order."""


@dataclass(frozen=True)
class Scene:
    """One function and the calls to watch it on."""

    routine: Routine
    calls: tuple[Call, ...]
    """Those of tests and docstrings first, then those grown from them."""
    examples: frozenset[Call]
    """The calls that tests make and docstrings show."""


def test_sources(root: Path) -> dict[str, str]:
    """Return the texts of a tree's test files by path."""
    texts = read_sources(root).files
    is_test = by_texts(texts)
    return {path: text for path, text in texts.items() if path.endswith(".py") and is_test(path)}


def scenes(files: tuple[TouchedFile, ...], tests: Mapping[str, str], seed: int = 0, most: int = 64) -> tuple[Scene, ...]:
    """Return a scene per touched function that can be called from outside, with ``most`` calls at most."""
    found: list[Scene] = []
    for file in files:
        names = frozenset(name for name, _ in functions(ast.parse(file.source)))
        for routine in file.routines[: MOST_ROUTINES - len(found)]:
            seen = example_calls(routine, tests, names, file.source)
            calls = calls_for(file.source, routine.module, routine.qualname, seen, seed, most)
            if calls:
                ordered = dict.fromkeys((*calls[: len(seen)], *_telling(seen), *calls))
                found.append(Scene(routine, tuple(ordered)[:most], frozenset(seen)))
    return tuple(found)


def _telling(seen: Sequence[Call]) -> Iterator[Call]:
    """Yield calls on which hasty code gives itself away: two arguments that are equal, and one that is much longer."""
    for call in seen[:MOST_EXAMPLES]:
        row = list(ast.literal_eval(call.arguments))
        for first, value in enumerate(row):
            for second in range(first + 1, len(row)):
                if type(row[second]) is type(value) and row[second] != value:
                    yield replace(call, arguments=repr((*row[:second], value, *row[second + 1 :])))
            if isinstance(value, str | list | tuple) and 0 < len(value) <= LONG:
                yield replace(call, arguments=repr((*row[:first], value * TIMES, *row[first + 1 :])))


def example_calls(routine: Routine, tests: Mapping[str, str], names: frozenset[str], source: str) -> tuple[Call, ...]:
    """Return the calls of one function in tests and in its docstring, without repeats."""
    module = routine.module
    calls = [call for text in tests.values() for call in seen_calls(text, module, names)]
    calls += docstring_calls(source, module)
    return tuple(dict.fromkeys(each for each in calls if each.qualname == routine.qualname))


def expected_values(tests: Mapping[str, str]) -> Iterator[Any]:
    """Yield the literals that tests compare with something, and the rows of their tables."""
    for text in tests.values():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            parts = [node.left, *node.comparators] if isinstance(node, ast.Compare) else _cells(node)
            for part in parts:
                try:
                    yield ast.literal_eval(part)
                except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                    continue


def _cells(node: ast.AST) -> list[ast.expr]:
    """The last cell of each row of a parametrised table: by custom, what is expected."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("parametrize") and len(node.args) > 1):
        return []
    table = node.args[1]
    rows = table.elts if isinstance(table, ast.List | ast.Tuple) else []
    return [row.elts[-1] for row in rows if isinstance(row, ast.Tuple | ast.List) and row.elts]
