from __future__ import annotations

from pathlib import Path

import pytest

from bot.spec.definitions import Index, build_index
from bot.spec.draft import Unusable
from bot.spec.refusal import refuse, sample_call


@pytest.fixture
def index(tmp_path: Path) -> Index:
    source = "def parse(text: str, parts: list[str], n, extra=None): pass\n\n\nclass A:\n    def m(self, x: int): pass\n"
    (tmp_path / "a.py").write_text(source)
    return build_index(tmp_path, lambda _: True)


def test_the_advice_names_the_real_function_and_its_signature(index: Index) -> None:
    found = refuse("nothing can be run", "`parse` is broken", index, ())
    assert found.reason == "nothing can be run."
    assert "`parse('text', ['a', 'b'], 3, …) == …`" in found.advice
    assert sample_call(index.by_name["m"][0]) == "A(…).m(3)"


def test_what_is_still_to_be_written_is_taken_as_the_wish_writes_it(index: Index) -> None:
    found = refuse("nothing", "Add `initials(name, most)`, not like print(x)", index, ())
    assert "such as `initials('name', …) == …`" in found.advice
    assert "`parse('text'" in refuse("nothing", "`parse` should call initials(name)", index, ()).advice


def test_the_only_function_is_taken_where_none_is_named(index: Index) -> None:
    assert "parse(" in refuse("nothing", "it is broken", index, ()).advice
    assert "Name the function" in refuse("nothing", "it is broken", Index(), ()).advice


def test_an_example_that_could_not_be_used_is_explained(index: Index) -> None:
    found = refuse("nothing", "", index, (), [Unusable("f(open('x'))", "it uses `open`")])
    assert found.reason == "nothing; `f(open('x'))` could not be used because it uses `open`."
