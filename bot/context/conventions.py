"""How a project writes its code, in a few sentences: what its settings say, else what most of its code does."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.change.testing import is_test

_FEW: Final = 3
"""Fewer examples than these show no habit."""
_MOST: Final = 0.6
"""Share from which on something is a habit."""
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_WIDE: Final = 0.995


def conventions(texts: Mapping[str, str], trees: Mapping[str, ast.Module]) -> str:
    """Return the project's habits, a sentence a line; what shows no habit is not spoken of.

    ``texts`` holds the manifests and the Python files, ``trees`` the syntax of those that were read.
    """
    settings = _settings(texts)
    source = [tree for path, tree in sorted(trees.items()) if not is_test(path)]
    functions = [each for tree in source for each in ast.walk(tree) if isinstance(each, _FUNCTIONS)]
    read = {path: texts[path] for path in trees if path in texts}
    sentences = (
        _python(settings),
        _tests(settings, texts, trees),
        _docstrings(functions),
        _annotations(functions),
        _lines(settings, read),
        _quotes(settings, read),
        _imports(source),
        _names(functions),
    )
    return "\n".join(filter(None, sentences))


def _settings(texts: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(texts.get("pyproject.toml", ""))
    except tomllib.TOMLDecodeError:
        return {}  # a broken manifest says nothing here; the project's own tools say that it is broken


def _at(settings: Mapping[str, Any], *keys: str) -> Any:
    value: Any = settings
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _python(settings: Mapping[str, Any]) -> str:
    wanted = _at(settings, "project", "requires-python")
    return f"Python {wanted}." if isinstance(wanted, str) and re.fullmatch(r"[\d.,<>=!~* ]{1,40}", wanted) else ""


def _tests(settings: Mapping[str, Any], texts: Mapping[str, str], trees: Mapping[str, ast.Module]) -> str:
    files = [
        path for path in texts if path.endswith(".py") and is_test(path) and not path.endswith(("conftest.py", "__init__.py"))
    ]
    if not files:
        return ""
    unittest = _in_unittest([trees[path] for path in files if path in trees]) and _at(settings, "tool", "pytest") is None
    folders = Counter(path.rpartition("/")[0] or "the root" for path in files)
    where = ", ".join(f"{name}" for name, _ in folders.most_common(_FEW))
    shape = "test_*.py" if sum(path.rpartition("/")[2].startswith("test_") for path in files) >= len(files) / 2 else "*_test.py"
    return f"Tests: {'unittest classes' if unittest else 'pytest functions'} in {where}, files named {shape}."


def _in_unittest(read: Sequence[ast.Module]) -> bool:
    """Tell whether most of the files with tests hold them in the classes of unittest."""
    classes = sum(
        isinstance(each, ast.ClassDef) and any("TestCase" in ast.unparse(base) for base in each.bases)
        for tree in read
        for each in tree.body
    )
    return bool(classes) and classes >= _MOST * len(read)


def _docstrings(functions: Sequence[ast.FunctionDef | ast.AsyncFunctionDef]) -> str:
    public = [each for each in functions if not each.name.startswith("_")]
    if len(public) < _FEW:
        return ""
    texts = list(filter(None, (ast.get_docstring(each) for each in public)))
    share = len(texts) / len(public)
    styles = Counter(style for text in texts for style in _styles(text))
    style = f", in the style of {styles.most_common(1)[0][0]}" if styles else ""
    few = 0.2
    if share < few:
        return "Functions have no docstrings, as a rule."
    return f"{share:.0%} of the public functions have a docstring{style}."


def _styles(text: str) -> Iterator[str]:
    patterns = (
        ("Google", r"^\s*(Args|Returns|Raises|Yields):\s*$"),
        ("NumPy", r"^\s*-{4,}\s*$"),
        ("Sphinx", r"^\s*:(param|return|raises)\b"),
    )
    yield from (name for name, pattern in patterns if re.search(pattern, text, re.MULTILINE))


def _annotations(functions: Sequence[ast.FunctionDef | ast.AsyncFunctionDef]) -> str:
    if len(functions) < _FEW:
        return ""
    full = sum(each.returns is not None and all(map(_is_annotated, _arguments(each))) for each in functions)
    share = full / len(functions)
    if not full:
        return "No type annotations."
    return f"{share:.0%} of the functions are fully annotated with types."


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _is_annotated(argument: ast.arg) -> bool:
    return argument.annotation is not None or argument.arg in {"self", "cls"}


def _lines(settings: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    said = _at(settings, "tool", "ruff", "line-length") or _at(settings, "tool", "black", "line-length")
    if isinstance(said, int):
        return f"Lines of at most {said} characters."
    lengths = sorted(len(line) for text in texts.values() for line in text.split("\n") if line.strip())
    return f"Hardly a line is longer than {lengths[int(_WIDE * (len(lengths) - 1))]} characters." if lengths else ""


def _quotes(settings: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    said = _at(settings, "tool", "ruff", "format", "quote-style")
    if said in {"single", "double"}:
        return f"Strings in {said} quotes."
    kinds = Counter(match[1] for text in texts.values() for match in re.finditer(r"(?<![\"'\\\w])([\"'])(?!\1)[^\"'\n]*\1", text))
    total = kinds.total()
    for kind, name in (('"', "double"), ("'", "single")):
        if total >= _FEW and kinds[kind] >= _MOST * total:
            return f"Strings in {name} quotes."
    return ""


def _imports(source: Sequence[ast.Module]) -> str:
    modules = [tree for tree in source if tree.body]
    future = sum(
        isinstance(each, ast.ImportFrom)
        and each.module == "__future__"
        and any(name.name == "annotations" for name in each.names)
        for tree in modules
        for each in tree.body
    )
    relative = sum(isinstance(each, ast.ImportFrom) and each.level > 0 for tree in modules for each in tree.body)
    absolute = sum(isinstance(each, ast.ImportFrom) and not each.level for tree in modules for each in tree.body)
    said = []
    if len(modules) >= _FEW and future >= _MOST * len(modules):
        said.append("Modules begin with `from __future__ import annotations`.")
    if relative >= _FEW and relative > absolute:
        said.append("Imports inside the package are relative.")
    return " ".join(said)


def _names(functions: Sequence[ast.FunctionDef | ast.AsyncFunctionDef]) -> str:
    names = [each.name for each in functions if not each.name.startswith("__")]
    camel = sum(re.search(r"[a-z][A-Z]", each) is not None for each in names)
    if len(names) >= _FEW and camel >= _MOST * len(names):
        return "Functions are named in camelCase."
    private = sum(each.startswith("_") for each in names)
    return "What a module keeps to itself begins with an underscore." if private >= max(_FEW, len(names) // 10) else ""
