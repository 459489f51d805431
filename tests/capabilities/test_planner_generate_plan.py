from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.plan.plan import from_json

Ask = Callable[..., dict[str, Any]]


def test_it_answers_with_a_plan_over_the_given_files(ask: Ask) -> None:
    plan = from_json(ask("planner.generate_plan", text="fix `f`", files={"a.py": "def f(): ..."}))
    assert plan.steps[0].inputs == {"names": ["f"]}


def test_the_verb_may_be_given(ask: Ask) -> None:
    assert from_json(ask("planner.generate_plan", text="the `f` function", verb="docs")).steps[0].capability == "docs.write"
