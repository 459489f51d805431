from __future__ import annotations

from bot.behaviour.differences import canonical, classes, differences, outcome, written
from bot.harness.harness import Call, Observation, ObservedKind

ONE = Observation(ObservedKind.RETURNED, "1", "int")
TWO = Observation(ObservedKind.RETURNED, "2", "int")
BAD = Observation(ObservedKind.RAISED, "ValueError: no", "ValueError")
LATE = Observation(ObservedKind.TIMED_OUT)
GONE = Observation(ObservedKind.UNAVAILABLE)


def test_calls_as_people_write_them() -> None:
    assert written(Call("m", "f", "([3, 1],)")) == "f([3, 1])"
    assert written(Call("m", "f", "()", "{'key': None}")) == "f(key=None)"
    assert written(Call("m", "Queue.put", "('a',)", "{}", "(2,)")) == "Queue(2).put('a')"


def test_the_words_of_an_exception_do_not_count() -> None:
    assert canonical(BAD) == canonical(Observation(ObservedKind.RAISED, "ValueError: other", "ValueError"))
    assert canonical(BAD) != canonical(Observation(ObservedKind.RAISED, "KeyError: no", "KeyError"))
    assert canonical(ONE) != canonical(Observation(ObservedKind.RETURNED, "1", "int", printed="x"))
    assert canonical(ONE) != canonical(Observation(ObservedKind.RETURNED, "1", "int", arguments_after="[]"))


def test_outcomes_for_people() -> None:
    assert [outcome(each) for each in (ONE, BAD, LATE)] == ["1", "raises ValueError: no", "timed out"]


def test_differences_leave_out_what_could_not_be_observed() -> None:
    calls = [Call("m", "f", f"({at},)") for at in range(4)]
    found = differences(calls, [ONE, ONE, GONE, BAD], [ONE, TWO, TWO, LATE])
    assert [each.call.arguments for each in found] == ["(1,)", "(3,)"]
    assert (found[0].before, found[0].after) == (ONE, TWO)


def test_classes_keep_the_order_given() -> None:
    assert classes({"a": [ONE], "b": [TWO], "c": [ONE]}) == (("a", "c"), ("b",))
