"""Take out what can never run and what nobody calls."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m

from bot.codemod import Codemod, Example, Files, example, joined, per_file, unchanged
from bot.syntax.concrete import has_comment, rewrite
from bot.syntax.names import bound, names
from bot.syntax.tree import parse

_LEAVES = m.SimpleStatementLine(body=[m.ZeroOrMore(), m.OneOf(m.Return(), m.Raise(), m.Continue(), m.Break())])
_LEAVING = ast.Return | ast.Raise | ast.Continue | ast.Break
_KEEP = m.OneOf(m.Yield(), m.Await(), m.Global(), m.Nonlocal())


class _Unreachable(cst.CSTTransformer):
    def leave_FunctionDef(self, _original: cst.FunctionDef, updated: cst.FunctionDef) -> cst.FunctionDef:  # noqa: N802
        """Cut each block behind the statement that leaves it."""
        inside = names([updated.params, updated.body])
        return updated.with_changes(body=updated.body.visit(_Cut(inside)))


class _Cut(cst.CSTTransformer):
    def __init__(self, inside: Counter[str]) -> None:
        super().__init__()
        self.inside = inside

    def leave_IndentedBlock(self, _original: cst.IndentedBlock, updated: cst.IndentedBlock) -> cst.IndentedBlock:  # noqa: N802
        end = next((at for at, each in enumerate(updated.body, start=1) if m.matches(each, _LEAVES)), len(updated.body))
        rest = updated.body[end:]
        if not rest or not self._is_needless(rest):
            return updated
        return updated.with_changes(body=updated.body[:end])

    def _is_needless(self, rest: Sequence[cst.BaseStatement]) -> bool:
        """Return whether taking it out changes neither what kind of function this is nor where its names live."""
        if any(has_comment(each) or m.findall(each, _KEEP) for each in rest):
            return False
        used = names(rest)
        return all(self.inside[name] == used[name] for name in bound(rest))


def _transform(files: Files, _arguments: Mapping[str, Any]) -> dict[str, str]:
    changed = per_file(_cut)(files, {})
    current = joined(files, changed)
    while True:
        uncalled = next(_uncalled(current), None)
        if uncalled is None:
            return {path: text for path, text in current.items() if text != files[path]}
        path, start, end = uncalled
        current[path] = _without(current[path], start, end)


def _cut(text: str) -> str:
    """Look in the cheap tree first: hardly any file has something to cut."""
    tree = parse(text)
    bodies = [getattr(node, field, []) for node in ast.walk(tree) for field in ("body", "orelse", "finalbody")] if tree else []
    leaving = any(isinstance(each, _LEAVING) for body in bodies if isinstance(body, list) for each in body[:-1])
    return rewrite(text, _Unreachable, r"\bdef\b") if leaving else text


def _uncalled(files: Files) -> Iterator[tuple[str, int, int]]:
    """Yield (path, first line, last line) of private functions that no other place in any file mentions, even in words."""
    words = Counter(word for text in files.values() for word in re.findall(r"\b_\w+", text))
    for path, text in sorted(files.items()):
        tree = parse(text) if path.endswith(".py") and "def _" in text else None
        lines = text.split("\n")
        for name, first, last in _private_functions(tree) if tree else ():
            own = "\n".join(lines[first - 1 : last])
            if words[name] == len(re.findall(rf"\b{name}\b", own)) and _stands_alone(lines, first):
                yield path, first, last


def _private_functions(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Yield (name, first line, last line) of those at a module's top level."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_private(node) and node.end_lineno:
            yield node.name, node.lineno, node.end_lineno


def _is_private(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.name.startswith("_") and not node.name.startswith("__") and node.name != "_" and not node.decorator_list


def _stands_alone(lines: list[str], first: int) -> bool:
    """Return whether no comment belongs to the function from above and no other statement is on its first line."""
    above = lines[first - 2] if first > 1 else ""
    return not above.lstrip().startswith("#") and lines[first - 1].startswith(("def ", "async def "))


def _without(text: str, start: int, end: int) -> str:
    lines = text.split("\n")
    before, after = lines[: start - 1], lines[end:]
    while after and not after[0].strip():
        after.pop(0)
    if not after:
        while before and not before[-1].strip():
            before.pop()
        after = [""] if before else []
    return "\n".join((*before, *after))


CODEMOD = Codemod(
    name="remove-dead-code",
    does="Removes statements behind return, raise, break and continue, and private functions that nothing mentions.",
    transform=_transform,
    examples=(
        example("def f():\n    return 1\n    print(2)\n", "def f():\n    return 1\n"),
        example("def _old():\n    pass\n\n\ndef f():\n    pass\n", "def f():\n    pass\n"),
        Example(
            {"a.py": "def _old(): pass\n", "b.py": "import a\n\na._old()\n"},
            {"a.py": "def _old(): pass\n", "b.py": "import a\n\na._old()\n"},
        ),
        *unchanged(
            "def f():\n    return\n    yield\n",
            "def f():\n    return x\n    x = 1\n",
            "def f():\n    return 1\n    # print(2)\n",
            "if x:\n    def f():\n        raise ValueError\n",
        ),
    ),
    phrases=(r"\b(?:dead|unreachable)\s+code\b", r"\bunused\s+(?:private\s+)?functions?\b"),
)
