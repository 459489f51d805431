"""Mutants of the given lines of one file: deterministic, without repetition, spread over lines and operators.

Every operator of ours is tried on every node that lies on the lines. mutmut's generator is not used: of what it makes, ours
lacks the case changes of strings, None for a constant argument, arguments dropped from the front (mostly type errors,
whatever the tests) and words for people (see ``benchmarks/mutation.py``); it skips decorated, module and class level code,
takes some 80 times as long, and reads a configuration from the working directory.
"""

from __future__ import annotations
import __future__

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from types import CodeType

from bot.mutation.mutation import Mutant
from bot.mutation.noise import is_for_readers, is_noise, worth_breaking
from bot.mutation.operators import OPERATORS, WHOLE
from bot.mutation.rewrite import Operator, Rewrite, Text

Function = ast.FunctionDef | ast.AsyncFunctionDef
_CONTEXT = 2
_RANK = {operator.name: rank for rank, operator in enumerate((*OPERATORS, WHOLE))}


@dataclass(frozen=True)
class Planned:
    """A mutant before anybody judged it."""

    mutant: Mutant
    reach: frozenset[int]
    """Lines of which a test must run one to meet the fault: those of the statement around it."""
    at_import: bool
    """Whether the fault acts when the module is loaded (module or class level, defaults, decorators)."""
    equivalent: bool = False
    """Compiles to the same code."""


@dataclass(frozen=True)
class _Place:
    """Where a node lies: the outermost stretch of source that can be compiled by itself, and what a test must run."""

    reach: frozenset[int]
    at_import: bool
    stretch: tuple[int, int, int]
    """First and last line of that stretch, and how many class headers it stands under."""


@dataclass(frozen=True)
class _Found:
    operator: Operator
    rewrite: Rewrite
    place: _Place
    line: int


def plan_mutants(  # noqa: PLR0913 - one plan, all of it asked for by name
    path: str, source: str, lines: frozenset[int], *, most: int = 200, seed: int = 0, whole: bool = False
) -> tuple[Planned, ...]:
    """Return at most ``most`` mutants of ``lines``; a file that does not parse has none.

    Equivalent ones are told by equal bytecode and do not count towards ``most``. The order is by line, then place. With
    ``whole`` statements at module and class level are taken out whole instead: what is left to do where nothing else is.
    """
    tree = _parse(source)
    if tree is None:
        return ()
    text = Text(source)
    found = list(_taken_out(text, tree, lines)) if whole else _on_lines(text, tree, lines)
    planned = list(_distinct(path, text, tree, found))
    chosen = _spread([each for each in planned if not each.equivalent], most, seed)
    equivalent = [each for each in planned if each.equivalent][:most]
    order = {id(each): index for index, each in enumerate(planned)}
    return tuple(sorted([*chosen, *equivalent], key=lambda each: order[id(each)]))


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _on_lines(text: Text, tree: ast.Module, lines: frozenset[int]) -> list[_Found]:
    found = [each for each in _everywhere(text, tree) if lines & set(text.lines_of(each.rewrite))]
    first = [(each, min(lines & set(text.lines_of(each.rewrite)))) for each in found]
    placed = [_Found(each.operator, each.rewrite, each.place, line) for each, line in first]
    return sorted(placed, key=lambda each: (each.rewrite.start, each.rewrite.end, each.operator.name))


def _everywhere(text: Text, tree: ast.Module) -> Iterator[_Found]:
    for statement in tree.body:
        if not is_noise(statement):
            place = _Place(_reach(statement), at_import=True, stretch=(*_lines(statement), 0))
            yield from _inside(text, statement, place, classes=0)


