from __future__ import annotations

import pytest

from bot.syntax.modules import Modules, dotted

PATHS = ["src/pkg/__init__.py", "src/pkg/core.py", "src/pkg/sub/deep.py", "tests/helper.py", "tools/helper.py", "top.py", "a.txt"]
MODULES = Modules(PATHS)


@pytest.mark.parametrize(
    ("name", "importer", "path"),
    [
        ("pkg", "top.py", "src/pkg/__init__.py"),
        ("pkg.core", "top.py", "src/pkg/core.py"),
        ("src.pkg.core", "top.py", "src/pkg/core.py"),
        ("core", "src/pkg/__init__.py", "src/pkg/core.py"),
        (".core", "src/pkg/__init__.py", "src/pkg/core.py"),
        (".", "src/pkg/core.py", "src/pkg/__init__.py"),
        ("..core", "src/pkg/sub/deep.py", "src/pkg/core.py"),
        ("...", "src/pkg/sub/deep.py", None),
        (".....x", "top.py", None),
        ("helper", "tests/test_a.py", "tests/helper.py"),
        ("helper", "top.py", None),
        ("os", "top.py", None),
        ("top", "top.py", "top.py"),
    ],
)
def test_an_import_names_a_file(name: str, importer: str, path: str | None) -> None:
    assert MODULES.find(name, importer) == path


def test_a_dotted_name_is_split_behind_its_module() -> None:
    assert MODULES.split("pkg.core.Class.method", "top.py") == ("src/pkg/core.py", "Class.method")
    assert MODULES.split(".core.f", "src/pkg/sub.py") == ("src/pkg/core.py", "f")
    assert MODULES.split("os.path.join", "top.py") is None
    assert MODULES.split("print", "top.py") is None


def test_a_package_has_the_name_of_its_folder() -> None:
    assert dotted("src/pkg/__init__.py") == "src.pkg"
    assert dotted("__init__.py") == ""
    assert dotted("a/b.py") == "a.b"
