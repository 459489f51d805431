"""Questions on GitHub: one comment with lines that exist, whatever the model writes beside them; a bug that shows is mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import cmarkgfm
import pytest

if TYPE_CHECKING:
    from tests.doubles.models.double import ModelDouble
    from tests.stories.github.conftest import World

CITED = {"path": "shop/price.py", "first": 90, "last": 91, "quote": "return price + price * percent / 100"}
MADE_UP = {**CITED, "quote": "return price - price * percent / 100"}
HOSTILE = "It adds. @mona <img src=x> [see](https://evil.example/leak) fixes #1"
BUG = {
    "path": "shop/price.py",
    "line": 6,
    "quote": "price + price * percent",
    "what": "It makes things dearer, though the docstring says less.",
    "call": "discounted(200, 10)",
    "expected": "180.0",
}


@pytest.fixture
def asking(world: World, models: ModelDouble) -> Iterator[World]:
    """The same server, its operator with a model."""
    world.restart(**models.environment("anthropic"))
    yield world
    world.restart()


def answered(*citations: dict[str, Any]) -> dict[str, Any]:
    return {"paragraphs": [{"text": HOSTILE, "citations": list(citations)}]}


def test_a_reader_asks_and_gets_one_comment_whose_links_are_pawls_own(asking: World, models: ModelDouble) -> None:
    shop = asking.shop()
    issue = shop.issue()
    models.script("reader", answered(CITED, MADE_UP), answered(MADE_UP))
    comment = shop.says("dan", issue, "/pawl ask What does `discounted` do?")
    (said,) = shop.until(lambda: shop.comments(issue), "the question is answered")
    shop.until(lambda: "rocket" in shop.reactions(comment), "it is shown as done")
    main = shop.get("/git/ref/heads/main")["object"]["sha"]
    assert f"[`shop/price.py:6`]({asking.double.url}/{shop.name}/blob/{main}/shop/price.py#L6-L6)" in said
    assert "do not hold: 1 citation." in said
    assert said.count("](http") == 1
    shown = cmarkgfm.github_flavored_markdown_to_html(said)
    assert shown.count("<a ") == 1
    assert "<img" not in shown
    assert "@mona" not in said
    second = shop.says("dan", issue, "/pawl ask And why?")
    shop.until(lambda: "confused" in shop.reactions(second), "an answer of inventions is refused")
    assert "No answer" in shop.comments(issue)[1]
    assert len(shop.comments(issue)) == 2
    assert shop.checks(main) == {}


def test_a_bug_that_shows_is_mended_by_its_id(asking: World, models: ModelDouble) -> None:
    shop = asking.shop()
    issue = shop.issue("Something is off.", "Prices")
    models.script("reader", {"bugs": [BUG]})
    refused = shop.says("dan", issue, "/pawl debug")
    shop.until(lambda: "-1" in shop.reactions(refused), "who may only read is refused")
    shop.says("ben", issue, "/pawl debug shop/price.py")
    (said,) = shop.until(lambda: shop.comments(issue), "bugs are told")
    assert "🐞 shown by running it" in said
    assert "220.0" in said
    bug = said.partition("`/pawl fix ")[2].partition("`")[0]
    asking.restart()
    shop.says("ben", issue, f"/pawl fix {bug}")
    pull = shop.until(shop.pulls, "a pull request is opened")[0]
    assert "price - price * percent / 100" in shop.file("shop/price.py", pull["head"]["ref"])


def test_without_a_model_one_sentence_says_so(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    comment = shop.says("dan", issue, "/pawl ask why?")
    shop.until(lambda: "confused" in shop.reactions(comment), "the question is refused")
    (said,) = shop.comments(issue)
    assert "no language model is configured" in said
