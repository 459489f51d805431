"""The Actions runner, all the way: dispatched to a double of GitHub whose runner really runs the shipped workflow.

The gates there are the real ones, on a real change; answers come back through the real door, by GitHub's token for the job.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import gates as all_gates
from bot.change.change import Change
from bot.change.risk import Risk, RiskLevel
from bot.config import Budget, Config, GateSetting
from bot.errors import Fatal
from bot.examination import intake
from bot.examination.oidc import Verifier, issuer_of
from bot.examination.wheel import Wheel, own
from bot.examination.workflow import same
from bot.gate import Gate, Subject, Tree, Verdict, errored, passed
from bot.github import actions, git
from bot.ids import InstallationId, NodeId, RepoName, RunId, Sha, new_run_id
from bot.registry import plugins
from bot.run import Instruction, Origin, Run, State, Verb
from bot.runners.actions import ActionsRunner, Pace, call_off, title
from bot.spec.challenge import Challenge, Criticism
from bot.spec.lock import lock
from bot.spec.spec import Role, Source, Spec, SpecFile, SpecTest
from bot.store.results import Examination
from bot.store.store import Store
from tests.doubles.github.client import Double, ask
from tests.doubles.vouch import violations
from tests.github.hosted import Hosted, hosted_on

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "workflows/pawl.yml").read_text(encoding="utf-8")
PLACE = ".github/workflows/pawl.yml"
CODE = "def price(n: int) -> int:\n    return n\n"
TEST = "from shop import price\n\n\ndef test_price() -> None:\n    assert price(1) == 1\n"
SPEC_TEST = "from shop import price\n\n\ndef test_twice() -> None:\n    assert price(2) == 4\n"
DYING = """
name: Pawl
run-name: Pawl ${{ inputs.run }} ${{ inputs.head }}
on: {workflow_dispatch: {inputs: {run: {}, base: {}, head: {}, nonce: {}, server: {}, judge: {}, python: {}}}}
permissions: {}
jobs: {gates: {runs-on: x, steps: [{run: exit 9}]}}
"""
HANGING = DYING.replace("exit 9", "sleep 600")
QUICK = Pace(store=0.05, github=0.3, grace=20.0)


class Idle:
    seed = 0


@dataclass
class Scene:
    """A repository with a change, Pawl's door, and a run that asks."""

    hosted: Hosted
    store: Store
    server: str
    run: Run
    base: Sha
    head: Sha
    workflow: str = SHIPPED

    def runner(self, pace: Pace = QUICK) -> ActionsRunner:
        by = self.server, "main", own(), partial(same, self.workflow)
        return ActionsRunner(self.hosted.repo, self.store.examinations, self.run, *by, pace)

    def subject(self, spec: Spec | None = None, config: Config | None = None) -> Subject:
        nowhere = Path("/nonexistent")
        change = Change(self.base, self.head, (), "")
        trees = Tree(self.base, nowhere), Tree(self.head, nowhere)
        wish = self.run.instruction.text
        return Subject(*trees, change, wish, spec, config or Config(), cast("Any", Idle()), Risk(RiskLevel.SAFE, 0, ()))

    def last_log(self) -> str:
        """Return what the jobs of the newest workflow run said, for messages of tests."""
        owner, double = self.hosted.owner, self.hosted.double
        newest = owner.ask("GET", f"/repos/{self.hosted.name}/actions/runs")["workflow_runs"][0]["id"]
        jobs = owner.ask("GET", f"/repos/{self.hosted.name}/actions/runs/{newest}/jobs")["jobs"]
        logs = [ask("GET", f"{double.url}/_double/logs/{each['id']}").body for each in jobs]
        return "\n".join(f"== {job['name']}: {job['conclusion']}\n{log}" for job, log in zip(jobs, logs, strict=True))


