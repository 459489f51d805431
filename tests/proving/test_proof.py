from __future__ import annotations

from typing import TYPE_CHECKING

from bot.harness.harness import TestOutcome, TestResult
from bot.ids import NodeId
from bot.lab import Lab
from bot.proving.proof import MOST_NAMED, MOST_TOLD, prove, told

if TYPE_CHECKING:
    from tests.proving.conftest import Lay

ONE, TWO = NodeId("test_a.py::test_one"), NodeId("test_a.py::test_two")


def test_all_must_pass(lab: Lab, lay: Lay) -> None:
    root = lay({"test_a.py": "def test_one():\n    assert 1 + 1 == 2\n\ndef test_two():\n    assert [1, 2] == [1, 3]\n"})
    assert prove(lab, root, (ONE,)).passed
    proof = prove(lab, root, (ONE, TWO))
    assert not proof.passed
    assert proof.why.startswith("1 of 2 shown tests do not pass, first test_a.py::test_two (failed): AssertionError")
    assert "assert [1, 2] == [1, 3]" in proof.told


def test_a_skip_is_no_pass(lab: Lab, lay: Lay) -> None:
    root = lay({"test_a.py": "import pytest\n\ndef test_one():\n    pytest.skip('no')\n"})
    assert "test_one (skipped)" in prove(lab, root, (ONE,)).why


def test_why_a_file_cannot_be_imported_is_told(lab: Lab, lay: Lay) -> None:
    root = lay({"test_a.py": "from nowhere import thing\n\ndef test_one():\n    pass\n"})
    proof = prove(lab, root, (ONE, TWO))
    assert proof.why.startswith("2 of 2 shown tests do not pass, first test_a.py::test_one (broken): ModuleNotFoundError")
    assert "from nowhere import thing" in proof.told


def test_a_test_that_is_not_there_is_no_pass(lab: Lab, lay: Lay) -> None:
    root = lay({"test_a.py": "def test_one():\n    pass\n"})
    assert "1 of 2 shown tests do not pass, first test_a.py::test_two (missing)" in prove(lab, root, (ONE, TWO)).why


def test_without_tests_there_is_nothing_to_hold_it_to(lab: Lab, lay: Lay) -> None:
    assert prove(lab, lay({"a.py": ""}), ()).passed


def test_of_many_failures_the_first_are_told_in_full_and_the_end_of_each() -> None:
    many = [TestResult(NodeId(f"t.py::test_{n}"), TestOutcome.FAILED, traceback="x" * 9_000 + f"END {n}") for n in range(60)]
    said = told(many)
    assert [f"END {number}" in said for number in (0, MOST_TOLD - 1, MOST_TOLD)] == [True, True, False]
    assert f"test_{MOST_TOLD}: failed" in said
    assert said.endswith(f"… and {60 - MOST_TOLD - MOST_NAMED} more")
    assert len(said) < 20_000
