"""Types that got weaker: annotations gone, ``Any`` come in, and words that make type checkers look away."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from bot.change.annotation import members
from bot.change.change import FileChange
from bot.change.outline import Definition, Function, definitions, functions, parse
from bot.gate import Finding, Severity

_LOOK_AWAY: Final = re.compile(r"#\s*(type\s*:\s*ignore|pyright\s*:\s*ignore|pyre-(ignore|fixme)|mypy\s*:)", re.IGNORECASE)


def weakened(file: FileChange, old: str, new: str) -> tuple[Finding, ...]:
    """Return what got weaker in one Python file between its two texts; nothing where either does not parse."""
    before, after = parse(old), parse(new)
    if before is None or after is None:
        return ()
    return (*_annotations(file.path, before, after), *_comments(file, old, new), *_calls(file, before, after))


def annotated(function: Function) -> bool:
    """Tell whether a function says anything about its types."""
    return function.returns is not None or any(each.annotation for each in parameters(function))


def parameters(function: Function) -> list[ast.arg]:
    """Return all parameters, starred ones included."""
    arguments = function.args
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def typed_throughout(source: str) -> bool:
    """Tell whether a file has functions and all of them are annotated."""
    tree = parse(source)
    found = [each.function for each in functions(tree).values()] if tree else []
    return bool(found) and all(each is not None and annotated(each) for each in found)


def _annotations(path: str, before: ast.Module, after: ast.Module) -> Iterator[Finding]:
    now = functions(after)
    for name, definition in functions(before).items():
        if name in now:
            yield from _of_function(path, name, definition, now[name])
    variables = dict(_variables(after))
    for name, (_line, annotation) in _variables(before):
        if name in variables:
            line, new = variables[name]
            yield from _compared(path, line, name, annotation, new)


def _of_function(path: str, name: str, old: Definition, new: Definition) -> Iterator[Finding]:
    before, after = old.function, new.function
    if before is None or after is None:
        return
    yield from _compared(path, after.lineno, f"{name} returns", before.returns, after.returns)
    now = {each.arg: each for each in parameters(after)}
    for each in parameters(before):
        if each.arg in now:
            yield from _compared(path, now[each.arg].lineno, f"{name}: {each.arg}", each.annotation, now[each.arg].annotation)


def _compared(path: str, line: int, what: str, old: ast.expr | None, new: ast.expr | None) -> Iterator[Finding]:
    if old is None:
        return
    if new is None:
        yield Finding(path, line, f"{what}: the type {ast.unparse(old)} is gone; keep it", "annotation-removed")
    elif _speaks_of_any(new) and not _speaks_of_any(old):
        yield Finding(
            path, line, f"{what}: {ast.unparse(old)} became {ast.unparse(new)}; say what it really is", "any-introduced"
        )


def _speaks_of_any(annotation: ast.expr) -> bool:
    return any("Any" in re.split(r"\W+", each) for each in members(annotation))


def _variables(tree: ast.Module) -> Iterator[tuple[str, tuple[int, ast.expr | None]]]:
    """Yield module-level and class-level names that are assigned, with their annotation."""
    scopes = [
        ("", tree.body),
        *((f"{each.name}.", each.node.body) for each in definitions(tree) if isinstance(each.node, ast.ClassDef)),
    ]
    for prefix, body in scopes:
        for node in body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield prefix + node.target.id, (node.lineno, node.annotation)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                yield prefix + node.targets[0].id, (node.lineno, None)


def _comments(file: FileChange, old: str, new: str) -> Iterator[Finding]:
    """Comments that silence type checkers, where there are more of them than before."""
    found = _silencers(new)
    more = len(found) - len(_silencers(old))
    for line in [line for line in found if line in file.added_lines][-more:] if more > 0 else []:
        yield Finding(file.path, line, "a comment makes the type checker look away; mend the type instead", "type-ignore")


def _silencers(source: str) -> list[int]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []
    return [each.start[0] for each in tokens if each.type == tokenize.COMMENT and _LOOK_AWAY.match(each.string)]


def _calls(file: FileChange, before: ast.Module, after: ast.Module) -> Iterator[Finding]:
    for name, rule, advice in (
        ("cast", "cast-added", "a cast tells the type checker to believe; prove it with isinstance or a better type"),
        ("no_type_check", "no-type-check", "the type checker is told to skip this; mend the types instead"),
    ):
        found = _uses(after, name)
        more = len(found) - len(_uses(before, name))
        for line in [line for line in found if line in file.added_lines][-more:] if more > 0 else []:
            yield Finding(file.path, line, advice, rule, Severity.ERROR)


def _uses(tree: ast.Module, name: str) -> list[int]:
    """Return the lines that call or decorate with ``name`` as typing offers it."""
    nodes = list(ast.walk(tree))
    imports = (node for node in nodes if isinstance(node, ast.ImportFrom) and node.module in {"typing", "typing_extensions"})
    imported = any(alias.name == name for node in imports for alias in node.names)
    return sorted(_line(node, name, imported=imported) for node in nodes if _line(node, name, imported=imported))


def _line(node: ast.AST, name: str, *, imported: bool) -> int:
    """Return the line where this node is a use of ``name``, else 0."""
    match node:
        case ast.Name(id=found, ctx=ast.Load()) if found == name and imported:
            return node.lineno
        case ast.Attribute(attr=found, value=ast.Name(id="typing" | "t")) if found == name:
            return node.lineno
        case _:
            return 0
