from __future__ import annotations

from bot.change.change import Edit, Edits
from bot.proving.account import account, as_diff, size

FILES = {"shop.py": "class Cart:\n    def total(self):\n        return 1\n\n\ndef tax():\n    return 2\n", "README.md": "# A\n"}


def said(*edits: Edit) -> str:
    return account(Edits(edits), FILES.get)


def test_it_names_what_is_touched() -> None:
    assert said(Edit("shop.py", FILES["shop.py"].replace("return 1", "return 3"))) == "Change Cart.total in shop.py"
    both = FILES["shop.py"].replace("return 1", "return 3").replace("return 2", "return 4")
    assert said(Edit("shop.py", both), Edit("new.py", "x = 1\n")) == "Change Cart.total, tax in shop.py, add new.py"
    assert said(Edit("README.md", None)) == "Delete README.md"
    assert said(Edit("README.md", "# B\n")) == "Change README.md"


def test_what_is_new_is_told_from_what_is_changed() -> None:
    new = "\n\ndef fee():\n    return 3\n"
    assert said(Edit("shop.py", FILES["shop.py"] + new)) == "Add fee to shop.py"
    both = FILES["shop.py"].replace("return 2", "return 4") + new
    assert said(Edit("shop.py", both)) == "Change tax and add fee in shop.py"
    many = "".join(f"\n\ndef fee{number}():\n    return 3\n" for number in range(5))
    assert said(Edit("shop.py", FILES["shop.py"] + many)) == "Add fee0, fee1, fee2 and 2 more to shop.py"


def test_it_stays_short() -> None:
    many = tuple(Edit(f"{'long' * 20}/{number}.py", "x\n") for number in range(30))
    assert len(said(*many)) <= 200
    assert (
        said(*(Edit(f"{number}.py", "x\n") for number in range(6))) == "Add 0.py, add 1.py, add 2.py, add 3.py, and 2 more files"
    )


def test_size_and_diff() -> None:
    edits = Edits((Edit("README.md", "# B\nmore\n"), Edit("new.py", "x\n")))
    assert size(edits, FILES.get) == 4
    assert "-# A\n+# B\n+more\n" in as_diff(edits, FILES.get)
