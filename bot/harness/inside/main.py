"""Where the sandboxed half starts: ``python -s -B main.py``, spoken to in frames over standard input and output."""

from __future__ import annotations

import importlib
import os
import sys
import types

_PACKAGE = "_pawl_inside"


def _load() -> types.ModuleType:
    """Import the other files of this folder under one odd name, so that they hide no module of the project."""
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is loaded with pytest only
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != folder]  # noqa: PTH100
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [folder]
    sys.modules[_PACKAGE] = package
    door = importlib.import_module(_PACKAGE + ".door")
    for name in [each for each in sys.modules if each.split(".")[0] == _PACKAGE]:
        del sys.modules[name]
    return door


if __name__ == "__main__":
    sys.path.extend(sys.argv[1:])
    _load().serve()
