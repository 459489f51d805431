from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.definitions import Index, build_index
from bot.spec.draft import Draft, Unusable
from bot.spec.examples import draft_examples, split_blocks, visible
from bot.spec.names import Resolver


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    root = tmp_path_factory.mktemp("project")
    (root / "solution.py").write_text("def f(x, y=1):\n    return x\n\n\nclass Box:\n    def g(self): return 1\n")
    return build_index(root, lambda _: True)


def bodies(text: str, index: Index) -> list[str]:
    found = draft_examples(text, Resolver(index, text))
    return [
        "; ".join(line.strip() for line in each.candidate.source.splitlines()[1:]) for each in found if isinstance(each, Draft)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`f(3)` should return 4.", "assert f(3) == 4"),
        ("f(x=3) gives 5 instead of 4", "assert f(x=3) == 4"),
        ("f(3) returns 5, but should return 4.", "assert f(3) == 4"),
        ("f(1) returned 4, expected 5.", "assert f(1) == 5"),
        ("f(1): expected 3 but got 4", "assert f(1) == 3"),
        ("expected 3 but got 4 from f(1)", "assert f(1) == 3"),
        ("It should return `[1, 2]` for `f('a')`", "assert f('a') == [1, 2]"),
        ("For example, f([5, 2]) returns the list [5, 2]. More", "assert f([5, 2]) == [5, 2]"),
        ("f(2) should be true", "assert f(2) == True"),
        ("f('') should return an empty list", "assert f('') == []"),
        ("f(0.1) == 0.3", "assert f(0.1) == pytest.approx(0.3)"),
        ("f(2) → -0.5", "assert f(2) == pytest.approx(-0.5)"),
        ("| `f(1)` | 3 |", "assert f(1) == 3"),
        ("- f(2) → 'a b'", "assert f(2) == 'a b'"),
        ("Box().g() should be 2", "assert Box().g() == 2"),
        ("f(1)[0] == 4", "assert f(1)[0] == 4"),
        ("f(3) should not return 3", "assert f(3) != 3"),
        ("f(3) should not raise", "f(3)"),
        ("Calling `f([])` should raise ValueError", "with pytest.raises(ValueError):; f([])"),
        ("`f(1)` returns None instead of raising, it should raise `KeyError`", "with pytest.raises(KeyError):; f(1)"),
        ("`f(1,\n2)` should\nreturn 3", "assert f(1, 2) == 3"),
        (">>> f(1)\n2", "assert f(1) == 2"),
        (">>> f(1)\nTrue", "assert f(1) is True"),
        (">>> f(1) == 3\nTrue", "assert f(1) == 3"),
        (">>> f(1) == 3\nFalse", "assert not f(1) == 3"),
        (">>> f(3) == 4", "assert f(3) == 4"),
        (">>> f({\n 'a': 3,\n})\n{'b': 2}", "assert f({'a': 3}) == {'b': 2}"),
        (">>> f([\n...   1,\n... ])\n1", "assert f([1]) == 1"),
        (">>> x = [1]\n>>> x.append(2)\n>>> f(x)\n3", "x = [1]; x.append(2); assert f(x) == 3"),
        (">>> print(f(1))\nabc", "assert str(f(1)) == 'abc'"),
        (">>> f(1)\n<Box at work>", "assert repr(f(1)) == '<Box at work>'"),
        (
            ">>> f(0)\nTraceback (most recent call last):\n    ...\nValueError: bad",
            "with pytest.raises(ValueError, match='bad'):; f(0)",
        ),
        ("Expected:\n>>> f(9)\n1", "assert f(9) == 1"),
        ("```python\nx = [1]\nassert f(x) == 2\n```", "x = [1]; assert f(x) == 2"),
        ("```\nf(4)  # should be 'a'\n```", "assert f(4) == 'a'"),
        ("```\nprint(f(9))  # => 'x'\n```", "assert f(9) == 'x'"),
        ("```\nf(1) -> 2 (an integer)\n```", "assert f(1) == 2"),
        ("```\nf(1) < f(2)\n```", "assert f(1) < f(2)"),
        ("```py\nimport solution as s\nassert s.f(1) == 2\n```", "assert s.f(1) == 2"),
        ("`solution.f(1)` should be 2", "assert solution.f(1) == 2"),
        ("sum([f(1), f(2)]) == 3", "assert sum([f(1), f(2)]) == 3"),
        ("f(1) == {'a': [1, 2]}", "assert f(1) == {'a': [1, 2]}"),
        ("f(5) should be [0.5, 1.0]", "assert f(5) == pytest.approx([0.5, 1.0])"),
        ("f(math.pi) should be 3", "assert f(math.pi) == 3"),
    ],
)
def test_words_become_a_test(index: Index, text: str, expected: str) -> None:
    assert bodies(text, index) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "f(3) returns 5 which is wrong",
        "Currently `f(3)` gives 5.",
        "f(3) raises IndexError, unexpectedly",
        "Actual output:\n>>> f(9)\n1",
        ">>> f(9)\n1  # wrong",
        ">>> x = f(1)\n>>> x",
        ">>> f(1)\n[1, ...]",
        ">>> f(1)\n2\n\n>>> f(1)\n3",
        "<!-- f(1) == 2 -->",
        "f(1) is slow",
        "f(1) and f(2)",
        "```\nraise f(1)\n```",
        "```sh\nf(1) == 2\n```",
        "see f(x and g(",
    ],
)
def test_symptoms_and_hidden_words_become_none(index: Index, text: str) -> None:
    assert bodies(text, index) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("f(open('/etc/passwd')) == 2", "`open`"),
        ("len([1]) == 1", "calls nothing that the repository defines"),
        ("g() == 2", "method of `Box`"),
        ("f(unknown) == 2", "`unknown` is not defined"),
        ("solution.nothing(1) == 2", "defines no `nothing`"),
        ("f.__class__(1) == 2", "private name"),
    ],
)
def test_what_cannot_be_used_says_why(index: Index, text: str, why: str) -> None:
    found = draft_examples(text, Resolver(index, text))
    assert [why in each.reason for each in found if isinstance(each, Unusable)] == [True]


