"""Which lines of the project's code ran, for whom: per test, and apart from that while modules were imported.

Only files of the project that are no tests are traced; a frame of any other file costs one look-up. Arcs follow the
convention of coverage.py: entering a code object is ``(-first line, line)``, leaving it ``(line, -first line)``.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Collection
from typing import Any

_TIMES = 100
"""How many calls of one function by tests being collected are looked at before it is taken for theirs alone."""


def is_test(path: str) -> bool:
    """Say whether a path, relative to the project, is named or placed like a test, its helper or its configuration."""
    *folders, name = path.split("/")
    return "tests" in folders or "test" in folders or name == "conftest.py" or is_named_test(name)


def is_named_test(name: str) -> bool:
    """Say whether a Python file's own name says that tests are in it."""
    if not name.endswith((".py", ".pyi", ".pyx")):
        return False
    stem = name.rpartition(".")[0]
    return stem in {"test", "tests"} or stem.startswith("test_") or stem.endswith("_test")


class Place:
    """What ran in one file: in the stretch that is being recorded now."""

    __slots__ = ("arcs", "called", "lines", "path", "tested")

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: set[int] = set()
        self.arcs: set[tuple[int, int]] = set()
        self.called: set[tuple[int, str]] = set()
        self.tested: dict[tuple[int, str], int] = {}


class Tracer:
    """Records lines, arcs and called functions between two calls of :meth:`cut`.

    In the first stretch, which is importing, functions that only tests call while they are collected are kept apart.
    ``product`` are files that look like tests and are traced all the same.
    """

    def __init__(self, root: str, product: Collection[str] = ()) -> None:
        self._product = frozenset(product)
        self._root = root.rstrip("/") + "/"
        self._places: dict[str, Place | None] = {}
        self._importing = True

    def start(self) -> None:
        """Trace this thread and those started from now on."""
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def start_with(self, folders: list[str]) -> None:
        """Start at the first import of anything that lies in one of these folders: to trace pytest itself costs time."""
        sys.meta_path.insert(0, _Sentry(self, folders))

    def stop(self) -> None:
        """Trace no more."""
        sys.settrace(None)
        threading.settrace(None)

    def cut(self) -> dict[str, dict[str, list[Any]]]:
        """Return what ran since the last cut, by path, and begin a new stretch."""
        found: dict[str, dict[str, list[Any]]] = {}
        self._importing = False
        for place in [each for each in self._places.values() if each is not None and (each.called or each.tested)]:
            found[place.path] = {
                "lines": sorted(place.lines),
                "arcs": sorted(place.arcs),
                "called": sorted(place.called),
                "tested": sorted(set(place.tested) - place.called),
            }
            place.lines.clear()
            place.arcs.clear()
            place.called.clear()
            place.tested.clear()
        return found

    def _place(self, filename: str) -> Place | None:
        path = os.path.normpath(filename)
        place = None
        if path.startswith(self._root) and path.endswith(".py"):
            relative = path[len(self._root) :]
            if (relative in self._product or not is_test(relative)) and "/site-packages/" not in path:
                place = Place(relative)
        self._places[filename] = place
        return place

    def _note(self, place: Place, key: tuple[int, str], frame: Any) -> None:
        if not self._importing:
            place.called.add(key)
            return
        times = place.tested.get(key, 0)
        if times < _TIMES and self._within_import(frame):
            place.called.add(key)
        else:
            place.tested[key] = times + 1

    def _within_import(self, frame: Any) -> bool:
        """Say whether the innermost module that is being imported is one of the project's that is no test."""
        while frame is not None and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        if frame is None:
            return False
        filename = frame.f_code.co_filename
        return (self._places[filename] if filename in self._places else self._place(filename)) is not None

    def _enter(self, frame: Any, event: str, _argument: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        filename = code.co_filename
        try:
            place = self._places[filename]
        except KeyError:
            place = self._place(filename)
        if place is None or event != "call":
            return None
        first = code.co_firstlineno
        key = (first, code.co_name)
        if key not in place.called:
            self._note(place, key, frame)
        lines, arcs = place.lines, place.arcs
        last = -first

        def local(frame: Any, event: str, _argument: Any) -> Any:
            nonlocal last
            if event == "line":
                line = frame.f_lineno
                lines.add(line)
                arcs.add((last, line))
                last = line
            elif event == "return":
                arcs.add((last, -first))
            return local

        return local


class _Sentry:
    """A finder that finds nothing: it starts a tracer before the project's first module is loaded, and goes."""

    def __init__(self, tracer: Tracer, folders: list[str]) -> None:
        self._tracer = tracer
        self._folders = folders

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> None:
        """Look at what is about to be imported."""
        first = name.partition(".")[0]
        if any(os.path.exists(os.path.join(each, first + end)) for each in self._folders for end in ("", ".py")):  # noqa: PTH110, PTH118
            sys.meta_path.remove(self)
            self._tracer.start()
