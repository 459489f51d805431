"""A judged run as the stages leave it, to draw and seal."""

from __future__ import annotations

import pytest

from bot.change.change import Change, Edit, Edits
from bot.change.diff import parse
from bot.change.risk import Risk, RiskFactor, RiskLevel
from bot.config import Config
from bot.engine import Attempt
from bot.evidence.record import Record
from bot.gate import Finding, GateResult, Severity, Verdict
from bot.history import Changed, Checked, History
from bot.ids import Digest, NodeId, RepoName, RunId, Sha
from bot.plan.plan import Plan, Step
from bot.policy.decision import Decision
from bot.run import Instruction, Run, State, Verb
from bot.spec.spec import Role, Source, Spec, SpecFile, SpecTest

BASE, HEAD = Sha("b" * 40), Sha("a" * 40)

DIFF = """\
diff --git a/shop/cart.py b/shop/cart.py
index 1111111..2222222 100644
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -1,4 +1,4 @@
 def merge(spans):
     last = spans[0]
-    if spans[1][0] < last[1]:
+    if spans[1][0] <= last[1]:
         return [last]
"""

HOSTILE = "</pre><script>alert(1)</script> @everyone ``` <!-- x --> | `tick`"


def _gates() -> tuple[GateResult, ...]:
    mutants = [
        {
            "id": "m1",
            "path": "shop/cart.py",
            "line": 3,
            "operator": "<= to <",
            "diff": "-<=\n+<",
            "status": "killed",
            "killed_by": ["t.py::a"],
        },
        {
            "id": "m2",
            "path": "shop/cart.py",
            "line": 3,
            "operator": "1 to 2",
            "diff": "-1\n+2",
            "status": "survived",
            "killed_by": [],
        },
    ]
    differences = [{"call": "merge([(1, 3), (3, 5)])", "before": "[(1, 3), (3, 5)]", "after": "[(1, 5)]", "asked_for": True}]
    finding = Finding("shop/cart.py", 3, f"look here {HOSTILE}", "R1", Severity.ERROR)
    return (
        GateResult("tests", Verdict.PASS, "12 of 12 pass", seconds=0.5),
        GateResult(
            "mutation", Verdict.PASS, "1 of 2 mutants killed", evidence={"mutants": mutants, "tests": [], "kill_rate": 0.5}
        ),
        GateResult("behaviour", Verdict.PASS, "1 difference", evidence={"differences": differences}),
        GateResult("contracts", Verdict.PASS, "3 contracts hold", evidence={"contracts": []}),
        GateResult("lint", Verdict.FAIL, "1 finding", (finding,)),
        GateResult("dependencies", Verdict.NOT_APPLICABLE, "no manifest changed"),
    )


@pytest.fixture
def record() -> Record:
    tests = (
        SpecTest(
            NodeId("test_spec.py::test_touching"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=4, reason="fails by assertion"
        ),
        SpecTest(
            NodeId("test_spec.py::test_apart"), Role.GUARD, Source.DOCSTRING, kept=True, kills=2, reason="kills 2", held_out=True
        ),
        SpecTest(NodeId("test_spec.py::test_weak"), Role.GUARD, Source.DOCSTRING, kept=False, kills=0, reason="kills nothing"),
    )
    spec = Spec(tests, (SpecFile("test_spec.py", "def test(): ...\n"),), (), Digest("sha256:" + "c" * 64), Sha("d" * 40), 0.9)
    edits = Edits((Edit("shop/cart.py", "…"),), "line 3 of cart.py: `<=` instead of `<`")
    changed = Changed("search", HEAD, edits, (Attempt("`<` becomes `<=`", worked=True, why="all pass"),))
    risk = Risk(RiskLevel.MEDIUM, 25, (RiskFactor("body edited", 20, f"merge() {HOSTILE}"),))
    decision = Decision(allow=False, deny=("gate lint is red",), require=("one approval",))
    checked = Checked(Change(BASE, HEAD, parse(DIFF), DIFF), _gates(), risk, decision)
    plan = Plan(Verb.FIX, "merge touching spans", (Step("repair", "code.repair", {}),))
    instruction = Instruction(Verb.FIX, f"merge is wrong {HOSTILE}", RepoName("/repo"), BASE)
    run = Run(RunId("01JTESTRUN0000000000000000"), instruction, State.PROPOSING)
    return Record(run, History(plan, spec, changed, checked), Config(), at="2026-01-01T00:00:00Z")
