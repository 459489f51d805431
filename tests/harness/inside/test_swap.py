from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bot.harness.inside import lines, swap
from bot.harness.patch import patch_of

MODULE = """
def plain(x):
    return x + 1


def deco(function):
    def inner(*args):
        return function(*args)
    return inner


@deco
def made(x):
    return x * 2


def outer(n):
    k = n
    def within():
        return k
    return within


KEPT = outer(3)


class A:
    if True:
        def deep(self):
            return self.__secret()

    def __secret(self):
        return 1

    def twin(self): return [lambda: 1, lambda: 2]
"""


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[tuple[ModuleType, swap.Swapper]]:
    file = tmp_path / "swapped_module.py"
    file.write_text(MODULE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("swapped_module", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    own = lines.Tracer(str(tmp_path))
    own.start()
    spec.loader.exec_module(module)
    own.stop()
    called = {path: place["called"] for path, place in own.cut().items()}
    yield module, swap.Swapper(str(tmp_path), called, {})
    del sys.modules[spec.name]


def patches(new: str) -> list[swap.Patch]:
    patch = patch_of("swapped_module.py", MODULE, new)
    return [] if patch is None else [patch.plain()]


CASES = {
    "body": ("x + 1", "x + 2", "module.plain(1)", 3),
    "longer body": ("return x + 1", "x = x * 2\n    return x + 1", "module.plain(1)", 3),
    "shorter and longer": ("    return x * 2", "    x += 1\n    return x * 2", "module.made(1)", 4),
    "private names": ("return self.__secret()", "return self.__secret() + 1", "module.A().deep()", 2),
    "live inner function": ("return function(*args)", "return -function(*args)", "module.made(2)", -4),
    "lambda in a method": ("lambda: 2", "lambda: 3", "module.A().twin()[1]()", 3),
}


@pytest.mark.parametrize("case", CASES)
def test_a_swap_takes_effect_and_is_undone(loaded: tuple[ModuleType, swap.Swapper], case: str) -> None:
    module, swapper = loaded
    old, new, call, expected = CASES[case]
    before = eval(call, {"module": module})  # noqa: S307
    undo = swapper.apply(patches(MODULE.replace(old, new)))
    assert eval(call, {"module": module}) == expected  # noqa: S307
    swap.take_out(undo)
    assert eval(call, {"module": module}) == before  # noqa: S307


def test_two_functions_can_change_at_once(loaded: tuple[ModuleType, swap.Swapper]) -> None:
    module, swapper = loaded
    swapper.apply(patches(MODULE.replace("x + 1", "x + 5").replace("x * 2", "x * 7")))
    assert (module.plain(1), module.made(1)) == (6, 7)


def test_the_same_text_changes_nothing(loaded: tuple[ModuleType, swap.Swapper]) -> None:
    assert loaded[1].apply(patches(MODULE)) == []
    assert loaded[1].apply(patches(MODULE.replace("x + 1", "(x + 1)"))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def plain(x)", "def plain(x, y=1)"),
        ("def plain(x):", "def plain(x: int):"),
        ("@deco\n", ""),
        ("    k = n\n", "    k = n + 1\n"),
        ("        return k\n", "        return k + n\n"),
        ("KEPT = outer(3)", "KEPT = outer(4)"),
        ("class A:", "class A(dict):"),
        ("def plain(x):\n    return x + 1\n", "def plain(x):\n    return x + 1\n\n\ndef other():\n    pass\n"),
        ("    def inner(*args):\n        return function(*args)\n    return inner", "    return function"),
    ],
)
def test_what_bodies_alone_do_not_tell_needs_an_import(loaded: tuple[ModuleType, swap.Swapper], old: str, new: str) -> None:
    assert old in MODULE
    with pytest.raises(swap.NeedsImport):
        loaded[1].apply(patches(MODULE.replace(old, new)))


def test_a_file_that_is_not_there_needs_an_import(loaded: tuple[ModuleType, swap.Swapper]) -> None:
    with pytest.raises(swap.NeedsImport):
        loaded[1].apply([{"path": "other.py", "first": 0, "last": 0, "text": ["x = 1"]}])


def test_bad_syntax_is_a_syntax_error(loaded: tuple[ModuleType, swap.Swapper]) -> None:
    with pytest.raises(SyntaxError):
        loaded[1].apply(patches(MODULE.replace("x + 1", "x +")))
