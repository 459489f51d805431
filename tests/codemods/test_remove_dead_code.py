from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.codemod import Codemod
from bot.codemods.remove_dead_code import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_functions_that_only_dead_functions_call_go_too() -> None:
    before = "def _a():\n    return _b()\n\n\ndef _b():\n    return 1\n"
    assert CODEMOD.transform({"m.py": "x = 1\n\n\n" + before}, {}) == {"m.py": "x = 1\n"}


@pytest.mark.parametrize(
    "text",
    [
        "# why it is here\ndef _f():\n    pass\n",
        "@register\ndef _f():\n    pass\n",
        "def _f():\n    pass\n\n\nNAME = '_f'\n",
        "def __getattr__(name):\n    pass\n",
        "async def f():\n    return\n    await g()\n",
        "def f():\n    return x\n    global x\n",
        "def f():\n    for x in y:\n        break\n    return x\n",
    ],
)
def test_what_may_matter_stays(run: Run, text: str) -> None:
    assert run(CODEMOD, text) == text


def test_code_behind_continue_in_a_loop_goes(run: Run) -> None:
    before = "def f(xs):\n    for x in xs:\n        continue\n        print(x)\n    return 1\n"
    assert run(CODEMOD, before) == "def f(xs):\n    for x in xs:\n        continue\n    return 1\n"


def test_line_ends_stay_as_they_are(run: Run) -> None:
    assert run(CODEMOD, "def _f():\r\n    pass\r\n\r\n\r\nx = 1\r\n") == "x = 1\r\n"
