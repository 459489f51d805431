from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.codemod import Codemod
from bot.codemods.f_strings import CODEMOD

Run = Callable[..., str]


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


@pytest.mark.parametrize(
    "text",
    [
        'x = "%d" % (a,)\n',
        'x = "%s %s" % (a,)\n',
        'x = "%(a)s" % ({"a": 1},)\n',
        "x = '%s' % (d['k'],)\n",
        'x = r"%s\\n" % (a,)\n',
        'x = "%s" % (a + b,)\n',
        'x = """%s""" % (a,)\n',
        'x = "%s" % (*a,)\n',
        'x = "%s %" % (a,)\n',
    ],
)
def test_what_is_not_certain_stays(run: Run, text: str) -> None:
    assert run(CODEMOD, text) == text


def test_a_rewritten_string_says_the_same(run: Run) -> None:
    before = 'a, b = 1, "x"\ny = "{%s} %r 5%%" % (a, b)\n'
    for text in (before, run(CODEMOD, before)):
        names: dict[str, object] = {}
        exec(text, names)  # noqa: S102 - our own text
        assert names["y"] == "{1} 'x' 5%"
