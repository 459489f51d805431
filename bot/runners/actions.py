"""The Actions runner: gates run in the repository's own GitHub Actions, through the workflow that Pawl installed there.

It writes down what is to be judged, and by which wheel of Pawl, dispatches the workflow on the default branch where it stands
there as it should, and waits for the answers that come in through :mod:`bot.examination.intake`. Whatever is missing when the
workflow run has ended, or time is out, is red. A worker that takes over goes on waiting for what was dispatched already.
"""

from __future__ import annotations

import asyncio
import platform
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.errors import Fatal, InputError, Refused
from bot.examination.paper import Paper
from bot.examination.wheel import Wheel
from bot.examination.workflow import FILE, PLACE
from bot.gate import Gate, GateResult, Subject, errored
from bot.github import actions, contents, git
from bot.github.errors import NotFound
from bot.github.repository import Repository
from bot.ids import RunId, Sha
from bot.run import Run
from bot.store.results import Examination

if TYPE_CHECKING:
    from bot.store.results import Examinations

SHARE: Final = 2 / 3
"""Part of a run's wall time that one examination may take."""
PYTHON: Final = ".".join(platform.python_version_tuple()[:2])
"""The version that runners judge by, too: a project's code does the same there as here."""
_TRIES: Final = 3
"""Most dispatches at once, where the default branch moves on meanwhile."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class Pace:
    """How often things are looked at."""

    store: float = 0.5
    """Seconds between two looks at what came in."""
    github: float = 15.0
    """Seconds between two questions to GitHub; webhooks usually tell sooner."""
    grace: float = 60.0
    """Seconds after which a dispatch that left no trace is made again."""


@dataclass(frozen=True)
class ActionsRunner:
    """Runs the gates of one run."""

    repository: Repository
    examinations: Examinations
    ordered: Run
    server: str
    """Where runners reach Pawl."""
    branch: str
    """The repository's default branch."""
    judge: Wheel
    """What runners judge by; the server has it for them."""
    fits: Callable[[str], bool]
    """Whether a text is the workflow that has to stand on the default branch."""
    pace: Pace = Pace()

    @property
    def here(self) -> bool:
        """Nothing of the project runs on this machine."""
        return False

    async def run(
        self, gates: tuple[Gate, ...], subject: Subject, progress: Callable[[GateResult], None]
    ) -> tuple[GateResult, ...]:
        """Return one result per gate, in the gates' order; a gate that no answer came from is an error.

        Raises:
            Retryable: GitHub or the store went away; nothing is lost.
        """
        wait = _Wait(self, subject, progress, {})
        paper = self._paper(gates, subject)
        examination = await self.examinations.open(Examination(paper, self._origin(), self._workflow))
        await wait.until_closed(examination)
        silent = "it was not part of the examination that this run and commit had before"
        return tuple(wait.heard.get(each.name) or wait.ours(errored(each.name, silent)) for each in gates)

    def _paper(self, gates: tuple[Gate, ...], subject: Subject) -> Paper:
        names = tuple(each.name for each in gates)
        wish = subject.instruction, subject.spec, names, subject.criticism, self.judge.digest
        held_to = subject.config, dict(subject.policies)
        return Paper(self.ordered.id, subject.base.sha, subject.head.sha, *wish, *held_to)

    def _origin(self) -> int:
        origin = self.ordered.instruction.origin
        if origin is None:
            raise Fatal(f"run {self.ordered.id} was asked for on a laptop and has no repository's runners")
        return origin.repository

    @property
    def _workflow(self) -> str:
        return f"{self.repository.name}/{PLACE}@refs/heads/{self.branch}"


