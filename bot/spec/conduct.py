"""What a whole test function from a stranger may do before it becomes a test that people run and keep.

It may call the project, pytest's assertions and harmless parts of Python. It may not reach files outside its ``tmp_path``, the
interpreter, the harness or pytest's own switches, patch anything, wait, or swallow what goes wrong. Nothing is executed here:
syntax trees only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from bot.spec.vetting import CLOSED_ATTRIBUTES, SAFE_BUILTINS, SAFE_MODULES, STATEMENTS, leads_elsewhere

FIXTURES = frozenset({"tmp_path", "capsys", "caplog"})
"""pytest's own fixtures that a test may take."""

MODULES: Mapping[str, frozenset[str] | None] = MappingProxyType(
    {
        **dict.fromkeys(SAFE_MODULES),
        **dict.fromkeys(("array", "base64", "binascii", "bisect", "calendar", "cmath", "collections.abc")),
        **dict.fromkeys(("csv", "difflib", "email.message", "graphlib", "hashlib", "heapq", "html", "ipaddress", "random")),
        **dict.fromkeys(("struct", "unicodedata", "urllib.parse", "weakref", "zlib", "zoneinfo")),
        "asyncio": frozenset({"run", "gather"}),
        "contextlib": frozenset(
            {"contextmanager", "asynccontextmanager", "closing", "nullcontext", "redirect_stdout", "redirect_stderr"}
        ),
        "copy": frozenset({"copy", "deepcopy"}),
        "dataclasses": frozenset({"dataclass", "field", "replace", "asdict", "astuple", "fields", "is_dataclass"}),
        "functools": frozenset({"cache", "cached_property", "cmp_to_key", "lru_cache", "partial", "reduce", "total_ordering"}),
        "http": frozenset({"HTTPStatus"}),
        "io": frozenset({"StringIO", "BytesIO", "TextIOWrapper"}),
        "logging": frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "getLogger"}),
        "pathlib": frozenset({"PurePath", "PurePosixPath", "PureWindowsPath"}),
        "pytest": frozenset({"raises", "approx", "warns", "deprecated_call", "fail"}),
        "string": frozenset({"ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "punctuation", "whitespace"}),
        "types": frozenset({"SimpleNamespace", "MappingProxyType"}),
        "typing": frozenset({"Any", "Callable", "Iterable", "Iterator", "NamedTuple", "Protocol", "TypedDict", "cast"}),
        "unittest.mock": frozenset({"Mock", "MagicMock", "AsyncMock", "call", "sentinel", "ANY"}),
        "uuid": frozenset({"UUID", "uuid3", "uuid5", "NAMESPACE_DNS", "NAMESPACE_URL"}),
        "warnings": frozenset({"catch_warnings", "simplefilter"}),
        "xml.etree.ElementTree": frozenset({"fromstring", "tostring", "Element", "SubElement"}),
    }
)
"""Module -> the names that may be had from it; None: all of them."""

BUILTINS = SAFE_BUILTINS | {"callable", "classmethod", "hasattr", "property", "staticmethod", "super"}
"""Built-in names that a test may use."""

_STATEMENTS = (
    *STATEMENTS,
    *(ast.Raise, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Return, ast.Nonlocal, ast.Continue, ast.Break),
    *(ast.AsyncWith, ast.AsyncFor),
)
_INSTEAD = MappingProxyType(
    {ast.Try: "a `try` can hide a failure: use `pytest.raises`", ast.While: "a `while` may never end: use `for`"}
)
_DUNDERS = frozenset({"__init__", "__name__", "__qualname__", "__doc__"})
CLOSED = frozenset(
    {
        *("os", "sys", "subprocess", "socket", "importlib", "inspect", "ctypes", "gc", "builtins", "shutil", "multiprocessing"),
        *("pickle", "marshal", "pty", "runpy", "environ", "getenv", "putenv", "system", "popen", "Popen", "fork", "sleep"),
        *("settrace", "setprofile", "monkeypatch", "MonkeyPatch", "traceback", "tb"),
        *CLOSED_ATTRIBUTES,
    }
)
"""Attributes that lead out of a test, whatever they are read from."""