def test_a_plain_statement_is_not_certain(index: Index) -> None:
    found = draft_examples("f(3) returns 4. f(4) should return 5.", Resolver(index, ""))
    assert [each.claim.certain for each in found if isinstance(each, Draft)] == [False, True]


def test_a_function_to_be_written_is_imported_inside_its_test(index: Index) -> None:
    text = "Add `slugify`: slugify('A b') == 'a-b'"
    (draft,) = draft_examples(text, Resolver(index, text))
    assert isinstance(draft, Draft)
    assert draft.missing == (("solution", "slugify"),)
    assert "    from solution import slugify\n" in draft.candidate.source
    (refused,) = draft_examples(text, Resolver(index, text, may_be_missing=False))
    assert isinstance(refused, Unusable)


def test_a_name_in_two_modules_needs_to_be_told_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("def f(x): return x\n")
    index = build_index(tmp_path, lambda _: True)
    (unclear,) = draft_examples("f(1) == 2", Resolver(index, "f(1) == 2"))
    assert isinstance(unclear, Unusable)
    assert "defined in several modules (one, two)" in unclear.reason
    text = "In two.py, f(1) == 2"
    (clear,) = draft_examples(text, Resolver(index, text))
    assert isinstance(clear, Draft)
    assert clear.candidate.imports == ("from two import f",)
    text = "```\nfrom one import f\nassert f(1) == 2\n```"
    (imported,) = draft_examples(text, Resolver(index, text))
    assert isinstance(imported, Draft)
    assert imported.candidate.imports == ("from one import f",)


def test_invisible_characters_and_comments_are_taken_out() -> None:
    assert visible("a\u200bb<!-- hidden\n -->c\r\n\U000e0041") == "abc\n"


def test_blocks_and_words_are_parted() -> None:
    words, blocks = split_blocks("Before:\n```python\nf(1)\n```\nafter\n~~~\nx")
    assert [each.body for each in blocks] == ["f(1)\n", "x"]
    assert blocks[0].label == "Before:"
    assert "f(1)" not in words
    assert "after" in words


@given(st.text(alphabet=st.sampled_from("f(1)[]{}'\"`=>-:.# \n\\shouldreturn|"), max_size=120))
def test_no_text_breaks_the_reader(index: Index, text: str) -> None:
    for each in draft_examples(text, Resolver(index, text)):
        if isinstance(each, Draft):
            compile(each.candidate.source, "x", "exec", dont_inherit=True)
