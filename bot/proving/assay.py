"""Everything that a proposal is held to before it leaves an engine, by what the plan's step asks for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.change.change import Edit, Edits
from bot.engine import Workbench
from bot.ids import NodeId
from bot.proving import documentation, new_tests
from bot.proving.candidate import laid_out
from bot.proving.new_tests import Aim, worth
from bot.proving.objections import Objection, Rules, objections
from bot.proving.proof import prove

EXAMPLES = "test_pawl_examples.py"
MOST_OBJECTIONS = 8


@dataclass(frozen=True)
class Assay:
    """What came of trying a proposal."""

    edits: Edits | None
    """What may go on, new tests weeded; None where nothing may."""
    why: str = ""
    """One line for people: why not, or which of the new tests were left out."""
    told: str = ""
    """What its author needs to know for the next attempt."""
    barred: bool = False
    """It was not even tried: it holds what nobody may propose."""


def assay(bench: Workbench, edits: Edits, rules: Rules, wanted: Aim | None) -> Assay:
    """Hold a proposal to the rules of conduct, to what its capability promises, and to the shown tests.

    Raises:
        NoIsolation: there is no sandbox.
    """
    against = [*objections(edits, rules), *_of_capability(bench.capability, edits, rules)]
    if against:
        said = "\n".join(f"- {each}" for each in against[:MOST_OBJECTIONS])
        return Assay(None, str(against[0])[:400], f"It was not tried, because of this:\n{said}", barred=True)
    if any(_same(edits, each) for each in bench.rejected):
        why = "the same change was refused in an earlier round"
        return Assay(None, why, f"It was not tried: {why}. Answer with another one.", barred=True)
    if wanted is not None:
        return _of_new_tests(bench, edits, wanted)
    modules = documentation.with_examples(edits, rules.read) if bench.capability == "docs.write" else ()
    return _of_shown_tests(bench, edits, modules)


def _of_capability(capability: str, edits: Edits, rules: Rules) -> tuple[Objection, ...]:
    match capability:
        case "docs.write":
            return documentation.objections(edits, rules.read)
        case "tests.generate":
            return new_tests.objections(edits, rules.read)
        case _:
            return ()


def _same(one: Edits, other: Edits) -> bool:
    return {(each.path, each.content) for each in one.edits} == {(each.path, each.content) for each in other.edits}


def _of_new_tests(bench: Workbench, edits: Edits, wanted: Aim) -> Assay:
    found = worth(bench.lab, bench.root, edits, wanted, bench.tests)
    left_out = "; ".join(f"{name} is left out: {reason}" for name, reason in found.dropped)
    if found.edits is None:
        return Assay(None, found.why, found.told or found.why)
    kills = sum(found.kills.values())
    return Assay(
        found.edits,
        f"{len(found.kills)} new tests, {kills} kills of mutants that were alive{f'; {left_out}' if left_out else ''}",
    )


def _of_shown_tests(bench: Workbench, edits: Edits, modules: tuple[str, ...]) -> Assay:
    examples = (Edit(EXAMPLES, documentation.EXAMPLES.format(names=list(modules))),) if modules else ()
    tests = bench.tests + tuple(NodeId(f"{EXAMPLES}::test_examples[{each}]") for each in modules)
    with laid_out(bench.root, Edits((*edits.edits, *examples))) as tree:
        proof = prove(bench.lab, tree, tests)
    return Assay(edits) if proof.passed else Assay(None, proof.why, proof.told)
