from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.return_annotations import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_inner_functions_and_endless_loops_are_told_apart(run: Run) -> None:
    before = "def f():\n    def g():\n        return 1\n    print(g)\n"
    assert run(CODEMOD, before) == before.replace("def f():", "def f() -> None:")
    endless = "def f():\n    while True:\n        g()\n"
    assert run(CODEMOD, endless) == endless


def test_open_methods_stay_open(run: Run) -> None:
    text = "class A:\n    @abc.abstractmethod\n    def f(self):\n        print()\n"
    assert run(CODEMOD, text) == text