_FILES = frozenset(
    {
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "iterdir",
        "glob",
        "rglob",
        "open",
        "unlink",
        "rmdir",
        "mkdir",
        "chmod",
    }
)
_ELSEWHERE = frozenset({"parent", "parents", "home", "cwd", "expanduser", "symlink_to", "hardlink_to", "resolve"})
_CLOCK = frozenset({"now", "today", "utcnow"})
_FORMATS = frozenset({"format", "format_map"})
_REACHING = re.compile(r"\{[^{}]*[.\[]_")
_HARNESS = re.compile(r"PYTEST_|PAWL_|test_pawl_|_held_out\b|__\w+__")
_SYSTEM_PATH = re.compile(r"(?:file:/*)?(?:/(?:etc|proc|sys|dev|home|root|usr|var|tmp|opt|run|mnt|boot)(?:/|\Z)|~)")
_UPWARDS = re.compile(r"(?:\A|/)\.\.(?:/|\Z)|\A/")


def objection_to_test(function: ast.FunctionDef, imported: Mapping[str, str], fixtures: Collection[str]) -> str:
    """Return why this function may not become a test, '' where it may.

    ``imported`` has the names that its imports bind -> the module whose rules hold for them ('' for the project's own names).
    """
    nodes = list(ast.walk(function))
    checks = (
        _shape(function, fixtures),
        *(_statement(each) for each in nodes if isinstance(each, ast.stmt)),
        *(_text(each, function) for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)),
        *(_attribute(each, imported, function) for each in nodes if isinstance(each, ast.Attribute)),
        *(_swallowing(each) for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)),
        *_names(function, nodes, imported),
        *(_target(each, imported) for each in nodes if isinstance(each, ast.Attribute | ast.Subscript)),
    )
    return next((each for each in checks if each), "")


def _shape(function: ast.FunctionDef, fixtures: Collection[str]) -> str:
    given = function.args
    if function.decorator_list:
        return f"it is decorated (`@{ast.unparse(function.decorator_list[0])[:40]}`): write one plain function a case"
    if given.vararg or given.kwarg or given.kwonlyargs or given.defaults or given.posonlyargs:
        return "it takes other arguments than fixtures"
    unknown = [each.arg for each in given.args if each.arg not in FIXTURES and each.arg not in fixtures]
    if unknown:
        known = ", ".join(sorted(FIXTURES | set(fixtures)))
        return f"it takes the fixture `{unknown[0]}`, which it may not: there are {known}"
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own(function)):
        return "it yields"
    return ""


def _swallowing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a context manager's end returns decides whether a failure is seen."""
    if function.name not in {"__exit__", "__aexit__"}:
        return ""
    given = [each.value for each in _own(function) if isinstance(each, ast.Return) and each.value is not None]
    quiet = all(isinstance(each, ast.Constant) and not each.value for each in given)
    return "" if quiet else f"its `{function.name}` can hide a failure: let it return nothing"


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Yield what runs in the test itself, without the functions and classes inside it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _statement(node: ast.stmt) -> str:
    if isinstance(node, _STATEMENTS):
        return ""
    instead = next((why for kind, why in _INSTEAD.items() if isinstance(node, kind)), "")
    return instead or f"it holds a statement that a test may not have (`{ast.unparse(node).splitlines()[0][:40]}`)"


def _text(node: ast.Constant, function: ast.FunctionDef) -> str:
    text = str(node.value)
    if _HARNESS.search(text):
        return f"it names what only the test harness uses ({text[:40]!r})"
    if _SYSTEM_PATH.match(text):
        return f"it names a file outside its `tmp_path` ({text[:40]!r})"
    if _takes_folder(function) and _UPWARDS.search(text):
        return f"it names a path that may lie outside its `tmp_path` ({text[:40]!r})"
    return ""


def _takes_folder(function: ast.FunctionDef) -> bool:
    return any(each.arg == "tmp_path" for each in function.args.args)


def _attribute(node: ast.Attribute, imported: Mapping[str, str], function: ast.FunctionDef) -> str:
    return _insides(node, imported) or _on_files(node, imported, function) or _of_module(node, imported)


