"""Take out imports that nothing uses."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from bot.codemod import Codemod, Example, Files, example, unchanged
from bot.syntax import ruff
from bot.syntax.tree import parse

_MARK = "__pawl_keeps__"


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    """Let ruff remove them from copies in which every name that must stay is used on a last line."""
    trees = {path: tree for path, text in files.items() if path.endswith(".py") and (tree := parse(text)) is not None}
    wanted = _wanted(trees)
    loud = {_module(path) for path, tree in trees.items() if _does_something(tree)}
    ends = {
        path: _last_line(files[path], _kept(tree, wanted(path, tree), loud))
        for path, tree in trees.items()
        if path.rsplit("/", 1)[-1] not in {"__init__.py", "conftest.py"} and _MARK not in files[path]
    }
    fixed = ruff.fix({path: files[path] + end for path, end in ends.items()}, ("F401",), "--ignore", "F403")
    return {
        path: _trimmed(text.removesuffix(ends[path]), files[path]) for path, text in fixed.items() if text.endswith(ends[path])
    }


def _kept(tree: ast.Module, needed: set[str], loud: set[str]) -> list[str]:
    """Return the imported names that must stay: others need them, or their modules do something once loaded."""
    return sorted(name for name, modules in _imported(tree).items() if name in needed or loud & modules)


def _last_line(text: str, kept: list[str]) -> str:
    """Return the line that, put behind a file's text, uses names."""
    return ("" if text.endswith("\n") else "\n") + f"{_MARK} = ({''.join(f'{name}, ' for name in kept)})\n"


def _trimmed(text: str, before: str) -> str:
    """Take away the blank lines that imports at the top of the file leave behind."""
    return text if before[:1] in {"\n", "\r"} else text.lstrip("\r\n")


def _imported(tree: ast.Module) -> dict[str, set[str]]:
    """Return the names that imports bind anywhere in a file, with the modules (by last component) each may load."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".", 1)[0]
                found.setdefault(name, set()).update(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            for alias in node.names:
                modules = {alias.name, *(node.module or "").split(".")}
                found.setdefault(alias.asname or alias.name, set()).update(modules)
    found.pop("*", None)
    return found


def _wanted(trees: Mapping[str, ast.Module]) -> Callable[[str, ast.Module], set[str]]:
    """Return who needs a name of a file although the file itself does not use it."""
    taken: dict[str, set[str]] = {}
    for each in trees.values():
        for module, name in _taken(each):
            taken.setdefault(module, set()).add(name)

    def names(path: str, tree: ast.Module) -> set[str]:
        asked = {arg.arg for node in ast.walk(tree) if isinstance(node, ast.arguments) for arg in (*node.args, *node.kwonlyargs)}
        return asked | taken.get(_module(path), set())

    return names


def _taken(tree: ast.Module) -> Iterable[tuple[str, str]]:
    """Yield (module's last component, name) for imports, attributes and dotted strings."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom():
                yield from (((node.module or "").rsplit(".", 1)[-1], alias.name) for alias in node.names)
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=attribute):
                yield name, attribute
            case ast.Constant(value=str(text)) if "." in text and len(text) < 200:  # noqa: PLR2004 - names are short
                parts = text.split(".")
                yield from pairwise(parts)
            case _:
                pass


def _module(path: str) -> str:
    return path.removesuffix(".py").rsplit("/", 1)[-1]


def _does_something(tree: ast.Module) -> bool:
    """Return whether importing a file does more than define: then the import may be what it is for."""
    return any(not _only_defines(node) for node in tree.body)


def _only_defines(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return not node.decorator_list
        case ast.Assign(value=value) | ast.AnnAssign(value=value):
            return value is None or not any(isinstance(each, ast.Call) for each in ast.walk(value))
        case ast.Expr(value=ast.Constant()):
            return True
        case _:
            return False


CODEMOD = Codemod(
    name="remove-unused-imports",
    does="Removes imports that neither their file nor any other file of the project uses.",
    transform=_transform,
    examples=(
        example("import os\nimport sys  # used\n\nprint(sys.path)\n", "import sys  # used\n\nprint(sys.path)\n"),
        Example(
            {"a.py": "from c import x, y\n", "b.py": "from a import x\n\nprint(x)\n"},
            {"a.py": "from c import x\n", "b.py": "from a import x\n\nprint(x)\n"},
        ),
        Example(
            {"a.py": "import plugin\n", "plugin.py": "register()\n"},
            {"a.py": "import plugin\n", "plugin.py": "register()\n"},
        ),
        *unchanged('import os\n\n__all__ = ["os"]\n', "from fixtures import db\n\n\ndef test_x(db):\n    pass\n"),
    ),
    phrases=(r"\b(?:unused|needless|unnecessary|redundant|superfluous|dead)\s+imports?\b",),
)
