from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.spec.annotations import checked_type, draft_annotations
from bot.spec.definitions import build_index
from bot.spec.draft import Draft
from bot.spec.examples import draft_examples
from bot.spec.names import Resolver


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("int", "int"),
        ("float", "(int, float)"),
        ("List[int]", "list"),
        ("dict[str, int]", "dict"),
        ("Optional[str]", "(str, type(None))"),
        ("int | None", "(int, type(None))"),
        ("Union[int, str]", "(int, str)"),
        ("None", "type(None)"),
        ("Any", None),
        ("int | Token", None),
        ("", None),
        ("a.b", None),
        ("(", None),
    ],
)
def test_plain_annotations_can_be_checked(annotation: str, kind: str | None) -> None:
    found = checked_type(annotation)
    assert (ast.unparse(found) if found else None) == kind


def test_calls_come_from_examples_then_from_small_arguments(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(
        "def f(x: int, y: str) -> str:\n    return y\n\nasync def g() -> int:\n    return 1\n\ndef h(x) -> int:\n    return 1\n"
    )
    index = build_index(tmp_path, lambda _: True)
    resolver = Resolver(index, "")
    examples = [each for each in draft_examples("f(7, 'q') == 'q'", resolver) if isinstance(each, Draft)]
    drafts = draft_annotations(index.definitions, examples, resolver)
    assert [each.candidate.source.splitlines()[1].strip() for each in drafts] == [
        "assert isinstance(f(7, 'q'), str)",
        "assert isinstance(f(1, 'a'), str)",
    ]
