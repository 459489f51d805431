from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.except_or import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_three_exceptions_with_dots(run: Run) -> None:
    before = "try:\n    f()\nexcept (a.B or C or D):\n    pass\n"
    assert run(CODEMOD, before) == "try:\n    f()\nexcept (a.B, C, D):\n    pass\n"
