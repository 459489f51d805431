"""Which files belong to the tests: by their names and folders, and, where a tree's texts are known, by what they really are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from bot.change.outline import imports, module_name, parse

_ASIDE: Final = frozenset({"docs", "doc", "examples", "benchmarks", "scripts", "tools"})
_ASIDE_FILES: Final = frozenset({"setup.py", "noxfile.py", "fabfile.py"})
_TEST: Final = re.compile(r"^[ \t]*(async[ \t]+)?def[ \t]+test", re.MULTILINE)
_MENTION: Final = re.compile(r"\b(tests?|test_\w+|\w+_test)\b")
"""Without such a word nothing that looks like a test is imported."""


IsTest = Callable[[str], bool]
"""Tells whether a file belongs to the tests."""


def is_test(path: str) -> bool:
    """Tell whether a file is named or placed like a test, its helper, its data or its configuration."""
    *folders, name = path.split("/")
    return "tests" in folders or "test" in folders or name == "conftest.py" or is_named_test(name)


def is_named_test(name: str) -> bool:
    """Tell whether a Python file's own name says that tests are in it."""
    if not name.endswith((".py", ".pyi", ".pyx")):
        return False
    stem = name.rpartition(".")[0]
    return stem in {"test", "tests"} or stem.startswith("test_") or stem.endswith("_test")


def holds_tests(text: str) -> bool:
    """Tell whether a test runner would find something to run in a Python file: a test function, or a test method."""
    return _TEST.search(text) is not None


def is_aside(path: str) -> bool:
    """Tell whether a file stands beside the product: nobody imports what is in documentation, examples and scripts."""
    top, _, rest = path.partition("/")
    return bool(rest and top in _ASIDE) or path.rpartition("/")[2] in _ASIDE_FILES


def disguised(texts: Mapping[str, str]) -> frozenset[str]:
    """Return the Python files (path -> text) that are named or placed like tests and are part of the product all the same.

    Such are those that the product imports, and those without a test that help none: in no folder in which tests are.
    """
    looks = {path: text for path, text in texts.items() if path.endswith(".py") and _may_be_product(path)}
    if not looks:
        return frozenset()
    holding = {path for path, text in looks.items() if holds_tests(text)}
    homes = {_home(path) for path in holding} | {_home(path) for path in texts if path.endswith("/conftest.py")}
    modules = {module_name(path): path for path in looks}
    helped = _imported(((path, texts[path]) for path in holding), modules)
    alone = {path for path in looks.keys() - holding if not _helps(path, homes, helped)}
    return frozenset(alone | _used(texts, modules))


def by_texts(texts: Mapping[str, str]) -> IsTest:
    """Return what tells the tests of a tree whose Python files are known (path -> text)."""
    product = disguised(texts)
    return lambda path: is_test(path) and path not in product


def _may_be_product(path: str) -> bool:
    return is_test(path) and not path.endswith("conftest.py") and not is_aside(path)


def _home(path: str) -> str:
    """Return the outermost folder of tests that a file lies in, else its own folder."""
    folders = PurePosixPath(path).parts[:-1]
    depth = next((number for number, each in enumerate(folders, 1) if each in {"tests", "test"}), len(folders))
    return "/".join(folders[:depth])


def _helps(path: str, homes: set[str], helped: set[str]) -> bool:
    """Tell whether a file without tests stands among them, or is named like one and imported by them or in their folder."""
    *folders, name = path.split("/")
    in_folder = "tests" in folders or "test" in folders
    if is_named_test(name):
        return in_folder or path in helped
    return in_folder and _home(path) in homes


def _used(texts: Mapping[str, str], modules: Mapping[str, str]) -> set[str]:
    """Return which of the modules (dotted name -> path) the product imports, by itself or through another of them."""
    product = [path for path in texts if path.endswith(".py") and not is_test(path) and not is_aside(path)]
    used: set[str] = set()
    fresh = _imported(((path, texts[path]) for path in product if _MENTION.search(texts[path])), modules)
    while fresh:
        used |= fresh
        fresh = _imported(((path, texts[path]) for path in fresh), modules) - used
    return used


def _imported(files: Iterator[tuple[str, str]], modules: Mapping[str, str]) -> set[str]:
    """Return which of the modules (dotted name -> path) any of the files imports."""
    found: set[str] = set()
    for path, text in files:
        tree = parse(text)
        if tree is not None:
            names = imports(tree, module_name(path), is_package=path.endswith("/__init__.py"))
            found |= {modules[name] for name in names & modules.keys() if modules[name] != path}
    return found
