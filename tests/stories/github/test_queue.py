"""A merge queue: Pawl puts in it what is approved, answers what it asks, and takes out what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stories.github.conftest import Shop, World


def test_pawl_puts_what_is_approved_in_the_merge_queue_and_answers_it(world: World) -> None:
    shop = queued(world)
    pull = shop.proposed()
    number = pull["number"]
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.merged(number), "the queue lets it in")
    assert shop.get(f"/pulls/{number}")["merged_by"]["login"] == world.app.bot, "nobody but Pawl put it in line"
    assert "price - price * percent / 100" in shop.file("shop/price.py")


def test_what_the_queue_makes_of_a_moved_branch_is_judged_anew(world: World) -> None:
    shop = queued(world)
    first = shop.proposed()
    ben = shop.who("ben")
    head = ben.pushes(shop.name, {"README.md": "Prices, and what they come to.\n"}, branch="words")
    number = ben.opens_pull(shop.name, "words", "Say what it is")
    shop.until(lambda: shop.proven(head), "what Ben wrote is judged")
    world.double.order("hold", event="merge_group")
    for each in (first["number"], number):
        shop.who("ada").reviews(shop.name, each)
    shop.until(lambda: shop.checks(head).get("pawl") == "success", "Ada's approval is all that Ben's change lacked")
    shop.until(lambda: in_line(shop), "Pawl's own is in line")
    enqueue = "mutation M($pull: ID!) { enqueuePullRequest(input: {pullRequestId: $pull}) { mergeQueueEntry { position } } }"
    said = ben.graphql(enqueue, pull=shop.get(f"/pulls/{number}")["node_id"])
    assert said["data"]["enqueuePullRequest"]["mergeQueueEntry"]["position"] == 2
    world.double.no_orders()
    world.double.release()
    shop.until(lambda: shop.merged(first["number"]), "what was proven lands as it is")
    shop.until(lambda: shop.merged(number), "what comes of both is judged, and lands")
    assert shop.file("README.md") == "Prices, and what they come to.\n"
    landed = shop.checks(shop.get(f"/pulls/{number}")["merge_commit_sha"])
    assert landed["pawl"] == landed["pawl / tests"] == "success", "the proof of the head alone was not enough"
    assert "pawl / tests" not in shop.checks(shop.get(f"/pulls/{first['number']}")["merge_commit_sha"]), (
        "here it was: the same files"
    )


def test_a_hold_takes_a_change_out_of_the_queue_until_it_is_let_go(world: World) -> None:
    shop = queued(world)
    number = kept_in_line(shop)
    shop.says("ben", number, "/pawl hold not on a Friday")
    shop.until(lambda: not in_line(shop), "the hold takes it out")
    world.double.no_orders()
    world.double.release()
    shop.says("ben", number, "/pawl unhold")
    shop.until(lambda: shop.merged(number), "let go, it goes in line again and is merged")


def test_the_emergency_stop_empties_the_line_until_somebody_else_goes_on(world: World) -> None:
    shop = queued(world)
    number = kept_in_line(shop)
    shop.says("alma", number, "/pawl stop it merges the wrong things")
    shop.until(lambda: not in_line(shop), "the stop takes it out", 20)
    world.double.no_orders()
    world.double.release()
    shop.says("mona", number, "/pawl resume")
    shop.until(lambda: shop.merged(number), "it goes in line again and is merged")


def kept_in_line(shop: Shop) -> int:
    """Propose a change and approve it; it stays in line, since nobody hears what the queue asks."""
    number = int(shop.proposed()["number"])
    shop.world.double.order("hold", event="merge_group")
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: in_line(shop), "it is in line")
    return number


def in_line(shop: Shop) -> list[Any]:
    """Return the heads that a queue has built and waits for."""
    return [each["object"]["sha"] for each in shop.get("/git/matching-refs/heads/gh-readonly-queue")]


def queued(world: World) -> Shop:
    """Return a shop whose branch is guarded and takes changes through a queue only."""
    shop = world.shop()
    ruleset = {
        "name": "queue",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "merge_queue", "parameters": QUEUE}],
    }
    world.double.root.ask("POST", f"/repos/{shop.name}/rulesets", ruleset)
    return shop


QUEUE = {
    "check_response_timeout_minutes": 10,
    "grouping_strategy": "ALLGREEN",
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "merge_method": "MERGE",
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 0,
}
