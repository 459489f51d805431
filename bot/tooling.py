"""The tools of runs from GitHub: one forge and one workshop a run, kept while a worker is at it.

Everything is read with the rights of the installation that the run came through. Configuration and own policies are those on the
branch that the change is for, as it is now: a commit that somebody chose to build on says nothing of what he is held to.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from bot import engines, gates, logs
from bot.app import sandbox_of
from bot.board import GitHubBoard, composite_for
from bot.config import PLACES, Config, load
from bot.consulting import Consulting
from bot.decision.ballot import GitHubBallot, own_policies
from bot.engine import Engine
from bot.errors import Fatal, UserError
from bot.evidence.record import Record
from bot.evidence.statement import Seal
from bot.examination.wheel import own
from bot.examination.workflow import fits, machines
from bot.forge import branch_name
from bot.forges.github import GitHubForge
from bot.gate import Gate
from bot.github import contents
from bot.github.app import App
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.repository import Repository
from bot.ids import RepoName, RunId
from bot.llm.asking import Asker
from bot.recording import record_of
from bot.registry import plugins
from bot.run import FINAL, Origin, Run, State
from bot.runner import Runner
from bot.runners.actions import ActionsRunner, call_off
from bot.runners.local import LocalRunner
from bot.settings import Settings
from bot.stage import Tools
from bot.workshop import Workshop

if TYPE_CHECKING:
    from bot.store.store import Store

ORGANISATION: Final = ".github"
"""The repository in which an organisation keeps what its repositories share."""

_log = logs.get(__name__)


async def config_on(repository: Repository, branch: str = "") -> Config:
    """Return the configuration on a branch, by default the default one, else the organisation's, else the defaults.

    Raises:
        ConfigError: the file is wrong, at ``file:line``.
    """
    for place in PLACES:
        text = await contents.text(repository, place, branch or None)
        if text is not None:
            return load(text, place, plugins(gates, Gate))
    return await _organisations(repository)


async def _organisations(repository: Repository) -> Config:
    """Return what the owner's ``.github`` repository says, where the App is installed on it too."""
    shared = RepoName(f"{repository.owner}/{ORGANISATION}")
    try:
        other = await repository.app.repository(repository.installation, shared, {"contents": "read", "metadata": "read"})
        for place in PLACES:
            text = await contents.text(other, place)
            if text is not None:
                return load(text, f"{shared}/{place}", plugins(gates, Gate))
    except (NotFound, Forbidden, Unprocessable):  # none there, or not for the App to see
        return Config()
    return Config()


@dataclass
class _Bench:
    """What one run needs all the while."""

    repository: Repository
    branch: str
    """The default one."""
    forge: GitHubForge
    board: GitHubBoard
    shop: Workshop
    policies: Mapping[str, str]
    asker: Asker | None
    stack: AsyncExitStack


@dataclass
class Tooling:
    """Gives a worker the tools for each stage, and puts them away when it leaves the run."""

    settings: Settings
    store: Store
    github: App
    seal: Seal
    models: Consulting | None = None
    """None: no model is asked, whatever is configured."""
    _benches: dict[RunId, _Bench] = field(default_factory=dict)

    async def tools_for(self, run: Run) -> Tools:
        """Return the tools for a run's present stage.

        Raises:
            UserError: its repository or configuration cannot be read, and somebody must mend it.
            Retryable: GitHub or the store does not answer.
        """
        bench = self._benches.get(run.id) or await self._set_up(run)
        history = await self.store.history(run.id)

        async def record() -> Record:
            return await record_of(run, await self.store.history(run.id), bench.shop.config, bench.shop, self.store)

        return Tools(
            forge=bench.forge,
            runner=self._runner(bench, run),
            config=bench.shop.config,
            history=history,
            lay_out=bench.shop.lay_out,
            lab=bench.shop.lab,
            engines=plugins(engines, Engine),
            gates=plugins(gates, Gate),
            record=record,
            out=self.settings.home / "runs" / run.id / "evidence",
            seal=self.seal,
            progress=bench.shop.progress,
            board=bench.board,
            asker=bench.asker,
            ballot=GitHubBallot(bench.repository, self.store, config_on),
            own_policies=bench.policies,
        )

    def _runner(self, bench: _Bench, run: Run) -> Runner:
        if bench.shop.config.runner == "local":
            return LocalRunner()
        where = self.settings.public_url, bench.branch
        wanted = partial(fits, where=machines(self.settings))
        return ActionsRunner(bench.repository, self.store.examinations, run, *where, own(), wanted)

    async def put_away(self, run: RunId) -> None:
        """Take down what was set up for a run; nothing happens where there is nothing."""
        bench = self._benches.pop(run, None)
        if bench is not None:
            await bench.stack.aclose()

    async def settle(self, run: Run) -> None:
        """Where a run has ended unproven: nothing goes on in runners for it, no check run looks at work, no branch of it is left.

        A branch stays where people pushed to it, where a pull request is open, and where a question waits for its answer.

        It is done again until it got through, whichever process the run ended in, and changes nothing the second time.

        Raises:
            Retryable: GitHub or the store does not answer; call again.
        """
        origin = run.instruction.origin
        if origin is None or run.instruction.inquiry is not None or run.state not in FINAL - {State.DONE}:
            return
        try:
            repository = await self.github.repository(origin.installation, run.instruction.repo)
            history = await self.store.history(run.id)
            changed = history.changed
            heads = {run.instruction.head, changed.head if changed else None}
            default = (await repository.facts()).default_branch
            board = GitHubBoard(repository, self.store.examinations, composite_for(run.instruction.into, default))
            for head in {*await call_off(repository, self.store.examinations, run.id), *heads}:
                if head is not None:
                    await board.abandoned(run, head, run.reason)
            asks = changed is not None and changed.question is not None
            if run.state is not State.ROLLED_BACK and not asks and (history.spec or (changed and changed.head)):
                await self._forge(repository, origin).withdraw(run.id, branch_name(run.instruction))
        except UserError as error:
            _log.warning("what a run had under way could not be ended", run=run.id, why=str(error))

    def _forge(self, repository: Repository, origin: Origin) -> GitHubForge:
        mirror = self.settings.cache / "mirrors" / f"{origin.repository}.git"
        mirror.parent.mkdir(parents=True, exist_ok=True)
        return GitHubForge(repository, mirror)

    async def _set_up(self, run: Run) -> _Bench:
        origin = run.instruction.origin
        if origin is None:
            raise Fatal(f"run {run.id} was asked for on a laptop: go on with it there by `pawl run --resume {run.id}`")
        repository = await self.github.repository(origin.installation, run.instruction.repo)
        forge = self._forge(repository, origin)
        branch = (await repository.facts()).default_branch
        into = run.instruction.into or branch
        config, policies = await config_on(repository, into), await own_policies(repository, into)
        async with AsyncExitStack() as stack:
            shop = Workshop(forge, sandbox_of(self.settings), self.settings.cache, config, _quiet)
            await stack.enter_async_context(shop)
            asker = await stack.enter_async_context(self.models.asking(run, config)) if self.models else None
            board = GitHubBoard(repository, self.store.examinations, composite_for(into, branch))
            bench = _Bench(repository, branch, forge, board, shop, policies, asker, stack.pop_all())
        self._benches[run.id] = bench
        return bench


def _quiet(step: str, fraction: float | None = None) -> None:
    _log.debug("progress", step=step, fraction=fraction)
