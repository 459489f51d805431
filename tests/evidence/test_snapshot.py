"""The inventory counts what is there, broken files included."""

from __future__ import annotations

from bot.evidence.snapshot import judged, measure

CODE = '''\
class Room:
    def free(self) -> bool:
        """Tell."""
        return True

    def _hidden(self):
        return 1


def booked(a):
    return a
'''


def test_counts_and_shares() -> None:
    found = measure({"a.py": CODE, "test_a.py": "def test_x():\n    pass\n", "bad.py": "def (", "notes.txt": "x"})
    assert found["python_files"] == 3
    assert (found["functions"], found["classes"], found["test_functions"]) == (4, 1, 1)
    assert (found["documented"], found["annotated"]) == (0.5, 0.5)
    assert found["longest_function"] == 3
    assert found["files_with_syntax_errors"] == ["bad.py"]


def test_an_empty_tree_has_no_shares() -> None:
    assert measure({})["documented"] is None


def test_what_gates_measured_of_a_side_is_taken_over() -> None:
    gates = {"tests": {"base": {"failed": 1}, "head": {"failed": 0}}, "lint": {}}
    assert dict(judged(gates, "head")) == {"tests": {"failed": 0}}
