"""Decisions: green goes on with the approvals it needs, anything red or broken is a no."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Change
from bot.change.diff import compare
from bot.change.risk import Facts, assess
from bot.config import Config
from bot.errors import Fatal
from bot.gate import GateResult, Verdict, errored, not_applicable, passed
from bot.ids import Digest, NodeId, Sha
from bot.policy import engine
from bot.policy.document import Approval, Circumstances, build
from bot.policy.engine import decide, shipped
from bot.spec.spec import Role, Source, Spec, SpecTest

BASE, HEAD = Sha("a" * 40), Sha("b" * 40)
GREEN = (passed("tests", "12 pass"), not_applicable("dependencies", "no manifest changed"))
SPEC = Spec(
    (SpecTest(NodeId("t.py::t"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=3, reason="kept"),),
    (),
    (),
    Digest("sha256:" + "0" * 64),
    Sha("c" * 40),
    1.0,
)
OWN = """package pawl.house
import rego.v1
deny contains "never on a friday"
require contains "the house owner"
warn contains "hm"
"""
ENDLESS = """package pawl.house
import rego.v1
require := set()
warn := set()
deny contains "x" if {
    some a in numbers.range(1, 100000)
    some b in numbers.range(1, 100000)
    a * b == -1
}
"""


def document(  # noqa: PLR0917 - a builder for tests
    gates: tuple[GateResult, ...] = GREEN,
    spec: Spec | None = SPEC,
    trust: int = 0,
    path: str = "pkg/a.py",
    facts: Facts | None = None,
    circumstances: Circumstances | None = None,
) -> dict[str, Any]:
    change = Change(BASE, HEAD, (compare(path, "x\n", "y\n"),), "")
    risk = assess(change, facts or Facts())
    return build(change, gates, risk, spec, Config(trust=trust), "fix it", circumstances or Circumstances("fix"))


def test_green_at_trust_0_goes_on_with_an_approval() -> None:
    decision = decide(document())
    assert decision.allow
    assert "one approval by a maintainer (trust level 0: everything needs approval)" in decision.require
    assert "one approval by a maintainer (risk MEDIUM: body edited)" in decision.require


def test_full_trust_needs_nobody() -> None:
    decision = decide(document(trust=4))
    assert (decision.allow, decision.require) == (True, ())


def test_high_risk_needs_somebody_at_full_trust() -> None:
    decision = decide(document(trust=4, facts=Facts(breaking=("pkg.a.f",))))
    assert decision.allow
    assert decision.require == ("one approval by a maintainer (risk HIGH: public interface changed, body edited)",)


def test_an_approval_of_this_head_counts() -> None:
    approved = Circumstances("fix", "ann", approvals=(Approval("bob", "maintainer", HEAD, "approved"),))
    assert decide(document(circumstances=approved)).require == ()
    stale = Circumstances("fix", "ann", approvals=(Approval("bob", "maintainer", BASE, "approved"),))
    assert decide(document(circumstances=stale)).require


@pytest.mark.parametrize("red", [errored("mutation", "no sandbox"), GateResult("mutation", Verdict.FAIL, "no sandbox")])
def test_one_red_gate_is_a_no(red: GateResult) -> None:
    decision = decide(document(gates=(*GREEN, red)))
    assert not decision.allow
    assert decision.deny == (f"gates: mutation said {red.verdict.value}: no sandbox",)


def test_a_protected_file_is_a_no() -> None:
    assert not decide(document(path=".github/workflows/ci.yml")).allow
    assert not decide(document(path="pyproject.toml")).allow
    assert decide(document(path="pyproject.toml", circumstances=Circumstances("upgrade"))).allow


def test_own_policies_only_add() -> None:
    decision = decide(document(), {".github/pawl/policies/house.rego": OWN})
    assert not decision.allow
    assert decision.deny == ("house: never on a friday",)
    assert "the house owner" in decision.require
    assert "house: hm" in decision.warn


@pytest.mark.parametrize(
    "text",
    [
        "package pawl.house\ndeny contains {",
        "package pawl.house\nimport rego.v1\ndeny := true\n",
        OWN.replace("pawl.house", "pawl.gates"),
        ENDLESS,
    ],
)
def test_a_broken_own_policy_is_a_no(text: str) -> None:
    decision = decide(document(), {"own/house.rego": text})
    assert not decision.allow
    assert any("which is a no" in each for each in decision.deny)


def test_an_own_policy_that_does_not_answer_in_time_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_SECONDS", 0.0)
    assert "no answer within" in decide(document(), {"own/house.rego": OWN}).deny[0]


def test_odd_bytes_in_a_name_are_no_way_round() -> None:
    assert decide(document(path="caf\udce9.py")).allow
    assert not decide(document(path=".github/caf\udce9.yml")).allow


@given(
    st.dictionaries(
        st.sampled_from(["change", "risk", "gates", "config", "spec", "approvals"]), st.none() | st.integers(), min_size=1
    )
)
def test_a_mangled_document_never_gets_more_than_a_whole_one(parts: dict[str, Any]) -> None:
    mangled = {**document(trust=0), **parts}
    decision = decide(mangled)
    assert not decision.allow or decision.require


def test_without_policies_nothing_is_decided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "files", lambda _package: tmp_path / "bot")
    with pytest.raises(Fatal, match="holds no policies"):
        decide(document())


def test_policies_inside_the_package_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inside = tmp_path / "bot" / "policies"
    inside.mkdir(parents=True)
    (inside / "only.rego").write_text("package pawl.only\n")
    monkeypatch.setattr(engine, "files", lambda _package: tmp_path / "bot")
    assert list(shipped()) == ["policies/only.rego"]
