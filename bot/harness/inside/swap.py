"""Putting a variant's function bodies into the live program, without importing anything again, and taking them out.

A variant that differs only within bodies of functions is applied by giving the live function objects new code objects:
decorated functions, methods, properties, closures, coroutines and generators alike. Everything else needs an import.
"""

from __future__ import annotations
import __future__

import ast
import gc
import tokenize
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PARTS = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_exceptiontable")
_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag

if TYPE_CHECKING:
    Patch = dict[str, Any]
    """``path``, ``first``, ``last``, ``text``: the lines [first, last), counted from 0, become the text's."""
    Undo = list[tuple[types.FunctionType, types.CodeType]]


class NeedsImport(Exception):
    """The variant cannot be swapped in; its modules must be imported anew."""


class Unit:
    """One outermost function of a file: its lines, what stands above it, and its live function objects."""

    def __init__(self, node: Any, above: list[Any], code: types.CodeType) -> None:
        self.start = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        self.end = node.end_lineno
        self.code = code
        self.shape = shape(node)
        self.headers = [
            " " * each.col_offset + (f"class {each.name}:" if isinstance(each, ast.ClassDef) else "if 1:") for each in above
        ]


def shape(node: Any) -> str:
    """Return all of a function but its body, as text to compare."""
    parts = [type(node).__name__, node.name, ast.dump(node.args)]
    parts += [ast.dump(each) for each in node.decorator_list]
    parts += [ast.dump(node.returns) if node.returns is not None else ""]
    return "|".join(parts)


