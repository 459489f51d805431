from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from bot import capabilities, codemods, engines
from bot.capability import Capability, Effect
from bot.codemod import Codemod
from bot.engine import Engine
from bot.plan.plan import Plan, Step, validate
from bot.registry import plugins
from bot.run import Verb

KNOWN = plugins(capabilities, Capability)


@pytest.mark.parametrize("capability", KNOWN.values(), ids=lambda each: each.name)
def test_its_schemas_are_schemas_and_somebody_carries_it_out(capability: Capability) -> None:
    Draft202012Validator.check_schema(capability.takes)
    Draft202012Validator.check_schema(capability.gives)
    assert json.dumps([capability.takes, capability.gives])
    assert bool(capability.engines) != bool(capability.answer)
    assert capability.does.endswith(".")
    assert capability.version >= 1


@pytest.mark.parametrize("capability", [each for each in KNOWN.values() if each.engines], ids=lambda each: each.name)
def test_what_edits_says_so(capability: Capability) -> None:
    assert capability.effects & {Effect.EDITS_CODE, Effect.EDITS_TESTS, Effect.EDITS_MANIFESTS}


def test_a_codemod_capability_can_be_carried_out_by_the_engine_of_that_name() -> None:
    assert "codemod" in plugins(engines, Engine)
    assert {"rename", "dependency-upgrade"} <= plugins(codemods, Codemod).keys()


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("code.repair", {"names": ["f"], "paths": ["a.py"]}),
        ("code.generate", {}),
        ("code.rewrite", {}),
        ("tests.generate", {"paths": ["a.py"]}),
        ("docs.write", {}),
        ("code.transform", {"codemod": "modernise", "arguments": {}, "paths": ["a.py"]}),
        ("code.rename", {"old": "a.f", "new": "g"}),
        ("dependency.upgrade", {"package": "requests", "version": "2.32.4"}),
    ],
)
def test_a_step_of_it_fits_a_plan(name: str, inputs: dict[str, object]) -> None:
    validate(Plan(Verb.REFACTOR, "goal", (Step("s", name, inputs),), may_change_interface=True), KNOWN)
