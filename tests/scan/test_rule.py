"""Every danger rule shows on its own examples, and helpers that the rules stand on."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gates.security import RULES
from bot.scan.rule import Names, built, clip, dangers, is_fixed


def test_rules_have_names_of_their_own_and_say_what_to_do() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(": " in rule.why and rule.bad and rule.good for rule in RULES)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os.path\nos.path.join(a)", "os.path.join"),
        ("import subprocess as sp\nsp.run(a)", "subprocess.run"),
        ("from os import system as s\ns(a)", "os.system"),
        ("from . import os\nos.system(a)", "os.system"),
        ("f(a)(b)", ""),
        ("f(a).g(b)", "<unknown>.g"),
    ],
)
def test_names_follow_imports(source: str, name: str) -> None:
    tree = ast.parse(source)
    call = tree.body[-1]
    assert isinstance(call, ast.Expr)
    assert Names(tree).called(call.value) == name


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("f'a {x} b'", "a {} b"),
        ("f'a'", None),
        ("'a ' + x + ' b'", "a {} b"),
        ("x + y", None),
        ("'a' + 'b'", None),
        ("'a %s b' % x", "a {} b"),
        ("'a %d' % x", "a %d{}"),
        ("'a {} b'.format(x)", "a {} b"),
        ("x", None),
    ],
)
def test_built_strings(source: str, text: str | None) -> None:
    assert built(ast.parse(source, mode="eval").body) == text


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os').system('id')",
        "import importlib\nimportlib.import_module('os').system('id')",
        "quiet = __import__('os')\nquiet.system('id')",
    ],
)
def test_imports_that_hide_are_seen_through(source: str) -> None:
    tree = ast.parse(source)
    assert any(Names(tree).called(each) == "os.system" for each in ast.walk(tree))


def test_fixed_values() -> None:
    assert is_fixed(ast.parse("['a', ('b' + 'c', f'd')]", mode="eval").body)
    assert not is_fixed(ast.parse("['a', x]", mode="eval").body)


def test_long_code_is_clipped() -> None:
    assert len(clip(ast.parse("f(" + "a, " * 100 + "b)").body[0])) == 80


@given(st.text(max_size=40))
def test_any_text_can_be_looked_at(text: str) -> None:
    list(dangers(text, RULES))
