from __future__ import annotations

from bot.plan.intent import Intent, Wish
from bot.plan.inventory import take_inventory
from bot.plan.recipe import RECIPES
from bot.run import Verb

NOTHING = take_inventory({})


def test_there_is_a_recipe_for_every_verb() -> None:
    assert set(RECIPES) == set(Verb)
    for verb, recipe in RECIPES.items():
        steps = recipe(Intent(verb, "text", package="x"), NOTHING)
        assert steps
        assert all(step.acceptance for step in steps)


def test_inputs_stay_within_what_the_capabilities_take() -> None:
    names = tuple(f"n{n}" for n in range(90))
    assert len(RECIPES[Verb.FIX](Intent(Verb.FIX, "text", names=names), NOTHING)[0].inputs["names"]) == 50


def test_a_missing_version_is_left_out() -> None:
    assert RECIPES[Verb.UPGRADE](Intent(Verb.UPGRADE, "text", package="x"), NOTHING)[0].inputs == {"package": "x"}


def test_a_rename_of_something_unknown_counts_as_public() -> None:
    intent = Intent(Verb.REFACTOR, "text", wishes=(Wish("rename", {"old": "f", "new": "g"}),))
    assert RECIPES[Verb.REFACTOR](intent, NOTHING)[0].capability == "code.rename"
