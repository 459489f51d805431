"""A recipe per verb: the steps that usually carry out such an instruction, filled in with what it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.plan.intent import Intent, Wish
from bot.plan.inventory import Inventory
from bot.plan.plan import Step
from bot.run import Verb

Recipe = Callable[[Intent, Inventory], tuple[Step, ...]]


def _where(intent: Intent) -> dict[str, Any]:
    """Return the inputs by which every step knows where to look; left out where the instruction names nothing."""
    where: dict[str, Any] = {}
    if intent.names:
        where["names"] = list(intent.names[:50])
    if intent.paths:
        where["paths"] = list(intent.paths[:50])
    return where


def _fix(intent: Intent, _inventory: Inventory) -> tuple[Step, ...]:
    return (
        Step(
            "repair",
            "code.repair",
            _where(intent),
            acceptance=("every witness of the locked spec passes", "every guard still passes"),
            expected={"failing_tests": -1},
        ),
    )


def _add(intent: Intent, _inventory: Inventory) -> tuple[Step, ...]:
    return (
        Step(
            "generate",
            "code.generate",
            _where(intent),
            acceptance=("every witness of the locked spec passes", "nothing that was there behaves differently"),
            expected={"failing_tests": -1},
        ),
    )


def _test(intent: Intent, _inventory: Inventory) -> tuple[Step, ...]:
    kept = ("each new test passes, twice and in random order", "each new test kills a mutant that no test killed before")
    return (Step("tests", "tests.generate", _where(intent), acceptance=kept, expected={"kill_rate": 0.1}),)


def _docs(intent: Intent, _inventory: Inventory) -> tuple[Step, ...]:
    kept = ("no executable line differs", "every example in the documentation runs")
    return (Step("document", "docs.write", _where(intent), acceptance=kept, expected={"documented": 0.05}),)


def _upgrade(intent: Intent, _inventory: Inventory) -> tuple[Step, ...]:
    inputs = {"package": intent.package, **({"version": intent.version} if intent.version else {})}
    kept = ("the manifests ask for the new version", "the project's own suite passes with it")
    return (Step("upgrade", "dependency.upgrade", inputs, acceptance=kept),)


def _refactor(intent: Intent, inventory: Inventory) -> tuple[Step, ...]:
    if not intent.wishes:
        return (Step("rewrite", "code.rewrite", _where(intent), acceptance=_SAME),)
    steps: list[Step] = []
    for number, wish in enumerate(intent.wishes, start=1):
        before = (steps[-1].id,) if steps else ()
        steps.append(_transform(f"{wish.codemod[:30]}-{number}", wish, intent, inventory, before))
    return tuple(steps)


_SAME = ("every test that passed still passes", "nothing behaves differently on generated inputs")


def _transform(name: str, wish: Wish, intent: Intent, inventory: Inventory, before: tuple[str, ...]) -> Step:
    if wish.codemod == "rename":
        public = all(each.public for each in inventory.find(str(wish.arguments.get("old", ""))))
        inputs: dict[str, Any] = dict(wish.arguments)
        if public:
            return Step(name, "code.rename", inputs, before, ("the old name is gone", *_SAME))
        return Step(name, "code.transform", {"codemod": "rename", "arguments": inputs}, before, ("the old name is gone", *_SAME))
    inputs = {"codemod": wish.codemod, "arguments": dict(wish.arguments)}
    if intent.paths:
        inputs["paths"] = list(intent.paths[:50])
    return Step(name, "code.transform", inputs, before, (*_SAME, "the codemod finds nothing more to do"))


RECIPES: Mapping[Verb, Recipe] = MappingProxyType(
    {
        Verb.FIX: _fix,
        Verb.ADD: _add,
        Verb.REFACTOR: _refactor,
        Verb.TEST: _test,
        Verb.DOCS: _docs,
        Verb.UPGRADE: _upgrade,
    }
)
