"""Stages on a real repository; engines and gates are small plain ones that a test brings along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from bot.config import Config
from bot.demo import make_project
from bot.engine import Engine, Work, Workbench
from bot.evidence.record import Record
from bot.evidence.statement import load_seal
from bot.forges.local import LocalForge, open_repository
from bot.gate import Gate
from bot.history import History
from bot.ids import Digest, RepoName, RunId
from bot.plan.plan import Plan, Step
from bot.run import EngineChoice, Instruction, Run, State, Verb
from bot.runners.local import LocalRunner
from bot.spec.spec import Role, Source, Spec, SpecFile, SpecTest
from bot.stage import Tools
from bot.workshop import Workshop

WITNESS = "tests/test_spec.py::test_touching"
HIDDEN = "tests/test_spec_held_out.py::test_hidden"


def engine(name: str, work: Callable[[Workbench], Work], *, cost: int = 1, why_not: str = "") -> Engine:
    return Engine(name, f"does what {name} does", cost, lambda _bench: why_not, work)


@dataclass
class Bench:
    """A run at some stage, and the tools it would get."""

    run: Run
    tools: Tools
    forge: LocalForge
    spec: Spec
    heard: list[str] = field(default_factory=list)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    root = make_project(tmp_path / "rooms")
    forge = open_repository(root)
    base = await forge.resolve("HEAD")
    run = Run(RunId("01JTESTRUN0000000000000000"), Instruction(Verb.FIX, "fix: merge", RepoName(str(root)), base), State.CHANGING)
    tests = (
        SpecTest(cast("Any", WITNESS), Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason=""),
        SpecTest(cast("Any", HIDDEN), Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason="", held_out=True),
    )
    files = (SpecFile("tests/test_spec.py", "SHOWN = 1\n"), SpecFile("tests/test_spec_held_out.py", "HIDDEN = 1\n"))
    spec = Spec(tests, files, (), Digest("sha256:" + "0" * 64), base)
    heard: list[str] = []
    async with Workshop(forge, None, tmp_path / "cache", Config(), lambda step, _fraction=None: heard.append(step)) as shop:

        async def record() -> Record:
            return Record(run, tools.history, tools.config)

        tools = Tools(
            forge=forge,
            runner=LocalRunner(),
            config=Config(),
            history=History(Plan(Verb.FIX, "goal", (Step("repair", "code.repair", {}),)), spec),
            lay_out=shop.lay_out,
            lab=shop.lab,
            record=record,
            engines=cast("dict[str, Engine]", {}),
            gates=cast("dict[str, Gate]", {}),
            out=tmp_path / "out",
            seal=load_seal(tmp_path / "seal.pem"),
            progress=shop.progress,
        )
        yield Bench(run, tools, forge, spec, heard)


@pytest.fixture
def made_engine() -> Callable[..., Engine]:
    return engine


__all__ = ["Bench", "EngineChoice", "engine"]
