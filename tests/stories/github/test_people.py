"""Who may let a proven change in: the right people, of exactly the proven head, and for as long as they stand by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stories.github.conftest import Shop, World


def why(shop: Shop, number: int) -> str:
    """Ask what is missing and return the answer."""
    before = len(shop.comments(number))
    shop.says("dan", number, "/pawl why")
    return shop.until(lambda: shop.comments(number)[before:], "Pawl says why")[-1]


def test_only_approvals_that_count_arm_it_and_what_is_withdrawn_disarms_it(world: World) -> None:
    shop = world.shop()
    shop.guard(approvals=3)
    pull = shop.proposed()
    number = pull["number"]
    shop.who("ben").reviews(shop.name, number)
    shop.who("dan").reviews(shop.name, number)
    told = why(shop, number)
    assert "maintainer" in told
    assert not shop.armed(number), "Ben asked for it and Dan may only read"
    review = shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.armed(number), "Ada's approval arms it, and GitHub waits for a third")
    shop.mona.ask("PUT", f"/repos/{shop.name}/pulls/{number}/reviews/{review}/dismissals", {"message": "not yet"})
    shop.until(lambda: not shop.armed(number), "a withdrawn approval disarms it")
    assert "maintainer" in why(shop, number)
    world.double.later(2)  # of what is said within one second, the less welcome counts
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.armed(number), "given again, it arms it again")
    assert not shop.merged(number)
    shop.who("alma").reviews(shop.name, number)
    shop.until(lambda: shop.merged(number), "GitHub merges it once everybody it waits for is there")


def test_who_pushed_under_another_name_cannot_approve(world: World) -> None:
    shop = world.shop()
    pull = shop.proposed()
    number, branch = pull["number"], pull["head"]["ref"]
    mended = f"{shop.file('shop/price.py', branch)}\n\n# Prices are in cents.\n"
    maker = {"name": "Somebody Else", "email": "noreply@private.example"}
    head = shop.who("alma").pushes(shop.name, {"shop/price.py": mended}, branch=branch, maker=maker)
    shop.until(lambda: shop.checks(head).get("pawl") == "action_required", "the new head is judged and waits for people")
    shop.who("alma").reviews(shop.name, number)
    not_hers = "the approval by `alma` does not count: pushed, wrote or committed"
    shop.until(lambda: not_hers in why(shop, number), "Alma's approval of her own work is told from others'")
    assert not shop.armed(number)
    assert not shop.merged(number)
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.merged(number), "somebody else's approval counts")


def test_a_head_that_moved_is_judged_anew_and_needs_new_approvals(world: World) -> None:
    shop = world.shop()
    shop.guard(approvals=2)
    pull = shop.proposed()
    number = pull["number"]
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.armed(number), "Ada's approval arms it")
    worse = shop.file("shop/price.py", pull["head"]["ref"]).replace("price - price", "price + price")
    head = shop.who("ben").pushes(shop.name, {"shop/price.py": worse}, branch=pull["head"]["ref"])
    shop.until(lambda: not shop.armed(number), "a moved head disarms it")
    shop.until(lambda: shop.checks(head).get("pawl") == "failure", "the new head is judged, and it is no fix")
    assert not shop.merged(number)


def test_a_hold_keeps_it_from_merging_until_it_is_lifted(world: World) -> None:
    shop = world.shop()
    pull = shop.proposed()
    number = pull["number"]
    shop.says("ben", number, "/pawl hold until the release is out")
    shop.until(lambda: "release" in why(shop, number), "the hold is known")
    shop.who("ada").reviews(shop.name, number)
    assert "ben asked to wait" in why(shop, number).replace("`", "")
    assert not shop.armed(number)
    assert not shop.merged(number)
    shop.says("ben", number, "/pawl unhold")
    shop.until(lambda: shop.merged(number), "it is merged once nobody holds it")


def test_what_github_itself_waits_for_is_named_and_the_change_merges_once_it_is_there(world: World) -> None:
    shop = world.shop()
    shop.guard(services=["ci/build"], required_conversation_resolution=True)
    pull = shop.proposed()
    number = pull["number"]
    lines = shop.file("shop/price.py", pull["head"]["ref"]).splitlines()
    line = next(at for at, text in enumerate(lines, 1) if "price - price * percent / 100" in text)
    made = shop.who("cleo").remarks(shop.name, number, "shop/price.py", line, "What of discounts above 100?")
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.armed(number), "Ada's approval arms it, and GitHub waits for the conversation and a service")
    told = why(shop, number)
    assert "Nothing is missing that Pawl asks for" in told
    assert "the required check ci/build is not there yet" in told
    assert f"the conversation on shop/price.py, line {line}, begun by cleo, has to be resolved: anybody with write access" in told
    assert f"]({world.double.url}/{shop.name}/pull/{number}#discussion_r{made})" in told
    assert not shop.merged(number)
    open_ = "query Q($id: ID!) { node(id: $id) { ... on PullRequest { reviewThreads(first: 1) { nodes { id } } } } }"
    (thread,) = shop.mona.graphql(open_, id=pull["node_id"])["data"]["node"]["reviewThreads"]["nodes"]
    resolve = "mutation M($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
    assert "errors" in shop.who("cleo").graphql(resolve, id=thread["id"]), "she began it, and may not write"
    assert "errors" not in shop.who("ben").graphql(resolve, id=thread["id"])
    shop.mona.ask("POST", f"/repos/{shop.name}/statuses/{pull['head']['sha']}", {"context": "ci/build", "state": "failure"})
    told = why(shop, number)
    assert "the required check ci/build is failure" in told
    assert "the conversation on" not in told
    shop.mona.ask("POST", f"/repos/{shop.name}/statuses/{pull['head']['sha']}", {"context": "ci/build", "state": "success"})
    shop.until(lambda: shop.merged(number), "it is merged once the conversation is resolved and the service content")