def outermost(tree: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Yield every function that lies in no other function, with the statements it lies in."""
    stack: list[tuple[Any, list[Any]]] = [(each, []) for each in reversed(tree.body)]
    while stack:
        node, above = stack.pop()
        if isinstance(node, _FUNCTIONS):
            yield node, above
            continue
        below = [each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.stmt, ast.excepthandler))]
        inner = above if isinstance(node, ast.excepthandler) else [*above, node]
        stack.extend((each, inner) for each in reversed(below))


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a code object and all within it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from codes(each)


def _skeleton(tree: Any) -> str:
    """Return a module as text, its functions' bodies left out; the tree is spoilt."""
    for node, _ in list(outermost(tree)):
        node.body = []
    return ast.dump(tree)


class File:
    """A project's file as it is on the base: its lines, its outermost functions, its code."""

    def __init__(self, path: str, filename: str, text: str) -> None:
        self.path, self.filename = path, filename
        self.lines = text.split("\n")
        tree = ast.parse(text)
        code = compile(tree, filename, "exec", dont_inherit=True)
        self.flags = code.co_flags & _FUTURE
        places: dict[tuple[int, str], types.CodeType] = {}
        for each in codes(code):
            places.setdefault((each.co_firstlineno, each.co_name), each)
        self.units: list[Unit] = []
        for node, above in outermost(tree):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if (first, node.name) in places:
                self.units.append(Unit(node, above, places[first, node.name]))
        self.skeleton = _skeleton(tree)

    def patched(self, patch: Patch) -> str:
        """Return the variant's text."""
        return "\n".join(self.lines[: patch["first"]] + patch["text"] + self.lines[patch["last"] :])

    def changes(self, patch: Patch) -> list[tuple[types.CodeType, types.CodeType]]:
        """Return pairs of old and new code of the functions a patch may have changed; raises NeedsImport, SyntaxError."""
        for unit in self.units:
            if unit.start <= patch["first"] + 1 and patch["last"] <= unit.end and patch["first"] <= unit.end:
                new = self._alone(unit, patch)
                if new is not None:
                    return [(unit.code, new)]
        return self._all(self.patched(patch))

    def _alone(self, unit: Unit, patch: Patch) -> types.CodeType | None:
        """Compile just the patched function; None where it is no longer the one function with the same shape."""
        padding = unit.start - 1 - len(unit.headers)
        if padding < 0:
            return None
        body = self.lines[unit.start - 1 : patch["first"]] + patch["text"] + self.lines[patch["last"] : unit.end]
        try:
            tree = ast.parse("\n".join([""] * padding + unit.headers + body) + "\n")
        except SyntaxError:
            return None
        holder: Any = tree
        for _ in unit.headers:
            holder = holder.body[0]
        if len(holder.body) != 1 or not isinstance(holder.body[0], _FUNCTIONS) or shape(holder.body[0]) != unit.shape:
            return None
        code = compile(tree, self.filename, "exec", flags=self.flags, dont_inherit=True)
        return next(each for each in codes(code) if each.co_name == unit.code.co_name and each.co_firstlineno == unit.start)

    def _all(self, text: str) -> list[tuple[types.CodeType, types.CodeType]]:
        tree = ast.parse(text)
        code = compile(tree, self.filename, "exec", dont_inherit=True)
        nodes = list(outermost(tree))
        if len(nodes) != len(self.units) or _skeleton(tree) != self.skeleton:
            raise NeedsImport("the module itself changed")
        places: dict[tuple[int, str], types.CodeType] = {}
        for each in codes(code):
            places.setdefault((each.co_firstlineno, each.co_name), each)
        pairs = []
        for (node, _), unit in zip(nodes, self.units):  # noqa: B905 - strict came with Python 3.10
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            pairs.append((unit.code, places[first, node.name]))
        return pairs


class Swapper:
    """Applies variants to the program in this process."""

    def __init__(self, root: str, called: dict[str, list[Any]], tested: dict[str, list[Any]]) -> None:
        """Look for the project's functions in memory.

        ``called`` has, by path, those that run while modules are imported, ``tested`` those that tests call while collected.
        """
        self._root = root
        self._tested: set[Any] = {(path, first, name) for path, places in tested.items() for first, name in places}
        self._hasty = False
        self._files: dict[str, File] = {}
        self._called: set[Any] = {(path, first, name) for path, places in called.items() for first, name in places}
        self._live: dict[types.CodeType, list[types.FunctionType]] = {}
        for each in gc.get_objects():
            if type(each) is types.FunctionType and each.__code__.co_filename.startswith(root + "/"):
                self._live.setdefault(each.__code__, []).append(each)
        self._names = {code.co_filename for code in self._live}

    def prepare(self, path: str) -> None:
        """Read and compile a file, once; raises NeedsImport where the base's own text cannot be used."""
        if path in self._files:
            return
        filename = self._root + "/" + path
        try:
            with open(filename, "rb") as file:  # noqa: PTH123
                encoding = tokenize.detect_encoding(file.readline)[0]
            with open(filename, encoding=encoding, newline="") as file:  # noqa: PTH123
                self._files[path] = File(path, filename, file.read())
        except (OSError, SyntaxError, ValueError) as error:
            raise NeedsImport(str(error)) from error

    def apply(self, patches: list[Patch], *, hasty: bool = False) -> Undo:
        """Put the variant in and return what takes it out; raises NeedsImport or SyntaxError with nothing changed.

        ``hasty`` puts up with what tests have computed with the base's function while they were collected.
        """
        self._hasty = hasty
        swaps: list[tuple[types.FunctionType, types.CodeType]] = []
        for patch in patches:
            self.prepare(patch["path"])
            for old, new in self._files[patch["path"]].changes(patch):
                swaps.extend(self._pairs(patch["path"], old, new))
        undo = [(function, function.__code__) for function, _ in swaps]
        try:
            for function, code in swaps:
                function.__code__ = code
        except ValueError as error:
            take_out(undo)
            raise NeedsImport(str(error)) from error
        return undo

    def _pairs(self, path: str, old: types.CodeType, new: types.CodeType) -> Undo:
        """Return the live functions with their new code, those within included; raises NeedsImport."""
        if _same(old, new):
            return []
        functions = self._live.get(old, [])
        mine = not _same(old, new, nested=False)
        if mine and self._runs_early(path, old):
            raise NeedsImport("the function also runs before any test does")
        if functions and old.co_freevars != new.co_freevars:
            raise NeedsImport("the function closes over other names")
        found = [(function, new) for function in functions] + self._pairs_within(path, old, new)
        if not functions and mine and not self._within_live(path, old):
            raise NeedsImport("the function is not in memory")
        return found

    def _runs_early(self, path: str, code: types.CodeType) -> bool:
        """Say whether a function has run before any test does, where that is not put up with."""
        key = (path, code.co_firstlineno, code.co_name)
        return key in self._called or (key in self._tested and not self._hasty)

    def _pairs_within(self, path: str, old: types.CodeType, new: types.CodeType) -> Undo:
        """Return the pairs of what lies directly within a function, and of all within that; raises NeedsImport."""
        inner_old = [each for each in old.co_consts if isinstance(each, types.CodeType)]
        inner_new = [each for each in new.co_consts if isinstance(each, types.CodeType)]
        found: Undo = []
        if [each.co_name for each in inner_old] == [each.co_name for each in inner_new]:
            for each_old, each_new in zip(inner_old, inner_new):  # noqa: B905 - strict came with Python 3.10
                found.extend(self._pairs(path, each_old, each_new))
        elif any(self._live.get(each) for code in inner_old for each in codes(code)):
            raise NeedsImport("functions within the function came or went")
        return found

    def _within_live(self, path: str, code: types.CodeType) -> bool:
        """Say whether a code object lies in a function that is in memory, and so comes with that one."""
        return any(
            unit.code is not code and self._live.get(unit.code) and any(each is code for each in codes(unit.code))
            for unit in self._files[path].units
        )


def _same(old: types.CodeType, new: types.CodeType, *, nested: bool = True) -> bool:
    if len(old.co_consts) != len(new.co_consts):
        return False
    if any(getattr(old, name, None) != getattr(new, name, None) for name in _PARTS):
        return False
    for mine, other in zip(old.co_consts, new.co_consts):  # noqa: B905 - strict came with Python 3.10
        if isinstance(mine, types.CodeType) and isinstance(other, types.CodeType):
            if nested and not _same(mine, other):
                return False
        elif type(mine) is not type(other) or repr(mine) != repr(other):
            return False
    return True


def take_out(undo: Undo) -> None:
    """Give the functions back the code they had."""
    for function, code in undo:
        function.__code__ = code
