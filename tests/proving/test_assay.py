"""Which proposals are not tried, which are tried and by what, by capability."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.change.change import Edit, Edits
from bot.engine import Workbench
from bot.ids import Digest, NodeId, RepoName, Sha
from bot.lab import Lab, closed_lab
from bot.proving.assay import assay
from bot.proving.candidate import text_of
from bot.proving.objections import Rules
from bot.run import Instruction, Verb
from bot.spec.spec import Spec

if TYPE_CHECKING:
    from tests.proving.conftest import Lay

FILES = {"a.py": "def f(x):\n    return x\n", "test_a.py": "from a import f\n\n\ndef test_f():\n    assert f(4) == 8\n"}
RIGHT = Edits((Edit("a.py", "def f(x):\n    return x * 2\n"),))


def setting(root: Path, lab: Lab, capability: str = "code.repair", **more: Any) -> tuple[Workbench, Rules]:
    spec = Spec((), (), (), Digest("d"))
    instruction = Instruction(Verb.FIX, "double", RepoName("local"), Sha("0" * 40))
    bench = Workbench(root, lab, instruction, spec, (NodeId("test_a.py::test_f"),), capability, {}, **more)
    return bench, Rules(lambda path: text_of(root, path), lambda _: True, spec, (FILES["test_a.py"],), "double")


def test_what_the_tests_accept_goes_on(lab: Lab, lay: Lay) -> None:
    bench, rules = setting(lay(FILES), lab)
    assert assay(bench, RIGHT, rules, None).edits == RIGHT
    wrong = assay(bench, Edits((Edit("a.py", "def f(x):\n    return x + 1\n"),)), rules, None)
    assert (wrong.edits, wrong.barred) == (None, False)
    assert "assert 5 == 8" in wrong.told


@pytest.mark.parametrize(
    ("capability", "edits", "why"),
    [
        ("code.repair", Edits((Edit("conftest.py", ""),)), "can switch tests off"),
        ("docs.write", RIGHT, "differs in code"),
        ("tests.generate", RIGHT, "is no test file"),
    ],
)
def test_what_is_barred_is_not_run_at_all(lay: Lay, capability: str, edits: Edits, why: str) -> None:
    bench, rules = setting(lay(FILES), closed_lab(), capability)
    found = assay(bench, edits, rules, None)
    assert (found.edits, found.barred) == (None, True)
    assert why in found.why
    assert why in found.told


def test_what_was_refused_before_is_barred(lay: Lay) -> None:
    bench, rules = setting(lay(FILES), closed_lab(), rejected=(Edits(RIGHT.edits, "another reason"),))
    assert "refused in an earlier round" in assay(bench, RIGHT, rules, None).why
