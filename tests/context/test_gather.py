"""What a model is given of a repository."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.context import reading
from bot.context.gather import gather
from bot.gate import Finding
from bot.ids import NodeId
from bot.llm.asking import Passage
from bot.llm.budget import CHARACTERS_A_TOKEN
from bot.syntax.tree import parse


def shown(root: Path, wish: str, tokens: int = 4_000, **more: Any) -> dict[str, Passage]:
    return {each.label: each for each in gather(root, wish, tokens=tokens, **{"hide": lambda _: False} | more)}


def test_conventions_map_and_code_come_in_this_order(shop: Path) -> None:
    found = shown(shop, "`Cart.total` forgets the discount")
    labels = list(found)
    assert labels[:3] == ["conventions", "repository map", "file shop/cart.py:1-19"]
    assert "Lines of at most 100 characters." in found["conventions"].text
    assert "def Cart.total" in found["repository map"].text
    assert found["file shop/cart.py:1-19"].text == (shop / "shop/cart.py").read_text().rstrip("\n")
    assert "shop/coupons.py" in " ".join(labels)
    assert "shop/weather.py" not in " ".join(labels)
    assert all(each.hostile and each.code for each in found.values())


def test_numbers_for_whoever_cites(shop: Path) -> None:
    found = shown(shop, "`Cart.total`", numbered=True)
    assert "    6 | \n    7 | class Cart:\n" in found["file shop/cart.py:1-19"].text


def test_secrets_and_hidden_files_are_not_even_named(shop: Path) -> None:
    (shop / "shop/keys.py").write_text(
        '"""Carts."""\nTOKEN = "ghp_' + "a1B2" * 9 + '"\ndef cart(key="AKIA' + 'Q3EGRPR2XKJD7MNU"): pass\n'
    )
    found = shown(
        shop,
        "cart in shop/keys.py, .env, shop/server.pem, tests/test_hidden.py and /etc/passwd",
        paths=(".env", "shop/server.pem", "tests/test_hidden.py", "../outside.py"),
        tests=(NodeId("tests/test_hidden.py::test_secret_of_the_spec"),),
        findings=(Finding("tests/test_hidden.py", 1, "x", "tests"),),
        hide=lambda path: path == "tests/test_hidden.py",
    )
    text = "".join(each.label + each.text for each in found.values())
    assert "file shop/keys.py:1-3" in found
    for secret in (
        "a1B2",
        "Q3EGRPR2XKJD7MNU",
        "hunter2",
        "MII",
        "secret_of_the_spec",
        ".env",
        ".pem",
        "test_hidden",
        "passwd",
        "outside",
    ):
        assert secret not in text


def test_links_lead_nowhere(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "cart.py").write_text("STOLEN = 1\n")
    (outside / "notes.md").write_text("STOLEN\n")
    (shop / "shop/link.py").symlink_to(outside / "cart.py")
    (shop / "linked").symlink_to(outside, target_is_directory=True)
    (shop / "notes.md").symlink_to(outside / "notes.md")
    found = shown(shop, "shop/link.py linked/cart.py notes.md linked/notes.md STOLEN")
    assert "STOLEN" not in "".join(each.text for each in found.values())


def test_documents_are_shown_when_they_are_named(shop: Path) -> None:
    assert shown(shop, "say more in README.md")["file README.md:1-3"].text.startswith("# Shop")
    assert "file README.md:1-3" not in shown(shop, "`Cart.total`")


def test_of_a_long_file_only_what_matters_is_shown(shop: Path) -> None:
    filler = "".join(f"def other_{number}(x):\n    return x + {number}\n\n\n" for number in range(400))
    (shop / "shop/long.py").write_text(
        f'"""Long."""\n\nimport math\n\n\n{filler}def wanted(x):\n    return math.pi * x\n\n\n{filler}'
    )
    found = shown(shop, "`wanted` is wrong", tokens=6_000)
    pieces = [each for each in found.values() if each.label.startswith("file shop/long.py")]
    assert [each.label for each in pieces] == ["file shop/long.py:1-5", "file shop/long.py:1606-1607"]
    assert pieces[1].text == "def wanted(x):\n    return math.pi * x"


def test_what_does_not_parse_is_still_on_the_map(shop: Path) -> None:
    (shop / "shop/broken.py").write_text("def oops(:\n")
    assert "shop/broken.py: oops" in shown(shop, "mend shop/broken.py")["repository map"].text


def test_a_large_repository_is_not_taken_apart(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        (shop / f"shop/extra{number}.py").write_text(f"def thing{number}(): pass\n")
    parsed: list[str] = []

    def counted(text: str) -> ast.Module | None:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(reading, "MOST_PARSED", 10)
    monkeypatch.setattr(reading, "_WAVE", 4)
    monkeypatch.setattr(reading, "parse", counted)
    found = shown(shop, "`Cart.total` forgets the discount")
    assert len(parsed) <= 12
    assert "def Cart.total" in found["repository map"].text
    assert "shop/extra7.py: thing7" in found["repository map"].text
    assert any(label.startswith("file shop/coupons.py") for label in found)


def test_what_was_left_out_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_FILES", 3)
    assert "Only the first 3 Python files were read" in shown(shop, "x")["repository map"].text


def test_an_empty_tree_gives_nothing(tmp_path: Path) -> None:
    assert shown(tmp_path, "anything") == {}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tokens=st.integers(0, 3_000),
    numbered=st.booleans(),
    wish=st.sampled_from(["`Cart.total`", "rain", "README.md shop/prices.py", "", "`price` `forecast` tests/test_cart.py:5"]),
)
def test_passages_fit_and_are_the_files_very_lines(shop: Path, tokens: int, numbered: bool, wish: str) -> None:
    found = gather(shop, wish, tokens=tokens, hide=lambda _: False, numbered=numbered)
    assert sum(len(each.text) for each in found) <= tokens * CHARACTERS_A_TOKEN
    for each in found:
        if label := re.fullmatch(r"file (\S+):(\d+)-(\d+)", each.label):
            lines = (shop / label[1]).read_text().split("\n")[int(label[2]) - 1 : int(label[3])]
            if numbered:
                lines = [f"{number:>5} | {line}" for number, line in enumerate(lines, int(label[2]))]
            assert each.text == "\n".join(lines)
