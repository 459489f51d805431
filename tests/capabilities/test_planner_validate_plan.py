from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., dict[str, Any]]


STEP = {"id": "a", "capability": "code.repair", "inputs": {}, "needs": [], "acceptance": [], "expected": {}}
PLAN = {"verb": "fix", "goal": "it", "steps": [STEP], "may_change_interface": False, "needs_witness": True}


def test_a_good_plan_comes_back_in_order(ask: Ask) -> None:
    last = {**STEP, "id": "b", "needs": ["a"]}
    answer = ask("planner.validate_plan", plan={**PLAN, "steps": [last, STEP]})
    assert answer == {"valid": True, "reason": "", "order": ["a", "b"]}


def test_a_bad_plan_comes_back_with_the_reason(ask: Ask) -> None:
    assert "circle" in ask("planner.validate_plan", plan={**PLAN, "steps": [{**STEP, "needs": ["a"]}]})["reason"]
    assert "this is no plan" in ask("planner.validate_plan", plan={})["reason"]
