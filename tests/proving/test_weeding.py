from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from bot.proving.weeding import has_tests, without

SOURCE = '''"""Tests."""
import math
from os import path, sep

import pytest


def test_one():
    assert math.pi > 3


@pytest.mark.parametrize("x", [1, 2])
def test_two(x):
    assert path.join("a", str(x))


class TestThree:
    """Of three."""

    def test_three(self):
        assert sep
'''


def test_a_function_goes_with_its_decorators_and_what_only_it_used() -> None:
    assert without(SOURCE, {"test_two"}) == SOURCE.replace(
        '\n\n\n@pytest.mark.parametrize("x", [1, 2])\ndef test_two(x):\n    assert path.join("a", str(x))', ""
    ).replace("import path, sep", "import sep").replace("import pytest\n\n", "")


def test_a_class_left_empty_goes_too() -> None:
    after = without(SOURCE, {"TestThree.test_three"})
    assert "TestThree" not in after
    assert "from os import path\n" in after


def test_an_import_that_stood_alone_leaves_no_gap() -> None:
    source = "import math\n\nfrom a import f\n\n\ndef test_a():\n    assert f()\n\n\ndef test_b():\n    assert math\n"
    assert without(source, {"test_b"}) == "from a import f\n\n\ndef test_a():\n    assert f()\n"


def test_nothing_named_nothing_changed() -> None:
    assert without(SOURCE, set()) == SOURCE
    assert without("def (:", {"test_one"}) == "def (:"


def test_a_file_knows_whether_it_has_tests() -> None:
    assert has_tests(SOURCE)
    assert not has_tests(without(SOURCE, {"test_one", "test_two", "TestThree.test_three"}))


@given(st.sets(st.sampled_from(["test_one", "test_two", "TestThree.test_three"])))
def test_what_is_left_parses_and_is_what_was_there(names: set[str]) -> None:
    left = {node.name for node in ast.walk(ast.parse(without(SOURCE, names))) if isinstance(node, ast.FunctionDef)}
    assert left == {"test_one", "test_two", "test_three"} - {each.rpartition(".")[2] for each in names}
