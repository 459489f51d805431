from __future__ import annotations

from pathlib import Path

from bot.ids import NodeId
from bot.spec.definitions import build_index
from bot.spec.docstrings import draft_docstrings, still_true
from bot.spec.draft import Draft, Unusable
from bot.spec.names import Resolver
from bot.spec.sayings import Sayings, claims_of_test
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


def test_what_the_person_contradicts_is_out_of_date(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text('def f(x):\n    """Do.\n\n    >>> f(1)\n    15.0\n    >>> f(2)\n    3\n    """\n')
    documented = draft_docstrings(build_index(tmp_path, lambda _: True).definitions, Resolver(build_index(tmp_path, bool), ""))
    said = Sayings()
    for claim in claims_of_test(NodeId("t.py::test_f"), "def test_f():\n    assert m.f(1) == 8.0\n    assert f(2) == 3.0\n"):
        said.add(claim, "t.py::test_f")
    current, outdated = still_true(documented, said)
    assert [each.claim.quote for each in current] == [">>> f(2)\n3"]
    assert [(each.quote, each.reason) for each in outdated] == [
        (">>> f(1)\n15.0", "t.py::test_f says otherwise: the docstring is out of date")
    ]


def test_a_docstring_asks_for_no_function_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text('def odd(n):\n    """Note: Series(1) is [1], and odd(5) returns [1, 5]."""\n')
    index = build_index(tmp_path, lambda _: True)
    found = draft_docstrings(index.definitions, Resolver(index, ""))
    assert [each.claim.quote for each in found if isinstance(each, Draft)] == [
        "Note: Series(1) is [1], and odd(5) returns [1, 5]."
    ]
    assert [each.reason for each in found if isinstance(each, Unusable)] == ["`Series` is not defined in the repository"]
