"""Who depends on what was changed."""

from __future__ import annotations

from bot.change.change import Change
from bot.change.diff import compare
from bot.change.impact import facts, impact
from bot.ids import Sha

OLD = {
    "pkg/__init__.py": "from pkg.shapes import area\n",
    "pkg/shapes.py": "SIZE = 1\n\ndef area(x):\n    return x\n\ndef edge(x):\n    return x\n",
    "pkg/use.py": "from .shapes import area\nprint(area(1))\n",
    "pkg/other.py": "from pkg.shapes import edge\nprint(edge(1))\n",
    "pkg/far.py": "from pkg import area\n",
    "pkg/module.py": "import pkg.shapes\nprint(pkg.shapes.area(2))\n",
    "pkg/none.py": "area = 1\n",
    "pkg/broken.py": "import pkg.shapes (\n",
    "tests/test_shapes.py": "from pkg.shapes import area\n",
}


def changed(new_shapes: str) -> tuple[Change, dict[str, str]]:
    new = {**OLD, "pkg/shapes.py": new_shapes}
    return Change(Sha("a"), Sha("b"), (compare("pkg/shapes.py", OLD["pkg/shapes.py"], new_shapes),), ""), new


def test_users_of_one_function() -> None:
    change, new = changed(OLD["pkg/shapes.py"].replace("return x\n\ndef edge", "return x * x\n\ndef edge"))
    found = impact(change, new.get, new)
    assert found.changed == ("pkg.shapes.area",)
    assert found.used_by == ("pkg/__init__.py", "pkg/far.py", "pkg/module.py", "pkg/use.py")
    assert found.tested_by == ("tests/test_shapes.py",)


def test_users_of_a_whole_module() -> None:
    change, new = changed(OLD["pkg/shapes.py"].replace("SIZE = 1", "SIZE = 2"))
    assert impact(change, new.get, new).used_by == ("pkg/__init__.py", "pkg/module.py", "pkg/other.py", "pkg/use.py")


def test_lines_that_only_went_are_found_by_their_place() -> None:
    change, new = changed(
        OLD["pkg/shapes.py"].replace("def edge(x):\n    return x\n", "def edge(x):\n    pass\n").replace("    pass\n", "")
    )
    assert impact(change, new.get, new).changed == ()
    change, new = changed("SIZE = 1\n\ndef area(x):\n    y = x\n    return x\n\ndef edge(x):\n    return x\n")
    assert impact(change, new.get, new).changed == ("pkg.shapes.area",)


def test_facts_join_all_of_it() -> None:
    change, new = changed("SIZE = 1\n\ndef area(x, y):\n    return x\n\ndef edges(x):\n    return x\n")
    found = facts(change, OLD.get, new.get, new)
    assert found.breaking == ("pkg.shapes.area", "pkg.shapes.edge")
    assert found.widened == ("pkg.shapes.edges",)
    assert found.fan_in >= 4
    assert found.cosmetic == frozenset()


def test_comments_are_cosmetic() -> None:
    change, new = changed(OLD["pkg/shapes.py"].replace("SIZE = 1", "SIZE = 1  # one"))
    assert facts(change, OLD.get, new.get, new).cosmetic == {"pkg/shapes.py"}