def _taken_out(text: Text, tree: ast.Module, lines: frozenset[int]) -> Iterator[_Found]:
    """Yield a rewrite for each statement of a module or class that can be done without, where its first lines are asked for.

    Functions are left alone: that one is gone shows nothing of the line in it. So are words, and names for readers only.
    """
    todo: list[tuple[ast.stmt, tuple[int, int, int]]] = [(each, (*_lines(each), 0)) for each in tree.body]
    for statement, stretch in todo:
        if isinstance(statement, ast.ClassDef | ast.If | ast.Try) and not is_noise(statement):
            todo += [(each, stretch) for each in (*statement.body, *getattr(statement, "orelse", ()))]
        if lines & _reach(statement) and _can_go(statement):
            place = _Place(_reach(statement), at_import=True, stretch=stretch)
            yield _Found(WHOLE, text.replace(statement, "pass"), place, min(lines & _reach(statement)))


def _can_go(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ClassDef():
            return True
        case ast.ImportFrom(module=module):
            return module != "__future__"
        case ast.Assign() | ast.AnnAssign():
            return statement.value is not None and not is_for_readers(statement)
        case _:
            return False


def _lines(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)]), node.end_lineno or node.lineno


def _reach(statement: ast.stmt) -> frozenset[int]:
    """Return the lines of a statement, of a compound one only its head."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    end = statement.end_lineno or statement.lineno
    if isinstance(body, list) and body:
        first = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
        end = max(statement.lineno, first.lineno - 1) if first.lineno > statement.lineno else statement.lineno
    return frozenset(range(statement.lineno, end + 1))


def _inside(text: Text, node: ast.AST, place: _Place, classes: int | None) -> Iterator[_Found]:
    """Yield all rewrites in ``node``. ``classes`` counts the class headers around it; None is inside a function."""
    if isinstance(node, ast.JoinedStr):
        yield from _in_format_string(text, node, place)
        return
    for operator in OPERATORS:
        if isinstance(node, operator.nodes):
            for rewrite in operator.rewrite(node, text):
                yield _Found(operator, rewrite, place, 0)
    for child in worth_breaking(node):
        yield from _inside(text, child, _place_of(node, child, place, classes), _depth(node, child, classes))


def _depth(node: ast.AST, child: ast.AST, classes: int | None) -> int | None:
    if isinstance(node, ast.ClassDef) and isinstance(child, ast.stmt) and classes is not None:
        return classes + 1
    return None if isinstance(node, Function) and isinstance(child, ast.stmt) else classes


def _place_of(node: ast.AST, child: ast.AST, place: _Place, classes: int | None) -> _Place:
    if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
        return place
    at_import = place.at_import and not isinstance(node, Function)
    stretch = place.stretch
    if isinstance(node, ast.ClassDef) and isinstance(child, Function | ast.ClassDef) and classes == stretch[2]:
        stretch = (*_lines(child), stretch[2] + 1)
    reach = _reach(child) if isinstance(child, ast.stmt) else _head(child)
    return _Place(reach, at_import, stretch)


def _head(node: ast.AST) -> frozenset[int]:
    if isinstance(node, ast.ExceptHandler):
        return frozenset({node.lineno})
    if isinstance(node, ast.match_case):
        return frozenset({node.pattern.lineno})
    return frozenset()


def _in_format_string(text: Text, node: ast.JoinedStr, place: _Place) -> Iterator[_Found]:
    """Break the expressions of an f-string by writing the whole string anew: their places in the file are not reliable."""
    for index, part in enumerate(node.values):
        if not isinstance(part, ast.FormattedValue):
            continue
        inner = Text(ast.unparse(part.value))
        expression = ast.parse(inner.source, mode="eval").body
        for each in _inside(inner, expression, place, None):
            tree = _parse(inner.apply(each.rewrite))
            if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
                continue
            broken = ast.FormattedValue(tree.body[0].value, part.conversion, part.format_spec)
            values = [*node.values[:index], broken, *node.values[index + 1 :]]
            try:
                whole = ast.unparse(ast.JoinedStr(values))
            except ValueError:
                continue
            yield _Found(each.operator, text.replace(node, whole), place, 0)


def _distinct(path: str, text: Text, tree: ast.Module, found: list[_Found]) -> Iterator[Planned]:
    """Yield what compiles, once per shape; what compiles to the original's shape is equivalent."""
    flags = _future_flags(tree)
    originals: dict[tuple[int, int, int], object] = {}
    seen: set[object] = set()
    numbers: dict[tuple[int, str], int] = {}
    for each in found:
        stretch = each.place.stretch
        if stretch not in originals:
            originals[stretch] = _shape(text.source, stretch, flags)
        source = text.apply(each.rewrite)
        grown = source.count("\n") - text.source.count("\n")
        shape = _shape(source, (stretch[0], stretch[1] + grown, stretch[2]), flags)
        if shape is None or (stretch, shape) in seen:
            continue
        seen.add((stretch, shape))
        numbers[each.line, each.operator.name] = number = numbers.get((each.line, each.operator.name), 0) + 1
        name = f"{path}:{each.line}:{each.operator.name.replace(' ', '-')}:{number}"
        diff = _diff(path, text.source, source, text.lines_of(each.rewrite), grown)
        mutant = Mutant(name, path, each.line, each.operator.name, diff, source)
        yield Planned(mutant, each.place.reach, each.place.at_import, equivalent=shape == originals[stretch])


