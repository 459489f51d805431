"""What a change does to the public interface: what callers can no longer do, and what is new.

Static: griffe reads both sides without importing them; what it leaves out (async, generators, decorators, narrowed and
widened types) is read off the syntax trees. Tests, scripts and modules with a leading underscore are nobody's interface.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

import griffe

from bot.change.annotation import only_more, wider
from bot.change.change import Change, FileChange, FileStatus
from bot.change.outline import Definition, Function, functions, is_stub, module_name, parse
from bot.change.testing import IsTest, is_aside, is_test

Text = Callable[[str], str | None]
"""Gives a file's text by its path; None where there is none."""


@dataclass(frozen=True)
class Breakage:
    """Something that callers did and can no longer do."""

    path: str
    line: int
    """In the head; 1 where the thing is gone."""
    name: str
    """Dotted name, module included."""
    kind: str
    message: str
    parameter: str = ""
    sure: bool = True
    """False where only the meaning of a name would tell (a return type replaced by another), or where nothing was there to
    rely on (a stub that raises NotImplementedError)."""


@dataclass(frozen=True)
class Interface:
    """What changed for callers."""

    breaking: tuple[Breakage, ...]
    widened: tuple[str, ...]
    """Dotted names of public objects that are new in files that were there."""


def compare_interfaces(change: Change, base: Text, head: Text, tests: IsTest = is_test) -> Interface:
    """Return what ``change`` does to public names; tests, and files that do not parse on either side, tell nothing."""
    breaking: list[Breakage] = []
    widened: list[str] = []
    for file in change.files:
        if file.status is FileStatus.ADDED or not is_public_module(file.old_path or file.path, tests):
            continue
        old = base(file.old_path or file.path)
        if old is None or parse(old) is None:
            continue
        gone = _moved(file, old)
        new = head(file.path)
        if gone is not None:
            breaking += gone
        elif new is not None and parse(new) is not None:
            breaking += _weighed(file.path, old, new, _unique(_between(file.path, old, new)))
            widened += _new_names(file.path, old, new)
    return Interface(tuple(breaking), tuple(widened))


def is_public_module(path: str, tests: IsTest = is_test) -> bool:
    """Tell whether others may import this file."""
    pure = PurePosixPath(path)
    if pure.suffix != ".py" or tests(path) or is_aside(path) or pure.name == "__main__.py":
        return False
    return not any(part.startswith("_") and not part.startswith("__init__") for part in pure.parts)


def asked_for(breakage: Breakage, instruction: str) -> bool:
    """Tell whether the instruction speaks of this very thing and of changing it so: names it, and has a word for the deed."""
    last = breakage.name.rsplit(".", 1)[-1]
    named = {breakage.parameter, last, breakage.name} - {""}
    if not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", instruction) for name in named):
        return False
    return re.search(_DEEDS.get(breakage.kind, _ANY_DEED), instruction, re.IGNORECASE) is not None


def _weighed(path: str, old: str, new: str, found: list[Breakage]) -> list[Breakage]:
    """Say "renamed" for a parameter that left and one that took its place; nobody relies on what was never written."""
    old_tree, new_tree = parse(old), parse(new)
    if old_tree is None or new_tree is None:
        return found
    before, after = functions(old_tree), functions(new_tree)
    start = len(module_name(path)) + 1
    both = ((each, before.get(each.name[start:]), after.get(each.name[start:])) for each in found)
    return [said for each, was, now in both if (said := _said(each, was, now)) is not None]


def _said(found: Breakage, was: Definition | None, now: Definition | None) -> Breakage | None:
    if was is None or now is None or was.function is None or now.function is None:
        return found
    places = [[each.arg for each in _parameters(function)] for function in (was.function, now.function)]
    said = _renamed(found, *places)
    return said and replace(said, sure=found.sure and not is_stub(was.function))


