"""Checking: every gate judges the head, the risk is scored, the policies decide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.change.change import Change, FileStatus
from bot.change.impact import facts
from bot.change.risk import assess
from bot.decision.taking_back import excused
from bot.duties.critic import Brief, challenge
from bot.errors import Fatal
from bot.gate import GateResult, Subject, Tree, Verdict, demanded
from bot.history import Checked, History
from bot.ids import Sha
from bot.lab import closed_lab
from bot.policy.document import ON_A_LAPTOP, Circumstances, build
from bot.policy.engine import decide, own_policies
from bot.policy.measured import as_measured
from bot.run import EngineChoice, Run, State
from bot.sources import read_sources
from bot.spec.challenge import Challenge, Criticism, read_challenge
from bot.spec.ground import read_ground
from bot.spec.spec import Spec
from bot.stage import Outcome, Stage, Tools

CRITIC: Final = "critic"
"""The gate that tries what a critic names."""
MOST_EARLIER: Final = 16
"""Counter-examples of earlier rounds that are tried again."""
_RED: Final = ("refuted", "unmet")


async def run(run: Run, tools: Tools) -> Outcome:
    """Judge the change; findings go back to changing while rounds are left, else the run goes on to be sealed."""
    wish = run.instruction
    changed, spec = tools.history.changed, tools.history.spec
    head = wish.head or (changed.head if changed else None)
    if head is None or (spec is None and wish.head is None and wish.reverts is None):
        raise Fatal(f"run {run.id} came to checking without a change and a locked spec")
    made = wish.head is None and wish.reverts is None
    known = Circumstances(
        wish.verb if made else None, wish.requester, wish.door, rounds=run.round, reverts=wish.reverts is not None
    )
    await tools.board.opened(run, head, demanded(tools.gates, tools.config))
    checked = await judge(tools, wish.base, head, wish.text, spec, known)
    await tools.board.judged(run, checked)
    red = [each.name for each in checked.gates if not each.green]
    if checked.decision.allow:
        return Outcome(State.PROPOSING, "every gate is green and the policies agree", checked)
    if red and made and run.round < tools.config.budget.rounds and _mendable(checked):
        return Outcome(State.CHANGING, f"round {run.round}: {', '.join(red)} said no; trying again", checked)
    return Outcome(State.PROPOSING, f"refused: {'; '.join(checked.decision.deny) or ', '.join(red)}", checked)


def _mendable(checked: Checked) -> bool:
    """Return whether another change could help: a gate that could not run stays so, whatever the change."""
    return all(each.verdict is not Verdict.ERROR for each in checked.gates if not each.green)


async def judge(  # noqa: PLR0913, PLR0917 - what is judged, by which tools, and what is known of it
    tools: Tools,
    base: Sha,
    head: Sha,
    instruction: str,
    spec: Spec | None,
    known: Circumstances = ON_A_LAPTOP,
    criticism: Criticism | None = None,
) -> Checked:
    """Return what the gates, the risk score and the policies say of ``base..head``, whoever wrote it.

    A critic is asked first where one can be; ``criticism`` is what one said elsewhere, before this was sent here to be judged.
    """
    change = await tools.forge.change(base, head)
    trees = Tree(base, await tools.lay_out(base)), Tree(head, await tools.lay_out(head))
    lab = await tools.lab(head) if tools.runner.here else closed_lab()
    code = await asyncio.to_thread(lambda: facts(change, trees[0].text, trees[1].text, read_sources(trees[1].root).files))
    seen = replace(code, churn=await tools.forge.churn(base, _paths(change)))
    risk = assess(change, seen)
    gates = demanded(tools.gates, tools.config)
    if criticism is None and any(each.name == CRITIC for each in gates):
        found = None if known.reverts else await _criticised(tools, trees, change, instruction, spec)
        criticism = replace(found or Criticism(), weighed=True) if known.reverts or _is_weighed(tools.history) else found
    past = await tools.forge.past(base, head)
    own = own_policies(trees[0].root) if tools.own_policies is None else tools.own_policies
    held_to = Subject(*trees, change, instruction, spec, tools.config, lab, risk, past=past)
    subject = replace(held_to, criticism=criticism, policies=own)
    done = 0

    def heard(result: GateResult) -> None:
        nonlocal done
        done += 1
        tools.board.answered(result)
        tools.progress(f"gate {result.name}", done / len(gates))

    results = await tools.runner.run(gates, subject, heard)
    if known.reverts:
        results = excused(results, change)
    risk = as_measured(risk, results)
    expected = replace(known, expected=tuple(each.name for each in gates))
    document = build(change, results, risk, spec, tools.config, instruction, expected)
    decision = await asyncio.to_thread(decide, document, own)
    return Checked(change, results, risk, decision)


async def _criticised(
    tools: Tools, trees: tuple[Tree, Tree], change: Change, instruction: str, spec: Spec | None
) -> Criticism | None:
    """Ask the critic; what refuted this run's earlier attempts is tried again, whatever it answers now."""
    asker, history = tools.asker, tools.history
    earlier = _refuting(history)
    if asker is None and not earlier:
        return None
    base, head = trees
    ground = await asyncio.to_thread(read_ground, head.root, base.text, head.text, change.paths, instruction)
    found = None
    if asker is not None:
        tools.progress("asking a critic")
        authors = {history.changed.author if history.changed else "", spec.author if spec else ""} - {""}
        brief = Brief(instruction, change, ground, _shown(spec, head), frozenset(authors))
        found = await asyncio.to_thread(challenge, asker, brief)
    if found is None:
        return Criticism(challenges=earlier) if earlier else None
    fresh = [
        each for each in found.challenges if (each.written, each.outcome) not in {(one.written, one.outcome) for one in earlier}
    ]
    return replace(found, challenges=(*earlier, *fresh))


def _is_weighed(history: History) -> bool:
    """Return whether the change comes from search, which asks where plausible changes differ."""
    return history.changed is not None and history.changed.engine == EngineChoice.SEARCH


def _refuting(history: History) -> tuple[Challenge, ...]:
    """Return the counter-examples that made the critic's gate red in an earlier round.

    Evidence may have come from a runner elsewhere: anything may stand in it.
    """
    gates = [gate for _, checked in history.rounds if checked for gate in checked.gates if gate.name == CRITIC]
    lists = [listed for gate in gates if isinstance(listed := gate.evidence.get("challenges"), list | tuple)]
    rows = [row for listed in lists for row in listed if isinstance(row, Mapping) and row.get("ruling") in _RED]
    found = dict.fromkeys(each for each in map(read_challenge, rows) if each is not None)
    return tuple(found)[:MOST_EARLIER]


def _shown(spec: Spec | None, head: Tree) -> tuple[tuple[str, str], ...]:
    """Return the files with the spec's shown tests; those in which held-out ones were generated are none of them."""
    paths = dict.fromkeys(each.id.partition("::")[0] for each in spec.shown) if spec else ()
    return tuple((path, text) for path in paths if (text := head.text(path)) is not None)


def _paths(change: Change) -> tuple[str, ...]:
    """Return the files that were there before, by their old names."""
    return tuple(each.old_path or each.path for each in change.files if each.status is not FileStatus.ADDED)


STAGE = Stage("check", State.CHECKING, run)
