"""What GitHub itself still waits for before a pull request can be merged, each with who can mend it. Pure.

Pawl's own ruling says nothing of these: GitHub holds the merge up for them, and lets it go on where they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.decision.safety import CHECK
from bot.github.review_threads import NONE_OPEN
from bot.policy.standing import Access, Obstacle, Said, Stand, Standing, Voter
from bot.policy.votes import owns

if TYPE_CHECKING:
    from bot.github.checks import SeenCheck
    from bot.github.protection import Protection
    from bot.github.pulls import Pull
    from bot.github.review_threads import OpenThreads, ReviewThread
    from bot.github.statuses import SeenStatus

MOST_CONVERSATIONS: Final = 5
"""Open conversations that are told of one by one."""
_ANYBODY: Final = (None, -1)
"""What stands in place of the App that a check has to come from, where it may come from anybody."""
_SATISFIES: Final = frozenset({"success", "neutral", "skipped"})
_UNSAID: Final = "not there yet: whoever looks after it sees to it that it is run"
_UNSEEN: Final = "not there as a check run, and Pawl may not read commit statuses: an owner accepts the App's new permission"
_ITS_PAGE: Final = ": its own page says who mends that"
_ELSEWHERE: Final = "it blocks the merge and does not say why: see the box at the foot of the pull request's page"


@dataclass(frozen=True)
class Seen:
    """What hangs on a pull request: the newest checks and statuses on its head, reviews, and conversations to be resolved."""

    checks: tuple[SeenCheck, ...] = ()
    statuses: tuple[SeenStatus, ...] | None = ()
    """None where the App may not read them."""
    reviews: tuple[Said, ...] = ()
    conversations: OpenThreads = NONE_OPEN


def obstacles(pull: Pull, guarded: Protection | None, seen: Seen, standing: Standing) -> tuple[Obstacle, ...]:
    """Return every obstacle."""
    said = [_conflict(pull)]
    if guarded is not None:
        approving = _approving(seen.reviews, standing)
        said += [_behind(pull, guarded), *_checks(guarded, seen), _reviews(guarded, approving)]
        said += _owners(guarded, approving, standing)
    found = [*(Obstacle(each) for each in said if each), *_conversations(pull, seen.conversations)]
    let_in = any((each.name, each.conclusion) == (CHECK, "success") for each in seen.checks)
    if let_in and pull.mergeable_state == "blocked" and not found:
        found.append(Obstacle(_ELSEWHERE))
    return tuple(found)


def needs_others(guarded: Protection) -> bool:
    """Whether a branch requires checks of others than Pawl, which may be commit statuses."""
    return any(name != CHECK for name, _ in guarded.required_checks)


def _conflict(pull: Pull) -> str:
    if pull.mergeable is not False and pull.mergeable_state != "dirty":
        return ""
    return f"it conflicts with {pull.base_branch}: whoever may push to {pull.head_branch} merges {pull.base_branch} into it"


def _behind(pull: Pull, guarded: Protection) -> str:
    if not guarded.strict or pull.mergeable_state != "behind":
        return ""
    return f"{pull.base_branch} has moved on and has to be in it: whoever may push to {pull.head_branch} presses 'Update branch'"


def _checks(guarded: Protection, seen: Seen) -> list[str]:
    told = [(name, state) for name, app in guarded.required_checks if name != CHECK for state in _states(name, app, seen)]
    lacking = [(name, state) for name, state in told if state not in _SATISFIES]
    return [f"the required check {name} is {state}{'' if state in {_UNSAID, _UNSEEN} else _ITS_PAGE}" for name, state in lacking]


def _states(name: str, app: int | None, seen: Seen) -> list[str]:
    """Return what stands for a required check: a check run, a commit status of that name, or both, which both count then."""
    runs = [each.conclusion or each.status for each in seen.checks if each.name == name and app in {each.app_id, *_ANYBODY}]
    said = [each.state for each in seen.statuses or () if each.context.casefold() == name.casefold()]
    found = runs[-1:]
    if not runs or app in _ANYBODY:  # otherwise a status is another one's word: it does not tell which App's it is
        found += said
    return found or [_UNSEEN if seen.statuses is None else _UNSAID]


def _approving(reviews: Iterable[Said], standing: Standing) -> tuple[Voter, ...]:
    """Return the people with write access whose last word in a review is an approval."""
    last = {each.person.id: each for each in sorted(reviews, key=lambda each: each.at)}
    agreed = [standing.voters.get(id_) for id_, each in last.items() if each.stand is Stand.APPROVED]
    return tuple(each for each in agreed if each is not None and each.access.rank >= Access.WRITE.rank)


def _reviews(guarded: Protection, approving: tuple[Voter, ...]) -> str:
    lacking = guarded.required_reviews - len(approving)
    if lacking <= 0:
        return ""
    fresh = ", of the last push" if guarded.dismiss_stale else ""
    other = ", one of them by somebody else than who pushed last" if guarded.require_last_push else ""
    return (
        f"{lacking} approving {'review' if lacking == 1 else 'reviews'} on GitHub{fresh}{other}: anybody with write access but"
        " the author gives one under 'Files changed'; `/pawl approve` is none"
    )


def _owners(guarded: Protection, approving: tuple[Voter, ...], standing: Standing) -> list[str]:
    if not guarded.require_code_owners:
        return []
    lacking = [each for each in standing.owned if not any(owns(voter, each) for voter in approving)]
    return [f"an approving review on GitHub by an owner of {each.path}: {' '.join(each.owners)}" for each in lacking]


def _conversations(pull: Pull, unresolved: OpenThreads) -> list[Obstacle]:
    """Return the first open conversations one by one, and how many more there are."""
    author = "" if pull.user_login.endswith("[bot]") else f"{pull.user_login} or "
    who = f"{author}anybody with write access"
    told = [
        Obstacle(f"the conversation on {_place(each)}, begun by {each.starter}, has to be resolved: {who} does that", each.page)
        for each in unresolved.threads[:MOST_CONVERSATIONS]
    ]
    more = len(unresolved.threads) - len(told)
    if more:
        least = "" if unresolved.whole else "at least "
        told.append(Obstacle(f"and {least}{more} more {'conversation' if more == 1 else 'conversations'} likewise"))
    return told


def _place(thread: ReviewThread) -> str:
    if thread.line is not None:
        return f"{thread.path}, line {thread.line}"
    return f"{thread.path} as it was before" if thread.outdated else f"all of {thread.path}"
