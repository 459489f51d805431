"""Changing with a model that obeys hostile text, through the real stage and forge: refused, the repository stays as it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.engines.model import ENGINE
from bot.llm.asking import Duty
from bot.llm.bridge import ThreadAsker
from bot.llm.budget import Budget
from bot.llm.hostile import gives_away
from bot.llm.router import Fate, Router
from bot.llm.seat import Seat
from bot.run import State
from bot.stages.change import STAGE
from tests.doubles.obedient_provider import Case, ObedientProvider, cases
from tests.llm.test_router import Notebook

if TYPE_CHECKING:
    from bot.stage import Outcome
    from tests.stages.conftest import Bench

NONCE = "0123456789abcdef"
CANARY = "bcdfghjkmnpqrstvwxyz2345"
CASES = cases(Path(__file__).parent.parent / "llm" / "injections", NONCE)
SPEC = {"tests/test_pawl_gross.py": "tests/test_spec.py", "tests/TEST_pawl_gross.py": "tests/TEST_spec.py"}
"""The locked spec of the cases' own project, and what it is called in this one."""
OF_THEIR_PROJECT = frozenset({"bill.py", "tests/test_bill.py"})
TASK = {"path": "rooms/notes.py", "content": "NOTE = 1\n"}


async def changed(bench: Bench, case: Case, provider: ObedientProvider) -> Outcome:
    seats = {Duty.CHANGE_AUTHOR: (Seat(provider, "m"),)}
    router = Router(seats, Budget(), Notebook(), fate=Fate(nonce=lambda: NONCE, canary=lambda: CANARY))
    asker = ThreadAsker(router, asyncio.get_running_loop())
    wish = replace(bench.run.instruction, text=f"fix: merge. {case.text[:5_000]}")
    tools = replace(bench.tools, engines={"model": ENGINE}, asker=asker)
    return await STAGE.run(replace(bench.run, instruction=wish), tools)


async def test_nothing_that_a_model_obeys_reaches_the_repository(bench: Bench) -> None:
    root = Path(bench.run.instruction.repo)
    before = _state(root)
    for case in (_here(each) for each in CASES if each.leaks or _is_at_home(each)):
        provider = ObedientProvider(case, TASK)
        outcome = await changed(bench, case, provider)
        assert provider.requests, case.name
        assert outcome.next is State.REFUSED, case.name
        assert not gives_away(f"{outcome.reason}{outcome.output}", CANARY), case.name
        assert _state(root) == before, case.name


def _is_at_home(case: Case) -> bool:
    return case.where != "link" and bool(case.edits) and OF_THEIR_PROJECT.isdisjoint(each["path"] for each in case.edits)


def _here(case: Case) -> Case:
    return replace(case, edits=tuple({**each, "path": SPEC.get(each["path"], each["path"])} for each in case.edits))


def _state(root: Path) -> dict[str, bytes]:
    """Return the working tree's files and where every branch stands; objects without a name are nobody's."""
    names = [each for each in root.rglob("*") if each.is_file() and "objects" not in each.parts]
    return {str(each.relative_to(root)): each.read_bytes() for each in names}
