from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.ids import NodeId
from bot.spec.draft import Claim, Kind
from bot.spec.sayings import Sayings, claims_of_test, node_of, outcome_of, text_of

FILE = """
import pytest


def test_one():
    many = [1]
    assert f(many) == 2


class TestMore:
    def test_two(self):
        with pytest.raises(ValueError):
            f(0)

    def test_three(self, tmp_path):
        assert f(tmp_path) == 1

    def helper(self):
        assert f(7) == 7


async def test_four():
    assert f(4) is None
"""


def equals(call: str, expected: str) -> Claim:
    return Claim(Kind.EQUALS, ast.parse(call, mode="eval").body, ast.parse(expected, mode="eval").body)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("t.py", ["2", "raises ValueError", "None"]),
        ("t.py::test_one", ["2"]),
        ("t.py::TestMore", ["raises ValueError"]),
        ("t.py::TestMore::test_three", []),
        ("t.py::test_four", ["None"]),
        ("t.py::test_one[a]", ["2"]),
        ("t.py::test_five", []),
    ],
)
def test_what_an_id_names_says(test: str, said: list[str]) -> None:
    assert sorted(map(outcome_of, claims_of_test(NodeId(test), FILE))) == sorted(said)


def test_a_call_is_known_by_its_parameters() -> None:
    said = Sayings({"f": (("x", "y"), {"y": "3"})})
    said.add(equals("f(1)", "2"), "somebody")
    assert said.against(equals("m.f(y=3, x=1)", "4")) == "somebody"
    assert not said.against(equals("f(1)", "2.0"))
    assert not said.against(equals("f(1, 4)", "4"))


def test_what_names_no_result_says_nothing() -> None:
    said = Sayings()
    holds = Claim(Kind.HOLDS, ast.parse("f(1)", mode="eval").body)
    said.add(holds, "somebody")
    said.add(equals("f(2)", "2"), "somebody")
    assert not said.against(equals("f(1)", "2"))
    assert not said.against(Claim(Kind.HOLDS, ast.parse("f(2)", mode="eval").body))


def test_a_file_that_is_not_there_or_no_python_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text("def test_one(:")
    (tmp_path / "link.py").symlink_to(tmp_path / "t.py")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "away").symlink_to(tmp_path)
    assert text_of(NodeId("../t.py::test_one"), tmp_path / "tree") == text_of(NodeId("away/t.py"), tmp_path / "tree") == ""
    (tmp_path / "tree" / "round").symlink_to("round")
    for name in (f"{tmp_path}/t.py", "round/t.py", "a\0b.py", "x" * 5000):
        assert text_of(NodeId(name), tmp_path / "tree") == ""
    assert text_of(NodeId("t.py::test_one"), tmp_path) == "def test_one(:"
    assert text_of(NodeId("link.py::test_one"), tmp_path) == text_of(NodeId("no.py"), tmp_path) == ""
    assert node_of(NodeId("t.py::test_one"), "def test_one(:") is None
