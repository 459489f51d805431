"""Find the plug-ins of a folder: every module in it holds exactly one constant of one type."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection
from types import ModuleType
from typing import Protocol, TypeVar

from bot.errors import Fatal


class Named(Protocol):
    """What a plug-in constant must have: the name it is known by."""

    @property
    def name(self) -> str: ...


PluginT = TypeVar("PluginT", bound=Named)


def names(folder: ModuleType) -> tuple[str, ...]:
    """Return the names of a folder's modules, in order, without importing any."""
    return tuple(sorted(each.name for each in pkgutil.iter_modules(folder.__path__)))


def plugins(folder: ModuleType, kind: type[PluginT], only: Collection[str] | None = None) -> dict[str, PluginT]:
    """Return the folder's plug-ins of type ``kind`` by name, in order of their names; of the modules ``only`` where given.

    Raises:
        Fatal: a module has no constant of that type, or more than one, or two share a name.
    """
    found: dict[str, PluginT] = {}
    for name in names(folder):
        if only is not None and name not in only:
            continue
        module = importlib.import_module(f"{folder.__name__}.{name}")
        mine = [value for value in vars(module).values() if isinstance(value, kind)]
        if len(mine) != 1:
            msg = f"{module.__name__} must hold exactly one {kind.__name__}, it holds {len(mine)}"
            raise Fatal(msg)
        plugin = mine[0]
        if plugin.name in found:
            msg = f"{module.__name__} takes the name {plugin.name!r}, which another plug-in has"
            raise Fatal(msg)
        found[plugin.name] = plugin
    return found
