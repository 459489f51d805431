"""Plan an instruction over given files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import codemods
from bot.capability import Capability, Effect, Level
from bot.codemod import Codemod
from bot.ids import RepoName, Sha
from bot.plan.intent import resolve_verb
from bot.plan.inventory import take_inventory
from bot.plan.plan import schema, to_json
from bot.plan.planner import make_plan
from bot.registry import plugins
from bot.run import Instruction, Verb


def _answer(inputs: Mapping[str, Any], capabilities: Mapping[str, Capability]) -> dict[str, Any]:
    text = inputs["text"]
    verb = Verb(inputs["verb"]) if "verb" in inputs else resolve_verb(text)
    instruction = Instruction(verb=verb, text=text, repo=RepoName(""), base=Sha(""))
    inventory = take_inventory(inputs.get("files", {}))
    return to_json(make_plan(instruction, inventory, capabilities, plugins(codemods, Codemod)))


CAPABILITY = Capability(
    name="planner.generate_plan",
    version=1,
    does="Turns an instruction and a repository's files into a valid plan.",
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {
            "text": {"type": "string"},
            "verb": {"enum": [each.value for each in Verb]},
            "files": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
    gives=schema(),
    effects=frozenset({Effect.READS_CODE}),
    level=Level.LOW,
    answer=_answer,
)