def _insides(node: ast.Attribute, imported: Mapping[str, str]) -> str:
    name = node.attr
    if name.startswith("_") and not _is_own(node):
        return f"it reaches for the private name `{name}`"
    if name in CLOSED:
        return f"it reaches for `{name}`, which a test may not"
    if name in _CLOCK and ast.unparse(node.value).rpartition(".")[2] in {"datetime", "date"}:
        return f"it reads the clock (`{ast.unparse(node)[:40]}`): what it finds then is another thing every day"
    if name in _FORMATS and _may_reach_in(node.value, imported):
        return f"it makes names of text (`.{name}`): write an f-string"
    return ""


def _on_files(node: ast.Attribute, imported: Mapping[str, str], function: ast.FunctionDef) -> str:
    name, root = node.attr, root_of(node)
    if name in _FILES and (root in imported or not _takes_folder(function)) and not _is_in_memory(name, root, imported):
        return f"it works on files (`.{name}`) that are not in its `tmp_path`"
    return f"it leaves its `tmp_path` (`.{name}`)" if name in _ELSEWHERE and root == "tmp_path" else ""


def _of_module(node: ast.Attribute, imported: Mapping[str, str]) -> str:
    if beyond := leads_elsewhere(node, imported):
        return f"it reaches through a module for another one (`{beyond}`)"
    module = imported.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
    allowed = MODULES.get(module) if module else None
    return f"it uses `{module}.{node.attr}`, which a test may not" if allowed is not None and node.attr not in allowed else ""


def _may_reach_in(value: ast.expr, imported: Mapping[str, str]) -> bool:
    """Tell whether a text that is formatted could name a private attribute: one that is put together can name any."""
    if isinstance(value, ast.Constant):
        return not isinstance(value.value, str) or bool(_REACHING.search(value.value))
    return root_of(value) not in imported


def _is_own(node: ast.Attribute) -> bool:
    """Tell whether a private name is that of a class written inside the test, or one that everything has."""
    if node.attr in _DUNDERS:
        return True
    return isinstance(node.value, ast.Name) and node.value.id == "self" and not node.attr.startswith("__")


def _is_in_memory(name: str, root: str, imported: Mapping[str, str]) -> bool:
    """``open`` and ``glob`` are also names of methods that have nothing to do with files."""
    return name in {"open", "glob"} and root not in imported


def root_of(node: ast.expr) -> str:
    """Return the name that a chain of attributes, items and calls starts with; '' where it starts with none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _names(function: ast.FunctionDef, nodes: list[ast.AST], imported: Mapping[str, str]) -> Iterator[str]:
    bound = bound_names(function)
    behind = {each.value for each in nodes if isinstance(each, ast.Attribute)}
    for each in nodes:
        if isinstance(each, ast.Name) and each.id in imported:
            yield _imported_name(each, imported[each.id], behind)
        elif isinstance(each, ast.Name):
            yield _own_name(each, bound)


def _imported_name(node: ast.Name, module: str, behind: Collection[ast.expr]) -> str:
    """Say what is wrong with an imported name: a module may stand only where something is taken from it (``behind``)."""
    if isinstance(node.ctx, ast.Store | ast.Del):
        return f"it puts something else in the place of `{node.id}`"
    if module and "." not in module and node not in behind:
        return f"it hands on the module `{node.id}`"
    return ""


def _own_name(node: ast.Name, bound: Collection[str]) -> str:
    if node.id.startswith("__"):
        return f"it uses `{node.id}`"
    if isinstance(node.ctx, ast.Load) and node.id not in bound and node.id not in BUILTINS:
        return f"it uses `{node.id}`, which it neither imports nor defines, or which a test may not use"
    return ""


def bound_names(function: ast.FunctionDef) -> frozenset[str]:
    """Return the names that a function binds anywhere inside it."""
    found: set[str] = set()
    for each in ast.walk(function):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and each is not function:
            found.add(each.name)
    return frozenset(found)


def _target(node: ast.Attribute | ast.Subscript, imported: Mapping[str, str]) -> str:
    """Only what the test made itself may be written to: everything else is patching."""
    if isinstance(node.ctx, ast.Load):
        return ""
    start: ast.expr = node
    while isinstance(start, ast.Attribute | ast.Subscript):
        start = start.value
    if isinstance(start, ast.Name) and start.id not in imported:
        return ""
    return f"it patches what is not its own (`{ast.unparse(node)[:40]}`)"
