"""Answers written down are seen, honest code is left alone."""

from __future__ import annotations

import pytest

from bot.behaviour.answers import Known, known, written_answers
from bot.behaviour.touched import compare

EXAMPLES = known([([1, 2, 3, 4],), ([9, 8],), ("abc", 5), (383,), (0,), ("",)], [10, [3, 9, 4], True, 0, "yes"])


def answers(body: str, examples: Known = EXAMPLES, header: str = "def f(a, b=None):") -> list[str]:
    text = header + "\n" + "\n".join(f"    {line}" for line in body.splitlines()) + "\n"
    found = compare("m.py", "", text)
    assert found is not None
    return [each.why for routine in found.routines for each in written_answers(routine, found.lines, examples)]


@pytest.mark.parametrize(
    "body",
    [
        "if a == [1, 2, 3, 4]:\n    return 10\nreturn sum(a)",
        "if (a, b) == ('abc', 5):\n    return 1\nreturn 2",
        "if (a,) == ('',):\n    return 1\nreturn 2",
        "if 383 == a:\n    return True\nreturn False",
        "return a == 383",
        "if a in (383, 384):\n    return True\nreturn False",
        "if tuple(a) == (1, 2, 3, 4):\n    return 10\nreturn sum(a)",
        "return {383: 10, 'abc': 'yes'}.get(a)",
        "return {(383,): 10}[(a,)]",
        "print(a)\nreturn [3, 9, 4]",
        "match a:\n    case 383:\n        return 1\n    case _:\n        return 2",
        "'''Words.'''\nreturn 10",
    ],
)
def test_answers_are_found(body: str) -> None:
    assert answers(body)


@pytest.mark.parametrize(
    "body",
    [
        "if a == 0:\n    return 0\nreturn a + 1",
        "if a == '':\n    return 'yes'\nreturn a",
        "if not a:\n    return []\nreturn a[::-1]",
        "limit = 383\nreturn a + b",
        "if len(a) < 5:\n    return True\nreturn False",
        "return {'a': 1, 'b': 2}[a]",
        "if a == f(b):\n    return 1\nreturn 2",
        "return []",
        "return None",
    ],
)
def test_honest_code_is_left_alone(body: str) -> None:
    assert not answers(body)


def test_only_new_lines_count() -> None:
    old = "def f(a):\n    if a == 383:\n        return 10\n    return a\n"
    found = compare("m.py", old, old.replace("return a\n", "return a + 1\n"))
    assert found is not None
    assert not written_answers(found.routines[0], found.lines, EXAMPLES)


def test_a_method_without_parameters_may_be_constant() -> None:
    assert not answers("return 10", header="def f(self):")


def test_sets_and_dicts_are_told_by_content() -> None:
    examples = known([({1, 2, 3},), ({"a": [1, 2]},)], [])
    assert answers("return a == {3, 2, 1}", examples)
    assert answers("return a == {'a': [1, 2]}", examples)
    assert not answers("return a == {'a': [2]}", examples)
