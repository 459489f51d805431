"""Inverted twins: tests that are made to fail, so that whoever says that they passed is caught.

After a run that is to be believed, some tests that passed run again, in a fresh sandbox, with one more assertion at their end:
a sum that is right in some and wrong in others. Which is which is drawn out here; inside, nothing tells a twin from its test but
to reckon the sum. A twin whose sum is wrong cannot pass whatever the project does, so no honest run is ever caught by it.
"""

from __future__ import annotations

import ast
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.harness.harness import SuiteRun, TestOutcome
from bot.harness.patch import Patch, patch_of
from bot.ids import NodeId

MOST = 24
"""Most tests of one run that get a twin, drawn anew each time."""

NONE_PASSES: Final = "tests that passed do not pass any more once others are made to fail"
"""What is said where not even a twin with a right sum passes: also of tests that need those which ran before them."""

_PASSED = frozenset({TestOutcome.PASSED, TestOutcome.XPASSED})
_TRANSPARENT = ("pytest.mark.", "mock.", "unittest.mock.", "patch", "staticmethod", "classmethod")
"""Decorators under which a test that fails is a test that fails."""
_DICE = secrets.SystemRandom()

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Twins:
    """Tests with a sum at their end."""

    patches: tuple[Patch, ...]
    right: frozenset[NodeId]
    wrong: frozenset[NodeId]
    """These must not pass."""

    @property
    def tests(self) -> tuple[NodeId, ...]:
        """All of them, in no telling order."""
        return tuple(sorted(self.right | self.wrong))


def draw(root: Path, passed: Sequence[NodeId]) -> Twins | None:
    """Draw twins of tests that passed; None where none of them can have one."""
    files, chosen = _chosen(root, passed)
    if not chosen:
        return None
    wrong = set(_DICE.sample(sorted(chosen), (len(chosen) + 1) // 2))
    patches = [
        patch_of(path, file.text, file.with_sums({name: (path, name) not in wrong for where, name in chosen if where == path}))
        for path, file in files.items()
        if file is not None
    ]
    return Twins(
        tuple(each for each in patches if each is not None),
        right=frozenset(test for key, test in chosen.items() if key not in wrong),
        wrong=frozenset(chosen[key] for key in wrong),
    )


def _chosen(root: Path, passed: Sequence[NodeId]) -> tuple[dict[str, _File | None], dict[tuple[str, str], NodeId]]:
    """Return the files looked at, and by file and name some tests drawn from those that can have a twin."""
    files: dict[str, _File | None] = {}
    chosen: dict[tuple[str, str], NodeId] = {}
    for test in _DICE.sample(list(passed), len(passed)):
        path, name = _place(test)
        if path not in files:
            files[path] = _read(root, path)
        file = files[path]
        if file is not None and name in file.functions:
            chosen.setdefault((path, name), test)
        if len(chosen) == MOST:
            break
    return files, chosen


def caught(twins: Twins, run: SuiteRun) -> str:
    """Return why the run of some tests cannot be believed, seeing what became of their twins; '' where nothing is against it."""
    if not run.trusted:
        return f"in the run of the twins {run.why_not}"
    passed = {each.id for each in run.results if each.outcome in _PASSED}
    if lies := sorted(twins.wrong & passed):
        return f"{lies[0]} was made to fail and is said to have passed"
    if twins.right and not twins.right & passed:
        return NONE_PASSES
    return ""


def _place(test: NodeId) -> tuple[str, str]:
    """Return a test's file, and its name within it without parameters."""
    path, _, rest = test.partition("::")
    return path, rest.partition("[")[0]


class _File:
    """A test file and the tests in it that can have a twin."""

    def __init__(self, text: str) -> None:
        self.text = text
        tree = ast.parse(text)
        names = [name for name, _ in _functions(tree.body, "")]
        self.functions = {name: each for name, each in _functions(tree.body, "") if names.count(name) == 1 and _bears(each, text)}

    def with_sums(self, wanted: dict[str, bool]) -> str:
        """Return the text with a sum, right or wrong, at the end of each of these tests."""
        lines = self.text.split("\n")
        for name, right in sorted(wanted.items(), key=lambda each: -self.functions[each[0]].lineno):
            node = self.functions[name]
            lines.insert(_end(node), lines[node.body[-1].lineno - 1][: node.body[-1].col_offset] + _sum(right=right))
        return "\n".join(lines)


def _read(root: Path, path: str) -> _File | None:
    file = root / path
    if file.is_symlink() or not file.is_file():
        return None
    try:
        return _File(file.read_bytes().decode())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _functions(body: Sequence[ast.stmt], above: str) -> Iterator[tuple[str, _Function]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and _is_transparent(node):
            yield from _functions(node.body, f"{above}{node.name}::")
        elif isinstance(node, _Function):
            yield above + node.name, node


def _is_transparent(node: _Function | ast.ClassDef) -> bool:
    return all(ast.unparse(each).startswith(_TRANSPARENT) for each in node.decorator_list)


def _bears(node: _Function, text: str) -> bool:
    """Say whether a line at a function's end is surely reached by a test that passes, and can be put there."""
    lines = text.split("\n")
    first = node.body[-1]
    alone = first.lineno <= len(lines) and not lines[first.lineno - 1][: first.col_offset].strip()
    return alone and _end(node) <= len(lines) and _is_transparent(node) and not any(map(_leaves, node.body))


def _leaves(node: ast.AST) -> bool:
    """Say whether a statement can leave its function as if all were well, or makes it a generator."""
    if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom):
        return True
    if isinstance(node, _Function | ast.Lambda | ast.ClassDef):
        return False
    return any(map(_leaves, ast.iter_child_nodes(node)))


def _end(node: _Function) -> int:
    return node.end_lineno or node.lineno


def _sum(*, right: bool) -> str:
    one, other, third = (_DICE.randrange(1000, 10000) for _ in range(3))
    return f"assert {one} * {other} - {third} == {one * other - third + (0 if right else _DICE.randrange(1, 1000))}"
