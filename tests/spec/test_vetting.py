from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.vetting import free_names, objection, parse_example, parse_expression


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("__import__('os').system('x')", "`__import__`"),
        ("open('/etc/passwd').read()", "`open`"),
        ("f.__globals__['x']", "private name `__globals__`"),
        ("eval('1')", "`eval`"),
        ("import os", "statement that an example may not have"),
        ("while True: pass", "statement that an example may not have"),
        ("def f(): pass", "statement that an example may not have"),
        ("[(yield 1)]", "yields or awaits"),
        ("exit()", "`exit`"),
        ("x._secret", "private name"),
        ("input()", "`input`"),
        ("typing.sys.modules['os'].system('x')", "another one (`sys`)"),
        ("enum.bltns", "`bltns`"),
        ("f(json.codecs.open('/etc/passwd'))", "another one (`codecs`)"),
        ("(x for x in []).gi_frame.f_builtins", "`f_builtins`"),
        ("operator.attrgetter('os.system')(cart)('x')", "`attrgetter`"),
        ("string.Formatter().get_field('0.os', (cart,), {})", "`get_field`"),
    ],
)
def test_code_that_reaches_out_is_objected_to(source: str, why: str) -> None:
    assert why in objection(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "f(1) == [2]",
        "x = sorted({1, 2})",
        "assert isinstance(f(ValueError), str)",
        "[f(n) for n in range(3)]",
        "f(collections.abc.Mapping)",
    ],
)
def test_plain_examples_pass(source: str) -> None:
    assert objection(ast.parse(source)) == ""


def test_a_name_the_project_defines_is_its_own() -> None:
    assert objection(ast.parse("compile('x')"), {"compile"}) == ""
    assert objection(ast.parse("statistics.sys(1)"), {"statistics"}) == ""


@pytest.mark.parametrize("source", ["x" * 5000, "(", "-" * 3000 + "1", "\x00", "[" + "1," * 2000 + "]", "0x" + "f" * 3990])
def test_what_is_too_long_or_no_python_is_not_parsed(source: str) -> None:
    assert parse_example(source) is None
    assert parse_expression(source) is None


def test_an_expression_is_one_and_only_one() -> None:
    assert parse_expression("1)\n(2") is None
    assert parse_expression("x = 1") is None
    assert isinstance(parse_expression(" 1 + 1 # two"), ast.BinOp)


def test_free_names_are_those_the_code_does_not_bind() -> None:
    tree = ast.parse("a = [f(x) for x in y]\ng(lambda z: z + a)")
    assert sorted(free_names([tree])) == ["f", "g", "y"]


@given(st.text(max_size=200))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    parse_example(text)
    parse_expression(text)