@pytest.fixture(params=[SHIPPED])
async def scene(request: pytest.FixtureRequest, hub: Double, store: Store, tmp_path: Path) -> AsyncIterator[Scene]:
    files = {"shop.py": CODE, "test_shop.py": TEST}
    if request.param:
        files[PLACE] = request.param
    async with hosted_on(hub, files) as hosted, aiohttp.ClientSession() as session:
        verifier = Verifier(issuer_of(hub.url), "", session)
        app = web.Application()
        app.add_routes(intake.routes(store, verifier, own()))
        async with TestServer(app) as server:
            url = verifier.audience = str(server.make_url("")).rstrip("/")
            has = {"PIP_NO_INDEX": "1", "PAWL_CACHE": str(tmp_path / "cache"), "STAND_IN_INSTALLS": "yes"}
            hub.admin("PATCH", "/runner", {"environment": has})
            base = await git.ref(hosted.repo, "main")
            assert base is not None
            changed = {"shop.py": CODE.replace("return n", "return n * n"), "test_pawl_twice.py": SPEC_TEST}
            head = Sha(hosted.owner.pushes(hosted.name, changed, "topic"))
            facts = await hosted.repo.facts()
            origin = Origin(InstallationId(hosted.installation), facts.id, 1, hosted.owner.id)
            wish = Instruction(Verb.FIX, "fix: `price(2)` should return 4", hosted.repo.name, base, origin=origin)
            run = await store.create(wish, new_run_id(), alone=False)
            yield Scene(hosted, store, url, run, base, head, request.param or SHIPPED)


def asked(*names: str) -> tuple[Gate, ...]:
    known = plugins(all_gates, Gate)
    return tuple(known[name] for name in names)


