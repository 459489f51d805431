from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.capability import Capability, Effect, Level
from bot.errors import InputError, Refused
from bot.plan.plan import MAX_DEPTH, MAX_STEPS, Plan, Step, from_json, mermaid, order, schema, to_json, validate
from bot.run import Verb

ANY = {"type": "object"}
NAMED = {"type": "object", "required": ["old"], "properties": {"old": {"type": "string"}}}
CAPABILITIES = {
    "do": Capability("do", 1, "Does.", ANY, ANY, frozenset({Effect.READS_CODE}), Level.LOW, ("search",)),
    "rename": Capability("rename", 1, "Renames.", NAMED, ANY, frozenset({Effect.CHANGES_INTERFACE}), Level.LOW, ("codemod",)),
}


def plan(*steps: Step, verb: Verb = Verb.FIX) -> Plan:
    return Plan(verb, "fix it", steps)


@st.composite
def graphs(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, MAX_STEPS))
    names = [f"s{number}" for number in range(count)]
    steps = []
    for number, name in enumerate(names):
        needs = draw(st.lists(st.sampled_from(names[:number]), unique=True, max_size=3)) if number else []
        steps.append(Step(name, "do", {"n": number}, tuple(needs), ("it holds",), {"failing_tests": -1.0}))
    return plan(*draw(st.permutations(steps)))


def depth(drawn: Plan) -> int:
    found: dict[str, int] = {}
    for step in order(drawn):
        found[step.id] = 1 + max((found[need] for need in step.needs), default=0)
    return max(found.values())


@given(graphs())
def test_every_acyclic_graph_has_an_order_that_respects_it(drawn: Plan) -> None:
    ordered = order(drawn)
    assert sorted(step.id for step in ordered) == sorted(step.id for step in drawn.steps)
    for at, step in enumerate(ordered):
        assert set(step.needs) <= {each.id for each in ordered[:at]}
    assert order(drawn) == ordered
    assert order(replace(drawn, steps=ordered)) == ordered
    if depth(drawn) <= MAX_DEPTH:
        validate(drawn, CAPABILITIES)
    else:
        with pytest.raises(Refused, match="deep"):
            validate(drawn, CAPABILITIES)


@given(graphs(), st.data())
def test_a_circle_is_refused(drawn: Plan, data: st.DataObject) -> None:
    ordered = order(drawn)
    last = data.draw(st.sampled_from(ordered))
    first = data.draw(st.sampled_from([step for step in ordered if step.id == last.id or step.id in last.needs]))
    closing = replace(first, needs=tuple({*first.needs, last.id}))
    circle = replace(drawn, steps=tuple(closing if step.id == first.id else step for step in drawn.steps))
    with pytest.raises(InputError, match="circle"):
        order(circle)
    with pytest.raises(InputError, match="circle"):
        validate(circle, CAPABILITIES)


@given(graphs())
def test_json_comes_back_equal_and_fits_the_schema(drawn: Plan) -> None:
    data = json.loads(json.dumps(to_json(drawn)))
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(data)
    assert to_json(from_json(data)) == data
    assert from_json(data) == drawn


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["verb", "goal", "steps", "id", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(json_values)
def test_any_other_json_is_an_input_error(data: object) -> None:
    with pytest.raises(InputError, match="this is no plan"):
        from_json(data)


@pytest.mark.parametrize(
    ("broken", "error", "says"),
    [
        (plan(), InputError, "steps"),
        (plan(Step("a", "do", {}), Step("a", "do", {})), InputError, "its own"),
        (plan(Step("a", "fly", {})), InputError, "not registered: use one of do, rename"),
        (plan(Step("a", "rename", {})), InputError, "'old' is a required property"),
        (plan(Step("a", "rename", {"old": 5})), InputError, "old: 5 is not of type 'string'"),
        (plan(Step("a", "rename", {"old": "f"})), Refused, "public interface"),
        (plan(Step("a", "do", {}, ("b",))), InputError, "no step of this plan"),
        (plan(Step("A b", "do", {})), InputError, "this is no plan"),
        (plan(*(Step(f"s{n}", "do", {}) for n in range(MAX_STEPS + 1))), Refused, "split"),
    ],
)
def test_a_plan_that_could_not_be_carried_out_says_why(broken: Plan, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        validate(broken, CAPABILITIES)


def test_an_interface_change_that_was_asked_for_is_allowed() -> None:
    validate(replace(plan(Step("a", "rename", {"old": "f"})), may_change_interface=True), CAPABILITIES)


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_text_leaves_its_box_in_the_drawing(goal: str, capability: str) -> None:
    drawn = mermaid(Plan(Verb.FIX, goal, (Step("a", capability, {}), Step("b", "do", {}, ("a", "gone")))))
    lines = drawn.splitlines()
    assert lines[0] == "flowchart TD"
    assert len(lines) == 6
    assert "  s1 --> s2" in lines
    for line in lines[1:4]:
        assert re.fullmatch(r'  \w+\["[^"`<>\[\]{}\\|\n]*"\]', line)


def test_the_drawing_reads_well() -> None:
    assert mermaid(plan(Step("repair", "code.repair", {}))) == (
        'flowchart TD\n  goal["fix: fix it"]\n  s1["repair: code.repair"]\n  goal --> s1\n'
    )
