"""From a comment to the merge: `/pawl fix` under an issue becomes a proven pull request that GitHub merges by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stories.github.conftest import World


def test_a_comment_becomes_a_merged_proof(world: World) -> None:
    shop = world.shop()
    issue = shop.issue()
    comment = shop.says("ben", issue, "/pawl fix")
    shop.until(lambda: "eyes" in shop.reactions(comment), "the comment is seen")
    pull = shop.until(shop.pulls, "a pull request is opened")[0]
    head = pull["head"]["sha"]
    assert pull["head"]["ref"].startswith(f"pawl/{issue}-")
    spec, change = shop.get(f"/pulls/{pull['number']}/commits")
    assert "Pawl-Spec: sha256:" in spec["commit"]["message"]
    assert spec["commit"]["verification"]["verified"]
    assert change["sha"] == head
    ben = shop.who("ben")
    for each in (spec, change):
        assert f"\nCo-authored-by: ben <{ben.id}+ben@users.noreply.127.0.0.1>" in each["commit"]["message"]
    shop.until(lambda: shop.proven(head), "every gate is green")
    assert all(each in {"success", "neutral"} for name, each in shop.checks(head).items() if name != "pawl")
    assert shop.checks(head)["pawl"] == "action_required", "nobody can merge it before a maintainer agrees"
    assert shop.mona.tries_to_merge(shop.name, pull["number"]) == 405, "not even who owns it all"
    assert not shop.merged(pull["number"])
    shop.who("ada").reviews(shop.name, pull["number"])
    shop.until(lambda: shop.merged(pull["number"]), "GitHub merges it")
    assert "price - price * percent / 100" in shop.file("shop/price.py")
    shop.until(lambda: "rocket" in shop.reactions(comment), "who asked is told of the end")
