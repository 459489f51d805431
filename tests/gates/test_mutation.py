"""The mutation gate: survivors are findings, no mutants are no evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from bot.gate import GateResult, Severity, Subject, Verdict
from bot.gates.mutation import GATE
from bot.harness.harness import Call, Observation, ObservedKind, Variant
from bot.ids import NodeId
from bot.lab import Lab
from bot.mutation.mutation import JudgedMutant, KillMatrix, Mutant, MutantStatus

Subjects = Callable[..., Subject]
TEST = "from m import f\n\ndef test_f():\n    assert f([1, 2, 3]) == 7\n"
OLD = "def f(a):\n    return sum(a)\n"
NEW = "def f(a):\n    n = len(a)\n    return sum(a) + 1\n"
KILLED, SURVIVED, UNCOVERED = MutantStatus.KILLED, MutantStatus.SURVIVED, MutantStatus.UNCOVERED


@dataclass
class MutantsLab:
    """Answers each kill matrix with statuses, and observations by a function of the variant."""

    seed: int = 0
    matrices: list[Sequence[MutantStatus]] = field(default_factory=list)
    behaves: Callable[[str], str] = str
    why_not: str = ""
    asked: list[Mapping[str, frozenset[int]]] = field(default_factory=list)

    def kill_matrix(self, _root: Path, lines: Mapping[str, frozenset[int]]) -> KillMatrix:
        self.asked.append(lines)
        statuses = self.matrices.pop(0)
        path = next(iter(lines))
        mutants = [Mutant(f"{number}", path, 3, "number", "--- a\n+++ b\n-x\n+y", "…") for number in range(len(statuses))]
        judged = tuple(JudgedMutant(one, status, (NodeId("t"),)) for one, status in zip(mutants, statuses, strict=True))
        return KillMatrix(judged, (NodeId("t"),), why_not=self.why_not)

    def observer(self, _root: Path) -> MutantsLab:
        return self

    def observe(self, variants: Sequence[Variant], calls: Sequence[Call]) -> Iterator[tuple[str, tuple[Observation, ...]]]:
        for each in variants:
            yield each.id, tuple(Observation(ObservedKind.RETURNED, self.behaves(each.id), "str") for _ in calls)


Judged = Callable[..., tuple[GateResult, MutantsLab]]


@pytest.fixture
def judged(subject: Subjects) -> Judged:
    def judge(lab: MutantsLab, old: str = OLD, new: str = NEW, path: str = "m.py") -> tuple[GateResult, MutantsLab]:
        asked = subject({path: old, "test_m.py": TEST}, {path: new, "test_m.py": TEST})
        return GATE.judge(replace(asked, lab=cast("Lab", lab))), lab

    return judge


def test_enough_killed_on_the_changed_lines(judged: Judged) -> None:
    found, lab = judged(MutantsLab(matrices=[[KILLED] * 5 + [SURVIVED]]))
    assert found.verdict is Verdict.PASS
    assert lab.asked == [{"m.py": frozenset({2, 3})}]
    assert found.findings[0].severity is Severity.WARNING
    assert found.evidence["kill_rate"] == pytest.approx(5 / 6)
    assert found.evidence["mutants"][0]["killed_by"] == ["t"]


def test_survivors_are_findings_with_the_diff(judged: Judged) -> None:
    found, _ = judged(MutantsLab(matrices=[[KILLED] * 3 + [SURVIVED, UNCOVERED, SURVIVED]]))
    assert found.verdict is Verdict.FAIL
    assert [each.rule for each in found.findings] == ["mutant-survived", "mutant-uncovered", "mutant-survived"]
    assert "-x / +y" in found.findings[0].message
    assert found.findings[0].line == 3


def test_few_mutants_are_asked_again_with_the_function_around(judged: Judged) -> None:
    found, lab = judged(MutantsLab(matrices=[[KILLED, SURVIVED], [KILLED] * 9 + [SURVIVED]]))
    assert found.verdict is Verdict.PASS
    assert found.evidence["where"] == "functions around the change"
    assert lab.asked[1] == {"m.py": frozenset({1, 2, 3})}


def test_few_mutants_that_all_die_are_enough(judged: Judged) -> None:
    found, lab = judged(MutantsLab(matrices=[[KILLED]]))
    assert found.verdict is Verdict.PASS
    assert len(lab.asked) == 1


def test_some_survivors_that_do_the_same_everywhere_are_excused_and_shown(judged: Judged) -> None:
    found, _ = judged(MutantsLab(matrices=[[KILLED] * 6 + [SURVIVED] * 3], behaves=lambda _name: "same"))
    assert found.verdict is Verdict.PASS
    assert found.evidence["kill_rate"] == 1.0
    assert found.evidence["not_told_apart"] == ["6", "7", "8"]
    assert [each.rule for each in found.findings] == ["mutant-not-told-apart"] * 3
    assert "3 survivors could not be told apart" in found.summary


def test_no_more_than_a_third_is_excused(judged: Judged) -> None:
    found, _ = judged(MutantsLab(matrices=[[KILLED] * 3 + [SURVIVED] * 6], behaves=lambda _name: "same"))
    assert found.verdict is Verdict.FAIL
    assert found.evidence["kill_rate"] == 0.5
    assert len(found.evidence["not_told_apart"]) == 3


@pytest.mark.parametrize(
    ("asserted", "verdict"), [(("f(3) == 7", "f(0) == 1", "f(-2) == 0"), Verdict.PASS), (("f(3)",), Verdict.FAIL)]
)
def test_for_real(at_work: Subjects, asserted: tuple[str, ...], verdict: Verdict) -> None:
    tests = "from m import f\n\ndef test_f():\n" + "".join(f"    assert {each}\n" for each in asserted)
    old, new = "def f(n):\n    return n\n", "def f(n):\n    return 2 * n + 1 if n >= 0 else 0\n"
    assert GATE.judge(at_work({"m.py": old, "test_m.py": tests}, {"m.py": new, "test_m.py": tests})).verdict is verdict


def test_no_mutants_are_no_evidence(judged: Judged) -> None:
    found, _ = judged(MutantsLab(matrices=[[], []]))
    assert found.verdict is Verdict.FAIL
    assert "no evidence" in found.summary
    outside, _ = judged(MutantsLab(matrices=[[]]), "import a\n", "import b\n")
    assert outside.verdict is Verdict.FAIL
    assert "no evidence" in outside.summary


def test_names_for_readers_need_no_evidence(judged: Judged) -> None:
    found, _ = judged(MutantsLab(matrices=[[]]), "__version__ = '1'\nx: int\n", "__version__ = '2'\nx: str\n")
    assert found.verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("old", "new", "test", "verdict"),
    [
        ("import os\n", "import sys as os\n", "import m\ndef test(): assert m.os.maxsize\n", Verdict.PASS),
        ("import os\n", "import sys as os\n", "import m\ndef test(): assert m\n", Verdict.FAIL),
        ("RATES = (1, 2)\n", "RATES = (1, 3)\n", "import m\ndef test(): assert m.RATES == (1, 3)\n", Verdict.PASS),
        ("RATES = (1, 2)\n", "RATES = (1, 3)\n", "import m\ndef test(): assert m.RATES\n", Verdict.FAIL),
        ("x = 1\n", "x = 1\nclass E(Exception):\n    pass\n", "import m\ndef test(): assert m.E()\n", Verdict.PASS),
        ("x = 1\n", "x = 1\nclass E(Exception):\n    pass\n", "import m\ndef test(): assert m.x == 1\n", Verdict.FAIL),
    ],
)
def test_what_is_done_while_a_module_is_loaded(at_work: Subjects, old: str, new: str, test: str, verdict: Verdict) -> None:
    found = GATE.judge(at_work({"m.py": old, "test_m.py": test}, {"m.py": new, "test_m.py": test}))
    assert found.verdict is verdict, found.summary
    assert found.evidence["mutants"]


def test_product_code_in_a_folder_named_test_and_in_another_encoding(at_work: Subjects) -> None:
    test = "from pkg.test.client import get\nfrom lat import f\ndef test_get():\n    assert get(1) == 2\n    assert f(1)\n"
    rest = {"pkg/__init__.py": "", "pkg/test/__init__.py": "", "test_m.py": test}
    source = "# coding: latin-1\ndef f(n):\n    return n + {}  # café\n"
    old = {**rest, "pkg/test/client.py": "def get(n):\n    return n\n", "lat.py": source.format(1)}
    new = {**rest, "pkg/test/client.py": "def get(n):\n    return n + 1\n", "lat.py": source.format(2)}
    asked = at_work(old, new)
    for tree in (asked.base, asked.head):
        (tree.root / "lat.py").write_bytes((tree.root / "lat.py").read_text().encode("latin-1"))
    found = GATE.judge(asked)
    assert {each["path"] for each in found.evidence["mutants"]} == {"pkg/test/client.py", "lat.py"}
    killed = {each["path"] for each in found.evidence["mutants"] if each["status"] == "killed"}
    assert killed == {"pkg/test/client.py", "lat.py"}


def test_a_matrix_that_cannot_be_trusted_is_an_error(judged: Judged) -> None:
    found, _ = judged(MutantsLab(matrices=[[KILLED]], why_not="the null mutant died"))
    assert found.verdict is Verdict.ERROR
    assert "null mutant" in found.summary


def test_words_alone_and_broken_files(judged: Judged) -> None:
    assert judged(MutantsLab(), OLD, OLD + "# words\n")[0].verdict is Verdict.NOT_APPLICABLE
    assert judged(MutantsLab(), OLD, "def f(:\n")[0].verdict is Verdict.ERROR


def test_what_is_only_taken_away_is_asked_of_its_neighbours(judged: Judged) -> None:
    _, lab = judged(MutantsLab(matrices=[[KILLED] * 6]), NEW, NEW.replace("    n = len(a)\n", ""))
    assert lab.asked[0]["m.py"]
