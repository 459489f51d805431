from __future__ import annotations

from typing import TYPE_CHECKING

from bot.change.change import Edit, Edits
from bot.lab import Lab
from bot.proving.likeness import difference, same_text

if TYPE_CHECKING:
    from tests.proving.conftest import Lay

BASE = {"a.py": "def keep(x):\n    return x\n", "test_a.py": "from a import f\n\ndef test_f():\n    assert f(4) == 8\n"}


def edits(body: str) -> Edits:
    return Edits((Edit("a.py", f"{BASE['a.py']}\n\ndef f(x):\n    return {body}\n"),))


def compared(lab: Lab, lay: Lay, one: Edits, other: Edits) -> str | None:
    return difference(one, other, BASE.get, (BASE["test_a.py"],), lab.observer(lay(BASE)))


def test_layout_and_comments_make_no_other_code() -> None:
    assert same_text(edits("x * 2"), edits("x*2  # twice"))
    assert not same_text(edits("x * 2"), edits("x + x"))


def test_the_same_by_another_way(lab: Lab, lay: Lay) -> None:
    assert compared(lab, lay, edits("x * 2"), edits("x + x")) == ""


def test_a_call_that_tells_them_apart(lab: Lab, lay: Lay) -> None:
    found = compared(lab, lay, edits("x * 2"), edits("x + 4"))
    assert found is not None
    assert found.startswith("f(")


def test_what_cannot_be_called_is_not_called_the_same(lab: Lab, lay: Lay) -> None:
    one, other = (Edits((Edit("a.py", f"{BASE['a.py']}VALUE = {value}\n"),)) for value in "12")
    assert compared(lab, lay, one, other) is None
