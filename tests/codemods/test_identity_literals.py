from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.identity_literals import CODEMOD


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)
