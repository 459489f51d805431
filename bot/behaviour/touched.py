"""Which functions and which lines of code a change really touches: new formatting, comments and words do not count."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from bot.change.outline import module_name
from bot.change.testing import IsTest, is_test

_HEADERS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
    ast.ExceptHandler,
    ast.match_case,
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Routine:
    """A function or method of one file. Line numbers count from 1."""

    path: str
    module: str
    """Its dotted import name, guessed from the path."""
    qualname: str
    node: FunctionNode
    first: int
    last: int
    before: FunctionNode | None = None
    """What stood under the same name before the change."""

    @property
    def docstring(self) -> str:
        """What it says of itself; '' where it says nothing."""
        return ast.get_docstring(self.node) or ""


@dataclass(frozen=True)
class TouchedFile:
    """One Python file in which the change altered code."""

    path: str
    source: str
    """The head's text."""
    lines: frozenset[int]
    """Of the head: where statements stand that are new or differ."""
    routines: tuple[Routine, ...] = ()
    """Functions in which such a line lies, or from which one was taken away."""
    removed: bool = False
    """Something was taken away and nothing stands in its place."""
    around: frozenset[int] = field(default_factory=frozenset)
    """Lines next to those that were taken away; none for a module's import, whose neighbours have no part in it."""


Texts = Callable[[str], str | None]
"""Gives a file's text by its path, or None."""


def touched(base: Texts, head: Texts, paths: Iterable[str], tests: IsTest = is_test) -> tuple[TouchedFile, ...]:
    """Return the Python files among ``paths``, tests left out, whose code differs between two trees.

    A file that is gone, or does not parse, is left out: other gates speak of those.
    """
    found: list[TouchedFile] = []
    for path in paths:
        new = head(path) if path.endswith(".py") and not tests(path) else None
        if new is None:
            continue
        one = compare(path, base(path) or "", new)
        if one is not None:
            found.append(one)
    return tuple(found)


def changed_lines(files: Iterable[TouchedFile]) -> dict[str, frozenset[int]]:
    """Return, by path, the lines that differ and those next to what was taken away."""
    return {file.path: file.lines | file.around for file in files if file.lines or file.around}


def lines_with_functions(files: Sequence[TouchedFile]) -> dict[str, frozenset[int]]:
    """Return, by path, the changed lines and all those of the functions around them."""
    inside = {file.path: frozenset(line for each in file.routines for line in range(each.first, each.last + 1)) for file in files}
    return {path: lines | inside[path] for path, lines in changed_lines(files).items()}


def compare(path: str, old: str, new: str) -> TouchedFile | None:
    """Return how the code of one file differs; None where it does not, or the new text is no Python."""
    after = _parsed(new)
    if after is None:
        return None
    before = _parsed(old) or ast.Module([], [])
    lines, around, removed = _changed(list(_statements(before)), list(_statements(after)))
    if not lines and not removed:
        return None
    earlier = dict(functions(before))
    module = module_name(path)
    routines = tuple(
        Routine(path, module, name, node, _first(node), node.end_lineno or node.lineno, earlier.get(name))
        for name, node in functions(after)
        if _dumped(node) != _dumped(earlier.get(name))
    )
    return TouchedFile(path, new, lines, routines, removed, around)


def functions(tree: ast.Module) -> Iterator[tuple[str, FunctionNode]]:
    """Yield the functions of a module and of its classes, by dotted name; functions inside functions belong to theirs."""
    todo: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body]
    while todo:
        prefix, node = todo.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            todo = [(f"{prefix}{node.name}.", each) for each in node.body] + todo
        elif isinstance(node, ast.If | ast.Try):
            todo = [(prefix, each) for each in (*node.body, *node.orelse)] + todo


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _first(node: FunctionNode) -> int:
    return min((node.lineno, *(each.lineno for each in node.decorator_list)))


def _dumped(node: FunctionNode | None) -> str:
    if node is None:
        return ""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return repr([ast.dump(each) for each in (node.args, *node.decorator_list, *body)])


@dataclass(frozen=True)
class _Statement:
    text: str
    """The statement without its body, as the parser prints it, with the depth it stands at."""
    lines: frozenset[int]
    is_import: bool = False
    """At the top of the module: one within a function belongs to what the function does."""


def _statements(tree: ast.Module) -> Iterator[_Statement]:
    """Yield all statements in the order they stand, headers apart from their bodies, words left out."""
    todo: list[tuple[int, ast.AST]] = [(0, node) for node in _body(tree)]
    while todo:
        depth, node = todo.pop(0)
        if isinstance(node, _HEADERS):
            inner = list(_inner(node))
            first = min((getattr(each, "lineno", 0) for each in inner if getattr(each, "lineno", 0)), default=0)
            start = _start(node)
            lines = frozenset(range(start, max(start + 1, first))) if start else frozenset[int]()
            yield _Statement(f"{depth} {_header(node)}", lines)
            todo = [(depth + 1, each) for each in inner] + todo
        else:
            start = getattr(node, "lineno", 0)
            lines = frozenset(range(start, (getattr(node, "end_lineno", 0) or start) + 1))
            yield _Statement(f"{depth} {ast.unparse(node)}", lines, depth == 0 and isinstance(node, ast.Import | ast.ImportFrom))


def _start(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators = [each.lineno for each in getattr(node, "decorator_list", ())]
    return min((int(getattr(node, "lineno", 0)), *map(int, decorators)))


def _body(node: ast.AST) -> list[ast.stmt]:
    """A block without its docstring and other bare strings."""
    body: list[ast.stmt] = getattr(node, "body", [])
    return [each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]


def _inner(node: ast.AST) -> Iterator[ast.AST]:
    yield from _body(node)
    yield from getattr(node, "handlers", ())
    yield from getattr(node, "cases", ())
    yield from getattr(node, "orelse", ())
    yield from getattr(node, "finalbody", ())


def _header(node: ast.AST) -> str:
    """Return what stands before the body: name, test, target and the like, without the blocks."""
    blocks = {"body", "handlers", "cases", "orelse", "finalbody"}
    kept = [_shown(value) for name, value in ast.iter_fields(node) if name not in blocks]
    return f"{type(node).__name__} {kept} {bool(getattr(node, 'orelse', None))}"


def _shown(value: object) -> str:
    if isinstance(value, ast.AST):
        return ast.dump(value)
    if isinstance(value, list):
        return repr([ast.dump(each) if isinstance(each, ast.AST) else each for each in value])
    return repr(value)


def _changed(before: list[_Statement], after: list[_Statement]) -> tuple[frozenset[int], frozenset[int], bool]:
    """Return the new or differing lines, the lines next to what was taken away, and whether anything was only taken away."""
    lines: set[int] = set()
    around: set[int] = set()
    removed = False
    matcher = SequenceMatcher(None, [each.text for each in before], [each.text for each in after], autojunk=False)
    for kind, gone, until, first, last in matcher.get_opcodes():
        if kind in {"insert", "replace"}:
            lines |= _lines_of(after[first:last])
        elif kind == "delete":
            removed = True
            if not all(each.is_import for each in before[gone:until]):
                around |= _lines_of(after[max(0, first - 1) : first + 1])
    return frozenset(lines), frozenset(around - lines), removed


def _lines_of(statements: Iterable[_Statement]) -> frozenset[int]:
    return frozenset(line for each in statements for line in each.lines)
