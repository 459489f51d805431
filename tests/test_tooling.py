"""Tooling: what a run from GitHub works with, by whose configuration, and what is left of it in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.board import GitHubBoard
from bot.change.change import Edit, Edits
from bot.config import Config
from bot.consulting import consulting
from bot.engine import Question, Reading
from bot.errors import ConfigError, Fatal
from bot.evidence.statement import load_seal
from bot.forge import branch_name
from bot.github import checks, git, pulls
from bot.github.checks import CheckRun
from bot.history import Changed, Output
from bot.ids import Sha
from bot.llm.asking import Ask, Duty, NoAnswer
from bot.run import Run, State
from bot.runners.actions import ActionsRunner
from bot.runners.local import LocalRunner
from bot.settings import Settings
from bot.store.runs import Transition
from bot.tooling import Tooling, config_on
from tests.commands.room import Room
from tests.doubles.proposal import SPEC


@pytest.fixture
def tooling(room: Room, tmp_path: Path) -> Tooling:
    settings = Settings(PAWL_HOME=tmp_path / "home", PAWL_CACHE=tmp_path / "cache", PAWL_SANDBOX="none")
    return Tooling(settings, room.store, room.hosted.app, load_seal(tmp_path / "home/keys/seal.pem"))


async def asked(room: Room) -> Run:
    await room.say("writer", "/pawl fix `price(2)` should return 4")
    return (await room.runs())[0]


def writes(room: Room, files: dict[str, Any], repo: str = "") -> None:
    room.hosted.owner.pushes(repo or room.name, files)


async def test_the_configuration_is_that_of_the_default_branch(room: Room) -> None:
    assert (await config_on(room.hosted.repo)).mutation.threshold == 0.9
    writes(room, {".github/pawl.yml": None, "pawl.yml": "trust: 2\n"})
    assert (await config_on(room.hosted.repo)).trust == 2
    writes(room, {"pawl.yml": "trust: much\n"})
    with pytest.raises(ConfigError, match=r"pawl\.yml:1: trust"):
        await config_on(room.hosted.repo)


async def test_an_owners_repository_speaks_for_those_that_say_nothing(room: Room) -> None:
    writes(room, {".github/pawl.yml": None})
    assert await config_on(room.hosted.repo) == Config()
    shared = room.hosted.double.repository(f"{room.hosted.owner.login}/.github", {"pawl.yml": "trust: 3\n"})
    assert (await config_on(room.hosted.repo)).trust == 3
    writes(room, {"pawl.yml": "trust: [\n"}, shared)
    with pytest.raises(ConfigError, match=r"/\.github/pawl\.yml"):
        await config_on(room.hosted.repo)


@pytest.mark.parametrize(("text", "kind"), [("runner: local\n", LocalRunner), ("trust: 0\n", ActionsRunner)])
async def test_a_run_is_held_to_what_its_branch_says_now(room: Room, tooling: Tooling, text: str, kind: type) -> None:
    writes(room, {".github/pawl.yml": "trust: 4\n"})
    run = await asked(room)
    rego = {".github/pawl/policies/x.rego": "package pawl.x"}
    writes(room, {".github/pawl.yml": text, **rego})
    tools = await tooling.tools_for(run)
    assert isinstance(tools.runner, kind)
    assert (tools.config.trust, tools.own_policies) == (0, rego)
    assert tools.out.is_relative_to(tooling.settings.home / "runs" / run.id)
    assert await tools.forge.resolve("HEAD") != run.instruction.base
    assert (await tools.lay_out(run.instruction.base) / "shop.py").is_file()
    await tooling.put_away(run.id)


async def test_what_goes_into_another_branch_is_held_to_what_that_says_and_shown_apart(room: Room, tooling: Tooling) -> None:
    room.people["writer"].pushes(room.name, {".github/pawl.yml": "trust: 3\n"}, branch="next")
    number = room.pull()
    room.people["writer"].ask("PATCH", f"/repos/{room.name}/pulls/{number}", {"base": "next"})
    await room.say("sorter", "/pawl verify", number)
    (run,) = await room.runs(number)
    tools = await tooling.tools_for(run)
    assert tools.config.trust == 3
    assert isinstance(tools.board, GitHubBoard)
    assert tools.board.whole == "pawl for next"
    await tooling.put_away(run.id)


async def test_a_verdict_that_broke_before_it_began_is_shown_all_the_same(room: Room, tooling: Tooling) -> None:
    number = room.pull()
    await room.say("sorter", "/pawl verify", number)
    (run,) = await room.runs(number)
    await tooling.settle(replace(run, state=State.REFUSED, reason="pawl.yml:1: trust: no"))
    assert run.instruction.head is not None
    (seen,) = await checks.runs(room.hosted.repo, run.instruction.head)
    assert (seen.conclusion, seen.title) == ("cancelled", "pawl.yml:1: trust: no")


async def test_a_run_asks_models_until_the_worker_leaves_it(room: Room, tooling: Tooling) -> None:
    run = await asked(room)
    assert (await tooling.tools_for(run)).asker is None
    await tooling.put_away(run.id)
    there = Settings(OPENAI_API_KEY="key", PAWL_MODELS="openai:gpt-5")
    async with consulting(there, room.store.completions) as models:
        tooling.models = models
        asker = (await tooling.tools_for(run)).asker
        assert asker is not None
        assert asker.authors(Duty.CHANGE_AUTHOR) == ("openai:gpt-5",)
        assert (await tooling.tools_for(run)).asker is asker
        await tooling.put_away(run.id)
        with pytest.raises(NoAnswer, match="the run was left"):
            await asyncio.to_thread(asker.ask, Ask(Duty.CHANGE_AUTHOR, "Change it.", ()))


async def test_what_was_set_up_is_kept_until_the_worker_leaves(room: Room, tooling: Tooling) -> None:
    run = await asked(room)
    first, second = await tooling.tools_for(run), await tooling.tools_for(run)
    assert first.forge is second.forge
    tree = await first.lay_out(run.instruction.base)
    await tooling.put_away(run.id)
    await tooling.put_away(run.id)
    assert not tree.exists()
    assert (await tooling.tools_for(run)).forge is not first.forge
    await tooling.put_away(run.id)


async def test_a_laptops_run_has_no_tools_here(room: Room, tooling: Tooling) -> None:
    run = await asked(room)
    with pytest.raises(Fatal, match="pawl run --resume"):
        await tooling.tools_for(replace(run, instruction=replace(run.instruction, origin=None)))


@pytest.mark.parametrize(("state", "closed"), [(State.REFUSED, True), (State.CANCELLED, True), (State.CHECKING, False)])
async def test_a_run_that_ended_leaves_no_check_at_work(room: Room, tooling: Tooling, state: State, closed: bool) -> None:
    run = await asked(room)
    head = Sha(room.people["writer"].pushes(room.name, {"x.py": "x = 1\n"}, branch="x"))
    judged = replace(run, state=state, reason="no longer wanted", instruction=replace(run.instruction, head=head))
    await checks.create(room.hosted.repo, CheckRun("pawl", head, "in_progress", external_id=run.id))
    for _ in range(2):
        await tooling.settle(judged)
    (seen,) = await checks.runs(room.hosted.repo, head)
    assert (seen.status == "completed") == closed
    assert seen.conclusion != "success"


ASKED = Changed("search", None, None, question=Question("price(3)", (Reading("A", Edits((), ""), "6"),)))


@pytest.mark.parametrize(
    ("how", "left"), [("refused", False), ("asked", True), ("proposed", True), ("pushed", True), ("rolled back", True)]
)
async def test_a_run_that_ended_unproven_leaves_no_branch(room: Room, tooling: Tooling, how: str, left: bool) -> None:
    run = await asked(room)
    repo, name = room.hosted.repo, branch_name(run.instruction)
    head = await git.commit_edits(repo, run.instruction.base, (Edit("x.py", "x = 1\n"),), f"Spec\n\nPawl-Run: {run.id}\n")
    await git.set_ref(repo, name, head)
    walk: list[tuple[State, Output | None]] = [(State.PLANNING, None), (State.SPECIFYING, None)]
    for to, output in [*walk, (State.CHANGING, replace(SPEC, commit=head)), (State.REFUSED, ASKED if how == "asked" else None)]:
        held = await room.store.claim(run.id)
        assert held is not None
        assert await room.store.commit(held, Transition(to, "on", output)) is not None
        await room.store.release(held)
    if how == "proposed":
        await pulls.open(repo, name, "main", "Mend it", "")
    if how == "pushed":
        room.people["writer"].pushes(room.name, {"y.py": "y = 1\n"}, branch=name)
    ended = await room.store.get(run.id)
    for _ in range(2):
        await tooling.settle(replace(ended, state=State.ROLLED_BACK) if how == "rolled back" else ended)
    assert (await git.ref(repo, name) is not None) is left


async def test_a_repository_that_is_gone_has_nothing_to_settle(room: Room, tooling: Tooling) -> None:
    run = await asked(room)
    wish = replace(run.instruction, repo=type(run.instruction.repo)("nobody/nowhere"), head=Sha("a" * 40))
    await tooling.settle(replace(run, state=State.FAILED, instruction=wish))
