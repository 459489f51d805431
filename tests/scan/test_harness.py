"""Danger rules for reaching for the machinery that judges: each shows on its own examples."""

from __future__ import annotations

import pytest

from bot.gate import Severity
from bot.scan.harness import HONEST, RULES, brought_in
from bot.scan.rule import Rule, dangers


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.bad])
def test_bad_examples_are_found(rule: Rule, example: str) -> None:
    assert list(dangers(example, (rule,))), f"{rule.name} misses {example!r}"


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.good])
def test_good_examples_are_not(rule: Rule, example: str) -> None:
    assert not list(dangers(example, (rule,))), f"{rule.name} finds {example!r}"


def test_all_ask_for_a_person() -> None:
    assert all(rule.name.startswith("reach-") and rule.severity is Severity.WARNING for rule in RULES)
    assert {rule.name for rule in RULES} >= HONEST


def test_what_was_there_before_does_not_count() -> None:
    old = "import ctypes\nimport sys\nsys._getframe(1)\n"
    assert not brought_in(old, old + "x = 1\n")
    assert [(each.line, each.what) for each in brought_in(old, old + "sys._getframe(1)\n")] == [(4, "sys._getframe")]


def test_tests_may_skip_but_not_patch_pytest() -> None:
    assert not brought_in("", "import pytest\ndef test_a():\n    pytest.skip('later')\n", test=True)
    assert brought_in("", "def pytest_runtest_makereport(item, call):\n    pass\n", test=True)


@pytest.mark.parametrize("deep", ["x = a" + ".a" * 900, "x = a" + "()" * 900, "x = " + "-" * 20_000 + "1", "x = " + "(" * 20_000])
def test_nothing_hides_behind_deep_nesting(deep: str) -> None:
    """Where such a text is no Python for this interpreter at all, nothing in it runs."""
    found = brought_in("", f"import ctypes\n{deep}\n")
    assert found or deep.endswith("(")
    assert not brought_in(f"{deep}\n", f"{deep}\n")


def test_what_is_no_python_has_nothing_in_it() -> None:
    assert not brought_in("", "import ctypes\ndef f(:\n")
