"""The planner: asked for the steps of a wish that is more than one thing. What it answers is validated like any other plan.

It chooses steps and nothing else: the verb, the goal, what must be witnessed and whether an interface may change are read from
the instruction by fixed rules, and no capability is open to it that the verb does not need.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from bot.capability import Capability, Effect, exactly
from bot.codemod import Codemod
from bot.errors import InputError, Refused
from bot.llm.asking import Ask, Asker, Duty, NoAnswer, OverBudget, Passage
from bot.plan.inventory import Inventory
from bot.plan.plan import MAX_STEPS, Plan, Step, to_json, validate
from bot.prompts.prompt import prompt
from bot.run import Verb

MOST_ASKED: Final = 2
"""A plan that cannot be used is given back once."""
MOST_OUTPUT: Final = 4_000

_CODE: Final = frozenset({"code.repair", "code.generate", "code.rewrite", "code.transform"})
OPEN: Final[Mapping[Verb, frozenset[str]]] = MappingProxyType(
    {
        Verb.FIX: _CODE | {"code.rename", "tests.generate", "docs.write"},
        Verb.ADD: _CODE | {"code.rename", "tests.generate", "docs.write"},
        Verb.REFACTOR: frozenset({"code.rewrite", "code.transform", "code.rename"}),
        Verb.TEST: frozenset({"tests.generate"}),
        Verb.DOCS: frozenset({"docs.write"}),
        Verb.UPGRADE: frozenset[str](),
    }
)
"""What a plan for a verb may use; an upgrade says itself all there is to say."""

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "array", "items": _TEXT}


@dataclass(frozen=True)
class Brief:
    """All that the planner is told, and what its answer is held against."""

    instruction: str
    plain: Plan
    """What the recipe makes of the instruction: everything but the steps is taken from it."""
    capabilities: Mapping[str, Capability]
    codemods: Mapping[str, Codemod]
    inventory: Inventory
    context: tuple[Passage, ...] = ()
    """What it sees of the repository."""
    last: str = ""
    """Its last answer, and why it could not be used."""


@dataclass(frozen=True)
class Planned:
    """The plan to go by."""

    plan: Plan
    why_not: str = ""
    """Why it is the recipe's, where a model was asked; empty where it is the model's."""


def open_to(brief: Brief) -> dict[str, Capability]:
    """Return the capabilities that a model's plan for this instruction may use."""
    closed = {Effect.EDITS_MANIFESTS} | (set() if brief.plain.may_change_interface else {Effect.CHANGES_INTERFACE})
    return {
        name: each
        for name, each in sorted(brief.capabilities.items())
        if name in OPEN[brief.plain.verb] and each.engines and not closed & each.effects
    }


def improve(asker: Asker, brief: Brief) -> Planned:
    """Return the planner's plan, or the recipe's with the reason where it gives none that can be used."""
    asked = brief
    why_not = ""
    for _ in range(MOST_ASKED):
        try:
            answer = asker.ask(question(asked))
        except (NoAnswer, OverBudget) as error:
            return Planned(brief.plain, str(error))
        try:
            plan = replace(brief.plain, steps=_steps(answer.data), author=answer.author)
            _check(plan, brief)
        except (InputError, Refused) as error:
            why_not = f"the plan of {answer.author} could not be used: {error}"
            told = f"{json.dumps(answer.data, ensure_ascii=False)}\nIt could not be used: {error}"
            asked = replace(brief, last=told)
        else:
            return Planned(plan)
    return Planned(brief.plain, why_not)


def _steps(data: Any) -> tuple[Step, ...]:
    return tuple(
        Step(
            id=each["id"],
            capability=each["capability"],
            inputs=each["inputs"],
            needs=tuple(each["needs"]),
            acceptance=tuple(each["acceptance"]),
            expected={one["metric"]: float(one["change"]) for one in each["expected"]},
        )
        for each in data["steps"]
    )


def _check(plan: Plan, brief: Brief) -> None:
    """Hold a plan against what any plan must fit, and against what nobody asked a model to decide.

    Raises:
        InputError, Refused: it does not do, and why.
    """
    able = open_to(brief)
    validate(plan, able)
    if not any(step.capability in _main(brief) for step in plan.steps):
        raise InputError(f"no step does what the instruction is about: use at least one of {', '.join(sorted(_main(brief)))}")
    for step in plan.steps:
        if step.capability == "code.transform":
            _check_transform(step, brief)


def _main(brief: Brief) -> frozenset[str]:
    """Return the capabilities of which a plan for the verb needs one."""
    return OPEN[brief.plain.verb] & (_CODE | {"code.rename"}) or OPEN[brief.plain.verb]


def _check_transform(step: Step, brief: Brief) -> None:
    name = str(step.inputs.get("codemod", ""))
    if name not in brief.codemods:
        known = ", ".join(sorted(brief.codemods))
        raise InputError(f"step {step.id} names the codemod {name!r}, which there is not: use one of {known}")
    arguments = step.inputs.get("arguments") or {}
    found = brief.inventory.find(str(arguments.get("old", ""))) if name == "rename" else ()
    if name == "rename" and (not found or any(each.public for each in found)) and not brief.plain.may_change_interface:
        raise Refused(f"step {step.id} renames what others may use, which nobody asked for: leave it out")


def question(brief: Brief) -> Ask:
    """Return what the planner is asked."""
    return Ask(Duty.PLANNER, prompt("plan"), tuple(_passages(brief)), schema(open_to(brief)), most_output=MOST_OUTPUT)


def schema(able: Mapping[str, Capability]) -> dict[str, Any]:
    """Return the JSON schema of an answer: steps, with the capabilities that may be used."""
    expected = exactly(metric=_TEXT, change={"type": "number"})
    step = exactly(
        id={"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$"},
        capability={"enum": list(able)},
        inputs={"type": "object", "description": "As the capability's own schema says."},
        needs=_TEXTS,
        acceptance=_TEXTS,
        expected={"type": "array", "items": expected},
    )
    return exactly(steps={"type": "array", "items": step, "minItems": 1, "maxItems": MAX_STEPS})


def _passages(brief: Brief) -> Iterator[Passage]:
    yield Passage("task", "\n".join(_task(brief)), hostile=False)
    plain = json.dumps(to_json(brief.plain)["steps"], ensure_ascii=False)
    yield Passage("the plain plan that is used where yours does not do", plain, code=True)
    yield from brief.context
    yield Passage("instruction", brief.instruction)
    if brief.last:
        yield Passage("your last plan", brief.last, code=True)


def _task(brief: Brief) -> Iterator[str]:
    yield f"The wish is one to: {brief.plain.verb}."
    yield f"A public interface may change: {'yes' if brief.plain.may_change_interface else 'no'}."
    yield "Capabilities:"
    for name, each in open_to(brief).items():
        yield f"- {name}: {each.does} Inputs: {json.dumps(each.takes)}"
    if "code.transform" in open_to(brief):
        yield f"Codemods of code.transform: {', '.join(sorted(brief.codemods))}."
