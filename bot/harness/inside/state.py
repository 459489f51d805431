"""Noticing that running a variant changed what outlives it: module globals, class attributes, caches, default arguments.

What is found changed means a fresh process for the next variant. Objects are compared by identity, to a bounded depth; the
control run after a failure and the strict run after a pass cover what this misses.
"""

from __future__ import annotations

import operator
import sys
import threading
import types
from collections import deque
from typing import Any

_CONTAINERS = (dict, list, set, deque, bytearray)
_DEEP = 3
_MOST = 20000
_LONG = 2000


def _is_cache(value: Any) -> bool:
    return hasattr(value, "cache_info") and hasattr(value, "cache_clear")


def _look(value: Any) -> Any:
    """Return what identifies a holder's present content."""
    if _is_cache(value):
        return [(value.cache_info().currsize, value.cache_info().misses)]
    if isinstance(value, dict):
        return [*value.keys(), *value.values()] if len(value) <= _LONG else [len(value)]
    if isinstance(value, _CONTAINERS):
        return list(value) if len(value) <= _LONG else [len(value)]
    if isinstance(value, types.FunctionType):
        return [value.__defaults__, value.__kwdefaults__, *vars(value).values()]
    return list(vars(value).values())


def _unchanged(before: Any, now: Any) -> bool:
    if len(before) != len(now):
        return False
    if before and type(before[0]) in (int, tuple) and len(before) == 1:
        return bool(before == now)
    return all(map(operator.is_, before, now))


class State:
    """What the project's modules hold, as it was when this was made."""

    def __init__(self, root: str, extra: list[Any]) -> None:
        self._root = root + "/"
        self._known: set[int] = set()
        self._globals: list[tuple[Any, list[str]]] = []
        self._holders: list[Any] = []
        self._threads = threading.active_count()
        names = set()
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(self._root):
                names.add(name)
        self._names = names
        for name in sorted(names):
            self._add_module(sys.modules[name])
        for each in extra:
            self._add(each, 0)
        self._before = [_look(each) for each in self._holders]
        self._before_globals = [[values.get(key) for key in keys] for values, keys in self._globals]
        self._sizes = [len(values) for values, _ in self._globals]

    def changed(self) -> bool:
        """Say whether anything is no longer as it was."""
        if threading.active_count() != self._threads:
            return True
        for (values, keys), before, size in zip(self._globals, self._before_globals, self._sizes):  # noqa: B905
            if len(values) != size or not all(map(operator.is_, before, map(values.get, keys))):
                return True
        try:
            return not all(_unchanged(before, _look(each)) for each, before in zip(self._holders, self._before))  # noqa: B905
        except BaseException:
            return True

    def _add_module(self, module: Any) -> None:
        values = vars(module)
        keys = [key for key in values if not key.startswith(("__", "@"))]
        self._globals.append((values, keys))
        for key in keys:
            self._add(values[key], 0)

    def _add(self, value: Any, depth: int) -> None:
        if type(value) is tuple:
            for each in value[:_LONG]:
                self._add(each, depth + 1)
            return
        if id(value) in self._known or depth > _DEEP or len(self._holders) > _MOST or not self._holds(value):
            return
        self._known.add(id(value))
        self._holders.append(value)
        for each in _look(value):
            self._add(each, depth + 1)

    def _holds(self, value: Any) -> bool:
        kind = type(value)
        if kind in _CONTAINERS:
            return True
        if kind is types.FunctionType:
            return bool(value.__defaults__ or value.__kwdefaults__ or vars(value)) and value.__module__ in self._names
        if kind.__module__ == "functools" and _is_cache(value):
            return True
        if isinstance(value, type):
            return value.__module__ in self._names
        return kind.__module__ in self._names and hasattr(value, "__dict__")
