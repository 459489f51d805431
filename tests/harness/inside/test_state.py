from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.harness.inside.state import State

MODULE = """
import collections
import functools

COUNT = 1000
NAMES = {"a": [1]}
SEEN = set()
QUEUE = collections.deque()


class Box:
    total = 0

    def __init__(self):
        self.items = {}


BOX = Box()


def grow(x, kept=[]):
    kept.append(x)


def marked():
    pass


marked.calls = 0


@functools.lru_cache
def cached(n):
    return n


def pure(x):
    return [x]
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    file = tmp_path / "watched_module.py"
    file.write_text(MODULE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("watched_module", file)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    yield found
    del sys.modules[spec.name]


CHANGES: dict[str, Callable[[Any], object]] = {
    "global": lambda m: setattr(m, "COUNT", m.COUNT + 1),
    "new global": lambda m: setattr(m, "NEW", 1),
    "dictionary": lambda m: m.NAMES.update(b=[]),
    "inner list": lambda m: m.NAMES["a"].append(2),
    "set": lambda m: m.SEEN.add(1),
    "deque": lambda m: m.QUEUE.append(1),
    "class attribute": lambda m: setattr(m.Box, "total", 5),
    "instance attribute": lambda m: setattr(m.BOX, "items", {}),
    "inner dictionary": lambda m: m.BOX.items.update(a=1),
    "default argument": lambda m: m.grow(1),
    "function attribute": lambda m: setattr(m.marked, "calls", 1),
    "cache": lambda m: m.cached(3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_outlives_a_call_is_noticed(module: ModuleType, tmp_path: Path, name: str) -> None:
    state = State(str(tmp_path), [])
    assert not state.changed()
    CHANGES[name](module)
    assert state.changed()


def test_what_leaves_nothing_is_not(module: ModuleType, tmp_path: Path) -> None:
    state = State(str(tmp_path), [])
    module.pure(1)
    module.Box()
    assert not state.changed()


def test_shared_parameters_and_threads_count(module: ModuleType, tmp_path: Path) -> None:
    del module
    shared = [3, 1]
    state = State(str(tmp_path), [shared, ("fixed", [1])])
    shared.sort()
    assert state.changed()
    state = State(str(tmp_path), [])
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    assert state.changed()
    stop.set()
    thread.join()
    assert not state.changed()
