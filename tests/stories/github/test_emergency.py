"""The emergency stop: everything comes to rest, and only somebody else goes on. And a merged change that is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stories.github.conftest import World


def test_everything_stops_and_only_another_administrator_goes_on(world: World) -> None:
    shop = world.shop()
    shop.guard(approvals=2)
    pull = shop.proposed()
    number = pull["number"]
    shop.who("ada").reviews(shop.name, number)
    shop.until(lambda: shop.armed(number), "Ada's approval arms it")
    busy = shop.issue()
    shop.says("ben", busy, "/pawl fix")
    shop.until(lambda: shop.comments(busy), "another run is at work")
    refused = shop.says("ben", number, "/pawl stop")
    shop.until(lambda: "-1" in shop.reactions(refused), "Ben may not stop it all")
    before = revoked(world)
    shop.says("alma", number, "/pawl stop it merges the wrong things")
    shop.until(lambda: not shop.armed(number), "what was armed is disarmed", 20)
    shop.until(lambda: revoked(world) > before, "Pawl's tokens are revoked", 20)
    shop.until(lambda: any("Stopped" in each or "stopped" in each for each in shop.comments(busy)), "what ran is stopped")
    again = shop.says("alma", number, "/pawl resume")
    shop.until(lambda: "confused" in shop.reactions(again), "who stopped it cannot go on alone")
    asked = shop.says("ben", shop.issue(), "/pawl fix")
    shop.until(lambda: "confused" in shop.reactions(asked), "nothing new is begun")
    shop.says("mona", number, "/pawl resume")
    shop.until(lambda: shop.armed(number) or shop.merged(number), "it goes on where it was")


def revoked(world: World) -> int:
    """Return how many tokens the App has had revoked."""
    asked = [each for each in world.double.traffic("rest") if each["path"].endswith("/installation/token")]
    return len([each for each in asked if (each["method"], each["status"]) == ("DELETE", 204)])


def test_a_merged_change_is_taken_back_by_a_proven_revert(world: World) -> None:
    shop = world.shop()
    before = shop.file("shop/price.py")
    pull = shop.proposed()
    shop.who("ada").reviews(shop.name, pull["number"])
    shop.until(lambda: shop.merged(pull["number"]), "it is merged")
    shop.says("ada", pull["number"], "/pawl rollback")
    revert = shop.until(shop.pulls, "the revert is proposed")[0]
    assert revert["number"] != pull["number"]
    shop.who("alma").reviews(shop.name, revert["number"])
    shop.until(lambda: shop.merged(revert["number"]), "the revert is merged")
    assert shop.file("shop/price.py") == before
