from __future__ import annotations

from pathlib import Path

from bot.spec.definitions import build_index
from bot.spec.docstrings import draft_docstrings
from bot.spec.draft import Draft
from bot.spec.names import Resolver
from bot.spec.spec import Source


def test_docstrings_are_read_with_their_modules_own_names(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(
            f'def f(x):\n    """Do.\n\n    >>> f(1)\n    {len(name)}\n    """\n\ndef g(): pass\n'
        )
    index = build_index(tmp_path, lambda _: True)
    drafts = draft_docstrings([each for each in index.definitions if each.module == "two"], Resolver(index, ""))
    assert [each.candidate.imports for each in drafts if isinstance(each, Draft)] == [("from two import f",)]
    assert [each.candidate.origin for each in drafts if isinstance(each, Draft)] == [Source.DOCSTRING]
