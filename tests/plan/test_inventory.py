from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.plan.inventory import Kind, take_inventory

FILES = {
    "src/shop/cart.py": (
        "LIMIT = 5\n\n\nclass Cart:\n    size: int = 0\n\n    def add_item(self): ...\n\n    def _hide(self): ...\n\n\n"
        "async def checkout(): ...\n\n\ntry:\n    import x\nexcept ImportError:\n    def fallback(): ...\n"
    ),
    "src/shop/util.py": "def total(): ...\n",
    "lib/util.py": "if True:\n    def total(): ...\n",
    "broken.py": "def (",
    "README.md": "total\n",
}
INVENTORY = take_inventory(FILES)


def test_it_lists_what_modules_define() -> None:
    found = {(each.name, each.kind, each.line, each.public) for each in INVENTORY.definitions if each.path == "src/shop/cart.py"}
    assert found == {
        ("LIMIT", Kind.VARIABLE, 1, True),
        ("Cart", Kind.CLASS, 4, True),
        ("Cart.size", Kind.VARIABLE, 5, True),
        ("Cart.add_item", Kind.METHOD, 7, True),
        ("Cart._hide", Kind.METHOD, 9, False),
        ("checkout", Kind.FUNCTION, 12, True),
        ("fallback", Kind.FUNCTION, 18, True),
    }
    assert INVENTORY.unreadable == ("broken.py",)


def test_names_are_found_by_their_tails() -> None:
    assert [each.path for each in INVENTORY.find("total")] == ["lib/util.py", "src/shop/util.py"]
    assert [each.name for each in INVENTORY.find("shop.cart.Cart.add_item")] == ["Cart.add_item"]
    assert INVENTORY.find("nothing") == ()


def test_a_text_mentions_code_but_not_by_every_english_word() -> None:
    assert INVENTORY.names_in("the total of the Cart is wrong") == ()
    assert INVENTORY.names_in("`total` and add_item() of `Cart`, LIMIT too, then checkout(1)") == (
        "total",
        "Cart.add_item",
        "Cart",
        "LIMIT",
        "checkout",
    )


def test_a_text_mentions_files_whole_or_by_a_tail_that_fits_one() -> None:
    assert INVENTORY.paths_in("see ./src/shop/util.py and cart.py, not util.py or gone.py") == (
        "src/shop/util.py",
        "src/shop/cart.py",
    )


@given(st.text(max_size=400))
def test_any_text_is_taken(text: str) -> None:
    INVENTORY.names_in(text)
    INVENTORY.paths_in(text)
    assert len(take_inventory({"a.py": text}).paths) == 1
