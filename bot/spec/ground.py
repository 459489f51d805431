"""The ground that challenges stand on: what a change touches, who calls it, and the words that say what it ought to do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from bot.behaviour.touched import Routine, Texts, TouchedFile, functions, touched
from bot.change.testing import is_test
from bot.sources import read_sources
from bot.spec.challenge import Challenge, claim_of
from bot.spec.definitions import Definition, Index, build_index
from bot.spec.draft import Draft, Unusable
from bot.spec.examples import visible
from bot.spec.names import Resolver
from bot.syntax.tree import MOST_WRITTEN, parse

LEAST_QUOTE: Final = 8
"""Characters: fewer stand in almost any text."""
_MAKERS: Final = ("__init__", "__new__", "__post_init__")

Place = tuple[str, str]
"""(path, qualified name) of a function."""


@dataclass(frozen=True)
class Ground:
    """Read once from both trees; nothing runs."""

    index: Index
    """Of the head."""
    instruction: str
    """As a reader sees it."""
    files: tuple[TouchedFile, ...]
    callers: frozenset[Place]
    """Functions whose code names a touched one, or one that does, and so on."""
    before: Mapping[str, str]
    """Texts of the touched files on the base."""

    @cached_property
    def routines(self) -> Mapping[Place, Routine]:
        """The functions that the change touches."""
        return {(each.path, each.qualname): each for file in self.files for each in file.routines}

    @cached_property
    def docstrings(self) -> tuple[str, ...]:
        """What the touched files, old and new, and the callers say of themselves."""
        texts = [text for file in self.files for text in (file.source, self.before.get(file.path, ""))]
        theirs = [each.docstring for each in self.index.definitions if (each.path, each.qualname) in self.callers]
        return tuple(dict.fromkeys(each for each in (*(one for text in texts for one in _docstrings(text)), *theirs) if each))

    @cached_property
    def classes(self) -> frozenset[str]:
        """The project's classes, by name."""
        return frozenset(each.name for each in self.index.definitions if each.is_class)

    def resolver(self) -> Resolver:
        """Return one that turns a batch of challenges into tests."""
        return Resolver(self.index, self.instruction, may_be_missing=False)

    def draft(self, challenge: Challenge, resolver: Resolver) -> Draft | str:
        """Return a challenge as a test, or why it may not be tried."""
        if not self.is_said(challenge.because):
            return "what it quotes stands neither in the instruction nor in a docstring"
        claim = claim_of(challenge, self.classes)
        if isinstance(claim, str):
            return claim
        drafted = resolver.draft(claim)
        if drafted is None:
            return "it was named before"
        if isinstance(drafted, Unusable):
            return drafted.reason
        if self.place(drafted.targets) is None:
            return "what it calls is neither touched by the change nor calls what is"
        return drafted

    def is_said(self, quote: str) -> bool:
        """Tell whether words stand in the instruction or in a docstring, spaces and line ends aside."""
        return self.is_wished(quote) or (len(_folded(quote)) >= LEAST_QUOTE and _in_any(quote, self.docstrings))

    def is_wished(self, quote: str) -> bool:
        """Tell whether words stand in the instruction itself."""
        return len(_folded(quote)) >= LEAST_QUOTE and _in_any(quote, (self.instruction,))

    def place(self, targets: Iterable[Definition]) -> tuple[str, int] | None:
        """Return the line that a finding about these functions points at; None where the change does not concern them."""
        found = list(_with_makers(targets, self.index))
        for each in found:
            if routine := self.routines.get((each.path, each.qualname)):
                return routine.path, routine.node.lineno
        return next(((each.path, each.first) for each in found if (each.path, each.qualname) in self.callers), None)


def read_ground(root: Path, before: Texts, after: Texts, paths: Iterable[str], instruction: str) -> Ground:
    """Return the ground of a change: ``root`` is the head's tree, ``paths`` the files that differ."""
    files = touched(before, after, paths)
    index = build_index(root, lambda path: not is_test(path))
    near = {(each.path, each.qualname) for file in files for each in file.routines}
    old = {each.path: before(each.path) or "" for each in files}
    return Ground(index, visible(instruction), files, _callers(near, read_sources(root).files), old)


def _callers(near: set[Place], files: Mapping[str, str]) -> frozenset[Place]:
    """Return who names a function of ``near`` in its code, through any number of others; by name only, so rather too many."""
    names = {
        (path, qualname): _names(node)
        for path, text in files.items()
        if path.endswith(".py") and not is_test(path)
        for qualname, node in functions(parse(text, MOST_WRITTEN) or ast.Module([], []))
    }
    wanted = {_called(qualname) for _, qualname in near}
    found: set[Place] = set()
    while more := {place for place, said in names.items() if place not in found and said & wanted}:
        found |= more
        wanted = {_called(qualname) for _, qualname in more}
    return frozenset(found - near)


def _called(qualname: str) -> str:
    """Return the name by which a function is called: a constructor by its class's."""
    owner, _, name = qualname.rpartition(".")
    return owner.rpartition(".")[2] if name in _MAKERS and owner else name


def _names(node: ast.AST) -> set[str]:
    found = (each for each in ast.walk(node) if isinstance(each, ast.Attribute | ast.Name))
    return {each.attr if isinstance(each, ast.Attribute) else each.id for each in found}


def _with_makers(targets: Iterable[Definition], index: Index) -> Iterator[Definition]:
    """Yield functions, and for a class the methods that its call runs."""
    for each in targets:
        if not each.is_class:
            yield each
        made = (index.find(each.module, f"{each.qualname}.{name}") for name in _MAKERS if each.is_class)
        yield from (one for one in made if one is not None)


def _docstrings(text: str) -> Iterator[str]:
    tree = parse(text, MOST_WRITTEN)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def _in_any(quote: str, texts: Iterable[str]) -> bool:
    return any(_folded(quote) in _folded(each) for each in texts)


def _folded(text: str) -> str:
    return " ".join(text.split())
