"""The other doors: a label, and buttons on a check run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.doubles.github.seed import ISSUE

if TYPE_CHECKING:
    from tests.stories.github.conftest import Shop, World


def test_a_label_makes_the_issue_the_instruction(world: World) -> None:
    shop = world.shop()
    issue = shop.issue(ISSUE)
    shop.who("cleo").labels(shop.name, issue, "pawl:fix")
    shop.who("dan").comments(shop.name, issue, "I would like that, too. Not a command: `/pawl fix`")
    shop.until(lambda: shop.get(f"/issues/{issue}")["labels"], "the label is on")
    shop.who("ben").unlabels(shop.name, issue, "pawl:fix")
    shop.who("ben").labels(shop.name, issue, "pawl:fix")
    pull = shop.until(shop.pulls, "a pull request is opened")[0]
    assert len(shop.pulls()) == 1, "Cleo may label, but changing code takes write access"
    assert "price - price * percent / 100" in shop.file("shop/price.py", pull["head"]["ref"])


def test_a_button_is_pressed_and_permitted_like_the_command(world: World) -> None:
    shop = world.shop()
    issue = shop.issue("Say `discounted(1, 2)` is nicer, please.", "Nicer")
    shop.says("ben", issue, "/pawl fix")
    head = shop.who("ben").pushes(shop.name, {"README.md": "Words.\n"}, branch="words")
    number = shop.who("ben").opens_pull(shop.name, "words", "Words")
    shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl"), "the change is judged")
    runs = shop.get(f"/commits/{head}/check-runs?per_page=100")["check_runs"]
    composite = next(each for each in runs if each["name"] == "pawl")
    before = len(shop.comments(number))
    shop.admin(f"/check-runs/{composite['id']}/click", {"by": "ben", "identifier": "explain"})
    told = shop.until(lambda: shop.comments(number)[before:], "the button is answered")
    assert "gate" in told[-1].lower()


def judged(shop: Shop, head: str) -> dict[str, int]:
    """Return who has judged a commit to the end: the run, and the check run that says what it found."""
    runs = shop.get(f"/commits/{head}/check-runs?filter=all&per_page=100")["check_runs"]
    return {each["external_id"]: each["id"] for each in runs if each["name"] == "pawl" and each["conclusion"]}


@pytest.mark.timeout(900)
def test_each_button_that_asks_for_it_has_a_change_judged_again(world: World) -> None:
    shop = world.shop(verify="command")
    head = shop.who("ben").pushes(shop.name, {"README.md": "Words.\n"}, branch="words")
    number = shop.who("ben").opens_pull(shop.name, "words", "Words")

    def times(count: int) -> int | None:
        """Return the newest composite check once so many runs have judged the commit and the last of them is at rest."""
        found = judged(shop, head)
        ended = any("**Now:** awaiting approval" in each and max(found, default="none") in each for each in shop.comments(number))
        return found[max(found)] if len(found) == count and ended else None

    shop.says("cleo", number, "/pawl verify")
    check = shop.until(lambda: times(1), "the change is judged")
    shop.admin(f"/check-runs/{check}/click", {"by": "ben", "identifier": "retry"})
    check = shop.until(lambda: times(2), "*Retry* has it judged again")
    shop.admin(f"/check-runs/{check}/rerun", {"by": "ben"})
    check = shop.until(lambda: times(3), "GitHub's *Re-run* has it judged again")
    suite = shop.get(f"/check-runs/{check}")["check_suite"]["id"]
    shop.admin(f"/check-suites/{suite}/rerun", {"by": "ben"})
    shop.until(lambda: times(4), "*Re-run all checks* has it judged again")


def test_a_merged_change_is_taken_back_by_a_button(world: World) -> None:
    shop = world.shop()
    pull = shop.proposed()
    head = pull["head"]["sha"]
    check = max(judged(shop, head).values())
    shop.who("ada").reviews(shop.name, pull["number"])
    shop.until(lambda: shop.merged(pull["number"]), "it is merged")
    shop.admin(f"/check-runs/{check}/click", {"by": "ben", "identifier": "rollback"})
    shop.admin(f"/check-runs/{check}/click", {"by": "ada", "identifier": "rollback"})
    revert = shop.until(shop.pulls, "the revert is proposed")[0]
    files = shop.get(f"/pulls/{revert['number']}/files")
    assert "shop/price.py" in {each["filename"] for each in files}
    asked = shop.get(f"/pulls/{revert['number']}/commits")[-1]["commit"]["message"]
    assert "Pawl-Reverts:" in asked
    assert len(shop.pulls()) == 1, "Ben may write, but taking back takes a maintainer"


def test_a_question_is_answered_by_a_button(world: World) -> None:
    shop = world.shop({**BARE, "price.py": PRICE})
    issue = shop.issue("`price(2)` should return 4.", "The price is wrong")
    shop.says("ben", issue, "/pawl fix")
    asked = shop.until(lambda: next((each for each in shop.comments(issue) if "Which is right?" in each), None), "Pawl asks")
    page = re.search(r"\[on the check\]\((\S+)/runs/(\d+)\)", asked)
    assert page is not None, asked
    check = shop.get(f"/check-runs/{page[2]}")
    call = re.search(r"differ on `([^`]+)`", check["output"]["summary"])
    gives = re.search(r"\| B \| `([^`]+)` \|", check["output"]["summary"])
    assert call is not None
    assert gives is not None, check["output"]["summary"]
    assert not shop.pulls()
    shop.admin(f"/check-runs/{check['id']}/click", {"by": "ada", "identifier": "answer B"})
    pull = shop.until(shop.pulls, "the answer goes on to a pull request")[0]
    files = shop.get(f"/pulls/{pull['number']}/files")
    locked = "".join(shop.file(each["filename"], pull["head"]["sha"]) for each in files if "test_pawl" in each["filename"])
    assert f"assert {call[1]} == {gives[1]}" in locked


BARE = {"pyproject.toml": '[project]\nname = "price"\nversion = "1.0"\nrequires-python = ">=3.11"\n'}
PRICE = '"""Prices."""\n\n\ndef price(n: int) -> int:\n    """Return the price of n."""\n    return n\n'
