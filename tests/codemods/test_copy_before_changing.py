from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.copy_before_changing import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_attributes_and_keys_are_copied_too(run: Run) -> None:
    before = "for x in self.xs:\n    self.xs.append(x)\nfor k in (d):\n    d.pop(k)\n"
    after = "for x in list(self.xs):\n    self.xs.append(x)\nfor k in list(d):\n    d.pop(k)\n"
    assert run(CODEMOD, before) == after


def test_the_repaired_loop_does_what_was_meant(run: Run) -> None:
    names: dict[str, object] = {}
    exec(run(CODEMOD, "xs = [-1, -2, 3]\nfor x in xs:\n    if x < 0:\n        xs.remove(x)\n"), names)  # noqa: S102 - our own text
    assert names["xs"] == [3]
