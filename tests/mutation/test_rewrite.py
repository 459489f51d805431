from __future__ import annotations

import ast

import pytest

from bot.mutation.rewrite import Rewrite, Text


def test_offsets_count_bytes_and_every_kind_of_line_end() -> None:
    text = Text("é = 1\r\nü = 2\rö = 3\n")
    spans = [text.span(node.value) for node in ast.parse(text.source).body if isinstance(node, ast.Assign)]
    assert [text.raw[start:end] for start, end in spans] == [b"1", b"2", b"3"]
    assert [text.line_of(start) for start, _ in spans] == [1, 2, 3]


def test_everything_around_a_replacement_stays_as_it_was() -> None:
    text = Text("é  =  ( 1 )  # one\n")
    node = ast.parse(text.source).body[0]
    assert isinstance(node, ast.Assign)
    assert text.apply(text.replace(node.value, "22")) == "é  =  ( 22 )  # one\n"
    assert text.of(node.value) == "1"


def test_a_token_is_found_between_comments_and_line_joins() -> None:
    source = "(a  # is not\n is \\\n not b)"
    text = Text(source)
    place = text.token_between(2, len(source), "is not")
    assert place is not None
    assert text.apply(Rewrite(*place, "is")) == "(a  # is not\n is b)"
    assert text.token_between(0, 3, "or") is None


def test_lines_of_a_replacement() -> None:
    text = Text("f(\n  1,\n)\n")
    assert list(text.lines_of(Rewrite(0, 9, "x"))) == [1, 2, 3]
    assert list(text.lines_of(Rewrite(0, 0, "x"))) == [1]


def test_a_node_without_an_end_has_no_place() -> None:
    with pytest.raises(ValueError, match="without an end"):
        Text("").span(ast.Name("x", lineno=1, col_offset=0, end_lineno=None))
