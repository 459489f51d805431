import json
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.change.change import Change, Edit, Edits, FileChange
from bot.engine import Question, Reading
from bot.errors import Fatal
from bot.gate import GateResult, Verdict
from bot.history import Changed, Checked, Output, Sealed
from bot.ids import Sha
from bot.plan.plan import Plan, Step
from bot.run import Verb
from bot.spec.spec import Spec
from bot.store.outputs import dump, gathered, load

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
TEXT = st.text(st.characters(codec=None, categories=None), max_size=12)
st.register_type_strategy(Sha, st.builds(Sha, st.text("0123456789abcdef", min_size=40, max_size=40)))


def plain(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Build a dataclass from its types, with JSON wherever a type says Any."""
    return st.from_type(kind)


STEPS = st.builds(
    Step,
    id=TEXT,
    capability=TEXT,
    inputs=st.dictionaries(TEXT, JSON, max_size=2),
    expected=st.dictionaries(TEXT, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
)
GATES = st.builds(GateResult, name=TEXT, summary=TEXT, evidence=st.dictionaries(TEXT, JSON, max_size=2))
EDITS = st.builds(Edits, st.lists(st.builds(Edit, TEXT, st.none() | TEXT), max_size=2).map(tuple), TEXT)
OUTPUTS: st.SearchStrategy[Output] = st.one_of(
    st.builds(Plan, goal=TEXT, steps=st.lists(STEPS, max_size=2).map(tuple)),
    plain(Spec),
    st.builds(Changed, engine=TEXT, edits=st.none() | EDITS, alternatives=st.lists(EDITS, max_size=1).map(tuple)),
    st.builds(Checked, gates=st.lists(GATES, max_size=2).map(tuple)),
    plain(Sealed),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(OUTPUTS)
def test_outputs_come_back_exactly(output: Output) -> None:
    body = dump(output)
    assert body.isascii()
    assert load(type(output).__name__, body) == output


def test_bytes_that_are_no_text_survive() -> None:
    edits = Edits((Edit("caf\udce9.py", "NUL \0 and \ud800"),), "why")
    output = Changed("search", None, edits, question=Question("f(1)", (Reading("A", edits, "1"),)))
    assert load("Changed", dump(output)) == output


def test_cached_properties_are_no_part_of_an_output() -> None:
    file = FileChange("a.py", cast("Any", "modified"))
    assert file.added == 0
    output = Change(Sha("a" * 40), Sha("b" * 40), (file,), "diff")
    assert json.loads(dump(cast("Any", Plan(Verb.FIX, "g", ()))))["goal"] == "g"
    assert replace(output, files=(FileChange("a.py", file.status),)) == output


def test_what_json_cannot_hold_is_a_fault() -> None:
    bad = GateResult("g", Verdict.PASS, "", evidence={"x": object()})
    with pytest.raises(Fatal, match="Plan cannot be stored"):
        dump(Plan(Verb.FIX, "g", (Step("a", "b", {"x": object()}),)))
    assert bad.evidence


@pytest.mark.parametrize("body", ['{"bundle": 1}', "[]", "{", '"x"'])
def test_a_damaged_output_is_a_fault(body: str) -> None:
    with pytest.raises(Fatal, match="Sealed cannot be read back"):
        load("Sealed", body)


def test_an_unknown_kind_is_a_fault() -> None:
    with pytest.raises(Fatal, match="unknown kind 'Approved'"):
        load("Approved", "{}")


def changed(name: str) -> Changed:
    return Changed(name, None, None)


def checked(diff: str) -> Checked:
    return cast("Checked", load("Checked", json.dumps({**_CHECKED, "change": {**_CHECKED["change"], "diff": diff}})))


_CHECKED: dict[str, Any] = {
    "change": {"base": "a", "head": "b", "files": [], "diff": ""},
    "gates": [],
    "risk": {"level": "SAFE", "score": 0, "factors": []},
    "decision": {"allow": True},
}


def test_history_has_the_newest_of_each_kind_and_a_pair_a_round() -> None:
    plan = Plan(Verb.FIX, "g", ())
    one, two = changed("one"), changed("two")
    a, b, again = checked("a"), checked("b"), checked("again")
    history = gathered([(1, plan), (1, one), (1, a), (2, two), (2, b), (2, again), (2, Sealed("d", "x", None))])
    assert (history.plan, history.spec, history.changed, history.checked) == (plan, None, two, again)
    assert history.rounds == ((one, a), (two, again))
    assert history.sealed == Sealed("d", "x", None)


def test_history_of_a_round_not_yet_checked() -> None:
    history = gathered([(1, changed("one")), (1, checked("a")), (2, changed("two"))])
    assert history.rounds == ((changed("one"), checked("a")), (changed("two"), None))
    assert gathered([]).rounds == ()