@dataclass
class _Wait:
    """One call of :meth:`ActionsRunner.run`."""

    runner: ActionsRunner
    subject: Subject
    progress: Callable[[GateResult], None]
    heard: dict[str, GateResult]
    asked: datetime | None = None
    """When GitHub was asked last how the workflow run stands."""

    async def until_closed(self, examination: Examination) -> None:
        """Dispatch where nobody did, and wait until every gate has answered or none can any more."""
        kept = self.runner.examinations
        run, head = examination.paper.run, examination.paper.head
        while True:
            examination = await kept.get(run, head)
            self._hear(await kept.answers(run, head))
            missing = [each for each in examination.paper.gates if each not in self.heard]
            if examination.closed:
                return
            why = await self._why_no_more(examination) if missing else "every gate has answered"
            if why:
                self._hear(await kept.close(run, head, tuple(errored(each, f"no answer: {why}") for each in missing)))
                return
            await asyncio.sleep(self.runner.pace.store)

    def ours(self, result: GateResult) -> GateResult:
        """Return a result as Pawl itself counts it: which gates are required is no runner's to say."""
        setting = self.subject.config.gates.get(result.name)
        return replace(result, required=setting.required if setting else True)

    def _hear(self, results: tuple[GateResult, ...]) -> None:
        for each in results:
            if each.name not in self.heard:
                self.heard[each.name] = self.ours(each)
                self.progress(self.heard[each.name])

    async def _why_no_more(self, examination: Examination) -> str:
        """Return why nothing more will come; empty while something may."""
        if examination.dispatched is None:
            return await self._dispatch(examination)
        if examination.ended is not None:
            return f"the workflow run ended as {examination.ended}{self._where(examination)}"
        now = datetime.now(UTC)
        limit = timedelta(seconds=self.subject.config.budget.seconds * SHARE)
        if now - examination.dispatched > limit:
            await _cancel(self.runner.repository, examination)
            spent = f"out of time after {limit.total_seconds():g} s{self._where(examination)}"
            return f"{spent}; raise budget.seconds, or change less"
        if self.asked is None or now - self.asked > timedelta(seconds=self.runner.pace.github):
            self.asked = now
            return await self._look(examination, now - examination.dispatched)
        return ""

    def _where(self, examination: Examination) -> str:
        if examination.workflow_run is None:
            return ""
        return f": see {actions.page(self.runner.repository, examination.workflow_run)}"

    async def _dispatch(self, examination: Examination) -> str:
        """Start the workflow; return why it cannot be started, if so."""
        runner = self.runner
        if examination.paper.judge != runner.judge.digest:
            return "Pawl was exchanged since this was asked, and what was to judge is gone: say `/pawl retry`"
        for _ in range(_TRIES):
            commit = await git.ref(runner.repository, runner.branch)
            why = await self._unfit(commit)
            if commit is None or why:
                return why
            try:
                number = await self._start(examination.paper, commit)
            except (InputError, Refused) as error:
                _log.warning("the workflow cannot be dispatched", run=examination.paper.run, why=str(error))
                return f"{PLACE} cannot be started on {runner.branch}: see that Actions are allowed there ({error})"
            if number is None or await self._began(examination, number, commit):
                return ""
        return f"{runner.branch} moved on each time that the workflow was started: say `/pawl retry` when it rests"

    async def _unfit(self, commit: Sha | None) -> str:
        """Return why the workflow is not to be started as it stands in a commit of the default branch; empty where it is."""
        runner = self.runner
        if commit is None:
            return f"there is no branch {runner.branch}, which was the default one: say `/pawl retry`"
        text = await contents.text(runner.repository, PLACE, commit)
        if text is None:
            return f"{PLACE} is not on {runner.branch}: merge Pawl's onboarding pull request with it, then say `/pawl retry`"
        if not runner.fits(text):
            other = f"{PLACE} on {runner.branch} is not the one of this Pawl"
            return f"{other}: make it the text at {runner.server}/{FILE}, then say `/pawl retry`"
        return ""

    async def _start(self, paper: Paper, commit: Sha) -> int | None:
        """Dispatch the workflow; return its run's number where GitHub tells it."""
        runner, nonce = self.runner, secrets.token_urlsafe(24)
        await runner.examinations.will_dispatch(paper.run, paper.head, nonce, commit)
        self.asked = datetime.now(UTC)
        inputs = {"run": paper.run, "base": paper.base, "head": paper.head, "nonce": nonce, "server": runner.server}
        inputs |= {"judge": runner.judge.sum, "python": PYTHON}
        number = await actions.dispatch(runner.repository, FILE, runner.branch, inputs)
        _log.info("dispatched", run=paper.run, head=paper.head, workflow_run=number)
        return number

    async def _began(self, examination: Examination, number: int, commit: Sha) -> bool:
        """Write down which workflow run was dispatched; one of another commit than was looked at is cancelled instead."""
        paper, repository = examination.paper, self.runner.repository
        try:
            found = await actions.workflow_run(repository, number)
        except NotFound:  # not there yet; its token will tell its commit
            found = None
        if found is not None and found.head_sha != commit:
            await actions.cancel(repository, number)
            return False
        await self.runner.examinations.was_dispatched(paper.run, paper.head, number)
        return True

    async def _look(self, examination: Examination, since: timedelta) -> str:
        """Ask GitHub how the workflow run stands, and write it down where it has ended."""
        paper, kept, repository = examination.paper, self.runner.examinations, self.runner.repository
        number = examination.workflow_run or await self._find(examination)
        if number is None:
            late = since > timedelta(seconds=self.runner.pace.grace)
            return await self._dispatch(examination) if late else ""
        try:
            found = await actions.workflow_run(repository, number)
        except NotFound:
            return f"the workflow run {number} is gone"
        if found.status == "completed":
            await kept.ended(examination.repository, number, found.conclusion or "no conclusion")
        _log.debug("looked", run=paper.run, workflow_run=number, status=found.status)
        return ""

    async def _find(self, examination: Examination) -> int | None:
        """Return the number of a workflow run that was dispatched without telling it: the App's own, by title and commit."""
        if examination.dispatched is None:
            return None
        paper, repository = examination.paper, self.runner.repository
        begun = examination.dispatched - timedelta(minutes=1)
        own = title(paper), (await repository.app.me()).bot_id, examination.commit
        found = await actions.runs_of(repository, FILE, begun)
        number = max((each.id for each in found if (each.title, each.actor_id, each.head_sha) == own), default=None)
        if number is not None:
            await self.runner.examinations.was_dispatched(paper.run, paper.head, number)
        return number


def title(paper: Paper) -> str:
    """Return the title that the workflow gives its run."""
    return f"Pawl {paper.run} {paper.head}"


async def call_off(repository: Repository, examinations: Examinations, run: RunId) -> tuple[Sha, ...]:
    """Cancel the workflow runs that a run still waits for, and take nothing more in; return the heads that were being judged."""
    waiting = [each for each in await examinations.of_run(run) if not each.closed]
    for each in waiting:
        await _cancel(repository, each)
        await examinations.close(run, each.paper.head, ())
    return tuple(each.paper.head for each in waiting)


async def _cancel(repository: Repository, examination: Examination) -> None:
    if examination.workflow_run is None or examination.ended is not None:
        return
    try:
        await actions.cancel(repository, examination.workflow_run)
    except NotFound:
        _log.info("the workflow run is gone", workflow_run=examination.workflow_run)
