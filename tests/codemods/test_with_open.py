from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.with_open import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_it_works_at_the_top_of_a_file_and_inside_blocks(run: Run) -> None:
    before = "h = open('x')\na = h.read()\nh.close()\nif a:\n    k = open('y')\n    k.write(a)\n    k.close()\n"
    after = "with open('x') as h:\n    a = h.read()\nif a:\n    with open('y') as k:\n        k.write(a)\n"
    assert run(CODEMOD, before) == after


def test_a_comment_at_the_close_is_not_lost(run: Run) -> None:
    text = "h = open('x')\na = h.read()\n# done\nh.close()\n"
    assert run(CODEMOD, text) == text
