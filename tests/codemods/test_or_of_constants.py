from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.codemod import Codemod
from bot.codemods.or_of_constants import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_it_asks_for_each_alternative(run: Run) -> None:
    names: dict[str, Any] = {}
    exec(run(CODEMOD, 'def f(x):\n    return bool(x == "a" or "b")\n'), names)  # noqa: S102 - our own text
    assert [names["f"](x) for x in ("a", "b", "c")] == [True, True, False]
