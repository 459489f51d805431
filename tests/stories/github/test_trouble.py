"""GitHub as it is on a bad day: deliveries twice, late, out of order or lost, answers missing, limits reached."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stories.github.conftest import World


@pytest.fixture(autouse=True)
def _good_weather_afterwards(world: World) -> Iterator[None]:
    yield
    world.double.no_orders()
    world.double.no_faults()


def test_delivered_twice_and_out_of_order_it_is_done_once(world: World) -> None:
    shop = world.shop()
    world.double.order("duplicate", count=30)
    issue = shop.issue()
    shop.says("ben", issue, "/pawl fix")
    pull = shop.until(shop.pulls, "a pull request is opened")[0]
    world.double.order("hold", event="pull_request_review")
    review = shop.who("ada").reviews(shop.name, pull["number"], "REQUEST_CHANGES", "Not like that.")
    shop.mona.ask(
        "PUT", f"/repos/{shop.name}/pulls/{pull['number']}/reviews/{review}/dismissals", {"message": "it is fine after all"}
    )
    shop.until(lambda: shop.proven(pull["head"]["sha"]), "every gate is green")
    world.double.later(2)  # of what is said within one second, the less welcome counts
    shop.who("ada").reviews(shop.name, pull["number"])
    world.double.no_orders()
    assert world.double.release("reversed") >= 3
    shop.until(lambda: shop.merged(pull["number"]), "what holds now counts, whatever came last")
    assert len(shop.pulls("all")) == 1
    assert len(shop.get(f"/pulls/{pull['number']}/commits")) == 2
    marks = Counter(each.splitlines()[0] for each in shop.comments(issue))
    assert max(marks.values()) == 1, "one sticky comment, and each thing said once"


def test_a_delivery_that_got_lost_is_asked_for_again(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    world.double.order("drop", event="issue_comment", count=1)
    comment = shop.says("dan", issue, "/pawl help")
    assert not shop.reactions(comment), "nobody has told Pawl of it"
    world.due("redeliver")
    shop.until(lambda: "rocket" in shop.reactions(comment), "GitHub delivers it again, and it is answered")
    assert len(shop.comments(issue)) == 1


def test_a_delivery_that_comes_late_is_answered_all_the_same(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    world.double.order("delay", event="issue_comment", count=1, seconds=3)
    first = shop.says("dan", issue, "/pawl help fix")
    second = shop.says("dan", issue, "/pawl help ask")
    shop.until(lambda: "rocket" in shop.reactions(first) and "rocket" in shop.reactions(second), "both are answered")
    assert len(shop.comments(issue)) == 2


def test_github_is_down_for_a_while_and_cuts_answers_short(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    shop.says("ben", issue, "/pawl fix")
    world.double.fault("status", method="POST", status=502, count=6)
    world.double.fault("lost", path="/pulls$", method="POST", count=1)
    world.double.fault("lost", path="/git/commits$", method="POST", count=1)
    pull = shop.until(shop.pulls, "a pull request is opened", 150)[0]
    shop.until(lambda: shop.proven(pull["head"]["sha"]), "every gate is green")
    assert len(shop.pulls("all")) == 1
    assert len(shop.get(f"/pulls/{pull['number']}/commits")) == 2


def test_a_secondary_limit_is_waited_for(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    world.double.fault("secondary", path="/issues/.*/comments$", method="POST", skip=1, count=2, retry_after=2)
    shop.says("dan", issue, "/pawl help")
    told = shop.until(lambda: shop.comments(issue), "help comes after the wait")
    assert len(told) == 1
