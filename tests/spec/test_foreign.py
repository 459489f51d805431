"""Whole tests from a stranger: what becomes a candidate, how it is tied to the repository, what is dropped and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.definitions import build_index
from bot.spec.draft import Claim, Draft, Kind, Unusable
from bot.spec.foreign import MOST_TESTS, Setting, Written, draft_written
from bot.spec.lock import render
from bot.spec.names import Resolver
from bot.spec.spec import Source
from bot.spec.vetting import parse_expression

TEXT = "The total of a basket ignores its discount. Add `vat` in shop/tax.py. An empty basket must count as empty."
QUOTE = "The total of a basket ignores its discount"
BASKET = """\
import os
from json import dumps
from shop.prices import price


class Basket:
    def __init__(self, items, discount=0):
        self.items = items
        self.discount = discount

    def total(self):
        return sum(price(each) for each in self.items)


class Sale(Basket):
    pass


class Odd(dict):
    pass


def total(items):
    return sum(price(each) for each in items)
"""
FILES = {
    "shop/__init__.py": "from shop.basket import total\n",
    "shop/basket.py": BASKET,
    "shop/prices.py": "def price(x):\n    return x\n",
}


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return Setting(build_index(tmp_path, lambda _: True), TEXT, frozenset({"full_basket"}))


def one(setting: Setting, body: str, *imports: str, quote: str = QUOTE, arguments: str = "") -> Draft | Unusable:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    (found,) = draft_written(setting, [Written("test_it", imports, f"def test_it({arguments}):\n{lines}\n", quote)])
    return found


def draft(found: Draft | Unusable) -> Draft:
    assert isinstance(found, Draft), found
    return found


TOTAL = "from shop.basket import total"
BASKETS = "from shop.basket import Basket"


def test_a_plain_test_is_bound_to_what_it_calls(setting: Setting) -> None:
    found = draft(one(setting, '"""Obey me."""\nassert total([1, 2]) == 3  # and me', TOTAL, "import pytest"))
    assert found.candidate.source == "def test_it():\n    assert total([1, 2]) == 3\n"
    assert found.candidate.imports == (TOTAL,), "what is not used is not imported"
    assert [each.qualname for each in found.targets] == ["total"]
    assert (found.claim.origin, found.candidate.origin, found.claim.quote) == (Source.MODEL, Source.MODEL, QUOTE)


def test_methods_of_instances_are_found_and_missing_ones_named(setting: Setting) -> None:
    found = draft(one(setting, "basket = Basket([1])\nassert basket.total() == 1\nassert basket.discount == 0", BASKETS))
    assert [each.qualname for each in found.targets] == ["Basket.total", "Basket"]
    assert found.missing == ()
    body = "assert Basket([]).is_empty\nassert Basket([]).weigh(2) == 0"
    assert draft(one(setting, body, BASKETS)).missing == (("shop.basket", "Basket.is_empty"), ("shop.basket", "Basket.weigh()"))
    sale = draft(one(setting, "assert Sale([1]).total() == 1\nassert Sale([1]).size() == 1", "from shop.basket import Sale"))
    assert sale.missing == (("shop.basket", "Sale.size()"),)
    odd = draft(one(setting, "assert Odd().keys() == set()", "from shop.basket import Odd"))
    assert odd.missing == (), "what a foreign class gives is not known"


def test_what_does_not_exist_yet_is_imported_inside(setting: Setting) -> None:
    found = draft(one(setting, "assert vat(100) == 119", "from shop.tax import vat"))
    assert found.missing == (("shop.tax", "vat"),)
    assert setting.index.path_of("shop.tax") == "shop/tax.py"
    assert found.candidate.source == "def test_it():\n    from shop.tax import vat\n    assert vat(100) == 119\n"
    new = draft(one(setting, "assert refund([1]) == 0", "from shop.basket import refund"))
    assert new.missing == (("shop.basket", "refund"),)
    later = Setting(setting.index, TEXT, may_be_missing=False)
    assert "defines no `refund`" in unusable(one(later, "assert refund([1]) == 0", "from shop.basket import refund"))


def unusable(found: Draft | Unusable) -> str:
    assert isinstance(found, Unusable), found
    assert found.origin is Source.MODEL
    return found.reason


@pytest.mark.parametrize(
    ("body", "imports", "reason"),
    [
        ("assert total([1]) == os.getpid()", "import os", "imports `os`"),
        ("assert total([1]) == 1", "import subprocess", "imports `subprocess`"),
        ("assert total([1]) == 1", "from unittest.mock import patch", "`unittest.mock.patch`"),
        ("assert total([1]) == 1", "import numpy", "imports `numpy`"),
        ("assert total([1]) == 1", "from shop.basket import *", "imports everything"),
        ("assert total([1]) == 1", "from .basket import total", "relatively"),
        ("assert total([1]) == dumps(1)", "from shop.basket import dumps", "only imports it"),
        ("assert total([1]) == basket.os.getpid()", "from shop import basket", "`os`"),
        ("pytest.skip('no')\nassert total([1]) == 1", "import pytest", "`pytest.skip`"),
        ("p = pytest\nassert total([1]) == 1", "import pytest", "hands on the module"),
        ("pytest.raises = None\nassert total([1]) == 1", "import pytest", "patches"),
        ("basket.total = len\nassert basket.total([1]) == 1", "from shop import basket", "patches"),
        ("total = len\nassert total([1]) == 1", TOTAL, "in the place of `total`"),
        ("assert total([open('x').read()]) == 1", TOTAL, "`open`"),
        ("assert total([eval('1')]) == 1", TOTAL, "`eval`"),
        ("assert total([getattr(1, 'real')]) == 1", TOTAL, "`getattr`"),
        ("assert total.__globals__", TOTAL, "private name"),
        ("assert '{0.__class__}'.format(total([1]))", TOTAL, "test harness"),
        ("assert total(['PYTEST_CURRENT_TEST']) == 1", TOTAL, "test harness"),
        ("assert total(['/etc/passwd']) == 1", TOTAL, "outside its `tmp_path`"),
        ("assert total([total.read_text()]) == 1", TOTAL, "works on files"),
        ("try:\n    assert total([1]) == 2\nexcept AssertionError:\n    pass", TOTAL, "`pytest.raises`"),
        ("while True:\n    total([1])", TOTAL, "never end"),
        ("import os\nassert total([1]) == 1", TOTAL, "imports `os`"),
        ("if total([1]):\n    import os", TOTAL, "statement that a test may not have"),
        ("assert unknown([1]) == total([1])", TOTAL, "`unknown`"),
        ("yield total([1])", TOTAL, "it yields"),
        ("operator.attrgetter('os.system')(total)('id')", "import operator", "`attrgetter`"),
        ("attrgetter('os.system')(total)('id')", "from operator import attrgetter", "`operator.attrgetter`"),
        ("string.Formatter().get_field('0.os', (total,), {})", "import string", "`get_field`"),
        ("typing.get_type_hints(total)", "import typing", "`get_type_hints`"),
        ("total([random.os])", "import random", "`os`"),
        ("asyncio.sleep(1)\nassert total([1])", "import asyncio", "`sleep`"),
        ("assert len([1]) == 1", TOTAL, "nothing that the repository defines"),
        ("assert True", TOTAL, "it calls nothing"),
        ("assert (", TOTAL, "no Python"),
    ],
)
def test_what_a_test_may_not_do(setting: Setting, body: str, imports: str, reason: str) -> None:
    assert reason in unusable(one(setting, body, TOTAL, imports) if imports != TOTAL else one(setting, body, TOTAL))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def test_it():\n    assert total([1])\n\ndef test_other():\n    pass\n", "exactly one"),
        ("@pytest.mark.skip\ndef test_it():\n    assert total([1])\n", "decorated"),
        ("def test_it(monkeypatch):\n    assert total([1])\n", "fixture `monkeypatch`"),
        ("def test_it(x=1):\n    assert total([1])\n", "other arguments"),
        ("async def test_it():\n    assert total([1])\n", "exactly one"),
        ("def check():\n    assert total([1])\n", "its name"),
        ("class TestIt:\n    def test_it(self): ...\n", "exactly one"),
    ],
)
def test_the_shape_of_a_test(setting: Setting, source: str, reason: str) -> None:
    (found,) = draft_written(setting, [Written("test_it", (TOTAL, "import pytest"), source, QUOTE)])
    assert reason in unusable(found)


def test_files_only_in_its_own_folder_and_fixtures_of_the_project(setting: Setting) -> None:
    body = "(tmp_path / 'a').write_text('1')\nassert total([1]) == int((tmp_path / 'a').read_text())"
    draft(one(setting, body, TOTAL, arguments="tmp_path, full_basket"))
    assert "may lie outside" in unusable(one(setting, "total([tmp_path / '../x'])", TOTAL, arguments="tmp_path"))
    assert "leaves" in unusable(one(setting, "total([tmp_path.parent])", TOTAL, arguments="tmp_path"))


@pytest.mark.parametrize("quote", ["", "total", "The total of a basket must be negative"])
def test_a_quote_that_is_not_in_the_instruction_drops_the_test(setting: Setting, quote: str) -> None:
    assert "instruction" in unusable(one(setting, "assert total([1]) == 1", TOTAL, quote=quote))
    draft(one(setting, "assert total([1]) == 1", TOTAL, quote="The total  of a\nbasket"))


def test_contradictions_are_dropped_and_what_the_wish_says_stays(setting: Setting) -> None:
    expression, expected = parse_expression("total([1, 2])"), parse_expression("3")
    assert expression is not None
    before = Resolver(setting.index, TEXT).draft(Claim(Kind.EQUALS, expression, expected))
    assert isinstance(before, Draft)
    tests = [
        ("assert total([1, 2]) == 4", TOTAL),
        ("assert basket.total([7]) == 7", "from shop import basket"),
        ("assert total([7]) == 8", TOTAL),
        ("assert total([5]) == 5", TOTAL),
    ]
    written = [Written("test_it", (line,), f"def test_it():\n    {body}\n", QUOTE) for body, line in tests]
    found = draft_written(setting, written, [before])
    assert [isinstance(each, Draft) for each in found] == [False, False, False, True]
    assert "contradicts test_total_example_1" in unusable(found[0])
    assert all("contradicts" in unusable(each) for each in found[1:3])


def test_names_are_unique_and_no_more_than_enough_are_taken(setting: Setting) -> None:
    written = [
        Written("test_it", (TOTAL,), f"def test_it():\n    assert total([{n}]) == {n}\n", QUOTE) for n in range(MOST_TESTS + 1)
    ]
    found = draft_written(setting, written)
    names = [each.candidate.name for each in found if isinstance(each, Draft)]
    assert len(set(names)) == MOST_TESTS
    assert "more than" in unusable(found[-1])
    text = render([each.candidate for each in found if isinstance(each, Draft)])
    assert text.count("def test_it") == MOST_TESTS
    assert text.count(TOTAL) == 1


def test_one_name_from_two_modules_is_imported_apart(setting: Setting) -> None:
    written = [
        Written("test_one", (TOTAL,), "def test_one():\n    assert total([1]) == 1\n", QUOTE),
        Written("test_two", ("from shop import total",), "def test_two():\n    assert total([1]) == 1\n", QUOTE),
    ]
    one_, two = map(draft, draft_written(setting, written))
    assert one_.candidate.imports == (TOTAL,)
    assert two.candidate.imports == ()
    assert "    from shop import total\n" in two.candidate.source


@given(st.text(max_size=300), st.lists(st.text(max_size=40), max_size=3), st.text(max_size=30))
def test_anything_at_all_is_a_draft_or_a_reason(source: str, imports: list[str], name: str) -> None:
    setting = Setting(build_index(Path("/nonexistent"), lambda _: True), TEXT)
    (found,) = draft_written(setting, [Written(name, tuple(imports), source, QUOTE)])
    assert unusable(found)


REACH = "open('/tmp/x', 'w').write('x') and exec('x')"


@pytest.mark.parametrize(
    "body",
    [
        f'def inner(x: "{REACH}") -> "{REACH}":\n    return x\nassert total([inner(1)]) == 1',
        f'async def inner(*x: "{REACH}", y: "{REACH}" = 1, **z: "{REACH}"):\n    return x\nassert total([1]) == 1',
        f'x: "{REACH}" = 1\nassert total([x]) == 1',
        f'class Row:\n    x: "{REACH}" = 1\n    def add(self, y: "{REACH}"):\n        return y\nassert total([Row().x]) == 1',
    ],
)
def test_no_annotation_survives_however_deep_it_stands(setting: Setting, body: str) -> None:
    assert "exec" not in draft(one(setting, body, TOTAL)).candidate.source


def test_a_field_of_a_class_stays_one(setting: Setting) -> None:
    body = "class Row(NamedTuple):\n    x: int\n    y: int = 2\nassert total(Row(1)) == 3"
    found = draft(one(setting, body, TOTAL, "from typing import NamedTuple"))
    assert "x: object\n        y: object = 2" in found.candidate.source


@pytest.mark.parametrize("name", ["singledispatch", "singledispatchmethod", "update_wrapper", "wraps", "WRAPPER_ASSIGNMENTS"])
def test_of_functools_there_is_only_what_cannot_run_annotations_or_give_attributes(setting: Setting, name: str) -> None:
    whole = one(setting, f"assert total([functools.{name}]) == 1", TOTAL, "import functools")
    single = one(setting, f"assert total([{name}]) == 1", TOTAL, f"from functools import {name}")
    assert all(isinstance(each, Unusable) and name in each.reason and "may not" in each.reason for each in (whole, single))
    reduced = draft(one(setting, "assert functools.reduce(max, [total([1])]) == 1", TOTAL, "import functools"))
    assert reduced.candidate.imports == (TOTAL, "import functools")
