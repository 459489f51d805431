from __future__ import annotations

from bot.repair.beam import WIDTH, grounds, worth
from bot.repair.enumeration import Candidate, Ground
from bot.repair.routine import Routine
from bot.repair.source import SourceFile
from bot.repair.template import Rewrite
from bot.repair.trial import Judged

BASE = "def f(x):\n    y = x\n    return y\n"


def _judged(text: str, *, witnesses: int = 1, lost: int = 0, changed: bool = True, hung: bool = False, start: int = 14) -> Judged:
    rewrite = Rewrite("m.py", start, start, text, "t", 1.0)
    return Judged(
        Candidate((rewrite,), "m.py", rewrite.apply(BASE), 0.5, 2),
        passed=False,
        witnesses=witnesses,
        lost=lost,
        changed=changed,
        hung=hung,
    )


def test_helping_counts_more_than_losing_and_than_failing_otherwise() -> None:
    helps, loses = _judged("x"), _judged("x", lost=1)
    differs, hangs, same = (
        _judged("x", witnesses=0),
        _judged("x", witnesses=0, hung=True),
        _judged("x", witnesses=0, changed=False),
    )
    assert worth(helps, 2) > worth(loses, 2) > worth(differs, 2) > worth(hangs, 2) == worth(same, 2) == 0


def test_suspicion_moves_with_the_lines() -> None:
    base = Ground(SourceFile("m.py", BASE), (), Routine)
    found = grounds([_judged("z = 1\n    ")], 2, {"m.py": {2: 0.5, 3: 1.0}}, base, "")
    assert len(found) == 1
    suspicions = {each.statement.lineno: each.suspicion for each in found[0].suspects}
    assert suspicions[4] == 1.0
    assert {2, 3, 4} <= set(suspicions)
    assert found[0].before[0].text == "z = 1\n    "


def test_few_grounds_all_of_them_python() -> None:
    base = Ground(SourceFile("m.py", BASE), (), Routine)
    partial = [
        _judged("def ("),
        *(_judged(f"a{at} = 1\n    ") for at in range(40)),
        _judged("b = 1\n    ", witnesses=0, changed=False),
    ]
    found = grounds(partial, 2, {"m.py": {2: 1.0}}, base, "")
    assert len(found) == WIDTH
