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


def test_a_persons_good_change_is_green_and_stays_theirs_to_merge(world: World) -> None:
    shop = world.shop()
    head = shop.who("ben").pushes(shop.name, GOOD, branch="discounts")
    number = shop.who("ben").opens_pull(shop.name, "discounts", "Discounts")
    comment = shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl"), "the change is judged")
    assert shop.checks(head)["pawl"] == "success", shop.comments(number)
    shop.until(lambda: "rocket" in shop.reactions(comment), "who asked is told")
    assert shop.get(f"/pulls/{number}")["auto_merge"] is None
    assert not shop.merged(number)


def test_a_forks_good_change_is_green_and_nobody_else_wrote_to_it(world: World) -> None:
    shop = world.shop()
    eve = shop.who("eve")
    head = eve.pushes(eve.forks(shop.name), GOOD, branch="discounts")
    number = eve.opens_pull(shop.name, "eve:discounts", "Discounts")
    comment = shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl"), "the change is judged")
    assert shop.checks(head)["pawl"] == "success", shop.comments(number)
    shop.until(lambda: "rocket" in shop.reactions(comment), "who asked is told")
    assert shop.get(f"/pulls/{number}")["head"]["sha"] == head
    assert not shop.armed(number)
    assert not shop.merged(number)


def test_a_forks_sly_change_is_red_with_findings_on_its_lines(world: World) -> None:
    shop = world.shop()
    eve = shop.who("eve")
    fork = eve.forks(shop.name)
    head = eve.pushes(fork, SLY, branch="discounts")
    number = eve.opens_pull(shop.name, "eve:discounts", "Discounts")
    asked = eve.comments(shop.name, number, "/pawl verify")
    shop.until(lambda: "-1" in shop.reactions(asked), "Eve herself may not ask")
    shop.says("cleo", number, "/pawl verify")
    shop.until(lambda: shop.checks(head).get("pawl"), "the change is judged")
    checks = shop.checks(head)
    assert checks["pawl"] == "failure"
    assert checks["pawl / tests"] == "failure", checks
    assert checks["pawl / security"] == "failure", checks
    runs = shop.get(f"/commits/{head}/check-runs?per_page=100")["check_runs"]
    security = next(each for each in runs if each["name"] == "pawl / security")
    notes = shop.get(f"/check-runs/{security['id']}/annotations")
    assert any(each["path"] == "shop/price.py" for each in notes)
