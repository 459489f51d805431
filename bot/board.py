"""The board on GitHub: a check run for each gate as it answers, and the composite ``pawl``, the one to require.

Each check run carries the run's id; who writes again finds it by that and says it again instead of beside it. Of gates only
``success`` and ``failure`` decide anything: one with nothing to judge is shown grey, and the composite counts it by its table.

The composite is what lets a change in, so it says more than the gates do: ``action_required``, which satisfies nobody, from when
they are green until nothing else is missing, and again as soon as something is. A check belongs to its commit and counts for
every branch, so the verdict on what goes into another branch than the default one has a name of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bot import logs
from bot.errors import PawlError
from bot.evidence.markdown import plain, table
from bot.gate import Finding, Gate, GateResult, Severity, Verdict
from bot.github import actions, checks
from bot.github.checks import Action, Annotation, CheckRun, Conclusion
from bot.github.repository import Repository
from bot.history import Checked
from bot.ids import RunId, Sha
from bot.policy.composite import composite
from bot.run import Run, State

if TYPE_CHECKING:
    from bot.store.results import Examinations

COMPOSITE: Final = "pawl"
"""The check to require in branch protection."""
_ELSEWHERE: Final = (
    f"This is not the check `{COMPOSITE}`: the change was judged for another branch than the default one, and a check counts for"
    f" every branch that its commit is proposed for. Only what goes into the default branch turns `{COMPOSITE}` green: change the"
    " base of the pull request to have that judged."
)
RETRY, EXPLAIN, ROLLBACK = "retry", "explain", "rollback"
BUTTONS: Final = {
    RETRY: Action("Retry", "Judge it again, from the start", RETRY),
    EXPLAIN: Action("Explain", "Say in a comment what was found", EXPLAIN),
    ROLLBACK: Action("Roll back", "Open the proven revert of this change", ROLLBACK),
}
"""What a click says; the words behind ``/pawl`` too."""

_CONCLUSIONS: Final[dict[Verdict, Conclusion]] = {
    Verdict.PASS: "success",
    Verdict.FAIL: "failure",
    Verdict.ERROR: "failure",
    Verdict.NOT_APPLICABLE: "neutral",
}
_OPEN: Final = frozenset({None, "success", "action_required"})
"""Conclusions of a composite that somebody still watches over."""
_GREEN: Final = "Every gate is green, the policies agree, and nothing is missing"
_GREEN_SO_FAR: Final = "Every gate is green; what else is missing is being looked at"
_LEVELS: Final = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.NOTE: "notice"}
NOWHERE: Final = Sha("")
NOBODY: Final = RunId("")
_MOST_TITLE: Final = 200
_MOST_WORDS: Final = 2000

_log = logs.get(__name__)


def check_name(gate: str) -> str:
    """Return the name of a gate's check run."""
    return f"{COMPOSITE} / {gate}"


def gate_of(name: str) -> str:
    """Return the gate behind a check run's name; empty for the composite and for strangers."""
    return name.removeprefix(f"{COMPOSITE} / ") if name.startswith(f"{COMPOSITE} / ") else ""


def composite_for(into: str, default: str) -> str:
    """Return the name of the check that says what everything amounts to, for a change that goes into a branch."""
    return COMPOSITE if into in {"", default} else f"{COMPOSITE} for {into}"


async def declare(repository: Repository, head: Sha, conclusion: Conclusion, words: str) -> None:
    """Write the composite on a commit that no run judges, or say it again where it is written."""
    check = CheckRun(COMPOSITE, head, "completed", conclusion, title=_line(words), summary=words)
    known = await checks.find(repository, head, COMPOSITE)
    if known is None:
        await checks.create(repository, check)
    else:
        await checks.update(repository, known, check)


