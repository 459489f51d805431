from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.assert_tuple import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_an_empty_or_longer_tuple_is_left_to_a_person(run: Run) -> None:
    assert run(CODEMOD, "assert ()\n") == "assert ()\n"
    assert run(CODEMOD, "assert (a, b, c)\n") == "assert (a, b, c)\n"
