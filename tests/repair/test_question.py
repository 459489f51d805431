from __future__ import annotations

from bot.harness.harness import Call, Observation, ObservedKind
from bot.repair.enumeration import Candidate
from bot.repair.question import doubt
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


def test_the_simplest_call_that_tells_the_best_two_apart() -> None:
    rivals = _rivals(
        (0.9, [_returned("1"), _returned("1"), _returned("5"), _returned("1")]),
        (0.8, [_returned("1"), _returned("2"), _returned("6"), RAISED]),
        (0.1, [_returned("3"), _returned("1"), _returned("7"), _returned("9")]),
        calls=["(1,)", "([1, 2, 3],)", "(2,)", "(3,)"],
    )
    found = doubt(rivals, [0, 1, 2])
    assert found is not None
    assert found.call == "f(2)"
    assert [gives for _, gives in found.readings] == ["5", "6", "7"]


def test_no_call_no_question() -> None:
    assert doubt(_rivals((0.9, [_returned("1")]), (0.8, [_returned("1")]), calls=["(1,)"]), [0, 1]) is None
    long = repr(("x" * 200,))
    assert doubt(_rivals((0.9, [_returned("1")]), (0.8, [_returned("2")]), calls=[long]), [0, 1]) is None
