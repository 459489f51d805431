"""What people on GitHub are told of a run: the sticky comment while it goes on, and the one comment when it ends or needs them.

Pure functions over a run and its history; they return Markdown, and strangers' words go in as data only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.engine import Question
from bot.evidence.authorship import authorship
from bot.evidence.markdown import MOST, Section, code, document, fence, plain, table
from bot.history import Checked, History
from bot.ids import PullNumber
from bot.llm.citation import Citation
from bot.llm.spending import Spending, in_words, total
from bot.plan.plan import Plan, mermaid
from bot.run import FINAL, Run, State
from bot.speech.messages import MARK, sentence, whole
from bot.speech.reader import answer

STICKY: Final = "<!-- pawl:sticky -->"
"""By this Pawl finds its sticky comment again."""
REACTIONS: Final = {"A": "+1", "B": "heart", "C": "hooray", "D": "rocket"}
"""The reaction that stands for each reading of a question; ``eyes``, ``confused`` and ``-1`` mean something else here."""
_SHOWN: Final = {"+1": "👍", "heart": "❤️", "hooray": "🎉", "rocket": "🚀"}
_ROOM: Final = MOST - 500

_STEPS: Final = (
    (State.PLANNING, "Plan", "what is to be done"),
    (State.SPECIFYING, "Spec", "tests that say what done means, locked before any change"),
    (State.CHANGING, "Change", "by the cheapest engine that can"),
    (State.CHECKING, "Gates", "every gate judges the change"),
    (State.PROPOSING, "Evidence", "sealed, and proposed as a pull request"),
    (State.AWAITING_APPROVAL, "Approvals", "from those the policies ask for"),
    (State.MERGING, "Merge", "at exactly the proven commit"),
)
_JUDGING: Final = frozenset({State.CHECKING, State.PROPOSING, State.AWAITING_APPROVAL})
_HEADS: Final = {
    State.DONE: "✅ Done",
    State.REFUSED: "😕 Refused",
    State.FAILED: "💥 Something broke",
    State.CANCELLED: "🚫 Cancelled",
    State.STOPPED: "🛑 Stopped",
    State.ROLLED_BACK: "↩️ Rolled back",
    State.AWAITING_APPROVAL: "🙋 Proven, and waiting for people",
}


@dataclass(frozen=True)
class Told:
    """A run with all that its comments say of it."""

    run: Run
    history: History
    worked: float = 0.0
    """Seconds that stages have worked on it."""
    pull: PullNumber | None = None
    link: str = ""
    """Where the workflow run is seen that judged it last; empty where none has."""
    page: Callable[[Citation], str] | None = None
    """Returns the address at which people see what an answer cites; None where nothing is cited."""
    spending: tuple[Spending, ...] = ()
    """What models were asked."""
    buttons: str = ""
    """Where a question can be answered by pressing a button; empty where it cannot."""


def sticky(told: Told) -> str:
    """Return the sticky comment: what was asked for, the plan with check-boxes, the current step, cost and links."""
    run = told.run
    wish = run.instruction
    verb = "verify" if wish.head else "plan" if wish.plan_only else str(wish.verb)
    asked = f"{code(wish.requester, 60)} asked for it by {code(f'/pawl {verb}')}."
    sections = [
        Section("", f"{STICKY}\n### Pawl: {_heading(run)}\n\n{asked}"),
        Section("", _boxes(told)),
        Section("", _now(run)),
        Section("", _plan(told.history.plan), 2),
        Section("", _cost(told)),
    ]
    return document([each for each in sections if each.text], _ROOM)


def _heading(run: Run) -> str:
    return _HEADS.get(run.state, "⏳ At work") if run.state in FINAL | {State.AWAITING_APPROVAL} else "⏳ At work"


def steps(run: Run) -> tuple[tuple[State, str, str], ...]:
    """Return the steps that a run of this kind takes."""
    wish = run.instruction
    if wish.head is not None:
        return tuple(each for each in _STEPS if each[0] in _JUDGING)
    return _STEPS[:1] if wish.plan_only else _STEPS


def _boxes(told: Told) -> str:
    """Return one check-box a step; the step in hand, or the one that ended the run, is set off."""
    passed = _passed(told)
    lines = []
    for at, (_, name, what) in enumerate(steps(told.run)):
        if at < passed:
            lines.append(f"- [x] {name}: {what}")
        elif at == passed and told.run.state in FINAL:
            lines.append(f"- [ ] **{name}: {what}** ⬅ it ended here")
        elif at == passed:
            lines.append(f"- [ ] **{name}: {what}** ⬅ now")
        else:
            lines.append(f"- [ ] {name}: {what}")
    return "\n".join(lines)


def _passed(told: Told) -> int:
    """Return how many steps lie behind a run; of one that ended early, its outputs tell."""
    run, history, listed = told.run, told.history, steps(told.run)
    if run.state in {State.DONE, State.ROLLED_BACK} or (run.instruction.plan_only and history.plan):
        return len(listed)
    at = next((number for number, each in enumerate(listed) if each[0] is run.state), None)
    if at is not None:
        return at
    if run.state not in FINAL:
        return 0
    proposed = history.sealed is not None and told.pull is not None
    made = {
        State.PLANNING: history.plan is not None,
        State.SPECIFYING: history.spec is not None,
        State.CHANGING: history.changed is not None and history.changed.head is not None,
        State.CHECKING: history.checked is not None and history.checked.decision.allow,
        State.PROPOSING: proposed,
    }
    return next((number for number, each in enumerate(listed) if not made.get(each[0], False)), len(listed))


def _now(run: Run) -> str:
    again = f" (round {run.round})" if run.round > 1 else ""
    return f"**Now:** {run.state.value.replace('_', ' ')}{again}. {whole(run.reason)}".rstrip()


def _plan(plan: Plan | None) -> str:
    if plan is None:
        return ""
    lines = [f"{number}. {code(each.capability)}{_acceptance(each.acceptance)}" for number, each in enumerate(plan.steps, 1)]
    return "<details><summary>The plan</summary>\n\n" + "\n".join(lines) + "\n\n</details>"


def _acceptance(acceptance: tuple[str, ...]) -> str:
    return f": {'; '.join(plain(each) for each in acceptance)}" if acceptance else ""


def _cost(told: Told) -> str:
    parts = [f"Run {code(told.run.id)}", f"{told.worked:.0f} s of work", in_words(total(told.spending)), *_hands(told)]
    if told.pull is not None:
        parts.append(f"pull request #{told.pull}")
    if told.link:
        parts.append(f"[the gates at work]({told.link})")
    return " · ".join(parts)


def _hands(told: Told) -> list[str]:
    """Return which models wrote the tests and the change, and which were asked to refute it."""
    known = authorship(told.history, told.spending)
    by = (("tests", known.tests), ("change", known.change), *(("challenged", each) for each in known.critics))
    return [f"{what} by {code(who)}" for what, who in by if who]


def ended(told: Told) -> str:
    """Return the comment that says how a run ended, or what it needs a person for."""
    run, history = told.run, told.history
    if run.instruction.inquiry is not None:
        return answer(run, history.answered, told.page)
    if run.instruction.plan_only and history.plan is not None and run.state is State.CANCELLED:
        return _proposed_plan(history.plan)
    if run.state is State.REFUSED and history.changed is not None and history.changed.question is not None:
        return question(history.changed.question, told.buttons)
    where = f" See #{told.pull}." if told.pull is not None else ""
    sections = [
        Section("", f"**{_HEADS[run.state]}.** {whole(run.reason)}{where}"),
        Section("", _gates(history.checked) if _tells_gates(run) else "", 1),
        Section("", _next(told)),
        Section("", f"Run {code(run.id)}"),
    ]
    return document([each for each in sections if each.text], _ROOM)


def _tells_gates(run: Run) -> bool:
    return run.instruction.head is not None or run.state is State.REFUSED


def _gates(checked: Checked | None) -> str:
    if checked is None:
        return ""
    rows = [(f"{MARK[each.verdict]} {code(each.name)}", sentence(each.summary[:300])) for each in checked.gates]
    return f"Risk **{checked.risk.level}** ({checked.risk.score}/100).\n\n{table(('gate', 'what it saw'), rows)}"


def _next(told: Told) -> str:
    """Return what a person can do now."""
    state = told.run.state
    if state is State.REFUSED:
        return f"{code('/pawl explain')} tells more, {code('/pawl retry')} tries again on what stands there by then."
    if state in {State.FAILED, State.STOPPED, State.CANCELLED}:
        return f"{code('/pawl retry')} tries again."
    if state is State.AWAITING_APPROVAL:
        return f"{code('/pawl why')} says what is missing, and who can supply it."
    return ""


def _proposed_plan(plan: Plan) -> str:
    sections = [
        Section("", f"📋 **The plan.** Nothing was changed: {code('/pawl go')} carries it out."),
        Section(
            "", "\n".join(f"{at}. {code(each.capability)}{_acceptance(each.acceptance)}" for at, each in enumerate(plan.steps, 1))
        ),
        Section("", fence(mermaid(plan), "mermaid"), 1),
    ]
    return document(sections, _ROOM)


def question(asked: Question, buttons: str = "") -> str:
    """Return the one question that decides between readings, and the ways to answer it; ``buttons`` is where some are."""
    rows = [
        (f"**{plain(each.label)}**", code(each.gives), _SHOWN[REACTIONS[each.label]])
        for each in asked.readings
        if each.label in REACTIONS
    ]
    first = asked.readings[0]
    lead = f"❓ **Which is right?** Several different changes satisfy what was asked for; they differ on {code(asked.call)}."
    pressed = f" or press a button [on the check]({buttons})," if buttons else ""
    ways = (
        f"React to this comment as the table says,{pressed} or say {code(f'/pawl answer {first.label}')},"
        f" or say it yourself: {code(f'/pawl answer {asked.call} == {first.gives}')}."
        " The answer becomes a locked test, and the work goes on."
    )
    return f"{lead}\n\n{table(('reading', 'gives', 'react with'), rows)}\n\n{ways}\n"
