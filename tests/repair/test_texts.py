from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("template", "before", "after"),
    [
        ("string", "return 'a'", "return ''"),
        ("string", 'return "Abc"', 'return "abc"'),
        ("string", "x = 'one'\nreturn 'two'", "x = 'one'\nreturn 'one'"),
        ("string", "return 'ae'", "return 'aeAE'"),
        ("regular expression", "return re.match('a+', b)", "return re.match('a*', b)"),
        ("regular expression", "return re.sub(r'[a-z]', b, c)", "return re.sub(r'[a-zA-Z]', b, c)"),
        ("regular expression", "return r'(a.b)'", "return r'(a\\.b)'"),
        ("regular expression", "return re.match(r'\\d+', b)", "return re.match(r'\\d+$', b)"),
        ("regular expression", "return re.match('a{3}', b)", "return re.match('a{1,3}', b)"),
        ("regular expression", "return re.match(r'a{2,3}', b)", "return re.match(r'a{3}', b)"),
        ("regular expression", "return '[a-f]{8}'", "return '[a-f]{8,}'"),
    ],
)
def test_examples(made: Callable[[str, str, str], bool], template: str, before: str, after: str) -> None:
    assert made(template, before, after)


@pytest.mark.parametrize("before", ["return 'a[0] {1}'", "return '{0}{1}'", "return 'see [1]'"])
def test_plain_text_is_no_pattern(made: Callable[[str, str, str], bool], before: str) -> None:
    assert not made("regular expression", before, before.replace("{1}", "+").replace("[1]", "[1]+"))