def _future_flags(tree: ast.Module) -> int:
    names = [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    ]
    flags = 0
    for name in names:
        feature = getattr(__future__, name, None)
        flags |= getattr(feature, "compiler_flag", 0)
    return flags


def _shape(source: str, stretch: tuple[int, int, int], flags: int) -> object:
    """Return what a stretch of source compiles to, places in the file apart; None where it does not compile."""
    first, last, classes = stretch
    headers = "".join(f"{' ' * depth}class _:\n" for depth in range(classes))
    piece = headers + "\n".join(source.split("\n")[first - 1 : last]) + "\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _code_shape(compile(piece, "mutant", "exec", flags=flags, dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _code_shape(code: CodeType) -> object:
    constants = tuple(_code_shape(each) if isinstance(each, CodeType) else _constant_shape(each) for each in code.co_consts)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_name)
    counts = (code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_flags)
    return (code.co_code, constants, names, counts, code.co_exceptiontable)


def _constant_shape(value: object) -> object:
    """Tell 1 from True and 1.0, and 0.0 from -0.0, which compare equal."""
    if isinstance(value, tuple):
        return ("tuple", *map(_constant_shape, value))
    if isinstance(value, frozenset):
        return ("frozenset", frozenset(map(_constant_shape, value)))
    return (type(value).__name__, repr(value))


def _spread(planned: list[Planned], most: int, seed: int) -> list[Planned]:
    """Take at most ``most``: round after round, each line gives its best-ranked operator not taken yet."""
    if len(planned) <= most:
        return planned
    waiting: dict[int, list[Planned]] = {}
    for each in planned:
        waiting.setdefault(each.mutant.line, []).append(each)
    for queue in waiting.values():
        queue.sort(key=lambda each: (_nth(each), _RANK[each.mutant.operator]))
    chosen: list[Planned] = []
    lines = sorted(waiting)
    Random(seed).shuffle(lines)  # noqa: S311 - spreads, guards nothing
    while len(chosen) < most:
        for line in lines:
            if waiting[line] and len(chosen) < most:
                chosen.append(waiting[line].pop(0))
    return chosen


def _nth(planned: Planned) -> int:
    return int(planned.mutant.id.rpartition(":")[2])


def _diff(path: str, old: str, new: str, lines: range, grown: int) -> str:
    """Return a unified diff of one replaced run of lines."""
    before, after = old.split("\n"), new.split("\n")
    first, last = lines.start - 1, lines.stop - 1
    top, bottom = max(0, first - _CONTEXT), min(len(before), last + _CONTEXT)
    head = f"--- a/{path}\n+++ b/{path}\n@@ -{top + 1},{bottom - top} +{top + 1},{bottom - top + grown} @@\n"
    body = [f" {line}" for line in before[top:first]]
    body += [f"-{line}" for line in before[first:last]]
    body += [f"+{line}" for line in after[first : last + grown]]
    body += [f" {line}" for line in before[last:bottom]]
    return head + "\n".join(body) + "\n"
