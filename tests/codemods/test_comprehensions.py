from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.comprehensions import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_generators_that_are_evaluated_later_stay(run: Run) -> None:
    text = "x = all([f(y) for y in z])\nw = map(lambda a: a + 1, z)\nd = {k: v for k, v in m}\n"
    assert run(CODEMOD, text) == text