def _renamed(found: Breakage, old: list[str], new: list[str]) -> Breakage | None:
    """Join the two halves of a renaming into one; the half that came is left out."""
    if found.kind == "parameter removed" and found.parameter in old:
        at = old.index(found.parameter)
        if at < len(new) and new[at] not in old:
            message = f"{found.name}: parameter {found.parameter} is now called {new[at]}"
            return replace(found, kind="parameter renamed", message=message)
    if found.kind == "parameter added" and found.parameter in new:
        at = new.index(found.parameter)
        if at < len(old) and old[at] not in new:
            return None
    return found


_ALONE: Final = "module"
_GONE: Final = r"\b(remov|delet|drop|renam|mov|replac|deprecat|merg|inlin|convert|turn)\w*"
_SHAPE: Final = r"\b(parameters?|params?|arguments?|args?|signature|keyword|positional|options?|flag|accept|tak|renam|requir)\w*"
_ANY_DEED: Final = rf"{_GONE}|{_SHAPE}|\b(chang|mak|add|return|yield|async|support|allow)\w*"
_DEEDS: Final = {
    "removed": _GONE,
    "default changed": r"\bdefault\w*",
    "parameter removed": rf"{_GONE}|\bsignature\b",
    "parameter added": _SHAPE,
    "base class removed": rf"{_GONE}|\b(inherit|subclass|base|deriv)\w*",
}


def _moved(file: FileChange, old: str) -> list[Breakage] | None:
    """A public module that is gone or lies elsewhere takes all its names with it."""
    if file.status is FileStatus.DELETED:
        path, what = file.path, "is gone"
    elif file.old_path is not None and module_name(file.old_path) != module_name(file.path):
        path, what = file.path, f"is now {module_name(file.path)}"
    else:
        return None
    module = module_name(file.old_path or file.path)
    if not any(member.is_public for member in _visit(old).members.values()):
        return []
    return [Breakage(path, 1, module, "removed", f"module {module} {what}")]


def _unique(found: Iterator[Breakage]) -> list[Breakage]:
    """Keep the first word on each object and parameter; griffe's comes first."""
    return list({(each.name, each.parameter): each for each in reversed(list(found))}.values())[::-1]


def _between(path: str, old: str, new: str) -> Iterator[Breakage]:
    module = module_name(path)
    before = _visit(old)
    public = {_within(each, module) for each in _public(before)}
    yield from filter(None, (_from_griffe(path, module, each) for each in griffe.find_breaking_changes(before, _visit(new))))
    old_tree, new_tree = parse(old), parse(new)
    if old_tree is None or new_tree is None:
        return
    after = functions(new_tree)
    for name, definition in functions(old_tree).items():
        full = f"{module}.{name}"
        if full in public and name in after:
            yield from _from_trees(path, full, definition, after[name])


@lru_cache(maxsize=32)
def _visit(code: str) -> griffe.Module:
    """Read one module on its own, under a name without dots; names it imports stay unresolved."""
    modules, lines = griffe.ModulesCollection(), griffe.LinesCollection()
    visited = griffe.visit(_ALONE, Path(f"{_ALONE}.py"), code, modules_collection=modules, lines_collection=lines)
    modules[_ALONE] = visited
    return visited


def _within(thing: griffe.Object | griffe.Alias, module: str) -> str:
    return module + thing.path.removeprefix(_ALONE)


def _public(module: griffe.Object) -> Iterator[griffe.Object | griffe.Alias]:
    for member in module.members.values():
        if member.is_public:
            yield member
            if isinstance(member, griffe.Class):
                yield from _public(member)


def _new_names(path: str, old: str, new: str) -> list[str]:
    module = module_name(path)
    before = {_within(each, module) for each in _public(_visit(old))}
    return sorted({_within(each, module) for each in _public(_visit(new))} - before)


