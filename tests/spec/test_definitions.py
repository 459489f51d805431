from __future__ import annotations

from pathlib import Path

import pytest

from bot.spec.definitions import build_index, mentioned, mentioned_modules


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "src/pkg/__init__.py": "from pkg.text import slugify\n",
        "src/pkg/text.py": '''\
import re

LIMIT = 3


async def fetch(url: str, times=1) -> list[int]:
    """Get it."""


class Reader:
    """Reads."""

    def parse(self, line: str) -> "Token":
        def inner():
            return 1

        return inner()


if LIMIT:
    def slugify(text): return text
''',
        "tests/test_text.py": "def test_x(): pass\n",
        "broken.py": "def (:\n",
        ".hidden/x.py": "def hidden(): pass\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def is_source(path: str) -> bool:
    return not path.startswith("tests/")


def test_an_index_knows_every_definition_with_its_module_and_signature(root: Path) -> None:
    index = build_index(root, is_source)
    assert [each.qualname for each in index.definitions] == ["fetch", "Reader", "Reader.parse", "Reader.parse.inner", "slugify"]
    parse = index.find("pkg.text", "Reader.parse")
    assert parse is not None
    assert (parse.signature, parse.parameters, parse.returns) == ("parse(line)", (("line", "str"),), "'Token'")
    assert (parse.first, parse.last, parse.is_method, parse.is_class) == (13, 17, True, False)
    fetch = index.top_level("fetch")[0]
    assert fetch.is_async
    assert fetch.docstring == "Get it."
    assert index.unreadable == ("broken.py",)
    assert index.modules["pkg"].bound == {"slugify"}


def test_executed_lines_belong_to_the_innermost_function(root: Path) -> None:
    index = build_index(root, is_source)
    path = "src/pkg/text.py"
    reached = index.reached({path: frozenset({13, 15, 21})})
    assert [each.qualname for each in reached] == ["Reader.parse.inner", "slugify"]
    assert index.reached({"other.py": frozenset({1})}) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("`slugify` is wrong", ["slugify"]),
        ("call slugify(1)", ["slugify"]),
        ("slugify is a plain word here", []),
        ("`Reader.parse` and `pkg.text.fetch`", ["Reader.parse", "fetch"]),
        ("`Other.parse`", []),
    ],
)
def test_a_text_names_definitions_where_they_look_like_code(root: Path, text: str, names: list[str]) -> None:
    assert [each.qualname for each in mentioned(text, build_index(root, is_source))] == names


@pytest.mark.parametrize("text", ["in src/pkg/text.py the", "module pkg.text is", "`pkg.text`"])
def test_a_text_names_modules(root: Path, text: str) -> None:
    assert [each.name for each in mentioned_modules(text, build_index(root, is_source))] == ["pkg.text"]


@pytest.mark.parametrize("depth", [400, 5000])
def test_what_is_too_deep_is_not_read(tmp_path: Path, depth: int) -> None:
    (tmp_path / "deep.py").write_text(f"def many():\n    return {' + '.join(['1'] * depth)}\n", encoding="utf-8")
    (tmp_path / "flat.py").write_text("def one(): pass\n", encoding="utf-8")
    found = build_index(tmp_path, is_source)
    assert [each.qualname for each in found.definitions] == ["one"]
    assert found.unreadable == ("deep.py",)


def test_what_is_long_is_read(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text(f"def many():\n    return {' + '.join(['1'] * 200)}\n", encoding="utf-8")
    assert [each.qualname for each in build_index(tmp_path, is_source).definitions] == ["many"]


def test_what_instances_surely_lack_and_what_a_module_only_imports(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "from json import dumps\nfrom prices import price\n\n\n"
        "class Cart:\n    size = 1\n\n    def fill(self):\n        self.full = True\n\n\n"
        "class Ring(Round):\n    pass\n\n\nclass Round(Ring):\n    pass\n\n\n"
        "class Sale(Cart):\n    pass\n\n\nclass Odd(dict):\n    pass\n"
    )
    (tmp_path / "prices.py").write_text("def price(x): ...\n")
    index = build_index(tmp_path, lambda _: True)
    for owner, attribute, lacks in [
        ("Cart", "size", False),
        ("Cart", "full", False),
        ("Cart", "fill", False),
        ("Cart", "empty", True),
        ("Sale", "full", False),
        ("Sale", "empty", True),
        ("Odd", "empty", False),
        ("Ring", "empty", False),
    ]:
        assert index.lacks(index.by_name[owner][0], attribute) is lacks
    assert index.is_foreign("shop", "dumps")
    assert not index.is_foreign("shop", "price")
    assert not index.is_foreign("shop", "Cart")


@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("shop", "src/shop/__init__.py"),
        ("shop.cart", "src/shop/cart.py"),
        ("shop.tax", "src/shop/tax.py"),
        ("tax", None),
        ("a.b", None),
    ],
)
def test_where_a_module_lies_or_would_lie(tmp_path: Path, module: str, path: str | None) -> None:
    (tmp_path / "src/shop").mkdir(parents=True)
    for name in ("__init__", "cart"):
        (tmp_path / f"src/shop/{name}.py").write_text("")
    assert build_index(tmp_path, lambda _: True).path_of(module) == path
