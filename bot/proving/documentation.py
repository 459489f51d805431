"""Documentation that a model wrote: no executable line may differ, and every example it brings in must run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from bot.change.area import Area, area
from bot.change.change import Edit, Edits
from bot.change.outline import bare, module_name
from bot.proving.objections import Objection, Read

_PRAGMA: Final = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|nosec|pylint:|mypy:|ruff:|fmt:|isort:|-\*-)", re.IGNORECASE)

EXAMPLES = """import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", {names})
def test_examples(name):
    module = importlib.import_module(name)
    said = []
    for each in doctest.DocTestFinder(exclude_empty=True).find(module):
        doctest.DocTestRunner(verbose=False).run(each, out=said.append)
    assert not said, "".join(said)
"""
"""A test that runs the examples in docstrings of modules."""


def objections(edits: Edits, read: Read) -> tuple[Objection, ...]:
    """Return what is more than documentation in edits."""
    return tuple(each for edit in edits.edits for each in _of(edit, read(edit.path)))


def _of(edit: Edit, before: str | None) -> Iterator[Objection]:
    if not edit.path.endswith((".py", ".pyi")):
        if area(edit.path) is not Area.DOCS:
            yield Objection(edit.path, 0, "is no documentation: only docstrings, comments and documents may differ")
        elif edit.content is None:
            yield Objection(edit.path, 0, "is deleted: documentation is written, not taken away")
        return
    if before is None or edit.content is None:
        yield Objection(edit.path, 0, "is code that comes or goes: only docstrings and comments of what is there may differ")
    elif bare(before) != bare(edit.content):
        yield Objection(edit.path, 0, "differs in code: only docstrings and comments may differ")
    elif _pragmas(before) != _pragmas(edit.content):
        yield Objection(edit.path, 0, "differs in comments that tools obey: leave those as they are")


def _pragmas(text: str) -> Counter[str]:
    return Counter(line[match.start() :].strip() for line in text.split("\n") if (match := _PRAGMA.search(line)))


def with_examples(edits: Edits, read: Read) -> tuple[str, ...]:
    """Return the modules whose docstrings have other examples than before."""
    return tuple(
        module_name(each.path)
        for each in edits.edits
        if each.path.endswith(".py") and _examples(each.content or "") != _examples(read(each.path) or "")
    )


def _examples(text: str) -> list[str]:
    """Return the examples of a text, line by line: what is typed, and what is said to follow at once."""
    lines = [line.strip() for line in text.split("\n")]
    return [f"{line}\n{after}" for line, after in zip(lines, [*lines[1:], ""], strict=True) if line.startswith((">>> ", "... "))]
