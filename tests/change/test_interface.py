"""The public interface: what breaks callers, what is new, and what was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Change, FileChange, FileStatus
from bot.change.diff import compare
from bot.change.interface import Breakage, Interface, asked_for, compare_interfaces, is_public_module
from bot.ids import Sha


def between(old: str | None, new: str | None, path: str = "pkg/a.py") -> Interface:
    change = Change(Sha("a"), Sha("b"), (compare(path, old, new),), "")
    return compare_interfaces(change, lambda _path: old, lambda _path: new)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("def f(a): return a", "def f(b): return b", ["parameter renamed"]),
        ("def f(a, c): return a", "def f(b, c, d): return b", ["parameter renamed", "parameter added"]),
        ("def f(a, b): return a", "def f(b): return b", ["parameter removed", "parameter moved"]),
        ("def f(a): ...", "def f(a): return 1", []),
        ("def f(a): ...", "def g(a): ...", ["removed"]),
        ("def f(a): ...", "def f(): ...", ["parameter removed"]),
        ("def f(a): ...", "def f(a, b): ...", ["parameter added"]),
        ("def f(a): ...", "def f(a, b=1): ...", []),
        ("def f(a=1): ...", "def f(a): ...", ["parameter required"]),
        ("def f(a=1): ...", "def f(a=2): ...", ["default changed"]),
        ("def f(a=[]): ...", "def f(a=None): ...", []),
        ("def f(a='x'): ...", 'def f(a="x"): ...', []),
        ("def f(a=1): ...", "def f(a=True): ...", ["default changed"]),
        ("def f(a): ...", "def f(*, a): ...", ["parameter kind changed"]),
        ("def f(a, b): ...", "def f(b, a): ...", ["parameter moved", "parameter moved"]),
        ("def f(): ...", "async def f(): ...", ["async changed"]),
        ("def f(): return []", "def f(): yield 1", ["generator changed"]),
        ("def f():\n def g(): yield 1", "def f():\n def g(): return 1", []),
        ("def f() -> int: ...", "def f() -> int | None: ...", ["return type"]),
        ("def f() -> int: ...", "def f(): ...", ["return type"]),
        ("def f() -> int | None: ...", "def f() -> int: ...", []),
        ("def f(a: int | str): ...", "def f(a: int): ...", ["parameter type"]),
        ("def f(a: int): ...", "def f(a: int | str): ...", []),
        ("class A(B, C): ...", "class A(B): ...", ["base class removed"]),
        ("class A:\n def m(self, x): ...", "class A:\n def m(self): ...", ["parameter removed"]),
        ("class A:\n @staticmethod\n def m(x): ...", "class A:\n @classmethod\n def m(x): ...", ["binding changed"]),
        ("class A:\n @property\n def p(self): ...", "class A:\n def p(self): ...", ["kind changed"]),
        ("def _f(a): ...", "", []),
        ("__all__ = ['g']\ndef f(): ...\ndef g(): ...", "__all__ = ['g']\ndef g(): ...", []),
        ("X = 1", "", ["removed"]),
        ("__all__ = ['y']\nfrom .x import y", "", ["removed"]),
        ("def f(:", "def g(): ...", []),
        ("def f(): ...", "def f(:", []),
    ],
)
def test_what_breaks_callers(old: str, new: str, kinds: list[str]) -> None:
    found = between(old, new).breaking
    assert [each.kind for each in found] == kinds
    assert all(each.path == "pkg/a.py" and each.line >= 1 and each.name in each.message for each in found)


def test_a_replaced_type_is_not_sure() -> None:
    (found,) = between("def f() -> int: ...", "def f() -> float: ...").breaking
    assert not found.sure


@pytest.mark.parametrize("body", ["...", "pass", "'doc'; raise NotImplementedError", "raise NotImplementedError('x')"])
def test_nobody_relies_on_a_stub(body: str) -> None:
    found = between(f"def f(a): {body}", "def f(b, c): yield b").breaking
    assert [each.kind for each in found] == ["parameter renamed", "parameter added", "generator changed"]
    assert not any(each.sure for each in found)
    (gone,) = between(f"def f(a): {body}", "x = 1").breaking
    assert gone.sure


def test_what_is_new() -> None:
    assert between("def f(): ...", "def f(): ...\ndef g(): ...\nclass A:\n def m(self): ...").widened == (
        "pkg.a.A",
        "pkg.a.A.m",
        "pkg.a.g",
    )
    assert between(None, "def g(): ...").widened == ()


def test_modules_that_go_or_move() -> None:
    (gone,) = between("def f(): ...", None).breaking
    assert (gone.kind, gone.name) == ("removed", "pkg.a")
    assert between("_x = 1", None).breaking == ()
    moved = FileChange("pkg/b.py", FileStatus.RENAMED, old_path="pkg/a.py")
    (found,) = compare_interfaces(Change(Sha("a"), Sha("b"), (moved,), ""), lambda _: "X = 1", lambda _: "X = 1").breaking
    assert found.message == "module pkg.a is now pkg.b"


@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("a.py", True),
        ("pkg/__init__.py", True),
        ("pkg/_a.py", False),
        ("_pkg/a.py", False),
        ("tests/a.py", False),
        ("setup.py", False),
        ("docs/conf.py", False),
        ("tools.py", True),
        ("a.txt", False),
    ],
)
def test_whose_interface(path: str, *, public: bool) -> None:
    assert is_public_module(path) == public
    assert bool(between("def f(): ...", "x = 1", path).breaking) == public


@pytest.mark.parametrize(
    ("kind", "parameter", "instruction", "asked"),
    [
        ("removed", "", "Remove the function area, nobody calls it", True),
        ("removed", "", "rename `area` to `surface`", True),
        ("removed", "", "area gives the wrong result for 0", False),
        ("removed", "", "remove areas that overlap", False),
        ("parameter added", "unit", "area should take a parameter unit", True),
        ("parameter added", "unit", "Fix area(3) == 9", False),
        ("default changed", "unit", "the default of unit should be cm", True),
        ("default changed", "unit", "area is wrong", False),
        ("return type", "", "area should return None when there is no shape", True),
        ("async changed", "", "make area async", True),
    ],
)
def test_asked_for(kind: str, parameter: str, instruction: str, *, asked: bool) -> None:
    assert asked_for(Breakage("a.py", 1, "shapes.area", kind, "", parameter), instruction) == asked


DEFS = st.sampled_from(
    ["def f(a): ...", "def f(a=1, *b): ...", "def g() -> int: ...", "class A(B):\n x = 1", "from x import y", "X = 1"]
)


@given(st.lists(DEFS, max_size=4).map("\n".join))
def test_nothing_changed_breaks_nothing(source: str) -> None:
    assert between(source, source) == Interface((), ())


@given(st.lists(DEFS, max_size=4).map("\n".join), st.lists(DEFS, max_size=4).map("\n".join))
def test_any_two_sources_can_be_compared(old: str, new: str) -> None:
    between(old, new)
