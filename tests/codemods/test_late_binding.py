from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.codemod import Codemod
from bot.codemods.late_binding import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_each_function_keeps_its_own_value(run: Run) -> None:
    for before in (
        "fs = []\nfor n in range(3):\n    fs.append(lambda: n)\n",
        "fs = [lambda *, k=0: n + k for n in range(3)]\n",
        "fs = list({n: lambda: n for n in range(3)}.values())\n",
        "fs = []\nfor n, m in [(0, 0), (1, 0), (2, 0)]:\n    def f(k=0):\n        return n + m + k\n    fs.append(f)\n",
    ):
        names: dict[str, Any] = {}
        exec(run(CODEMOD, before), names)  # noqa: S102 - our own text
        assert [f() for f in names["fs"]] == [0, 1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "fs = [lambda *a: n for n in x]\n",
        "fs = [lambda **k: n for n in x]\n",
        "for n in x:\n    def f():\n        n = 1\n        return n\n",
        "for n in x:\n    def f():\n        return y\n",
    ],
)
def test_no_default_where_it_has_no_place_or_no_point(run: Run, text: str) -> None:
    assert run(CODEMOD, text) == text