def locked(tmp_path: Path) -> Spec:
    """Return the spec that was locked before the change: one test of what was asked for."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/test_pawl_twice.py").write_text(SPEC_TEST)
    test = SpecTest(
        NodeId("test_pawl_twice.py::test_twice"), Role.WITNESS, Source.EXAMPLE, kept=True, kills=1, reason="fails on the base"
    )
    return lock(tmp_path / "tree", (test,), (SpecFile("test_pawl_twice.py", SPEC_TEST),), None)


async def test_the_gates_run_in_the_repositorys_runner_and_their_answers_come_back(scene: Scene, tmp_path: Path) -> None:
    heard: list[str] = []
    config = Config(gates={"tests": GateSetting(required=False)})
    found = await scene.runner().run(
        asked("scope", "tests", "spec", "security"), scene.subject(locked(tmp_path), config), lambda each: heard.append(each.name)
    )
    verdicts = {each.name: each.verdict for each in found}
    assert [each.name for each in found] == ["scope", "tests", "spec", "security"], scene.last_log()
    assert verdicts["spec"] is Verdict.PASS, scene.last_log() + str(found)
    assert verdicts["tests"] is Verdict.PASS, found
    assert verdicts["security"] is Verdict.PASS, found
    assert {each.name: each.required for each in found}["tests"] is False
    assert sorted(heard) == ["scope", "security", "spec", "tests"]
    examination = await scene.store.examinations.get(scene.run.id, scene.head)
    assert examination.closed
    assert examination.workflow_run is not None
    traffic = [line for line in scene.hosted.double.traffic() if "/actions/" in str(line.get("path"))]
    assert [str(each) for each in violations(traffic)] == []
    assert examination.paper.judge == own().digest
    assert examination.commit == await git.ref(scene.hosted.repo, "main")
    again = await scene.runner().run(asked("scope", "tests", "spec", "security"), scene.subject(None, config), lambda _: None)
    assert again == found, "what has been answered is not asked again"


@pytest.mark.parametrize("scene", [DYING], indirect=True, ids=["dying"])
async def test_a_workflow_that_is_not_the_one_of_this_pawl_is_not_started(scene: Scene) -> None:
    runner = replace(scene.runner(), fits=partial(same, SHIPPED))
    (scope,) = await runner.run(asked("scope"), scene.subject(), lambda _: None)
    assert scope.verdict is Verdict.ERROR
    assert f"make it the text at {scene.server}/pawl.yml" in scope.summary
    assert await workflow_runs(scene) == ()


@pytest.mark.parametrize("scene", [HANGING], indirect=True, ids=["hanging"])
async def test_an_examination_for_another_judge_is_not_dispatched(scene: Scene) -> None:
    runner = scene.runner()
    earlier = replace(runner, judge=Wheel("pawl-0-py3-none-any.whl", b"another"))
    await scene.store.examinations.open(Examination(earlier._paper(asked("scope"), scene.subject()), runner._origin(), "w"))
    (scope,) = await runner.run(asked("scope"), scene.subject(), lambda _: None)
    assert "Pawl was exchanged" in scope.summary
    assert await workflow_runs(scene) == ()


@pytest.mark.parametrize("scene", [HANGING], indirect=True, ids=["hanging"])
async def test_a_branch_that_moved_on_before_the_workflow_began_is_looked_at_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch, moved = actions.dispatch, list[str]()

    async def late(*arguments: Any) -> int | None:
        if not moved:
            moved.append(scene.hosted.owner.pushes(scene.hosted.name, {"README.md": "more\n"}))
        return await dispatch(*arguments)

    monkeypatch.setattr(actions, "dispatch", late)
    waiting = asyncio.create_task(scene.runner().run(asked("scope"), scene.subject(), lambda _: None))
    examination = await opened(scene)
    assert examination.commit == moved[0]
    both = {each.id: each.head_sha for each in await workflow_runs(scene)}
    assert examination.workflow_run is not None
    assert both.pop(examination.workflow_run) == moved[0]
    (other,) = both
    assert await conclusion(scene, other) == "cancelled"
    await scene.store.examinations.add(scene.run.id, scene.head, passed("scope", "in scope"))
    await waiting
    await actions.cancel(scene.hosted.repo, examination.workflow_run)


@pytest.mark.parametrize("scene", [DYING], indirect=True)
async def test_what_a_workflow_that_dies_leaves_unanswered_is_red(scene: Scene) -> None:
    found = await scene.runner().run(asked("scope", "tests"), scene.subject(), lambda _: None)
    assert {each.verdict for each in found} == {Verdict.ERROR}
    assert "the workflow run ended as failure: see http" in found[0].summary
    assert (await scene.store.examinations.get(scene.run.id, scene.head)).closed


@pytest.mark.parametrize("scene", [""], indirect=True, ids=["no workflow"])
async def test_without_the_workflow_every_gate_is_red_and_says_what_to_merge(scene: Scene) -> None:
    found = await scene.runner().run(asked("scope", "tests"), scene.subject(), lambda _: None)
    assert {each.verdict for each in found} == {Verdict.ERROR}
    assert all("merge Pawl's onboarding pull request" in each.summary for each in found)


@pytest.mark.parametrize("scene", [HANGING], indirect=True, ids=["hanging"])
async def test_answers_that_came_before_time_was_out_stand_and_the_rest_is_red(scene: Scene) -> None:
    config = Config(budget=Budget(seconds=3.0))
    heard: list[str] = []
    waiting = asyncio.create_task(
        scene.runner().run(asked("scope", "tests"), scene.subject(None, config), lambda each: heard.append(each.name))
    )
    examination = await opened(scene)
    await scene.store.examinations.add(scene.run.id, scene.head, passed("scope", "in scope"))
    scope, tests = await waiting
    assert (scope.verdict, tests.verdict) == (Verdict.PASS, Verdict.ERROR)
    assert "out of time after 2 s" in tests.summary
    assert heard == ["scope", "tests"]
    assert examination.workflow_run is not None
    assert await conclusion(scene, examination.workflow_run) == "cancelled"


@pytest.mark.parametrize("scene", [HANGING], indirect=True, ids=["hanging"])
async def test_who_takes_over_waits_for_what_was_dispatched_already(scene: Scene) -> None:
    first = asyncio.create_task(scene.runner().run(asked("scope"), scene.subject(), lambda _: None))
    examination = await opened(scene)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.create_task(scene.runner().run(asked("scope"), scene.subject(), lambda _: None))
    await scene.store.examinations.add(scene.run.id, scene.head, passed("scope", "in scope"))
    assert [each.verdict for each in await second] == [Verdict.PASS]
    assert len(await workflow_runs(scene)) == 1
    assert examination.workflow_run is not None
    await actions.cancel(scene.hosted.repo, examination.workflow_run)


def test_the_paper_carries_what_a_critic_said() -> None:
    wish = Instruction(Verb.FIX, "fix it", RepoName("o/r"), Sha("b" * 40))
    ordered = Run(RunId("01R"), wish, State.CHECKING)
    where = "https://pawl.example", "main"
    runner = ActionsRunner(cast("Any", None), cast("Any", None), ordered, *where, own(), partial(same, SHIPPED))
    trees = Tree(Sha("b" * 40), Path("/nonexistent")), Tree(Sha("a" * 40), Path("/nonexistent"))
    said = Criticism("openai:one", (Challenge("f(1)", "2", because="f of one is two"),))
    change, risk = Change(trees[0].sha, trees[1].sha, (), ""), Risk(RiskLevel.SAFE, 0, ())
    subject = Subject(*trees, change, "fix it", None, Config(), cast("Any", Idle()), risk, criticism=said)
    assert runner._paper(asked("critic"), subject).criticism == said


@pytest.mark.parametrize("scene", [HANGING], indirect=True, ids=["hanging"])
@pytest.mark.parametrize("by", ["the App", "somebody else", "nobody"])
async def test_a_dispatch_whose_number_was_never_heard_is_found_or_made_again(scene: Scene, by: str) -> None:
    runner, commit = scene.runner(Pace(store=0.05, github=0.1, grace=0.5)), await git.ref(scene.hosted.repo, "main")
    paper = runner._paper(asked("scope"), scene.subject())
    assert commit is not None
    await scene.store.examinations.open(Examination(paper, runner._origin(), runner._workflow))
    await scene.store.examinations.will_dispatch(scene.run.id, scene.head, "lost", commit)
    inputs = {"run": paper.run, "base": paper.base, "head": paper.head, "nonce": "lost", "server": scene.server}
    if by == "the App":
        assert await actions.dispatch(scene.hosted.repo, "pawl.yml", "main", inputs)
    if by == "somebody else":
        where = f"/repos/{scene.hosted.name}/actions/workflows/pawl.yml/dispatches"
        scene.hosted.owner.ask("POST", where, {"ref": "main", "inputs": inputs})
    waiting = asyncio.create_task(runner.run(asked("scope"), scene.subject(), lambda _: None))
    examination = await opened(scene)
    found = {each.id: each for each in await workflow_runs(scene)}
    assert {each.title for each in found.values()} == {title(paper)}
    assert examination.workflow_run is not None
    assert found[examination.workflow_run].actor_id == (await scene.hosted.app.me()).bot_id
    assert len(found) == (2 if by == "somebody else" else 1)
    await scene.store.examinations.add(scene.run.id, scene.head, passed("scope", "in scope"))
    await waiting
    for each in found:
        await actions.cancel(scene.hosted.repo, each)


@pytest.mark.parametrize("scene", [HANGING], indirect=True, ids=["hanging"])
async def test_calling_off_cancels_the_workflow_and_takes_nothing_more_in(scene: Scene) -> None:
    waiting = asyncio.create_task(scene.runner().run(asked("scope"), scene.subject(), lambda _: None))
    examination = await opened(scene)
    assert await call_off(scene.hosted.repo, scene.store.examinations, scene.run.id) == (scene.head,)
    assert await call_off(scene.hosted.repo, scene.store.examinations, scene.run.id) == ()
    (scope,) = await waiting
    assert scope.verdict is Verdict.ERROR
    assert examination.workflow_run is not None
    assert await conclusion(scene, examination.workflow_run) == "cancelled"


@pytest.mark.parametrize("scene", [DYING], indirect=True, ids=["dying"])
async def test_a_gate_that_was_no_part_of_the_examination_is_red(scene: Scene) -> None:
    await scene.runner().run(asked("scope"), scene.subject(), lambda _: None)
    found = await scene.runner().run(asked("scope", "tests"), scene.subject(), lambda _: None)
    assert "no part" in found[1].summary or "not part" in found[1].summary
    assert found[1] == errored("tests", found[1].summary)


@pytest.mark.parametrize("scene", [DYING], indirect=True, ids=["dying"])
async def test_a_run_from_a_laptop_has_no_runners_elsewhere(scene: Scene) -> None:
    local = replace(scene.run, instruction=replace(scene.run.instruction, origin=None))
    with pytest.raises(Fatal, match="laptop"):
        await replace(scene.runner(), ordered=local).run(asked("scope"), scene.subject(), lambda _: None)


async def opened(scene: Scene) -> Examination:
    """Return the examination once its workflow run is known."""
    async with asyncio.timeout(30):
        while True:
            for each in await scene.store.examinations.of_run(scene.run.id):
                if each.workflow_run is not None:
                    return each
            await asyncio.sleep(0.02)


async def conclusion(scene: Scene, number: int) -> str | None:
    async with asyncio.timeout(30):
        while (found := await actions.workflow_run(scene.hosted.repo, number)).status != "completed":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found.conclusion


async def workflow_runs(scene: Scene) -> tuple[actions.WorkflowRun, ...]:
    return await actions.runs_of(scene.hosted.repo, "pawl.yml", datetime.now(UTC) - timedelta(hours=1))
