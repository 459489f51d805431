from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import InputError
from bot.ids import NodeId
from bot.spec.definitions import build_index
from bot.spec.draft import Draft
from bot.spec.named import draft_answers, expand_named, named_in_text
from bot.spec.names import Resolver
from bot.spec.spec import Source

COLLECTED = tuple(
    map(NodeId, ("test_a.py::test_one", "test_a.py::test_two[1]", "test_a.py::test_two[2]", "test_a.py::Test::test_x"))
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("test_a.py::test_one", COLLECTED[:1]),
        ("./test_a.py::test_two", COLLECTED[1:3]),
        ("test_a.py::test_two[2]", COLLECTED[2:3]),
        ("test_a.py::Test", COLLECTED[3:]),
        ("test_a.py", COLLECTED),
    ],
)
def test_a_name_stands_for_a_test_or_for_many(tmp_path: Path, name: str, found: tuple[NodeId, ...]) -> None:
    assert expand_named([NodeId(name)], COLLECTED, tmp_path) == found


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("test_a.py::test_on", "did you mean test_a.py::test_one"),
        ("test_x", "did you mean test_a.py::Test::test_x"),
        ("zzz", "collect-only"),
    ],
)
def test_a_name_that_is_no_test_is_refused_with_the_nearest(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        expand_named([NodeId(name)], COLLECTED, tmp_path)


def test_a_test_that_cannot_be_collected_but_is_written_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / "test_b.py").write_text("from gone import f\n\nclass Test:\n    def test_y(self): pass\n")
    name = NodeId("test_b.py::Test::test_y")
    assert expand_named([name], COLLECTED, tmp_path) == (name,)
    with pytest.raises(InputError):
        expand_named([NodeId("test_b.py::Test::test_z")], COLLECTED, tmp_path)
    with pytest.raises(InputError):
        expand_named([NodeId("../test_b.py::test_y")], COLLECTED, tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Failing: test_one", COLLECTED[:1]),
        ("Failing: test_two", COLLECTED[1:3]),
        ("Failing: test_two[2]", COLLECTED[2:3]),
        ("the tests fail", ()),
    ],
)
def test_a_text_names_tests(text: str, found: tuple[NodeId, ...]) -> None:
    assert named_in_text(text, COLLECTED) == found


def test_answers_become_tests_or_are_refused(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("def f(x): return x\n")
    resolver = Resolver(build_index(tmp_path, lambda _: True), "", may_be_missing=False)
    drafts = [*draft_answers(["f([3, 1]) == 1", "assert f(2)", "not f(0)", "f([3, 1]) == 1"], resolver)]
    assert [each.candidate.origin for each in drafts] == [Source.ANSWER] * 3
    assert all(isinstance(each, Draft) for each in drafts)
    (raising,) = draft_answers(["f(9) raises ValueError('no')"], resolver)
    assert "with pytest.raises(ValueError):" in raising.candidate.source
    with pytest.raises(InputError, match="names no exception"):
        list(draft_answers(["f(8) raises 3"], resolver))
    with pytest.raises(InputError, match="is no assertion"):
        list(draft_answers(["x = 1"], resolver))
    with pytest.raises(InputError, match="cannot become a test: `g` is not defined"):
        list(draft_answers(["g(1) == 2"], resolver))
