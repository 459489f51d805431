"""A critic on another model: a true counter-example sends the change back, a liar keeps nobody from a good one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.models.fault import Fault, failing

if TYPE_CHECKING:
    from tests.doubles.models.double import ModelDouble
    from tests.stories.conftest import Pawl, Said

WISH = """\
Add `longest(spans)` to rooms/bookings.py: it returns the longest span.

>>> longest([(9, 10), (11, 14)])
(11, 14)
>>> longest([(8, 12), (13, 14)])
(8, 12)

Of several spans of the same length it returns the first one, and without any span it returns None.
"""
TIES = "Of several spans of the same length it returns the first one"
DOC = "Return the longest span: of several the first, None where there is none."
NONE = "without any span it returns None"
GOOD = """

def longest(spans: list[Span]) -> Span | None:
    \"\"\"Return the longest span: of several the first, None where there is none.\"\"\"
    best: Span | None = None
    for span in spans:
        if best is None or span[1] - span[0] > best[1] - best[0]:
            best = span
    return best
"""
FORGETS = GOOD[: GOOD.index("    best:")] + "    return max(spans, key=lambda span: span[1] - span[0])\n"
"""Fails where there is no span."""
LAST = GOOD.replace("> best[1]", ">= best[1]")
"""Takes the last of several."""
STEP = {"id": "write", "capability": "code.generate", "inputs": {}, "needs": [], "acceptance": [], "expected": []}
END = "        gaps.append((at, closes))\n    return gaps\n"


def change(text: str) -> dict[str, Any]:
    return {"why": "longest() is there", "blocks": [{"path": "rooms/bookings.py", "search": END, "replace": END + text}]}


def named(call: str, expected: str, because: str) -> dict[str, Any]:
    return {"setup": [], "call": call, "expected": expected, "raises": "", "because": because}


@pytest.fixture
def asked(pawl: Pawl, project: Path, models: ModelDouble) -> Any:
    """Return a function that lets models write and criticise: change authors at OpenAI, the critic at Anthropic."""

    def ask(*changes: str, critic: list[dict[str, Any]] | Fault) -> Said:
        models.script("change_author", *map(change, changes))
        models.script("critic", critic if isinstance(critic, Fault) else {"counter_examples": critic}, forever=True)
        models.script("planner", {"steps": [STEP]}, forever=True)
        models.script("spec_author", {"tests": []}, forever=True)
        reached: Any = models.environment()
        return pawl("run", "--repo", project, "--engine", "model", "--json", "-", stdin=WISH, **reached)

    return ask


def gates_of(said: Said) -> dict[str, Any]:
    assert said.out, said.err
    return {each["name"]: each for each in said.json["gates"]}


def test_a_liar_keeps_nobody_from_a_good_change(asked: Any, models: ModelDouble) -> None:
    lies = [
        named("longest([(9, 11)])", "(7, 7)", DOC),
        named("longest([(9, 10), (11, 14)])", "(9, 10)", TIES),
        named("longest([(1, 2)])", "None", "the instruction that nobody gave"),
    ]
    said = asked(GOOD, critic=lies)
    assert said.code in {0, 3}, said.out + said.err
    critic = gates_of(said)["critic"]
    assert critic["verdict"] == "pass"
    assert [each["rule"] for each in critic["findings"]] == ["critic-doubtful"]
    assert not said.json["decision"]["deny"]
    assert said.json["authors"]["critics"] not in ([], [said.json["authors"]["change"]]), "another model was asked"
    assert said.json["cost"]["calls"] == len(models.requests)
    assert len(models.asked("change_author")) == 1


def test_a_true_counter_example_sends_the_change_back_and_it_is_mended(asked: Any, models: ModelDouble) -> None:
    said = asked(FORGETS, GOOD, critic=[named("longest([(1, 2), (3, 4)])", "(1, 2)", TIES), named("longest([])", "None", NONE)])
    assert said.code in {0, 3}, said.out + said.err
    critic = gates_of(said)["critic"]
    assert critic["verdict"] == "pass"
    assert critic["summary"].startswith("2 of 2 counter-examples")
    first, second = models.asked("change_author")
    assert "longest([])" not in first.text
    assert "longest([])" in second.text, "the author is told what refuted the change"


def test_what_only_a_reader_of_the_instruction_can_judge_waits_for_one(asked: Any) -> None:
    said = asked(LAST, critic=[named("longest([(1, 2), (3, 4)])", "(1, 2)", TIES)])
    assert said.code == 3, said.out + said.err
    assert said.json["state"] == "awaiting_approval"
    assert [each["rule"] for each in gates_of(said)["critic"]["findings"]] == ["critic-disputed"]
    assert any("counter-examples" in each for each in said.json["decision"]["require"])


def test_where_a_critic_cannot_answer_a_person_looks(asked: Any) -> None:
    said = asked(GOOD, critic=failing(400))
    assert said.code == 3, said.out + said.err
    assert said.json["state"] == "awaiting_approval"
    critic = gates_of(said)["critic"]
    assert critic["verdict"] == "not_applicable"
    assert "gave no answer" in critic["summary"]
    assert any("nobody tried to refute" in each for each in said.json["decision"]["require"])
    assert said.json["authors"]["critics"] == []
