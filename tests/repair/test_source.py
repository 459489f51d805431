from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.repair.source import ATOM, SUM, Fragment, SourceFile, binding, join, own_expressions, same_code

TEXT = '''class Box:
    """Ünïcode before code."""

    def put(self, x):
        s = "é"; y = (x + 1) * 2
        return y
'''


def _first(text: str, kind: type[ast.AST]) -> tuple[SourceFile, ast.AST]:
    file = SourceFile("m.py", text)
    return file, next(node for node in ast.walk(file.tree) if isinstance(node, kind))


def test_texts_of_nodes_count_characters_not_bytes() -> None:
    file, node = _first(TEXT, ast.BinOp)
    assert file.segment(node) == "(x + 1) * 2"
    inner = node.left  # type: ignore[attr-defined]
    assert file.segment(inner) == "x + 1"
    assert file.line_of(file.span(inner)[0]) == 5


def test_where_a_node_belongs() -> None:
    file, node = _first(TEXT, ast.BinOp)
    routine = file.routine_of(node)
    assert routine is not None
    assert file.qualname(routine) == "Box.put"
    assert file.step == "    "
    assert file.newline == "\n"
    assert SourceFile("m.py", "x = 1\r\n").newline == "\r\n"


@pytest.mark.parametrize(
    ("text", "kind", "new", "fits"),
    [
        ("y = a * b", ast.Name, Fragment("p + q", SUM), "(p + q)"),
        ("y = f(a)", ast.Name, Fragment("p + q", SUM), "(p + q)"),
        ("y = -a", ast.UnaryOp, Fragment("p + q", SUM), "p + q"),
        ("y = a[b]", ast.Subscript, Fragment("p + q", SUM), "p + q"),
        ("y = 1 - (2 - 3)", ast.BinOp, Fragment("p"), "p"),
    ],
)
def test_parentheses_only_where_needed(text: str, kind: type[ast.AST], new: Fragment, fits: str) -> None:
    file, _ = _first(text, kind)
    loads = [
        node for node in ast.walk(file.tree) if isinstance(node, kind) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    ]
    assert file.fit(new, loads[0]) == fits


_EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "1", "f(a)", "a[0]"]).map(lambda text: ast.parse(text, mode="eval").body),
    lambda inner: st.one_of(
        st.builds(ast.BinOp, inner, st.sampled_from([ast.Add(), ast.Sub(), ast.Mult(), ast.Pow()]), inner),
        st.builds(lambda left, right: ast.BoolOp(ast.And(), [left, right]), inner, inner),
        st.builds(lambda left, right: ast.Compare(left, [ast.Lt()], [right]), inner, inner),
        st.builds(ast.UnaryOp, st.sampled_from([ast.USub(), ast.Not()]), inner),
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(_EXPRESSIONS, _EXPRESSIONS, st.integers(0, 20))
def test_putting_a_text_in_never_changes_what_is_around_it(whole: ast.expr, new: ast.expr, pick: int) -> None:
    file = SourceFile("m.py", f"y = {ast.unparse(whole)}\n")
    places = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    ]
    place = places[pick % len(places)]
    text = ast.unparse(new)
    parsed = ast.parse(text, mode="eval").body
    start, end = file.span(place)
    done = file.text[:start] + file.fit(Fragment(text, binding(parsed)), place) + file.text[end:]
    wanted = ast.parse(file.text)
    swapped = _Swap(places.index(place), parsed).visit(wanted)
    assert ast.dump(ast.parse(done)) == ast.dump(swapped)


class _Swap(ast.NodeTransformer):
    """Replace the n-th loaded expression, counted as ``ast.walk`` does."""

    def __init__(self, at: int, new: ast.expr) -> None:
        self.at, self.new, self.places = at, new, []  # type: ignore[var-annotated]

    def visit(self, node: ast.AST) -> ast.AST:
        if not self.places:
            self.places = [
                each
                for each in ast.walk(node)
                if isinstance(each, ast.expr) and isinstance(getattr(each, "ctx", ast.Load()), ast.Load)
            ]
        return self.new if node is self.places[self.at] else super().generic_visit(node)


@settings(max_examples=60)
@given(_EXPRESSIONS, _EXPRESSIONS, st.sampled_from(["+", "-", "*", "**", "<", "=="]))
def test_joined_texts_mean_what_they_say(left: ast.expr, right: ast.expr, operator: str) -> None:
    parts = [Fragment(ast.unparse(each), binding(each)) for each in (left, right)]
    joined = ast.parse(join(parts[0], operator, parts[1]).text, mode="eval").body
    plain = ast.parse(f"({parts[0].text}) {operator} ({parts[1].text})", mode="eval").body
    assert ast.dump(joined) == ast.dump(plain)


def test_own_expressions_stop_at_the_body() -> None:
    statement = ast.parse("if a:\n    b\n").body[0]
    assert [getattr(each, "id", "") for each in own_expressions(statement)] == ["a"]


def test_f_strings_are_left_alone() -> None:
    file = SourceFile("m.py", "y = f'{a + 1}'\n")
    assert any(isinstance(node, ast.BinOp) for node in file.in_format)


def test_lines_inside_strings_are_known() -> None:
    file = SourceFile("m.py", 'x = """one\ntwo\nthree"""\ny = 1\n')
    assert file.strings == {2, 3}


def test_same_code_ignores_layout() -> None:
    assert same_code("x = 1  # one", "x  =  (1)")
    assert not same_code("x = 1", "x = 2")
    assert not same_code("x =", "x =")
    assert Fragment("a").inside(ATOM) == "a"
