"""From an instruction to a plan: resolve the intent, pick the recipe, fill it in, validate what came out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.capability import Capability
from bot.codemod import Codemod
from bot.plan.intent import Intent, clean, resolve
from bot.plan.inventory import Inventory
from bot.plan.plan import Plan, validate
from bot.plan.recipe import RECIPES
from bot.run import Instruction, Verb

_GOAL = 300
_MOST_PARTS = 50
_ITEM = re.compile(r"^[ \t]{0,6}(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?P<item>\S.*)$", re.MULTILINE)
_THEN = re.compile(r",?\s+and then\s+|;\s+|,\s+then\s+", re.IGNORECASE)


def make_plan(
    instruction: Instruction, inventory: Inventory, capabilities: Mapping[str, Capability], codemods: Mapping[str, Codemod]
) -> Plan:
    """Return a valid plan: the smallest recipe for the instruction's verb, its steps pointed at what the text mentions.

    Raises:
        InputError: the text is empty, too long or not text, or an upgrade names no package.
        Refused: it would take too many steps.
    """
    intent = resolve(instruction.text, instruction.verb, inventory, codemods)
    steps = RECIPES[intent.verb](intent, inventory)
    plan = Plan(
        verb=intent.verb,
        goal=goal(intent.text),
        steps=steps,
        may_change_interface=_may_change_interface(intent, tuple(step.capability for step in steps)),
        needs_witness=intent.verb in {Verb.FIX, Verb.ADD},
    )
    validate(plan, capabilities)
    return plan


def _may_change_interface(intent: Intent, capabilities: tuple[str, ...]) -> bool:
    """An instruction asks for it by its words, or by naming a public definition to rename."""
    if "code.rename" in capabilities:
        return True
    return intent.asks_interface and intent.verb in {Verb.FIX, Verb.ADD, Verb.REFACTOR} and not intent.wishes


def goal(text: str) -> str:
    """Return the instruction's first telling line, clipped."""
    first = next((line.strip(" \t#>*-") for line in text.splitlines() if line.strip(" \t#>*-`~")), text.strip())
    return first if len(first) <= _GOAL else first[: _GOAL - 1] + "…"


def decompose(text: str) -> tuple[str, ...]:
    """Return the parts of an instruction that are wishes of their own: list items, else clauses joined by "and then".

    Raises:
        InputError: empty, too long or not text.
    """
    seen = clean(text)
    items = [match["item"].strip() for match in _ITEM.finditer(seen)]
    if len(items) > 1:
        return tuple(items[:_MOST_PARTS])
    return tuple(part.strip() for part in _THEN.split(seen) if part.strip())[:_MOST_PARTS]
