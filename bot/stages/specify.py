"""Specifying: what "done" means is written down, shown to be strong, and committed before anything is changed."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bot import languages
from bot.change.change import Edit
from bot.change.counted import counted
from bot.context.conventions import conventions
from bot.context.interface import fixtures, interface
from bot.context.reading import read_tree
from bot.credentials import without_secrets
from bot.duties.spec_author import Brief, candidates
from bot.errors import Fatal
from bot.forge import branch_name
from bot.language import Language
from bot.llm.asking import Asker, Duty
from bot.plan.plan import Plan
from bot.registry import plugins
from bot.run import EngineChoice, Run, State, Verb
from bot.spec.author import NoSpec, write_spec
from bot.spec.foreign import Contribution, Setting
from bot.spec.lock import message
from bot.spec.spec import Spec, SpecTest
from bot.spec.subjects import Wish
from bot.stage import Outcome, Progress, Stage, Tools
from bot.syntax.tree import parse

_MOST_SAMPLED = 40
"""Files that show the project's habits."""


async def run(run: Run, tools: Tools) -> Outcome:
    """Write and lock the spec, or refuse with the example that would make the wish provable."""
    plan = tools.history.plan
    if plan is None:
        raise Fatal(f"run {run.id} came to specifying without a plan")
    tools.progress("spec")
    base = run.instruction.base
    root = await tools.lay_out(base)
    lab = await tools.lab(base)
    asker = tools.asker
    author = _Author(asker, run, plan, root, tools.progress) if asker and asker.authors(Duty.SPEC_AUTHOR) else None
    always = run.instruction.engine is EngineChoice.MODEL
    language = next((each for each in plugins(languages, Language).values() if each.detects(root)), None)
    found = await asyncio.to_thread(write_spec, run.instruction, plan, root, lab, language, author, always=always)
    if isinstance(found, NoSpec):
        return Outcome(State.REFUSED, f"no trustworthy spec: {found.reason} {found.advice}".strip())
    lab.foresee(root)
    edits = tuple(Edit(each.path, each.content) for each in found.files)
    made = await tools.forge.commit(base, edits, message(found, run, tools.forge.credit(run.instruction)), run.id)
    commit = await tools.forge.publish(run.id, branch_name(run.instruction), made)
    return Outcome(State.CHANGING, _locked(found, author), replace(found, commit=commit))


def _locked(spec: Spec, author: _Author | None) -> str:
    said = f"spec locked: {counted(len(spec.witnesses), 'witness', 'witnesses')}, {counted(len(spec.guards), 'guard')}"
    if spec.author:
        return f"{said}, tests of it written by {spec.author}"
    return f"{said}; no model added tests: {author.why_not}" if author is not None and author.why_not else said


@dataclass
class _Author:
    """Asks a model for tests of one run's wish, and remembers why there were none."""

    asker: Asker
    run: Run
    plan: Plan
    root: Path
    progress: Progress
    why_not: str = ""

    def __call__(self, wish: Wish, told: Sequence[SpecTest]) -> Contribution:
        self.progress("a model writes the tests" + " anew: the first ones showed nothing" * bool(told))
        found = candidates(self.asker, self._brief(wish, told))
        self.why_not = found.why_not or ("" if found.drafts else "none of what it wrote may be run")
        return found

    def _brief(self, wish: Wish, told: Sequence[SpecTest]) -> Brief:
        near = [*wish.named, *(target for each in wish.drafts for target in each.targets)]
        may_be_missing = self.run.instruction.verb in {Verb.ADD, Verb.FIX}
        return Brief(
            setting=Setting(wish.index, wish.text, fixtures(self._texts), may_be_missing),
            goal=self.plan.goal,
            interface=interface(self._texts, wish.index, wish.text, near),
            conventions=without_secrets(self._conventions),
            before=wish.drafts,
            told=tuple(told),
        )

    @cached_property
    def _texts(self) -> dict[str, str]:
        return dict(read_tree(self.root, lambda _path: False).texts)

    @cached_property
    def _conventions(self) -> str:
        sample = [path for path in self._texts if path.endswith(".py")][:_MOST_SAMPLED]
        trees: dict[str, ast.Module] = {path: tree for path in sample if (tree := parse(self._texts[path])) is not None}
        return conventions(self._texts, trees)


STAGE = Stage("specify", State.SPECIFYING, run)
