from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.codemod import Codemod, joined
from bot.syntax.tree import parse


def check(codemod: Codemod) -> None:
    assert codemod.examples, "its examples are its documentation"
    assert codemod.does.endswith(".")
    for each in codemod.examples:
        changed = codemod.transform(each.before, each.arguments)
        after = joined(each.before, changed)
        assert after == dict(each.after)
        assert all(each.before[path] != text for path, text in changed.items())
        assert not codemod.transform(after, each.arguments), "a second run finds nothing"
        assert all(parse(text) is not None for path, text in after.items() if path.endswith(".py"))


@pytest.fixture
def shows() -> Callable[[Codemod], None]:
    """Run a codemod's own examples, twice."""
    return check


@pytest.fixture
def run() -> Callable[..., str]:
    """Run a codemod over one file and return its text."""

    def once(codemod: Codemod, text: str, **arguments: object) -> str:
        return joined({"code.py": text}, codemod.transform({"code.py": text}, arguments))["code.py"]

    return once
