from __future__ import annotations

from bot.repair.enumeration import Candidate
from bot.repair.template import Rewrite
from bot.repair.wording import sentence

BASE = "def gcd(a, b):\n    if b == 0:\n        return a\n    return gcd(a % b, b)\n"


def _candidate(*rewrites: Rewrite) -> Candidate:
    text = BASE
    for each in rewrites:
        text = each.apply(text)
    return Candidate(rewrites, "gcd.py", text, 1.0, 1)


def _replace(old: str, new: str, text: str = BASE) -> Rewrite:
    start = text.index(old)
    return Rewrite("gcd.py", start, start + len(old), new, "t", 1.0)


def test_one_plain_sentence() -> None:
    assert sentence(_candidate(_replace("a % b", "b % a")), BASE) == "line 4 of gcd.py: `b % a` instead of `a % b`"
    assert sentence(_candidate(_replace("        return a\n", "")), BASE) == "line 3 of gcd.py: `return a` is gone"
    new = Rewrite("gcd.py", 15, 15, "    a = abs(a)\n", "t", 1.0)
    assert sentence(_candidate(new), BASE) == "line 2 of gcd.py: `a = abs(a)` is new"


def test_lines_that_stay_are_left_out_and_several_edits_joined() -> None:
    whole = _replace("    if b == 0:\n        return a\n", "    if b == 1:\n        return a\n")
    after = whole.apply(BASE)
    said = sentence(_candidate(whole, _replace("a % b", "b", after)), BASE)
    assert said == "line 2 of gcd.py: `if b == 1:` instead of `if b == 0:`; and line 4 of gcd.py: `b` instead of `a % b`"


def test_long_texts_are_cut() -> None:
    assert len(sentence(_candidate(_replace("a % b", "x" * 300)), BASE)) < 140
