"""Branch names: readable, and valid whatever was asked for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.forge import MOST_SLUG, branch_name, slug
from bot.ids import InstallationId, RepoName, Sha
from bot.run import Instruction, Origin, Verb

WISH = Instruction(Verb.FIX, "fix: the cart", RepoName("o/r"), Sha("0" * 40))


@given(st.text(max_size=200))
def test_a_slug_is_always_a_branch_name(text: str) -> None:
    found = slug(text)
    assert found
    assert len(found) <= MOST_SLUG
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not found.startswith("-")


def test_slugs_can_be_read() -> None:
    assert slug("\n  Fix: `Größe` of the cart, please!\nmore") == "fix-große-of-the-cart-please".replace("ß", "")
    assert slug("???") == "change"


def test_a_branch_carries_the_issue_it_answers() -> None:
    assert branch_name(WISH) == "pawl/fix-the-cart"
    origin = Origin(InstallationId(1), repository=2, number=17, requester=3)
    assert branch_name(replace(WISH, origin=origin)) == "pawl/17-fix-the-cart"
