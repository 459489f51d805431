"""What is not done: wishes that cannot be proven, people who may not ask, verbs that there are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stories.github.conftest import World


def test_a_wish_without_an_example_ends_in_the_example_that_would_help(world: World) -> None:
    shop = world.shop()
    issue = shop.issue("It is all wrong somehow.", "Please make prices nicer")
    comment = shop.says("ben", issue, "/pawl fix")
    shop.until(lambda: "confused" in shop.reactions(comment), "the refusal is shown")
    told = "\n".join(shop.comments(issue))
    assert "no trustworthy spec" in told.lower()
    assert not shop.pulls()
    assert [each["name"] for each in shop.get("/branches")] == ["main"]


def test_who_may_only_read_starts_nothing(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    comment = shop.says("dan", issue, "/pawl fix")
    shop.until(lambda: "-1" in shop.reactions(comment), "the refusal is shown")
    assert shop.comments(issue) == []
    assert not shop.pulls()


def test_an_unknown_verb_is_answered_with_the_nearest(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    shop.says("ben", issue, "/pawl fxi")
    told = shop.until(lambda: shop.comments(issue), "the nearest verb is named")[0]
    assert "`fix`" in told or "/pawl fix" in told


def test_help_names_every_verb_and_costs_nothing(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    shop.says("dan", issue, "/pawl help")
    told = shop.until(lambda: shop.comments(issue), "help comes")[0]
    for verb in ("fix", "verify", "approve", "hold", "stop", "rollback", "why"):
        assert verb in told
