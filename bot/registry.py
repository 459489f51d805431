"""Find the plug-ins of a folder: every module in it holds exactly one constant of one type."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Protocol, TypeVar

from bot.errors import Fatal


class Named(Protocol):
    """What a plug-in constant must have: the name it is known by."""

    @property
    def name(self) -> str: ...


PluginT = TypeVar("PluginT", bound=Named)


def plugins(folder: ModuleType, kind: type[PluginT]) -> dict[str, PluginT]:
    """Return the folder's plug-ins of type ``kind`` by name, in order of their names.

    Raises:
        Fatal: a module has no constant of that type, or more than one, or two share a name.
    """
    found: dict[str, PluginT] = {}
    for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{folder.__name__}.{info.name}")
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
