"""What is heard on a wish."""

from __future__ import annotations

import ast
from pathlib import Path

from bot.ids import NodeId
from bot.spec.definitions import build_index
from bot.spec.draft import Claim, Draft, Kind
from bot.spec.spec import Candidate, Source
from bot.spec.subjects import Wish, called_by_test, from_drafts, missing_of


def draft(*missing: tuple[str, str]) -> Draft:
    claim = Claim(Kind.RUNS, ast.Constant(1), quote="words", origin=Source.MODEL)
    return Draft(Candidate("test_it", "", (), Source.MODEL), (), claim, missing)


def test_what_is_still_to_be_written_has_a_place(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/cart.py").write_text("class Cart: ...\n")
    index = build_index(tmp_path, lambda _: True)
    found = missing_of(draft(("shop.cart", "Cart.size()"), ("shop.tax", "vat"), ("elsewhere.tax", "vat")), index)
    assert found == (("shop/cart.py", "Cart.size()"), ("shop/tax.py", "vat"))


def test_a_models_draft_is_never_asked_for(tmp_path: Path) -> None:
    wish = Wish("text", build_index(tmp_path, lambda _: True), (draft(),), (), ())
    (subject,) = from_drafts(wish, "test_pawl_x.py")
    assert (subject.id, subject.origin, subject.is_asked_for, subject.quote) == (
        "test_pawl_x.py::test_it",
        Source.MODEL,
        False,
        "words",
    )


def test_what_a_test_calls_is_read_from_its_source(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("def mean(x): ...\n\ndef other(x): ...\n")
    (tmp_path / "test_shop.py").write_text(
        "import shop\n\nclass TestIt:\n    def test_it(self):\n        assert shop.mean([1])\n"
    )
    index = build_index(tmp_path, lambda path: not path.startswith("test_"))
    assert [each.name for each in called_by_test(NodeId("test_shop.py::TestIt::test_it[1]"), tmp_path, index)] == ["mean"]
    assert called_by_test(NodeId("test_shop.py::test_gone"), tmp_path, index) == ()
    assert called_by_test(NodeId("gone.py::test_it"), tmp_path, index) == ()
