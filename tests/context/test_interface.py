"""What modules offer is shown without a single body."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.context.interface import fixtures, interface
from bot.spec.definitions import build_index

CART = '''"""Carts."""
from dataclasses import dataclass

KEY = "AKIAIOSFODNN7EXAMPLE"
RATES = {"a": sum([1, 2])}
_HIDDEN = 1


@dataclass
class Cart:
    """A cart."""

    items: list[str]
    vat: float = 0.19

    def __init__(self, owner="me"):
        self.owner = owner
        self._secret = "body"

    @property
    def total(self) -> float:
        """What it costs."""
        return secret_body(self)

    def _private(self): ...


async def send(cart: Cart, *, fast: bool = True) -> None:
    secret_body(cart)
'''
OTHER = "def unrelated(x):\n    return secret_body(x)\n"


@pytest.fixture
def texts() -> dict[str, str]:
    return {"shop/__init__.py": "", "shop/cart.py": CART, "shop/aaa.py": OTHER}


def shown(tmp_path: Path, texts: dict[str, str], wish: str, most: int = 10_000) -> str:
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return interface(texts, build_index(tmp_path, lambda _: True), wish, most=most)


def test_signatures_and_docstrings_and_no_body(tmp_path: Path, texts: dict[str, str]) -> None:
    found = shown(tmp_path, texts, "carts are sent twice")
    assert found.startswith("# shop/cart.py, imported as shop.cart\n'''Carts.'''")
    for line in (
        "class Cart:",
        "    items: list[str]",
        "    # also sets: owner",
        "    def __init__(self, owner='me')",
        "    @property",
        "    def total(self) -> float",
        "        '''What it costs.'''",
        "async def send(cart: Cart, *, fast: bool=True) -> None",
        "RATES = …",
    ):
        assert line in found.splitlines()
    for secret in ("secret_body", "_private", "_HIDDEN", "_secret", "AKIA"):
        assert secret not in found


def test_the_nearest_come_first_and_what_does_not_fit_is_named(tmp_path: Path, texts: dict[str, str]) -> None:
    assert shown(tmp_path, texts, "something about unrelated()").startswith("# shop/aaa.py")
    small = shown(tmp_path, texts, "something about unrelated()", most=120)
    assert "class Cart" not in small
    assert small.endswith("# Other modules: shop.cart")


def test_fixtures_are_those_beside_the_tests() -> None:
    conftest = "import pytest\n\n@pytest.fixture(scope='module')\ndef shop(): ...\n\ndef plain(): ...\n"
    assert fixtures({"tests/conftest.py": conftest, "deep/down/conftest.py": conftest.replace("shop", "far")}) == {"shop"}
