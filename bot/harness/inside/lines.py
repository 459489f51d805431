"""Which lines of the project's code ran, for whom: per test, and apart from that while modules were imported.

Only files of the project that are no tests are traced; a frame of any other file costs one look-up. Arcs follow the
convention of coverage.py: entering a code object is ``(-first line, line)``, leaving it ``(line, -first line)``.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

_TEST_FOLDERS = frozenset({"tests", "test"})


def is_test_path(path: str) -> bool:
    """Say whether a path, relative to the project, is a test, its helper or its configuration."""
    *folders, name = path.split("/")
    if _TEST_FOLDERS.intersection(folders) or name == "conftest.py":
        return True
    return name.startswith("test_") or name.endswith("_test.py")


class Place:
    """What ran in one file: in the stretch that is being recorded now."""

    __slots__ = ("arcs", "called", "lines", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: set[int] = set()
        self.arcs: set[tuple[int, int]] = set()
        self.called: set[tuple[int, str]] = set()


class Tracer:
    """Records lines, arcs and called functions between two calls of :meth:`cut`."""

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/") + "/"
        self._places: dict[str, Place | None] = {}

    def start(self) -> None:
        """Trace this thread and those started from now on."""
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def stop(self) -> None:
        """Trace no more."""
        sys.settrace(None)
        threading.settrace(None)

    def cut(self) -> dict[str, dict[str, list[Any]]]:
        """Return what ran since the last cut, by path, and begin a new stretch."""
        found: dict[str, dict[str, list[Any]]] = {}
        for place in [each for each in self._places.values() if each is not None and each.called]:
            found[place.path] = {
                "lines": sorted(place.lines),
                "arcs": sorted(place.arcs),
                "called": sorted(place.called),
            }
            place.lines.clear()
            place.arcs.clear()
            place.called.clear()
        return found

    def _place(self, filename: str) -> Place | None:
        path = os.path.normpath(filename)
        place = None
        if path.startswith(self._root) and path.endswith(".py"):
            relative = path[len(self._root) :]
            if not is_test_path(relative) and "/site-packages/" not in path:
                place = Place(relative)
        self._places[filename] = place
        return place

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
        place.called.add((first, code.co_name))
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
