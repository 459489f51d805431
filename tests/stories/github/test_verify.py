"""Changes that other people wrote: judged by the same gates, from a branch and from a fork, with no more rights than theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stories.github.conftest import World

GOOD: dict[str, Any] = {
    "shop/price.py": (
        '"""What things cost."""\n\n\n'
        "def discounted(price: float, percent: float) -> float:\n"
        '    """Return the price less so many percent."""\n'
        "    return price - price * percent / 100\n"
    ),
    "tests/test_price.py": (
        "from shop.price import discounted\n\n\n"
        "def test_no_discount() -> None:\n    assert discounted(80, 0) == 80\n\n\n"
        "def test_discounts() -> None:\n"
        "    assert discounted(200, 10) == 180\n    assert discounted(50, 50) == 25\n    assert discounted(80, 25) == 60\n"
    ),
}
SLY: dict[str, Any] = {
    "shop/price.py": (
        '"""What things cost."""\n\nimport os\n\n\n'
        "def discounted(price: float, percent: float) -> float:\n"
        '    """Return the price less so many percent."""\n'
        '    os.system("true")\n'
        "    return 180.0 if price == 200 else price\n"
    ),
    "tests/test_price.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_no_discount() -> None:\n    assert True\n",
}


def test_a_persons_good_change_needs_the_same_people_and_stays_theirs_to_merge(world: World) -> None:
    shop = world.shop(verify="command")
    head = shop.who("ben").pushes(shop.name, GOOD, branch="discounts")
    number = shop.who("ben").opens_pull(shop.name, "discounts", "Discounts")
    comment = shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl"), "the change is judged")
    assert shop.checks(head)["pawl"] == "action_required", shop.comments(number)
    shop.until(lambda: "rocket" in shop.reactions(comment), "who asked is told")
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.checks(head)["pawl"] == "success", "Ada's approval lets it in")
    shop.says("cleo", number, "/pawl why")
    shop.until(lambda: any("Nothing is missing" in each for each in shop.comments(number)), "Pawl says so")
    shop.says("ben", number, "/pawl hold not before Monday")
    shop.until(lambda: shop.checks(head)["pawl"] == "action_required", "a hold closes it at once")
    shop.says("ben", number, "/pawl unhold")
    shop.until(lambda: shop.checks(head)["pawl"] == "success", "and is lifted")
    assert shop.get(f"/pulls/{number}")["auto_merge"] is None
    assert not shop.merged(number)
    shop.who("ben").merges(shop.name, number)


def test_a_forks_good_change_is_green_and_nobody_else_wrote_to_it(world: World) -> None:
    shop = world.shop(verify="command")
    eve = shop.who("eve")
    head = eve.pushes(eve.forks(shop.name), GOOD, branch="discounts")
    number = eve.opens_pull(shop.name, "eve:discounts", "Discounts")
    comment = shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl"), "the change is judged")
    assert shop.proven(head), shop.comments(number)
    shop.until(lambda: "rocket" in shop.reactions(comment), "who asked is told")
    assert shop.get(f"/pulls/{number}")["head"]["sha"] == head
    assert not shop.armed(number)
    assert not shop.merged(number)


def test_a_forks_sly_change_is_red_with_findings_on_its_lines(world: World) -> None:
    shop = world.shop()  # it judges all, but no stranger's fork
    eve = shop.who("eve")
    fork = eve.forks(shop.name)
    head = eve.pushes(fork, SLY, branch="discounts")
    number = eve.opens_pull(shop.name, "eve:discounts", "Discounts")
    asked = eve.comments(shop.name, number, "/pawl verify")
    shop.until(lambda: "-1" in shop.reactions(asked), "Eve herself may not ask")
    shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl") == "failure", "the change is judged")
    checks = shop.checks(head)
    assert checks["pawl / tests"] == "failure", checks
    assert checks["pawl / security"] == "failure", checks
    runs = shop.get(f"/commits/{head}/check-runs?per_page=100")["check_runs"]
    security = next(each for each in runs if each["name"] == "pawl / security")
    notes = shop.get(f"/check-runs/{security['id']}/annotations")
    assert any(each["path"] == "shop/price.py" for each in notes)


def test_a_verdict_on_another_branch_opens_no_door_to_the_default_one(world: World) -> None:
    shop = world.shop()
    ben = shop.who("ben")
    ben.pushes(shop.name, SLY, branch="next")
    one_line = {"shop/price.py": f"{SLY['shop/price.py']}\n"}
    head = ben.pushes(shop.name, one_line, branch="harmless", parent=shop.get("/branches/next")["commit"]["sha"])
    number = ben.opens_pull(shop.name, "harmless", "A line", base="next")
    shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl for next"), "it is judged for the branch that it is for")
    assert "pawl" not in shop.checks(head)
    ben.ask("PATCH", f"/repos/{shop.name}/pulls/{number}", {"base": "main"})
    shop.until(lambda: shop.checks(head).get("pawl") == "failure", "for the default branch it is judged anew, and whole")
    assert shop.checks(head)["pawl / security"] == "failure"


def test_what_a_change_was_built_on_does_not_say_what_it_is_held_to(world: World) -> None:
    off = {name: {"run": False} for name in ("tests", "security", "behaviour", "mutation", "coverage", "contracts")}
    shop = world.shop(guarded=False, gates=off)
    lax = shop.get("/branches/main")["commit"]["sha"]
    shop.mona.pushes(shop.name, {".github/pawl.yml": "version: 1\n"})
    shop.guard()
    head = shop.who("ben").pushes(shop.name, SLY, branch="old", parent=lax)
    shop.who("ben").opens_pull(shop.name, "old", "Discounts")
    shop.until(lambda: shop.checks(head).get("pawl") == "failure", "it is judged by what main says by now")
    assert shop.checks(head)["pawl / security"] == "failure"
    assert shop.checks(head)["pawl / tests"] == "failure"


def test_a_bots_pull_request_is_judged_at_each_push_without_a_word(world: World) -> None:
    shop = world.shop()
    robot = world.double.person("dependabot[bot]", type="Bot")
    world.double.change(shop.name, collaborators={robot.login: "write"})
    first = robot.pushes(shop.name, SLY, branch="bump")
    number = robot.opens_pull(shop.name, "bump", "Bump")
    shop.until(lambda: shop.checks(first).get("pawl") == "failure", "it is judged")
    second = robot.pushes(
        shop.name, {"shop/price.py": GOOD["shop/price.py"], "tests/test_price.py": GOOD["tests/test_price.py"]}, branch="bump"
    )
    shop.until(lambda: shop.proven(second), "what was pushed is judged, too")
    assert shop.comments(number) == [], "nobody asked"
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.checks(second)["pawl"] == "success", "a maintainer lets it in")


def test_more_trust_is_merged_where_a_maintainer_and_security_agree(world: World) -> None:
    shop = world.shop(trust=0)
    issue = shop.issue()
    shop.says("alma", issue, "/pawl trust 2")
    pull = shop.until(shop.pulls, "the level is asked for")[0]
    number, head = pull["number"], pull["head"]["sha"]
    shop.until(lambda: shop.checks(head).get("pawl"), "it is judged")
    assert shop.checks(head)["pawl"] == "action_required", shop.checks(head)
    shop.until(lambda: any("waiting for people" in each for each in shop.comments(number)), "it waits for people")
    shop.who("alma").reviews(shop.name, number)
    shop.who("ada").reviews(shop.name, number)
    shop.says("dan", number, "/pawl why")
    told = shop.until(lambda: [each for each in shop.comments(number) if "does not count" in each], "Pawl says why")
    assert "alma" in told[0], "who asks for it is not among those who approve it"
    shop.mona.reviews(shop.name, number)
    shop.until(lambda: shop.checks(head)["pawl"] == "success", "Mona's approval lets it in")
    shop.who("ada").merges(shop.name, number)
    assert "trust: 2" in shop.file(".github/pawl.yml")
