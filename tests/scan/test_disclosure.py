"""Danger rules for what is given away or fetched: each shows on its own examples."""

from __future__ import annotations

import pytest

from bot.gates.security import RULES as ALL
from bot.scan.disclosure import RULES
from bot.scan.rule import Rule, dangers


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.bad])
def test_bad_examples_are_found(rule: Rule, example: str) -> None:
    assert list(dangers(example, (rule,))), f"{rule.name} misses {example!r}"


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.good])
def test_good_examples_are_not(rule: Rule, example: str) -> None:
    assert not list(dangers(example, (rule,))), f"{rule.name} finds {example!r}"


def test_the_gate_asks_them() -> None:
    assert set(RULES) <= set(ALL)
