"""What modules offer, without a single body: signatures, docstrings, fields; for whoever must judge code without having read it.

::

    # shop/cart.py, imported as shop.cart
    class Cart(Base):
        '''A cart.'''
        items: list[Item]
        # also sets: discount
        def total(self, vat: float = 0.19) -> float
            '''What it costs.'''
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.context.discretion import holds_secrets
from bot.credentials import without_secrets
from bot.spec.definitions import Definition, Index, Module, mentioned_modules
from bot.syntax.tree import parse

MOST_CHARACTERS: Final = 30_000
MOST_NAMES: Final = 3_000
"""Characters for the names of modules that are not shown."""
_MOST_DOCSTRING: Final = 600
_MOST_DEFAULT: Final = 40
_WORD: Final = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])")
_TESTS: Final = ("", "tests/", "test/")

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def interface(
    texts: Mapping[str, str], index: Index, wish: str, near: Sequence[Definition] = (), most: int = MOST_CHARACTERS
) -> str:
    """Return what the modules offer that a wish is about, the nearest first, in at most ``most`` characters.

    ``near`` are definitions known to matter; the names of modules that do not fit are listed.
    """
    shown: list[str] = []
    left_out: list[str] = []
    for module in _ranked(index, wish, near):
        tree = parse(texts[module.path]) if module.path in texts and not holds_secrets(module.path) else None
        if tree is None:
            continue
        text = "\n".join([f"# {module.path}, imported as {module.name}", *outline(tree)])
        if len(text) <= most:
            shown.append(text)
            most -= len(text) + 2
        else:
            left_out.append(module.name)
    names = ", ".join(left_out)
    cut = names if len(names) <= MOST_NAMES else f"{names[:MOST_NAMES].rpartition(', ')[0]}, …"
    return without_secrets("\n\n".join([*shown, *([f"# Other modules: {cut}"] if cut else [])]))


def _ranked(index: Index, wish: str, near: Sequence[Definition]) -> list[Module]:
    """Return the modules, those first that the wish names or whose definitions share most words with it."""
    named = {each.path for each in mentioned_modules(wish, index)}
    close = [each.path for each in near]
    words = set(_words(wish))
    shared: dict[str, int] = {}
    for each in index.definitions:
        common = words.intersection(_words(each.qualname))
        shared[each.path] = max(shared.get(each.path, 0), len(common))
    return sorted(
        index.modules.values(),
        key=lambda each: (each.path not in close, each.path not in named, -shared.get(each.path, 0), each.path),
    )


def _words(text: str) -> Iterator[str]:
    return (each.lower().rstrip("s") for each in _WORD.findall(text))


def outline(tree: ast.Module) -> Iterator[str]:
    """Yield the lines of a module's outline."""
    yield from _docstring(tree, "")
    yield from _members(tree.body, "")


def _members(body: Iterable[ast.stmt], indent: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not _is_private(node.name):
                yield from (f"{indent}@{ast.unparse(each)}" for each in node.decorator_list)
                yield f"{indent}{_signature(node)}"
                yield from _docstring(node, f"{indent}    ")
            case ast.ClassDef() if not _is_private(node.name):
                yield from _class(node, indent)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if not _is_private(name):
                yield f"{indent}{name}: {ast.unparse(annotation)}"
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not _is_private(name):
                yield f"{indent}{name} = {_literal(value)}"
            case ast.If() | ast.Try():
                yield from _members([*node.body, *node.orelse], indent)
            case _:
                pass


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def _signature(node: _Function) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    return f"{kind} {node.name}({ast.unparse(node.args)}){returns}"


def _class(node: ast.ClassDef, indent: str) -> Iterator[str]:
    yield from (f"{indent}@{ast.unparse(each)}" for each in node.decorator_list)
    bases = ", ".join(ast.unparse(each) for each in [*node.bases, *(each.value for each in node.keywords)])
    yield f"{indent}class {node.name}{f'({bases})' if bases else ''}:"
    inner = f"{indent}    "
    yield from _docstring(node, inner)
    fields = {each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)}
    stored = (each for each in ast.walk(node) if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store))
    own = {each.attr for each in stored if isinstance(each.value, ast.Name) and each.value.id == "self"}
    also = sorted(each for each in own - fields if not each.startswith("_"))
    if also:
        yield f"{inner}# also sets: {', '.join(also)}"
    yield from _members(node.body, inner)


def _docstring(node: ast.Module | ast.ClassDef | _Function, indent: str) -> Iterator[str]:
    text = ast.get_docstring(node, clean=True)
    if text:
        cut = text if len(text) <= _MOST_DOCSTRING else f"{text[:_MOST_DOCSTRING]}…"
        yield from (f"{indent}{line}" for line in f"'''{cut}'''".split("\n"))


def _literal(value: ast.expr) -> str:
    """Return a short literal as it stands; anything longer, or computed, is not shown."""
    text = ast.unparse(value) if isinstance(value, ast.Constant | ast.Tuple | ast.List | ast.UnaryOp) else "…"
    return text if len(text) <= _MOST_DEFAULT else "…"


def fixtures(texts: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the fixtures that a project's own ``conftest.py`` files give to tests beside them."""
    found: set[str] = set()
    for folder in _TESTS:
        tree = parse(texts.get(f"{folder}conftest.py", ""))
        for node in tree.body if tree else ():
            if isinstance(node, _Function) and any(_is_fixture(each) for each in node.decorator_list):
                found.add(node.name)
    return frozenset(found)


def _is_fixture(decorator: ast.expr) -> bool:
    name = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return name in {"fixture", "pytest.fixture", "pytest_asyncio.fixture"}