_KINDS: Final = {
    griffe.BreakageKind.PARAMETER_MOVED: ("parameter moved", "parameter {name} is now in another place"),
    griffe.BreakageKind.PARAMETER_REMOVED: ("parameter removed", "parameter {name} is gone"),
    griffe.BreakageKind.PARAMETER_CHANGED_KIND: ("parameter kind changed", "parameter {name} is passed in another way"),
    griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT: (
        "default changed",
        "parameter {name} has another default: {old} became {new}",
    ),
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED: ("parameter required", "parameter {name} must now be given"),
    griffe.BreakageKind.PARAMETER_ADDED_REQUIRED: ("parameter added", "a new parameter {name} must be given"),
    griffe.BreakageKind.OBJECT_REMOVED: ("removed", "is gone"),
    griffe.BreakageKind.OBJECT_CHANGED_KIND: ("kind changed", "was a {old}, is now a {new}"),
    griffe.BreakageKind.CLASS_REMOVED_BASE: ("base class removed", "has fewer base classes than before"),
}


def _from_griffe(path: str, module: str, found: griffe.Breakage) -> Breakage | None:
    """Say in our words what griffe found; returns are compared by our own eyes."""
    if found.kind not in _KINDS:
        return None
    kind, sentence = _KINDS[found.kind]
    parameter = found.new_value if isinstance(found.new_value, griffe.Parameter) else found.old_value
    name = parameter.name if isinstance(parameter, griffe.Parameter) else ""
    old, new = (_default(each) for each in (found.old_value, found.new_value))
    if kind == "default changed" and _still_called_alike(old, new):
        return None
    gone = kind == "removed" or found.obj.is_alias
    line = 1 if gone else found.obj.lineno or 1
    whole = _within(found.obj, module)
    return Breakage(path, line, whole, kind, f"{whole}: {sentence.format(name=name, old=old, new=new)}", name)


def _default(value: object) -> str:
    if isinstance(value, griffe.Parameter):
        return str(value.default)
    return value.value if isinstance(value, griffe.Kind) else str(value)


def _still_called_alike(old: str, new: str) -> bool:
    """A mutable default replaced by None, or the same value written otherwise, changes nothing for callers."""
    if new == "None" and old in {"[]", "{}", "list()", "dict()", "set()"}:
        return True
    try:
        return bool(ast.literal_eval(old) == ast.literal_eval(new)) and type(ast.literal_eval(old)) is type(ast.literal_eval(new))
    except (ValueError, SyntaxError, TypeError):
        return False


def _from_trees(path: str, name: str, old: Definition, new: Definition) -> Iterator[Breakage]:
    before, after = old.function, new.function
    if before is None or after is None:
        return
    line = after.lineno
    for kind, was, is_now in (
        ("async changed", isinstance(before, ast.AsyncFunctionDef), isinstance(after, ast.AsyncFunctionDef)),
        ("generator changed", _yields(before), _yields(after)),
    ):
        if was != is_now:
            what = kind.split()[0]
            yield Breakage(path, line, name, kind, f"{name}: {'became' if is_now else 'is no longer'} {what}")
    for decorator in ("staticmethod", "classmethod", "property"):
        if _decorated(before, decorator) != _decorated(after, decorator):
            yield Breakage(path, line, name, "binding changed", f"{name}: @{decorator} came or went")
    told = wider(before.returns, after.returns)
    if told:
        sure = after.returns is None or only_more(before.returns, after.returns)
        yield Breakage(path, line, name, "return type", f"{name}: its return type got wider: {told}", sure=sure)
    yield from _narrowed(path, name, before, after)


def _narrowed(path: str, name: str, before: Function, after: Function) -> Iterator[Breakage]:
    now = {each.arg: each for each in _parameters(after)}
    for old in _parameters(before):
        new = now.get(old.arg)
        if new is None or old.annotation is None or new.annotation is None:
            continue
        told = wider(new.annotation, old.annotation)
        if told:
            sure = only_more(new.annotation, old.annotation)
            message = (
                f"{name}: parameter {old.arg} takes less: {ast.unparse(old.annotation)} became {ast.unparse(new.annotation)}"
            )
            yield Breakage(path, new.lineno, name, "parameter type", message, old.arg, sure)


def _parameters(function: Function) -> list[ast.arg]:
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _decorated(function: Function, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in function.decorator_list)


def _yields(function: Function) -> bool:
    """Tell whether the function itself yields, nested functions aside."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo += ast.iter_child_nodes(node)
    return False
