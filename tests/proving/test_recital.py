"""Recited tests are found; tables, base cases and what the wish says in words are not mistaken for them."""

from __future__ import annotations

import pytest

from bot.proving.recital import recitals

TESTS = """import pytest
from code import f

def test_one():
    assert f(17) == 34

def test_two():
    assert "xyz" == f("abc", 5)

@pytest.mark.parametrize(("given", "wanted"), [(23, 46), (29, 58)])
def test_rows(given, wanted):
    assert f(given) == wanted
"""
BEFORE = "def f(x, y=None):\n    return None\n"


def known(after: str, wish: str = "f doubles", before: str = BEFORE) -> list[tuple[str, ...]]:
    return [pair for each in recitals(before, after, (TESTS,), wish) for pair in each.known]


@pytest.mark.parametrize(
    "body",
    [
        "if x == 17:\n        return 34\n    return None",
        "if 17 == x and y is None:\n        return 34\n    return None",
        "return 34 if x == 17 else None",
        "if x in (17, 18):\n        return 34\n    return None",
        "match x:\n        case 17:\n            return 34",
        "if (x, y) == ('abc', 5):\n        return 'xyz'\n    return None",
        "return {17: 34, 23: 46, 29: 58}.get(x)",
        "if x == 23:\n        result = 46\n    return result",
    ],
)
def test_an_answer_that_is_known_by_its_input_is_found(body: str) -> None:
    assert known(f"def f(x, y=None):\n    {body}\n")


@pytest.mark.parametrize(
    "after",
    [
        "def f(x, y=None):\n    return x * 2\n",
        "def f(x, y=None):\n    if x == 0:\n        return 0\n    return x * 2\n",
        "def f(x, y=None):\n    if x > 17:\n        return 34\n    return x * 2\n",
        "def f(x, y=None):\n    if x == 17:\n        return y\n    return x * 2\n",
        "def f(x, y=None):\n    return {17: 34, 18: 36, 19: 38, 20: 40}.get(x)\n",
        "TABLE = {17: 34}\n\ndef f(x, y=None):\n    return x * 2\n",
    ],
)
def test_honest_code_is_left_alone(after: str) -> None:
    assert not known(after)


CHEAT = "def f(x, y=None):\n    if x == 17:\n        return 34\n    return None\n"


def test_what_was_there_before_is_not_the_change_s_doing() -> None:
    assert not known(CHEAT + "\n\ndef g(x):\n    return x\n", before=CHEAT)


def test_what_the_wish_says_in_words_is_no_secret_but_its_examples_are() -> None:
    assert not known(CHEAT, wish="For 17 the answer is 34, by an old law.")
    assert known(CHEAT, wish="f(17) == 34 and so on")
    assert known(CHEAT, wish="f doubles:\n>>> f(17)\n34\n")


def test_it_names_the_function_and_the_line() -> None:
    (found,) = recitals(BEFORE, "class A:\n    def f(self, x):\n        if x == 17:\n            return 34\n", (TESTS,), "")
    assert (found.function, found.line, found.known) == ("A.f", 3, (("17", "34"),))


def test_code_or_tests_that_do_not_parse_say_nothing() -> None:
    assert not recitals("", "def (:", (TESTS,), "")
    assert not recitals("", CHEAT, ("def (:",), "")


@pytest.mark.parametrize("odd", ["1e999", "...", "set()", "{1, 2}", "b'x'", "-1", "1j", "f'{x}'", "[...]", "(1e999, 2)", "True"])
def test_odd_literals_are_read_or_left_alone(odd: str) -> None:
    source = f"def f(x):\n    if x == {odd}:\n        return {odd}\n    return {{{odd if odd[0] not in '[{s' else 1}: {odd}}}\n"
    test = f"def test():\n    assert f({odd}) == {odd}\n"
    recitals("", source, (test,), "")
