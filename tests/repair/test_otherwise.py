"""Other changes that pass the same tests: when one is looked for, and what is made of one that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.change.change import Change
from bot.change.diff import compare
from bot.change.risk import assess
from bot.config import Config
from bot.gate import Subject, Tree
from bot.ids import Sha
from bot.lab import Lab
from bot.repair import otherwise
from bot.repair.otherwise import Doubt, Search, search
from bot.sandbox.environment import prepare
from tests.doubles.bare_sandbox import BareSandbox

OLD = '''\
def charge(minutes, free):
    """Return what is charged for."""
    if minutes > free + 1:
        return minutes - free
    return 0
'''
STRICT = OLD.replace("free + 1", "free")
LOOSE = OLD.replace("> free + 1", "!= free")
TESTS = """\
from shop import charge


def test_charge():
    assert charge(11, 10) == 1


def test_nothing():
    assert charge(10, 10) == 0
"""
BELOW = "\n\ndef test_below():\n    assert charge(9, 10) == 0\n    assert charge(3, 10) == 0\n"
Subjects = Callable[..., Subject]


@pytest.fixture
def subject(tmp_path: Path) -> Iterator[Subjects]:
    with Lab(BareSandbox(), prepare(tmp_path, tmp_path / "cache")) as lab:

        def build(new: str, tests: str = TESTS, old: str = OLD) -> Subject:
            trees = []
            for name, text in (("base", old), ("head", new)):
                root = tmp_path / name
                root.mkdir()
                (root / "shop.py").write_text(text)
                if tests:
                    (root / "test_shop.py").write_text(tests)
                trees.append(Tree(Sha(name), root))
            change = Change(Sha("base"), Sha("head"), (compare("shop.py", old, new),), "")
            return Subject(trees[0], trees[1], change, "Fix charge.", None, Config(), lab, assess(change))

        yield build


def test_a_rival_that_differs_is_named_by_one_input(subject: Subjects) -> None:
    found = search(subject(LOOSE))
    assert isinstance(found, Search)
    assert found.doubt is not None
    assert found.doubt.call.startswith("charge(")
    assert found.doubt.gives != found.doubt.otherwise
    assert "passes all the same tests" in str(found.doubt)
    assert str(found.doubt).endswith("which is right?")


def test_two_runs_find_the_same(subject: Subjects) -> None:
    asked = subject(LOOSE)
    assert search(asked) == search(replace(asked, instruction=asked.instruction))


def test_rivals_that_answer_alike_are_no_doubt(subject: Subjects) -> None:
    found = search(subject(STRICT, TESTS + BELOW))
    assert isinstance(found, Search)
    assert (found.doubt, found.tried > 0) == (None, True)
    assert "the same tests" in str(found)


@pytest.mark.parametrize(
    ("new", "tests", "why"),
    [
        (OLD + "\n", TESTS, "no file or of several"),
        (OLD + "\n\ndef more(x):\n    return x\n", TESTS, "that were there before"),
        (STRICT, "", "no tests"),
        (STRICT, "def test_it():\n    pass\n", "no test runs the changed code"),
        (STRICT, TESTS.replace("(11, 10) == 1", "(12, 10) == 2"), "no test fails on the old code"),
    ],
)
def test_without_a_failing_test_and_few_functions_nothing_is_looked_for(
    subject: Subjects, new: str, tests: str, why: str
) -> None:
    found = search(subject(new, tests))
    assert isinstance(found, str)
    assert why in found


def test_where_too_many_tests_run_the_code_nothing_is_looked_for(subject: Subjects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otherwise, "MOST_TESTS", 1)
    assert search(subject(LOOSE)) == "more than 1 tests run the changed code"


def test_an_unlikely_edit_is_no_rival(subject: Subjects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otherwise, "LIKELY", 100.0)
    found = search(subject(LOOSE))
    assert isinstance(found, Search)
    assert (found.tried, found.rivals, found.doubt) == (0, 0, None)


def test_what_is_said_of_it() -> None:
    assert str(Search(7, 0, 0, None, late=False)) == "of 7 other small edits none pass the same tests"
    alike = str(Search(1, 1, 3, None, late=True))
    assert alike.startswith("of 1 other small edit 1 passes the same tests, answering as this change does on 3 generated calls")
    assert alike.endswith("(cut short by the clock)")
    doubt = Doubt("a.py", 1, "f(1)", "2", "3", "line 4 of a.py: `x` is gone")
    assert str(doubt) == (
        "on `f(1)` this change gives 2; another small change (line 4 of a.py: `x` is gone) passes all the same tests and gives 3:"
        " which is right?"
    )
