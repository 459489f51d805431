"""Judging a change that somebody made: ``pawl gates`` on a laptop and, with a paper to examine, in a runner elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot import gates
from bot.app import config_of, open_shop
from bot.config import Config
from bot.errors import InputError
from bot.evidence.bundle import require_free
from bot.evidence.publish import write
from bot.evidence.record import Record
from bot.examination.paper import MOST_BYTES, Answers, Paper, digest_of, dumped, read_paper
from bot.gate import Gate
from bot.history import Checked, History
from bot.ids import RunId
from bot.recording import record_of
from bot.registry import plugins
from bot.run import Instruction, Run, State, Verb
from bot.spec.challenge import Criticism
from bot.spec.spec import Spec
from bot.stage import Progress
from bot.stages.check import judge as judge_change

GATES_RUN: Final = "gates"
"""Stands for the run's id in evidence of a change that no run made."""
NOTHING: Final = History()


@dataclass(frozen=True)
class Judgement:
    """What ``pawl gates`` was asked for; no ``gates`` means all."""

    repo: Path
    base: str
    head: str
    instruction: str
    gates: tuple[str, ...] = ()
    out: Path | None = None
    spec: Spec | None = None
    """The locked spec that goes with the change, where there is one."""
    criticism: Criticism | None = None
    """Counter-examples to try, where somebody was asked for some."""
    config: Config | None = None
    """What the change is held to; None for what the base commit says."""
    policies: Mapping[str, str] | None = None
    """The repository's own policies; None for those of the base commit."""


@dataclass(frozen=True)
class Judged:
    """What the gates said of a change that was there already."""

    checked: Checked
    bundle: str | None
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 green, 1 refused, 3 green but a person must approve."""
        if not self.checked.decision.allow:
            return 1
        return 3 if self.checked.decision.require else 0


async def judge(wish: Judgement, progress: Progress) -> Judged:
    """Run the gates on a change that somebody made."""
    start = time.monotonic()
    shop = open_shop(wish.repo)
    known = plugins(gates, Gate)
    unknown = [each for each in wish.gates if each not in known]
    if unknown:
        raise InputError(f"there is no gate {unknown[0]!r}: there are {', '.join(known)}")
    if wish.out is not None:
        require_free(wish.out.absolute(), GATES_RUN)
    base, head = await shop.forge.resolve(wish.base), await shop.forge.resolve(wish.head)
    config = wish.config or (await config_of(shop.forge, base))[0]
    async with shop.workshop(config, progress) as workshop:
        instruction = Instruction(Verb.FIX, wish.instruction, shop.forge.name, base)

        async def record(history: History = NOTHING) -> Record:
            checked = history.checked
            state = State.DONE if checked and checked.decision.allow else State.REFUSED
            why = "; ".join(checked.decision.deny) if checked else ""
            done = Run(RunId(GATES_RUN), instruction, state, reason=why)
            return await record_of(done, history, config, workshop, None, await shop.forge.born(head))

        tools = replace(shop.tools(workshop, NOTHING, record, Path()), own_policies=wish.policies)
        if wish.gates:
            tools = replace(tools, gates={name: known[name] for name in known if name in wish.gates})
        checked = await judge_change(tools, base, head, wish.instruction, wish.spec, criticism=wish.criticism)
        bundle = None
        if wish.out is not None:
            found = await record(History(checked=checked))
            bundle = str((await asyncio.to_thread(write, found, wish.out.absolute(), shop.seal)).directory)
    return Judged(checked, bundle, time.monotonic() - start)


def read(file: Path) -> Paper:
    """Return the paper in a file; raises InputError where it cannot be read or holds none."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}): name the file with what is to be judged") from None
    return read_paper(text, str(file))


def of_paper(paper: Paper, repo: Path, out: Path | None = None) -> Judgement:
    """Return the judgement that a paper asks for, in this clone of its repository."""
    known = paper.spec, paper.criticism, paper.config, paper.policies
    return Judgement(repo, paper.base, paper.head, paper.instruction, paper.gates, out, *known)


def hand_in(paper: Paper, judged: Judged, file: Path) -> None:
    """Write the answers to a paper into a file; raises InputError where it cannot be written."""
    answers = dumped(Answers(digest_of(paper), judged.checked.gates))
    try:
        file.write_text(answers + "\n", encoding="ascii")
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}): name another file for the results") from None
