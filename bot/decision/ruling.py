"""May this proposal be merged now? Joins what was proven with how it stands, and asks the policies. Pure.

``rule(...)`` is what the stages act on and what ``/pawl why`` tells: both see the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.change.change import Change
from bot.config import Config
from bot.errors import Fatal
from bot.history import Checked, History
from bot.policy.decision import Decision
from bot.policy.document import Circumstances, Merging, build
from bot.policy.engine import NO_POLICIES, decide
from bot.policy.missing import Missing, missing
from bot.policy.standing import Standing
from bot.policy.votes import Votes, owners, votes
from bot.run import Run


@dataclass(frozen=True)
class Ruling:
    """The policies' decision on a proposal as it stands, and what is missing."""

    decision: Decision
    missing: tuple[Missing, ...]
    votes: Votes

    @property
    def ready(self) -> bool:
        """Whether it may be merged now."""
        return not self.missing

    @property
    def reason(self) -> str:
        """What is missing, in one line."""
        return "; ".join(each.what for each in self.missing)


def rule(run: Run, history: History, standing: Standing, config: Config, own_policies: Mapping[str, str] = NO_POLICIES) -> Ruling:
    """Return the ruling; ``config`` and ``own_policies`` are those of the branch that it would be merged into, now.

    Raises:
        Fatal: the run has no judged change, or Pawl's own policies are not there.
    """
    checked = history.checked
    if checked is None:
        raise Fatal(f"run {run.id} waits for approval without a judged change")
    config = config.model_copy(update={"trust": min(config.trust, standing.most_trust)})
    found = votes(standing, config.approvals)
    document = build(
        _as_it_stands(checked, standing),
        checked.gates,
        checked.risk,
        history.spec,
        config,
        run.instruction.text,
        _circumstances(run, checked, standing, found),
    )
    decision = decide(document, own_policies)
    return Ruling(decision, missing(decision, standing, found, config.approvals), found)


def _as_it_stands(checked: Checked, standing: Standing) -> Change:
    """Return the judged change under the head that would be merged; ``merging.proven`` says what was judged."""
    return replace(checked.change, head=standing.head)


def _circumstances(run: Run, checked: Checked, standing: Standing, found: Votes) -> Circumstances:
    wish = run.instruction
    return Circumstances(
        verb=None if wish.head or wish.reverts else wish.verb,
        requester=wish.requester,
        door=wish.door,
        authors=tuple(each.login for each in standing.authors),
        expected=tuple(each.name for each in checked.gates),
        approvals=found.approvals,
        owned=owners(found, standing),
        merging=Merging(
            proven=checked.change.head,
            open=standing.open,
            draft=standing.draft,
            branch=standing.base_branch,
            proven_branch=standing.proven_branch,
            check=standing.check,
            holds=tuple((each.by, each.why) for each in standing.holds),
            brake=standing.brake,
            unsafe=standing.unsafe,
        ),
        rounds=run.round,
        reverts=wish.reverts is not None,
    )
