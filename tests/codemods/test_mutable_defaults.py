from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.codemod import Codemod
from bot.codemods.mutable_defaults import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_calls_no_longer_share_the_list(run: Run) -> None:
    names: dict[str, Any] = {}
    exec(run(CODEMOD, "def add(x, xs=[], *, seen=set()):\n    xs.append(x)\n    return xs\n"), names)  # noqa: S102 - our own text
    assert names["add"](1) == [1]
    assert names["add"](2) == [2]


def test_a_one_line_body_and_quoted_annotations_stay_readable(run: Run) -> None:
    assert run(CODEMOD, "def f(x=[]): return x\n") == "def f(x=[]): return x\n"
    after = run(CODEMOD, 'def f(x: "list[int]" = [], /):\n    return x\n')
    assert after.startswith('def f(x: "list[int]" = None, /):')