@dataclass
class GitHubBoard:
    """Shows one run's judging on the commits it judges."""

    repository: Repository
    examinations: Examinations | None = None
    """Where the workflow runs are known that each check run leads to; None where there are none."""
    whole: str = COMPOSITE
    """The check that says what everything amounts to, by :func:`composite_for`."""
    _head: Sha = NOWHERE
    _run: RunId = NOBODY
    _buttons: tuple[Action, ...] = ()
    _expected: tuple[str, ...] = ()
    _known: dict[str, int] = field(default_factory=dict)
    """The ids of this run's check runs on the head, by name."""
    _shown: dict[str, CheckRun] = field(default_factory=dict)
    _seen: tuple[str | None, str] = (None, "")
    """How the composite stood when the head was taken up: its conclusion and title."""
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def head(self) -> Sha | None:
        """The commit that is or was being judged; None where nothing was begun."""
        return self._head or None

    async def opened(self, run: Run, head: Sha, gates: tuple[Gate, ...]) -> None:
        """Show that these gates are at work on ``head``."""
        await self._take(run, head)
        self._expected = tuple(each.name for each in gates)
        words = f"{len(gates)} gates are at work on this commit."
        await self._write(self._check(self.whole, None, "The gates are at work", words))

    def answered(self, result: GateResult) -> None:
        """Show one gate's answer soon; what does not go through is written by :meth:`judged`."""
        task = asyncio.create_task(self._soon(_of_gate(result)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def judged(self, run: Run, checked: Checked) -> None:
        """Show every answer that is not there yet, and what they all amount to; green is only :meth:`ruled`'s to say."""
        await asyncio.gather(*self._under_way)
        await self._take_up(run, checked.change.head)
        for each in checked.gates:
            await self._write(self._gate(_of_gate(each)))
        found = composite(self._expected, checked.gates, checked.decision)
        needed = _listed("People must still", checked.decision.require)
        if not found.green:
            said = f"{len(found.why)} against it: {found.why[0]}"
            await self._conclude("failure", said, checked, _listed("Against it", found.why), needed)
        elif self.whole == COMPOSITE or checked.decision.require:
            waits = run.instruction.queued is not None  # a merge queue takes no second look: what is not green is out of it
            await self._conclude(None if waits else "action_required", _GREEN_SO_FAR, checked, needed)
        else:
            await self._conclude("success", _GREEN, checked)

    async def ruled(self, run: Run, checked: Checked, missing: tuple[str, ...]) -> None:
        """Let the judged head in, or say what is missing; where that stands there already, nothing is written."""
        await self._take_up(run, checked.change.head)
        title = _line("; ".join(missing)) if missing else _GREEN
        conclusion: Conclusion = "action_required" if missing else "success"
        if self._seen != (conclusion, title):
            await self._conclude(conclusion, title, checked, _listed("Still missing", missing))

    async def _conclude(self, conclusion: Conclusion | None, title: str, checked: Checked, *first: str) -> None:
        """Say what everything amounts to: what is to be known first, then the risk and the gates."""
        elsewhere = "" if self.whole == COMPOSITE else _ELSEWHERE
        words = "\n\n".join(each for each in (elsewhere, *first, _summary(checked)) if each)
        await self._write(self._check(self.whole, conclusion, title, words))

    async def abandoned(self, run: Run, head: Sha, why: str) -> None:
        """Close what still looks at work on ``head``, or let in, where nobody watches over it any more: never green.

        What broke before anything was shown is shown, too, where nothing else stands there.
        """
        await asyncio.gather(*self._under_way)
        found = await checks.runs(self.repository, head)
        mine = [each for each in found if each.app_id == self.repository.app.id and each.name == self.whole]
        unseen = run.instruction.head == head and run.state in {State.REFUSED, State.FAILED} and not mine
        if unseen or any(each.external_id == run.id and each.conclusion in _OPEN for each in mine):
            await self._take(run, head)
            said = why or f"the run ended as {run.state}"
            words = f"Nobody watches over this verdict any more: {plain(said, _MOST_WORDS)}"
            await self._write(self._check(self.whole, "cancelled", said, words))

    async def _take_up(self, run: Run, head: Sha) -> None:
        if self._head != head or self._run != run.id:
            await self._take(run, head)

    async def _take(self, run: Run, head: Sha) -> None:
        """Take up a run and a head, with what a worker before wrote of them."""
        found = await checks.runs(self.repository, head)
        own = self.repository.app.id
        self._known = {each.name: each.id for each in found if each.app_id == own and each.external_id == run.id}
        self._shown = {}
        whole = [each for each in found if each.id == self._known.get(self.whole)]
        self._seen = (whole[0].conclusion, whole[0].title) if whole else (None, "")
        self._head, self._run = head, run.id
        verbs = (RETRY, EXPLAIN) if run.instruction.head else (RETRY, EXPLAIN, ROLLBACK)
        self._buttons = tuple(BUTTONS[each] for each in verbs)

    async def _soon(self, said: _Said) -> None:
        try:
            await self._write(self._gate(said))
        except PawlError as error:
            _log.warning("a gate's answer is not shown yet", run=self._run, gate=said.gate, why=str(error))

    def _gate(self, said: _Said) -> CheckRun:
        found = self._check(check_name(said.gate), said.conclusion, said.title, said.summary)
        buttons = () if said.conclusion == "success" else self._buttons[:2]
        return CheckRun(**{**vars(found), "annotations": said.annotations, "actions": buttons})

    def _check(self, name: str, conclusion: Conclusion | None, said: str, summary: str) -> CheckRun:
        return CheckRun(
            name=name,
            head=self._head,
            status="completed" if conclusion else "in_progress",
            conclusion=conclusion,
            title=_line(said),
            summary=summary,
            actions=self._buttons if conclusion else (),
            external_id=self._run,
        )

    async def _write(self, check: CheckRun) -> None:
        """Make the check run say this, once."""
        async with self._turn:
            check = replace(check, details_url=await self._page())
            if self._shown.get(check.name) == check:
                return
            known = self._known.get(check.name)
            if known is None:
                self._known[check.name] = await checks.create(self.repository, check)
            else:
                await checks.update(self.repository, known, check)
            self._shown[check.name] = check
            if check.name == self.whole:
                self._seen = (check.conclusion, check.title)

    async def _page(self) -> str:
        """Return where people see the gates at work on the head; empty where they are not at work in Actions, or not yet."""
        known = await self.examinations.of_run(self._run) if self.examinations is not None else ()
        numbers = (each.workflow_run for each in known if each.paper.head == self._head and each.workflow_run is not None)
        number = next(numbers, None)
        return actions.page(self.repository, number) if number is not None else ""


@dataclass(frozen=True)
class _Said:
    """One gate's answer as a check run shows it."""

    gate: str
    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...]


def _of_gate(result: GateResult) -> _Said:
    placed = [each for each in result.findings if each.path]
    others = [each for each in result.findings if not each.path]
    word = _word(result)
    lines = [f"**{word}**{'' if result.required else ' (not required)'}: {plain(result.summary, _MOST_WORDS)}"]
    if others:
        lines.append(_findings(others))
    lines.append(f"{len(placed)} on lines of the change, {result.seconds:.1f} s.")
    annotations = tuple(_annotation(each) for each in placed)
    return _Said(result.name, _CONCLUSIONS[result.verdict], f"{word}: {result.summary}", "\n\n".join(lines), annotations)


def _word(result: GateResult) -> str:
    return result.verdict.value.replace("_", " ")


def _findings(findings: Iterable[Finding]) -> str:
    return "\n".join(f"* {each.severity.value}: {plain(each.message, _MOST_WORDS)}" for each in findings)


def _annotation(finding: Finding) -> Annotation:
    level = _LEVELS[finding.severity]
    return Annotation(finding.path, finding.line, finding.line, level, finding.message, finding.rule)  # type: ignore[arg-type]


def _listed(title: str, items: Iterable[str]) -> str:
    lines = [f"* {plain(each, _MOST_WORDS)}" for each in items]
    return "\n".join([f"**{title}**", "", *lines]) if lines else ""


def _summary(checked: Checked) -> str:
    rows = [
        (plain(each.name), _word(each) + ("" if each.required else ", not required"), plain(each.summary))
        for each in checked.gates
    ]
    risk = f"Risk: {checked.risk.level} ({checked.risk.score} of 100)."
    return f"{risk}\n\n{table(('gate', 'verdict', 'says'), rows)}"


def _line(text: str) -> str:
    """Return one short line of plain text, as titles have it."""
    line = " ".join(each for each in "".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _MOST_TITLE else f"{line[: _MOST_TITLE - 1]}…"
