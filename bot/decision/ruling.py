"""May this change be merged now? Joins what was proven with how it stands, and asks the policies. Pure.

``rule(...)`` is what the stages act on, what the check ``pawl`` shows and what ``/pawl why`` tells: all see the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.change.change import Change
from bot.config import Config, GateSetting
from bot.errors import Fatal
from bot.gate import GateResult
from bot.history import Checked, History
from bot.policy.composite import composite
from bot.policy.decision import Decision
from bot.policy.document import Circumstances, Merging, build
from bot.policy.engine import decide
from bot.policy.missing import Missing, missing
from bot.policy.standing import Standing
from bot.policy.votes import Votes, owners, votes
from bot.run import Run
from bot.stage import Look


@dataclass(frozen=True)
class Ruling:
    """The policies' decision on a change as it stands, and what is missing."""

    decision: Decision
    missing: tuple[Missing, ...]
    votes: Votes

    @property
    def ready(self) -> bool:
        """Whether it may be merged now."""
        return not self.missing

    @property
    def against(self) -> tuple[str, ...]:
        """What keeps the check `pawl` from green: all but the settings that keep Pawl itself from merging."""
        return tuple(each.what for each in self.missing if not each.setting)

    @property
    def reason(self) -> str:
        """What is missing, in one line."""
        return "; ".join(each.what for each in self.missing)


def rule(run: Run, history: History, look: Look) -> Ruling:
    """Return the ruling by the rules of the branch that the change would be merged into, as they are now.

    Raises:
        Fatal: the run has no judged change, or Pawl's own policies are not there.
    """
    checked, standing = history.checked, look.standing
    if checked is None:
        raise Fatal(f"run {run.id} waits for approval without a judged change")
    config = look.config.model_copy(update={"trust": min(look.config.trust, standing.most_trust)})
    if run.instruction.reverts is None:
        checked = replace(checked, gates=tuple(_as_demanded(each, config) for each in checked.gates))
    found = votes(standing, config.approvals)
    document = build(
        _as_it_stands(checked, standing),
        checked.gates,
        checked.risk,
        history.spec,
        config,
        run.instruction.text,
        _circumstances(run, checked, look, found),
    )
    decision = decide(document, look.own_policies)
    return Ruling(decision, missing(decision, standing, found, config.approvals), found)


def is_of(run: Run, checked: Checked, standing: Standing) -> bool:
    """Tell whether what was judged is the pull request's present head, or what a merge queue made of that head."""
    return standing.head == (run.instruction.queued or checked.change.head)


def _as_demanded(result: GateResult, config: Config) -> GateResult:
    """Return a gate's answer, required where the configuration demands it by now."""
    return replace(result, required=result.required or config.gates.get(result.name, GateSetting()).required)


def _as_it_stands(checked: Checked, standing: Standing) -> Change:
    """Return the judged change under the head that would be merged; ``merging.proven`` says what was judged."""
    return replace(checked.change, head=standing.head)


def _circumstances(run: Run, checked: Checked, look: Look, found: Votes) -> Circumstances:
    wish, standing = run.instruction, look.standing
    made = wish.head is None
    expected = {*look.gates, *(each.name for each in checked.gates)}
    return Circumstances(
        verb=wish.verb if made and not wish.reverts else None,
        requester=wish.requester if made or standing.requester is None else standing.requester.login,
        door=wish.door,
        authors=tuple(each.login for each in standing.authors),
        expected=tuple(sorted(expected)),
        approvals=found.approvals,
        owned=owners(found, standing),
        merging=Merging(
            proven=standing.head if is_of(run, checked, standing) else checked.change.head,
            open=standing.open,
            draft=standing.draft,
            branch=standing.base_branch,
            proven_branch=wish.into or standing.proven_branch,
            check="success" if composite(expected, checked.gates, checked.decision).green else "failure",
            holds=tuple((each.by, each.why) for each in standing.holds),
            brake=standing.brake,
            unsafe=(*standing.unsafe, *((standing.unknown,) if standing.unknown else ())),
        ),
        rounds=run.round,
        reverts=wish.reverts is not None,
    )
