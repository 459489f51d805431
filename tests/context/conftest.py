"""A small shop to look at."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

FILES = {
    "pyproject.toml": """
        [project]
        name = "shop"
        requires-python = ">=3.11"
        [tool.pytest.ini_options]
        [tool.ruff]
        line-length = 100
        """,
    "README.md": "# Shop\n\nHow to use it.\n",
    "shop/__init__.py": "",
    "shop/prices.py": '''
        """Prices."""


        def price(item: str, count: int = 1) -> float:
            """Return what some items cost.

            Args:
                item: its name.
                count: how many.
            """
            return _one(item) * count


        def _one(item: str) -> float:
            return float(len(item))
        ''',
    "shop/cart.py": '''
        """Carts."""

        from shop.prices import price
        from shop import coupons


        class Cart:
            """What somebody wants to buy."""

            def __init__(self) -> None:
                self.items: list[str] = []

            def add(self, item: str) -> None:
                """Put an item in."""
                self.items.append(item)

            def total(self) -> float:
                """Return what all of it costs."""
                return coupons.reduced(sum(price(each) for each in self.items))
        ''',
    "shop/coupons.py": '''
        """Coupons."""


        def reduced(amount: float) -> float:
            """Return an amount with the discount taken off."""
            return amount * 0.9
        ''',
    "shop/weather.py": '''
        """Rain and sunshine."""


        def forecast(town: str) -> str:
            """Say whether it rains."""
            return "rain" if town == "London" else "sun"
        ''',
    "tests/test_cart.py": """
        from shop.cart import Cart


        def test_total() -> None:
            cart = Cart()
            cart.add("pen")
            assert cart.total() == 2.7
        """,
    "tests/test_hidden.py": """
        def test_secret_of_the_spec() -> None:
            assert True
        """,
    ".env": "PASSWORD=hunter2hunter2\n",
    "shop/server.pem": "-----BEGIN PRIVATE" + " KEY-----\nMIIsecret\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).removeprefix("\n"), encoding="utf-8")
    return tmp_path
