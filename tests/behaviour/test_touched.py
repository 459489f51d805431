"""What a change touches: code, not layout or words."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from bot.behaviour.touched import changed_lines, compare, functions, lines_with_functions, touched

OLD = '''\
import math


def area(r):
    """The area."""
    if r < 0:
        raise ValueError(r)
    return math.pi * r


class Box:
    def size(self):
        return 1
'''


def test_layout_comments_and_words_touch_nothing() -> None:
    new = OLD.replace("    return math.pi * r", "    # a comment\n    return (\n        math.pi * r\n    )").replace(
        "The area.", "It."
    )
    assert compare("shapes.py", OLD, new) is None


def test_a_changed_statement_is_found_with_its_function() -> None:
    found = compare("shapes.py", OLD, OLD.replace("math.pi * r", "math.pi * r**2"))
    assert found is not None
    assert found.lines == {8}
    assert [each.qualname for each in found.routines] == ["area"]
    assert found.routines[0].before is not None
    assert found.routines[0].docstring == "The area."
    assert not found.removed


def test_a_changed_header_counts_without_its_body() -> None:
    found = compare("shapes.py", OLD, OLD.replace("if r < 0:", "if r <= 0:"))
    assert found is not None
    assert found.lines == {6}


def test_what_is_only_taken_away_points_at_its_neighbours() -> None:
    found = compare("shapes.py", OLD, OLD.replace("    if r < 0:\n        raise ValueError(r)\n", ""))
    assert found is not None
    assert found.removed
    assert not found.lines
    assert 6 in found.around


def test_an_import_that_is_taken_away_has_no_neighbours() -> None:
    found = compare("shapes.py", f"import os\n{OLD}", OLD)
    assert found is not None
    assert found.removed
    assert not found.lines | found.around
    more = compare("shapes.py", f"import os\nprint(os)\n{OLD}", OLD)
    assert more is not None
    assert more.around
    within = compare("shapes.py", OLD.replace("    if r < 0:", "    import os\n    if r < 0:"), OLD)
    assert within is not None
    assert within.around, "a function that imports less is asked as a whole"


def test_a_method_a_new_function_and_module_level_code() -> None:
    new = OLD.replace("return 1", "return 2") + "\n\nLIMIT = 3\n\n\nasync def fetch():\n    return LIMIT\n"
    found = compare("src/pkg/shapes.py", OLD, new)
    assert found is not None
    assert [(each.qualname, each.before is None) for each in found.routines] == [("Box.size", False), ("fetch", True)]
    assert {each.module for each in found.routines} == {"pkg.shapes"}


def test_a_new_file_is_touched_whole_and_a_broken_one_not_at_all() -> None:
    whole = compare("a.py", "", "def f():\n    return 1\n")
    assert whole is not None
    assert whole.lines == {1, 2}
    assert compare("a.py", OLD, "def f(:\n") is None
    assert compare("a.py", "def f(:\n", "x = 1\n") is not None


def test_compound_statements_of_every_kind_are_read() -> None:
    text = """\
async def f(x, things):
    with open(x) as file:
        data = file.read()
    async with x:
        pass
    for each in things:
        continue
    else:
        data = 1
    async for each in things:
        pass
    while x:
        break
    match x:
        case 1:
            return 2
    try:
        y = 1
    except ValueError:
        y = 2
    finally:
        y = 3

@decorated
def g():
    return 1
"""
    changed = text.replace("case 1", "case 3").replace("except ValueError", "except KeyError").replace("@decorated", "@other")
    found = compare("a.py", text, changed)
    assert found is not None
    lines = text.splitlines()
    assert {lines[each - 1].strip() for each in found.lines} >= {"case 1:", "except ValueError:", "@decorated"}


def test_tests_and_files_that_are_gone_or_no_python_are_left_out() -> None:
    old = {"a.py": "x = 1\n", "tests/test_a.py": "y = 1\n", "b.py": "z = 1\n", "c.txt": "no"}
    new = {"a.py": "x = 2\n", "tests/test_a.py": "y = 2\n", "c.txt": "yes"}
    assert [each.path for each in touched(old.get, new.get, sorted(old))] == ["a.py"]


def test_lines_that_differ_and_the_functions_around_them() -> None:
    old = {"a.py": "import x\n\n\ndef f(a):\n    b = a\n    return b\n", "b.py": "y = 1\n"}
    new = {"a.py": "import x\n\n\ndef f(a):\n    b = a\n    return b + 1\n", "b.py": "y = 2\n"}
    files = touched(old.get, new.get, sorted(old))
    assert changed_lines(files) == {"a.py": frozenset({6}), "b.py": frozenset({1})}
    assert lines_with_functions(files) == {"a.py": frozenset({4, 5, 6}), "b.py": frozenset({1})}


def test_functions_behind_conditions_are_found_and_inner_ones_are_not() -> None:
    behind = "if x:\n    def f():\n        def inner(): pass\nelse:\n    def g(): pass\n"
    tree = ast.parse(behind + "class A:\n    class B:\n        def m(self): pass\n")
    assert [name for name, _ in functions(tree)] == ["f", "g", "A.B.m"]


@given(st.text(alphabet="abc =+()\n\t:", max_size=80), st.text(alphabet="abc =+()\n\t:", max_size=80))
def test_any_texts_are_compared_without_an_error(old: str, new: str) -> None:
    found = compare("a.py", old, new)
    if found is not None:
        assert all(1 <= line <= len(new.splitlines()) for line in found.lines)
    assert compare("a.py", new, new) is None


def test_what_counts_as_a_test_can_be_told() -> None:
    old, new = {"pkg/test/client.py": "x = 1\n"}, {"pkg/test/client.py": "x = 2\n"}
    assert touched(old.get, new.get, sorted(old)) == ()
    assert [each.path for each in touched(old.get, new.get, sorted(old), lambda _path: False)] == ["pkg/test/client.py"]
