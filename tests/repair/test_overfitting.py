from __future__ import annotations

from bot.harness.harness import Call, Observation, ObservedKind
from bot.repair.enumeration import Candidate
from bot.repair.overfitting import complaint, constant

BASE = "def f(x):\n    if x == 7:\n        return 1\n    return x\n"


def _candidate(text: str) -> Candidate:
    return Candidate((), "m.py", text, 1.0, 1)


def test_comparing_with_what_only_the_tests_pass_is_a_cheat() -> None:
    calls = [Call("m", "f", "(42,)"), Call("m", "f", "('secret',)"), Call("m", "f", "(7,)")]
    assert "42" in complaint(_candidate(BASE.replace("7", "42")), BASE, calls)
    assert "secret" in complaint(_candidate(BASE.replace("7", "'secret'")), BASE, calls)
    assert complaint(_candidate(BASE.replace("7", "0")), BASE, calls) == ""
    assert complaint(_candidate(BASE.replace("return x", "return -x if x == 7 else x")), BASE, calls) == ""


def test_answering_the_same_whatever_is_asked() -> None:
    one, two = (Observation(ObservedKind.RETURNED, text, "int") for text in "12")
    assert constant([one] * 6, [one, two] * 3)
    assert not constant([one] * 6, [one] * 6)
    assert not constant([one, two] * 3, [one, two] * 3)
    assert not constant([one] * 2, [one, two])
