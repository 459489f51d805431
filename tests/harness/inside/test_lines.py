from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from bot.change import testing
from bot.harness.inside import lines
from bot.harness.inside.lines import Tracer

MODULE = """
def f(x):
    if x:
        return 1
    return 2


def g():
    yield f(0)
"""


def test_lines_and_arcs_are_kept_apart_by_stretch(tmp_path: Path) -> None:
    places = {"m.py": tmp_path / "m.py", "tests/t.py": tmp_path / "tests" / "t.py"}
    names: dict[str, dict[str, object]] = {}
    tracer = Tracer(str(tmp_path))
    tracer.start()
    for path, place in places.items():
        names[path] = {}
        exec(compile(MODULE, str(place), "exec"), names[path])  # noqa: S102
    first = tracer.cut()
    list(names["m.py"]["g"]())  # type: ignore[operator]
    second = tracer.cut()
    names["tests/t.py"]["f"](1)  # type: ignore[operator]
    third = tracer.cut()
    tracer.stop()
    assert list(first) == ["m.py"]
    assert first["m.py"]["lines"] == [2, 8]
    assert first["m.py"]["called"] == [(1, "<module>")]
    assert first["m.py"]["tested"] == []
    assert second["m.py"]["lines"] == [3, 5, 9]
    assert {(-2, 3), (3, 5), (5, -2), (-8, 9), (9, -8)} <= set(second["m.py"]["arcs"])
    assert second["m.py"]["called"] == [(2, "f"), (8, "g")]
    assert third == {}


def test_what_only_tests_call_while_they_are_imported_is_kept_apart(tmp_path: Path) -> None:
    source = str(tmp_path / "m.py")
    names: dict[str, object] = {}
    tracer = Tracer(str(tmp_path))
    tracer.start()
    exec(compile(MODULE + "f(1)\n", source, "exec"), names)  # noqa: S102
    exec(compile("list(g())\nf(2)\n", str(tmp_path / "test_m.py"), "exec"), names)  # noqa: S102
    tracer.stop()
    place = tracer.cut()["m.py"]
    assert place["called"] == [(1, "<module>"), (2, "f")]
    assert place["tested"] == [(8, "g")]


@pytest.mark.parametrize("name", ["is_test", "is_named_test"])
def test_what_is_a_test_is_said_here_as_everywhere(name: str) -> None:
    assert (
        inspect.getsource(getattr(lines, name)).partition('"""')[2].partition('"""')[2]
        == (inspect.getsource(getattr(testing, name)).partition('"""')[2].partition('"""')[2])
    )


def test_files_of_the_product_that_look_like_tests_are_traced(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "test").mkdir(parents=True)
        (tmp_path / name / "test" / "client.py").write_text(MODULE, encoding="utf-8")
    tracer = Tracer(str(tmp_path), ["one/test/client.py"])
    tracer.start()
    for name in ("one", "two"):
        exec(compile(MODULE, str(tmp_path / name / "test" / "client.py"), "exec"), {})  # noqa: S102
    tracer.stop()
    assert list(tracer.cut()) == ["one/test/client.py"]


def test_tracing_begins_with_the_first_module_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_module.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    outer = sys.gettrace()
    tracer = Tracer(str(tmp_path))
    tracer.start_with([str(tmp_path)])
    with pytest.raises(ImportError):
        importlib.import_module("no_such_module_anywhere")
    untraced = sys.gettrace()
    importlib.import_module("own_module")
    traced = sys.gettrace()
    tracer.stop()
    del sys.modules["own_module"]
    assert untraced is outer
    assert traced is not outer
    assert tracer.cut()["own_module.py"]["lines"] == [2, 8]
    assert sys.meta_path == finders
