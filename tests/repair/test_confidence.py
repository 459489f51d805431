from __future__ import annotations

from dataclasses import replace

from bot.harness.harness import Call, Observation, ObservedKind
from bot.repair.confidence import EMIT, EMIT_ON_LITTLE, confidence, is_enough, ranked
from bot.repair.enumeration import Candidate
from bot.repair.rivals import Rivals
from bot.repair.template import Rewrite


def _returned(text: str) -> Observation:
    return Observation(ObservedKind.RETURNED, text, "int")


RAISED = Observation(ObservedKind.RAISED, "IndexError: no", "IndexError")


def _candidate(score: float) -> Candidate:
    return Candidate((Rewrite("m.py", 0, 0, "", "t", 1.0),), "m.py", f"# {score}", score, 1)


def _rivals(*rows: tuple[float, list[Observation]], calls: list[str]) -> Rivals:
    return Rivals(
        tuple((_candidate(score),) for score, _ in rows),
        tuple(Call("m", "f", each) for each in calls),
        tuple(tuple(observed) for _, observed in rows),
        (),
    )


def _sure(rivals: Rivals) -> float:
    return confidence(rivals, ranked(rivals))


def test_confidence_is_the_share_among_rivals() -> None:
    alone = _sure(_rivals((0.9, [_returned("1")]), calls=["(1,)"]))
    shared = _sure(_rivals((0.9, [_returned("1")]), (0.9, [_returned("2")]), calls=["(1,)"]))
    near = _sure(_rivals((0.9, [_returned("1")]), (0.7, [_returned("2")]), calls=["(1,)"]))
    faint = _sure(_rivals((0.01, [_returned("1")]), calls=["(1,)"]))
    assert alone > 0.9
    assert shared == 0
    assert 0.5 < near < alone
    assert faint < alone


def test_classes_that_differ_on_the_empty_only_are_no_rivals() -> None:
    rivals = _rivals((0.9, [_returned("1"), _returned("2")]), (0.9, [_returned("1"), _returned("3")]), calls=["([1],)", "([],)"])
    assert _sure(rivals) > 0.9
    assert _sure(replace(rivals, tested=frozenset(rivals.calls))) < 0.5


def test_a_class_that_raises_or_gives_nothing_loses_worth() -> None:
    order = ranked(_rivals((0.9, [RAISED, _returned("1")]), (0.8, [_returned("1"), _returned("1")]), calls=["(1,)", "(2,)"]))
    assert [each.group for each in order] == [1, 0]
    odd = Observation(ObservedKind.RETURNED, "None", "NoneType")
    rivals = _rivals((0.9, [odd, _returned("1")]), (0.8, [_returned("1")] * 2), calls=["(1,)", "(2,)"])
    assert [each.group for each in ranked(rivals)] == [0, 1]
    assert [each.group for each in ranked(replace(rivals, tested=frozenset(rivals.calls[1:])))] == [1, 0]
    assert ranked(_rivals((0.9, []), calls=[]))[0].worth == 0.9


def test_the_fewer_examples_the_surer_it_must_be() -> None:
    calls = ["(1,)", "(2,)", "(3,)"]
    rivals = _rivals((0.9, [_returned("1")] * 3), calls=calls)
    little = replace(rivals, tested=frozenset(rivals.calls[:2]))
    plenty = replace(rivals, tested=frozenset(rivals.calls))
    assert not is_enough(EMIT, little)
    assert is_enough(EMIT_ON_LITTLE, little)
    assert is_enough(EMIT, plenty)
