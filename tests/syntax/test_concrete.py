from __future__ import annotations

import libcst as cst
import pytest

from bot.syntax.concrete import by_tree, comments, has_comment, keeps, read, rewrite, source


class Shout(cst.CSTTransformer):
    def leave_Name(self, _original: cst.Name, updated: cst.Name) -> cst.Name:  # noqa: N802
        return updated.with_changes(value=updated.value.upper())


class Grow(cst.CSTTransformer):
    def leave_Name(self, _original: cst.Name, updated: cst.Name) -> cst.Name:  # noqa: N802
        return updated.with_changes(value=updated.value + "x")


class Break(cst.CSTTransformer):
    def leave_Name(self, _original: cst.Name, updated: cst.Name) -> cst.Name:  # noqa: N802
        return updated.with_changes(value="class")


class Strip(cst.CSTTransformer):
    def leave_Comment(self, _original: cst.Comment, _updated: cst.Comment) -> cst.Comment:  # noqa: N802
        return cst.Comment("#")


@pytest.mark.parametrize("text", ["x=1", "x = 1\r\ny = ( 2 )\r\n", "\tx\n".strip("\t"), "\f\nx = 1 ; y = 2\n# end", ""])
def test_a_tree_keeps_every_byte(text: str) -> None:
    tree = read(text)
    assert tree is not None
    assert tree.code == text


def test_what_does_not_parse_is_no_tree() -> None:
    assert read("def (") is None
    assert read("x = " + "-" * 400 + "1") is None


def test_a_rewriting_is_taken_whole_or_not_at_all() -> None:
    assert rewrite("a = b  # c\n", Shout, "b") == "A = B  # c\n"
    assert rewrite("a = 1\n", Shout, "b") == "a = 1\n"
    assert rewrite("a = b\n", Grow, "b") == "a = b\n", "it never comes to rest"
    assert rewrite("a = b\n", Break, "b") == "a = b\n", "it breaks the syntax"
    assert rewrite("a = b  # c\n", Strip, "b") == "a = b  # c\n", "it loses a comment"
    assert rewrite("def (b", Shout, "b") == "def (b"


def test_as_a_transform_it_names_the_changed_files() -> None:
    assert by_tree(Shout, "b")({"a.py": "b\n", "b.py": "B\n", "c.txt": "b\n"}, {}) == {"a.py": "B\n"}


def test_comments_are_counted() -> None:
    assert comments("x = '# no'  # yes\n# yes\n") == {"# yes": 2}
    assert keeps("x  # a\n", "# a\ny\n")
    assert not keeps("x  # a\n", "y\n")
    assert not keeps("x\n", "def (")


def test_nodes_have_a_text_and_perhaps_a_comment() -> None:
    tree = cst.parse_module("f(1,  2)  # c\ny\n")
    assert source(cst.parse_expression("f(1,  2)")) == "f(1,  2)"
    assert has_comment(tree.body[0])
    assert not has_comment(tree.body[1])
