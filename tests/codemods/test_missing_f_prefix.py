from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.missing_f_prefix import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_text_in_decorators_and_templates_stays(run: Run) -> None:
    text = '@route("/{name}")\ndef f(name):\n    return name\n'
    assert run(CODEMOD, text) == text
    nested = 'def f(a):\n    return "{a} {}"\n'
    assert run(CODEMOD, nested) == nested
