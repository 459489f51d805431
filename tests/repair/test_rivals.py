from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from bot.harness.harness import Call, Variants
from bot.repair.enumeration import Candidate
from bot.repair.rivals import MOST_HUNG, Probes, compare

Plain = Callable[[str, dict[str, str]], Variants]
BASE = "def f(x):\n    return x\n"


def _candidate(body: str, score: float) -> Candidate:
    return Candidate((), "m.py", f"def f(x):\n    {body}\n", score, 2)


def _probes(*arguments: str, until: float = 60.0) -> Probes:
    return Probes(tuple(Call("m", "f", each) for each in arguments), frozenset(), BASE, time.monotonic() + until)


def test_candidates_that_do_the_same_are_one_class(plain: Plain) -> None:
    candidates = [_candidate("return x + x", 0.3), _candidate("return x ** 2", 0.9), _candidate("return 2 * x", 0.5)]
    found = compare(plain(BASE, {}), candidates, _probes("(2,)", "(3,)", "('a',)"))
    assert [[each.score for each in group] for group in found.groups] == [[0.9], [0.5, 0.3]]
    assert [each.arguments for each in found.calls] == ["(2,)", "(3,)", "('a',)"]
    assert [each.value for each in found.base] == ["2", "3", "'a'"]


def test_calls_that_say_nothing_are_left_out(plain: Plain) -> None:
    found = compare(plain(BASE.replace("x\n", "x + 1\n"), {}), [_candidate("return 2 / x", 0.9)], _probes("(1,)", "()"))
    assert [each.arguments for each in found.calls] == ["(1,)"]


def test_what_could_not_be_observed_stays_apart(plain: Plain) -> None:
    found = compare(plain(BASE, {}), [_candidate("return 1", 0.9), _candidate("return 2", 0.5)], _probes())
    assert [len(group) for group in found.groups] == [1, 1]
    assert found.observed == ((), ())


def test_calls_that_hang_the_best_are_few(plain: Plain) -> None:
    hanging = _candidate("raise TimeoutError", 0.9)
    found = compare(plain(BASE, {}), [hanging, _candidate("return 1", 0.5)], _probes(*(f"({at},)" for at in range(9))))
    assert len(found.calls) == MOST_HUNG


def test_late_ones_are_left_out(plain: Plain) -> None:
    found = compare(plain(BASE, {}), [_candidate("return 1", 0.9), _candidate("return 2", 0.5)], _probes("(1,)", until=-1.0))
    assert [group[0].score for group in found.groups] == [0.9]


def test_a_base_that_hangs_is_not_watched(plain: Plain) -> None:
    found = compare(plain(BASE, {}), [_candidate("return 1", 0.9)], replace(_probes("(1,)"), base=""))
    assert found.base == ()
    assert len(found.calls) == 1
