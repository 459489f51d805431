"""What is not worth breaking: words for people, types, switches that no test reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterator

LOG_METHODS = frozenset(
    ["debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success"]
)
LOGGERS = frozenset(["log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER", "structlog", "loguru"])
MESSAGE_NAMES = frozenset(["msg", "message", "error_message", "err_msg", "usage", "help", "description", "epilog"])
DECLARED_NAMES = frozenset(["__all__", "__slots__", "__version__", "__author__", "__doc__", "__match_args__"])
TYPE_MAKERS = frozenset(["TypeVar", "ParamSpec", "TypeVarTuple", "NewType", "getLogger", "get_logger"])


def is_noise(node: ast.AST) -> bool:
    """Tell whether neither ``node`` nor anything in it is worth a mutant."""
    if isinstance(node, ast.If):
        return _is_switch(node.test)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _is_log(node.value)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return _is_declaration(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(_last_name(each) == "overload" for each in node.decorator_list)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal)


def breakable(source: str, lines: frozenset[int]) -> bool:
    """Tell whether any of the lines begins a statement in which a fault would matter, if one could be made."""
    todo: list[ast.AST] = list(ast.parse(source).body)
    for node in todo:
        imports = isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
        if (is_noise(node) and not imports) or isinstance(node, ast.Pass) or _declares(node):
            continue
        blocks = [each for name in _BLOCKS for each in getattr(node, name, ())]
        head = min((each.lineno for each in blocks), default=(getattr(node, "end_lineno", 0) or 0) + 1)
        if lines & set(range(getattr(node, "lineno", 0), max(head, getattr(node, "lineno", 0) + 1))):
            return True
        todo += blocks
    return False


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _declares(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and node.value is None


def worth_breaking(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of ``node`` in which mutants may be made, in the file's order; annotations are none."""
    skipped = set(map(id, _left_alone(node)))
    for child in ast.iter_child_nodes(node):
        if id(child) not in skipped and not is_noise(child):
            yield child


def _left_alone(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children that are words for people, types, or code nothing reaches."""
    if isinstance(node, ast.arg | ast.FunctionDef | ast.AsyncFunctionDef | ast.AnnAssign):
        yield from (each for each in (getattr(node, "annotation", None), getattr(node, "returns", None)) if each)
    yield from getattr(node, "type_params", ())
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.Assert) and node.msg is not None:
        yield node.msg
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from _words(node.exc)
    if isinstance(node, ast.Call):
        yield from _words_of_call(node)
    for field in ("body", "orelse", "finalbody"):
        yield from _dead(getattr(node, field, None))


def _words(call: ast.Call) -> Iterator[ast.AST]:
    """Yield a call itself where it is only words, so that its arguments are left alone."""
    if all(_is_words(each) for each in [*call.args, *(keyword.value for keyword in call.keywords)]):
        yield call


def _words_of_call(call: ast.Call) -> Iterator[ast.AST]:
    if _last_name(call.func) in {"print", "warn", "echo", "secho"} or _raises_by_name(call):
        yield from (each for each in call.args if _is_words(each))
    yield from (each for each in call.keywords if each.arg in MESSAGE_NAMES and _is_words(each.value))
    if _is_log(call):
        yield from (*call.args, *call.keywords)


def _raises_by_name(call: ast.Call) -> bool:
    return (_last_name(call.func) or "").endswith(("Error", "Exception", "Warning"))


def _dead(body: object) -> Iterator[ast.AST]:
    """Yield the statements of a block that follow one that always leaves it."""
    if not isinstance(body, list):
        return
    left = False
    for each in body:
        if left:
            yield each
        left = left or isinstance(each, ast.Return | ast.Raise | ast.Break | ast.Continue)


def _is_words(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_words(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _is_words(node.func.value)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_log(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in LOG_METHODS:
        return False
    return (_last_name(node.func.value) or "") in LOGGERS


def _is_switch(test: ast.expr) -> bool:
    if _last_name(test) == "TYPE_CHECKING":
        return True
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def is_for_readers(node: ast.Assign | ast.AnnAssign) -> bool:
    """Tell whether an assignment is words for people, or a name that declares something of the module."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = {each.id for each in targets if isinstance(each, ast.Name)}
    return bool(names & DECLARED_NAMES or (names & MESSAGE_NAMES and node.value is not None and _is_words(node.value)))


def _is_declaration(node: ast.Assign | ast.AnnAssign) -> bool:
    if is_for_readers(node):
        return True
    if isinstance(node, ast.AnnAssign) and _last_name(node.annotation) == "TypeAlias":
        return True
    return isinstance(node.value, ast.Call) and _last_name(node.value.func) in TYPE_MAKERS


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
