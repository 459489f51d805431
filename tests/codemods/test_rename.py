from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from bot.codemod import Codemod, joined
from bot.codemods.rename import CODEMOD
from bot.errors import Refused


def rename(files: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    return joined(files, CODEMOD.transform(files, {"old": old, "new": new}))


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_every_way_to_import_follows() -> None:
    files = {
        "src/pkg/__init__.py": "from pkg.core import compute as _compute\n",
        "src/pkg/core.py": "def compute(x): return x\n\n\ndef twice(x): return compute(compute(x))\n",
        "src/pkg/user.py": "from . import core\nfrom .core import compute\n\nprint(core.compute(1), compute(2))\n",
        "src/pkg/sub/deep.py": "from ..core import compute as c\nimport pkg.core as k\n\nc(k.compute(1))\n",
        "tests/test_core.py": "from unittest.mock import patch\nimport pkg.core\n\n"
        "patch('pkg.core.compute')\npkg.core.compute(compute=1)\n",
    }
    after = rename(files, "compute", "evaluate")
    assert after["src/pkg/__init__.py"] == "from pkg.core import evaluate as _compute\n"
    assert after["src/pkg/core.py"].count("evaluate") == 3
    assert after["src/pkg/user.py"] == "from . import core\nfrom .core import evaluate\n\nprint(core.evaluate(1), evaluate(2))\n"
    assert after["src/pkg/sub/deep.py"] == "from ..core import evaluate as c\nimport pkg.core as k\n\nc(k.evaluate(1))\n"
    assert "patch('pkg.core.evaluate')\npkg.core.evaluate(compute=1)" in after["tests/test_core.py"]


def test_other_meanings_of_the_word_stay() -> None:
    files = {
        "a.py": 'def size(x):\n    """Return the size."""\n    return x\n\n\ndef g(size):\n    return size.size  # size\n',
        "b.py": "def size(): ...\n\nsize()\n",
    }
    after = rename(files, "a.size", "extent")
    assert after["a.py"] == files["a.py"].replace("def size(", "def extent(")
    assert after["b.py"] == files["b.py"]


def test_classes_annotations_globals_and_lists_of_exports() -> None:
    code = (
        '__all__ = ["Old", "x"]\n\n\nclass Old:\n    me: "Old"\n\n\ndef make(o: "list[Old]") -> Old:\n'
        "    global x\n    x = 1\n    return Old()\n\n\nx = 0\n"
    )
    after = rename({"a.py": code}, "Old", "New")["a.py"]
    assert "Old" not in after
    assert '"list[New]"' in after
    again = rename({"a.py": code}, "x", "count")["a.py"]
    assert "global count\n    count = 1" in again
    assert '__all__ = ["Old", "count"]' in again


def test_a_property_is_renamed_with_its_setter() -> None:
    code = (
        "class A:\n    @property\n    def wide(self): return 1\n    @wide.setter\n    def wide(self, v): pass\n\n\nA().wide = 2\n"
    )
    after = rename({"a.py": code}, "A.wide", "broad")["a.py"]
    assert "wide" not in after


@pytest.mark.parametrize(
    ("files", "old", "new", "says"),
    [
        ({"a.py": "def f(): ...\n"}, "g", "h", "nothing"),
        ({"a.py": "def f(): ...\n"}, "f", "class", "no identifier"),
        ({"a.py": "def f(): ...\n"}, "f", "len", "Python's own"),
        ({"a.py": "def f(): ...\ng = 1\n"}, "f", "g", "in use"),
        ({"a.py": "def f(): ...\n", "b.py": "def f(): ...\n"}, "f", "g", "may mean"),
        ({"a.py": "def f(): ...\n", "b.py": "from a import *\nf()\n"}, "f", "g", "imports *"),
        ({"a.py": "def f(): ...\n", "pyproject.toml": '[project.scripts]\nx = "a:f"\n'}, "f", "g", "entry point"),
        ({"a.py": "try:\n    from x import f\nexcept ImportError:\n    def f(): ...\nf()\n"}, "f", "g", "more than one meaning"),
        ({"a.py": "class A:\n    def append(self): ...\n"}, "A.append", "g", "Python's own types"),
        ({"a.py": "class A:\n    def m(self): ...\nclass B:\n    def m(self): ...\n"}, "A.m", "g", "B.m"),
        ({"a.py": "import x\nclass A(x.B):\n    def m(self): ...\n"}, "A.m", "g", "outside the project"),
        ({"a.py": "class A:\n    def m(self): ...\ngetattr(A, 'm')\n"}, "A.m", "g", "in quotes"),
        ({"a.py": "class A:\n    def m(self): ...\n    def n(self): ...\n"}, "A.m", "n", "already"),
    ],
)
def test_what_is_not_certain_is_refused(files: dict[str, str], old: str, new: str, says: str) -> None:
    with pytest.raises(Refused, match=says.replace("*", r"\*")):
        CODEMOD.transform(files, {"old": old, "new": new})


def test_done_already_is_no_error() -> None:
    assert CODEMOD.transform({"a.py": "def g(): ...\n"}, {"old": "f", "new": "g"}) == {}
