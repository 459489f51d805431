from __future__ import annotations

import time
from collections.abc import Callable

from bot.harness.harness import Call, TestOutcome, Variants
from bot.repair.case import Case
from bot.repair.enumeration import Candidate, Ground
from bot.repair.hunt import Hunt
from bot.repair.localisation import suspects, suspicious_lines
from bot.repair.routine import Routine
from bot.repair.source import SourceFile

Plain = Callable[[str, dict[str, str]], Variants]


def _hunt(variants: Variants, text: str, *calls: str, refused: Callable[[Candidate], bool] = lambda _candidate: False) -> Hunt:
    run = variants.baseline
    witnesses = tuple(each.id for each in run.results if each.outcome is not TestOutcome.PASSED)
    guards = tuple(each.id for each in run.results if each.outcome is TestOutcome.PASSED)
    file = SourceFile("m.py", text)
    lines = suspicious_lines(run, witnesses, guards)
    ground = Ground(file, suspects({"m.py": file}, lines, {}, ""), Routine)
    made = tuple(Call("m", "f", each) for each in calls)
    case = Case({"m.py": file}, witnesses, guards, lines, {}, made, (ground,), "")
    soon = time.monotonic() + 60
    return Hunt(case, variants, 0, soon, soon, lambda _text, _share: None, refused)


def test_one_edit(plain: Plain) -> None:
    text = "def f(a, b):\n    return a - b\n"
    hunt = _hunt(plain(text, {"one": "f(2, 3) == 5", "two": "f(4, 1) == 5"}), text, "(2, 3)", "(4, 1)")
    hunt.run()
    assert text.replace("-", "+") in {each.text for each in hunt.plausible}
    found = hunt.rivals()
    assert found is not None
    assert found.groups[0][0].text == text.replace("-", "+")
    assert hunt.edits == 1


def test_two_edits(plain: Plain) -> None:
    text = "def f(a, b):\n    if a < 0:\n        return 7\n    return a - b\n"
    tests = {"one": "f(2, 3) == 5", "two": "f(4, 1) == 5", "three": "f(-1, 5) == 0", "four": "f(0, 0) == 0"}
    hunt = _hunt(plain(text, tests), text, "(2, 3)", "(-1, 5)")
    hunt.run()
    assert hunt.edits == 2
    assert text.replace("-", "+").replace("7", "0") in {each.text for each in hunt.plausible}


def test_nothing_fits(plain: Plain) -> None:
    text = "def f(a):\n    return a\n"
    hunt = _hunt(plain(text, {"one": "f('x') == 'something else'"}), text, "('x',)")
    hunt.run()
    assert hunt.rivals() is None


def test_refused_and_overfitted_edits_are_left_out(plain: Plain) -> None:
    text = "def f(a, b):\n    return a - b\n"
    variants = plain(text, {"one": "f(2, 3) == 5", "two": "f(4, 1) == 5"})
    hunt = _hunt(variants, text, refused=lambda candidate: "+" in candidate.text)
    hunt.run()
    assert not any("+" in each.text for each in hunt.plausible)


def test_answering_the_same_whatever_is_asked_is_dropped(plain: Plain) -> None:
    text = "def f(a):\n    x = 4\n    return a\n"
    hunt = _hunt(plain(text, {"one": "f(2) == 4"}), text, "(2,)")
    hunt.run()
    found = hunt.rivals()
    assert found is not None
    assert text.replace("return a", "return x") in {each.text for each in hunt.plausible}
    assert not any(each.text == text.replace("return a", "return x") for group in found.groups for each in group)


def test_a_base_that_hangs(plain: Plain) -> None:
    text = "def f(a):\n    while a > 0:\n        a += 1\n    return a\n"
    hunt = _hunt(plain(text, {"one": "f(3) == 0", "two": "f(0) == 0"}), text, "(3,)")
    hunt.run()
    assert text.replace("+=", "-=") in {each.text for each in hunt.plausible}
    found = hunt.rivals()
    assert found is not None
    assert found.base == ()
