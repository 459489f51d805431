"""What a whole test may do: the same however it is written."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.conduct import bound_names, objection_to_test, root_of


def objection(body: str, *imported: str, arguments: str = "", fixtures: tuple[str, ...] = ()) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    function = ast.parse(f"def test_it({arguments}):\n{lines}\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    return objection_to_test(function, dict.fromkeys(imported, ""), fixtures)


@pytest.mark.parametrize(
    "body",
    [
        "class Fake:\n    def __init__(self):\n        self._a = 1\n    def get(self):\n        return self._a\nassert f(Fake())",
        "def numbers():\n    yield 1\nassert f(numbers()) == 1",
        "async def main():\n    return await f(1)\nassert main",
        "found = f(1)\nfound.limit = 3\nfound['a'] = 1\nassert found.limit == 3",
        "with f(1) as opened:\n    assert opened.open() is None",
        "assert [each for each in f(3)] == [0, 1, 2]",
        "assert f('/shop/items', '../x') == 2",
        "for each in (1, 2):\n    assert type(f(each)).__name__ == 'Cart'",
    ],
)
def test_what_tests_commonly_do_is_let_pass(body: str) -> None:
    assert objection(body, "f") == ""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("f.limit = 3", "patches"),
        ("f(1).x.y = 3", "patches"),
        ("del f.limit", "patches"),
        ("for f.x in (1, 2):\n    pass", "patches"),
        ("global x\nx = f(1)", "statement"),
        ("class A:\n    def get(self, other):\n        return other._secret\nf(A())", "private name"),
        ("def inner():\n    try:\n        f(1)\n    finally:\n        pass", "`pytest.raises`"),
        ("f('~/x')", "outside its `tmp_path`"),
        ("f(__file__)", "`__file__`"),
        ("f(globals())", "`globals`"),
    ],
)
def test_what_is_not_the_tests_own_is_left_alone(body: str, reason: str) -> None:
    assert reason in objection(body, "f")


def test_names_and_roots() -> None:
    tree = ast.parse("def test_it(tmp_path):\n    a = 1\n    def b(c): ...\n    class D: ...\n    for e in []: ...\n").body[0]
    assert isinstance(tree, ast.FunctionDef)
    assert bound_names(tree) == {"tmp_path", "a", "b", "c", "D", "e"}
    expression = ast.parse("x.a[0].b(1).c", mode="eval").body
    assert (root_of(expression), root_of(ast.parse("[1].x", mode="eval").body)) == ("x", "")


@given(
    st.sampled_from(["os", "sys", "gc", "_x", "__class__", "__globals__", "environ", "system", "modules", "f_back", "gi_frame"]),
    st.booleans(),
)
def test_no_way_of_writing_it_opens_a_closed_attribute(name: str, deep: bool) -> None:
    chain = f"(lambda: thing.a[0]().{name})" if deep else f"thing.{name}"
    function = ast.parse(f"def test_it():\n    x = {chain}\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    refused = bool(objection_to_test(function, {"thing": ""}, ()))
    assert refused is (name != "modules")


def with_modules(body: str, **modules: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    function = ast.parse(f"def test_it():\n{lines}\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    return objection_to_test(function, {"f": "", **modules}, ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("g = (each for each in [])\nassert f(g.gi_frame)", "gi_frame"),
        ("async def run():\n    pass\nassert f(run().cr_frame)", "cr_frame"),
        ("with pytest.raises(ValueError) as info:\n    f(1)\nassert info.tb", "`tb`"),
        ("with pytest.raises(ValueError) as info:\n    f(1)\nassert info.traceback[0].frame", "`traceback`"),
        ("with pytest.raises(ValueError) as info:\n    f(1)\nassert info.value.with_traceback(None)", "with_traceback"),
        ("assert f(enum.bltns)", "`bltns`"),
        ("assert f(statistics.random.Random(1))", "another one (`random`)"),
        ("assert f(json.decoder.scanner)", "another one (`json.scanner`)"),
        ("assert f(contextlib.suppress(ValueError))", "contextlib.suppress"),
        ("m = json\nassert f(m.codecs)", "hands on the module"),
        ("assert f(1) == datetime.datetime.now()", "reads the clock"),
        ("assert f(1) == datetime.date.today()", "reads the clock"),
        ("x = '{0._' + '_class_' + '_}'\nassert f(1) == x.format(f)", "makes names of text"),
        ("assert ('{0._' + 'x}').format(f)", "makes names of text"),
        ("assert '{0._x}'.format(f)", "makes names of text"),
        ("assert '{0[_x]}'.format(f)", "makes names of text"),
        ("assert list(map(str.format, ['{0.x}'], [f(1)]))", "makes names of text"),
        (
            "class A:\n    def __enter__(self): ...\n    def __exit__(self, *said):\n        return True\nwith A():\n    f(1)",
            "hide",
        ),
    ],
)
def test_no_test_leads_to_what_runs_it_or_hides_what_it_finds(body: str, reason: str) -> None:
    names = ("pytest", "enum", "statistics", "json", "contextlib", "datetime")
    assert reason in with_modules(body, **{each: each for each in names})


@pytest.mark.parametrize(
    "body",
    [
        "with pytest.raises(json.decoder.JSONDecodeError):\n    f(1)",
        "assert f(collections.abc.Mapping)",
        "assert f(1) == '{} of {1.name}'.format(2, f(3))",
        "assert f(1).format(2) == 'x'",
        "assert f(datetime.datetime(2024, 1, 1)) == datetime.date(2024, 1, 1)",
        "class A:\n    def __enter__(self): ...\n    def __exit__(self, *said):\n        return False\nwith A():\n    f(1)",
        "with contextlib.redirect_stdout(io.StringIO()) as said:\n    f(1)",
    ],
)
def test_what_looks_like_it_and_is_harmless_is_let_pass(body: str) -> None:
    names = ("pytest", "json", "collections", "datetime", "contextlib", "io")
    assert with_modules(body, **{each: each for each in names}) == ""
