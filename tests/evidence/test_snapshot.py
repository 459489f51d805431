"""The inventory counts what is there, broken files included."""

from __future__ import annotations

from bot.evidence.snapshot import health, measure
from bot.gate import GateResult, Verdict

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


def test_what_gates_measured_of_a_side_is_taken_over_and_the_rest_has_its_reason() -> None:
    told = {"base": {"failing": ["t"]}, "head": {"failing": []}}
    gates = (
        GateResult("tests", Verdict.PASS, "fine", evidence=told),
        GateResult("dependencies", Verdict.NOT_APPLICABLE, "no manifest or lock file changed"),
        GateResult("coverage", Verdict.PASS, "odd", evidence={"head": "no mapping"}),
    )
    after = health(gates, "head")
    assert after["tests"] == {"failing": []}
    assert health(gates, "base")["tests"] == {"failing": ["t"]}
    assert after["vulnerabilities"] == {"not_measured": "dependencies: no manifest or lock file changed"}
    assert after["coverage"] == {"not_measured": "coverage: odd"}
    assert after["complexity"] == {"not_measured": "the gate complexity was not asked"}
