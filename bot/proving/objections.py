"""What an author may not propose, however well it works: protected and locked files, skips, cheats, recited tests. Pure."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.change.change import Edit, Edits
from bot.change.outline import Definition, definitions, parse
from bot.change.testing import is_test
from bot.context.discretion import holds_secrets
from bot.proving.recital import recitals
from bot.scan.harness import HONEST, brought_in
from bot.spec.lock import WHOLE_SETTINGS
from bot.spec.spec import Spec

_SKIPS: Final = frozenset(
    {"skip", "skipif", "skipIf", "skipUnless", "skipTest", "SkipTest", "xfail", "importorskip", "expectedFailure"}
)
_SWITCHES: Final = frozenset({"__test__", "collect_ignore", "collect_ignore_glob", "pytest_plugins"})

Read = Callable[[str], str | None]


@dataclass(frozen=True)
class Objection:
    """Why a proposal is not even tried."""

    path: str
    line: int
    """0: the whole file."""
    what: str

    def __str__(self) -> str:
        return f"{self.path[:200]}{f':{self.line}' if self.line else ''}: {self.what}"


@dataclass(frozen=True)
class Rules:
    """What a proposal is held to."""

    read: Read
    """The tree's texts before the change."""
    may_edit: Callable[[str], bool]
    spec: Spec
    tests: tuple[str, ...]
    """Sources of the shown tests."""
    wish: str


def objections(edits: Edits, rules: Rules) -> tuple[Objection, ...]:
    """Return everything that stands against edits as such; none means that they may be tried."""
    return tuple(each for edit in edits.edits for each in _of(edit, rules))


def _of(edit: Edit, rules: Rules) -> Iterator[Objection]:
    beyond = _beyond(edit.path, rules)
    if beyond:
        yield Objection(edit.path, 0, beyond)
        return
    if not edit.path.endswith((".py", ".pyi")):
        return
    before, after = rules.read(edit.path) or "", edit.content or ""
    test = is_test(edit.path)
    if test:
        yield from (Objection(edit.path, 0, f"takes the test {name} away: tests stay") for name in _lost_tests(before, after))
        yield from (Objection(edit.path, 0, f"lets {name} check less than before: tests stay") for name in _weaker(before, after))
    yield from (
        Objection(edit.path, line, f"brings in `{what}`: no test may be skipped or switched off")
        for line, what in _skips(before, after, test=test)
    )
    for danger in brought_in(before, after, test=test):
        if danger.rule.name not in HONEST:
            why = danger.rule.why.partition(":")[0]
            yield Objection(edit.path, danger.line, f"brings in `{danger.what}`: {why}; do without")
    for each in () if test else recitals(before, after, rules.tests, rules.wish):
        known = ", ".join(f"{key} -> {value}" for key, value in each.known[:3])[:200]
        where = f"{each.function} knows" if each.function else "it knows"
        yield Objection(edit.path, each.line, f"{where} inputs of the tests with their answers ({known}): work the answer out")


def _beyond(path: str, rules: Rules) -> str:
    """Return why a file is out of reach, or ''."""
    locked = (*(each.path for each in rules.spec.files), *(each.path for each in rules.spec.locked))
    if path.casefold() in map(str.casefold, locked):  # on some disks these are one file
        return "belongs to the locked spec, which no change may touch"
    if path.rpartition("/")[2] in WHOLE_SETTINGS:
        return "can switch tests off, so no change may touch it"
    if holds_secrets(path):
        return "is there to keep secrets, so nobody but a person touches it"
    return "" if rules.may_edit(path) else "is protected or outside the paths that may be edited"


def _lost_tests(before: str, after: str) -> list[str]:
    old, new = (
        Counter(each.name for each in _definitions(text) if each.name.rpartition(".")[2].lower().startswith("test"))
        for text in (before, after)
    )
    return sorted(old - new)


def _definitions(text: str) -> Sequence[Definition]:
    tree = parse(text)
    return () if tree is None else tuple(definitions(tree))


def _weaker(before: str, after: str) -> list[str]:
    """Return the tests with fewer assertions than before."""
    old, new = _checks(before), _checks(after)
    return sorted(name for name, count in old.items() if name in new and new[name] < count)


def _checks(text: str) -> dict[str, int]:
    return {each.name: sum(map(_is_check, ast.walk(each.node))) for each in _definitions(text) if each.function}


def _is_check(node: ast.AST) -> bool:
    """Tell whether something in a test can fail it: an assertion, or a call such as ``pytest.raises`` or ``self.assertEqual``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"raises", "warns", "fail"} or node.func.attr.lower().startswith("assert")
    return isinstance(node, ast.Assert)


def _skips(before: str, after: str, *, test: bool) -> list[tuple[int, str]]:
    """Return the places that skip, excuse or hide tests of which there are more than before."""
    left = Counter(what for _, what in _skipping(before, test=test))
    found: list[tuple[int, str]] = []
    for line, what in _skipping(after, test=test):
        if left[what]:
            left[what] -= 1
        else:
            found.append((line, what))
    return found


def _skipping(text: str, *, test: bool) -> Iterator[tuple[int, str]]:
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Attribute) and node.attr in _SKIPS and (test or node.attr != "skip" or _is_of_tests(node.value)):
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"pytest", "unittest", "_pytest"}:
            yield from ((node.lineno, f"{node.module}.{each.name}") for each in node.names if each.name in _SKIPS)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((node.lineno, each.id) for each in targets if isinstance(each, ast.Name) and each.id in _SWITCHES)


def _is_of_tests(owner: ast.expr) -> bool:
    """Tell whether an attribute is looked up in pytest, unittest or a test case."""
    return ast.unparse(owner).partition(".")[0] in {"pytest", "unittest", "self", "mark", "cls"}
