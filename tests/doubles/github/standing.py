"""How a pull request stands: whether git can merge it, and which demands of its base branch are not met."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.doubles.github.accounts import Account, at_least
from tests.doubles.github.check import SATISFYING, Checks
from tests.doubles.github.merging import Conflicts, Wanted, merge, merged_tree
from tests.doubles.github.pull import Pull, Review
from tests.doubles.github.rules import Rules, code_owners, rules_of, unmet_checks
from tests.doubles.github.state import GitHub
from tests.doubles.github.statuses import Statuses


@dataclass(frozen=True)
class Standing:
    """``state`` is GitHub's ``mergeable_state``; ``missing`` says in GitHub's words what the base still demands."""

    mergeable: bool | None
    state: str
    missing: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)

    @property
    def ready(self) -> bool:
        """Whether auto-merge and the merge queue may go on."""
        return self.state in {"clean", "unstable"}


def standing(github: GitHub, pull: Pull, by: Account | None = None) -> Standing:
    """Return how the pull request stands; for somebody, without the demands that he may bypass."""
    if not pull.open:
        return Standing(None, "unknown")
    rules = rules_of(github, pull.repo, pull.base_branch, by)
    if not can_merge(pull):
        return Standing(mergeable=False, state="dirty", rules=rules)
    missing = tuple(_missing(github, pull, rules))
    return Standing(mergeable=True, state=_state(github, pull, rules, missing), missing=missing, rules=rules)


@dataclass
class Trials:
    """Where mergeability is worked out only once somebody has asked, who is told "unknown"; and what was asked for."""

    slow: set[int] = field(default_factory=set)
    asked: set[tuple[int, str, str]] = field(default_factory=set)


def shown(github: GitHub, pull: Pull, *, asked: bool = True) -> Standing:
    """Return how GitHub shows the pull request; asking is what makes it work the answer out, a webhook only shows."""
    trials, key = github.room(Trials), (pull.id, base_now(pull), pull.head_sha)
    if pull.repo.id in trials.slow and key not in trials.asked:
        if asked:
            trials.asked.add(key)
        return Standing(None, "unknown")
    return standing(github, pull)


def can_merge(pull: Pull) -> bool:
    """Say whether both sides join without conflicts."""
    try:
        merged_tree(pull.repo.clone, base_now(pull), pull.head_sha)
    except Conflicts:
        return False
    return True


def base_now(pull: Pull) -> str:
    """Return where the base branch is now."""
    return pull.repo.clone.branches().get(pull.base_branch, pull.base_sha)


def trial(github: GitHub, pull: Pull) -> str | None:
    """Return the merge commit that GitHub makes on trial (``refs/pull/N/merge``), or nothing where there are conflicts."""
    name, base = f"refs/pull/{pull.number}/merge", base_now(pull)
    known = pull.repo.clone.ref(name)
    if known and pull.repo.clone.text("rev-parse", f"{known}^1", f"{known}^2").split() == [base, pull.head_sha]:
        return known
    try:
        message = f"Merge {pull.head_sha} into {base}"
        made = merge(github, pull.repo.clone, Wanted(base, pull.head_sha, pull.issue.user, message))
    except Conflicts:
        return None
    pull.repo.clone.set_ref(name, made)
    return made


def writers(github: GitHub, pull: Pull) -> list[Review]:
    """Return the opinions that count: of people who may write, and of Apps whose installation may write contents."""
    return [review for review in pull.opinions() if may_write(github, pull, review.user)]


def may_write(github: GitHub, pull: Pull, account: Account) -> bool:
    """Say whether the account, a person or an App's bot, may write to the base's repository."""
    for installation in github.installations_on(pull.repo):
        if installation.app.bot is account:
            return installation.permissions.get("contents") == "write"
    return at_least(github.standard(pull.repo, github.role(pull.repo, account)), "write")


def _state(github: GitHub, pull: Pull, rules: Rules, missing: tuple[str, ...]) -> str:
    if pull.issue.draft:
        return "draft"
    behind = rules.strict and not pull.repo.clone.is_ancestor(base_now(pull), pull.head_sha)
    if behind:
        return "behind"
    if missing:
        return "blocked"
    runs = [run for suite in github.room(Checks).of_commit(pull.repo, pull.head_sha) for run in suite.latest]
    said = github.room(Statuses).latest(pull.repo, pull.head_sha).values()
    green = all(run.status == "completed" and run.conclusion in SATISFYING for run in runs)
    return "clean" if green and all(each.state == "success" for each in said) else "unstable"


def _missing(github: GitHub, pull: Pull, rules: Rules) -> list[str]:
    found = []
    checks = unmet_checks(github, pull.repo, pull.head_sha, rules)
    if checks:
        found.append(
            f'Required status check "{checks[0][0]}" is expected.'
            if len(rules.checks) == 1
            else f"{len(checks)} of {len(rules.checks)} required status checks are expected."
        )
    opinions = writers(github, pull)
    approving = [review.user for review in opinions if review.state == "APPROVED" and review.user is not pull.issue.user]
    if rules.approvals > len(approving):
        least = rules.approvals
        found.append(
            f"At least {least} approving review{' is' if least == 1 else 's are'} required by reviewers with write access."
        )
    if rules.pull and rules.approvals and any(review.state == "CHANGES_REQUESTED" for review in opinions):
        found.append("Changes have been requested.")
    if rules.last_push and not [user for user in approving if user is not pull.pushed_by]:
        found.append("New changes require approval from someone other than the last pusher.")
    if rules.code_owners and _unowned(github, pull, approving):
        found.append("Waiting on code owner review.")
    if rules.conversations and any(thread.resolved_by is None for thread in pull.threads):
        found.append("A conversation must be resolved before this pull request can be merged.")
    return found


def _unowned(github: GitHub, pull: Pull, approving: list[Account]) -> list[str]:
    """Return the changed paths that have owners, none of whom has approved."""
    clone = pull.repo.clone
    start = clone.text("merge-base", base_now(pull), pull.head_sha)
    owners = code_owners(clone, base_now(pull), sorted(clone.changed_paths(start, pull.head_sha)))
    names = {name for user in approving for name in _names(github, user)}
    return [path for path, wanted in owners.items() if not names & {each.lower() for each in wanted}]


def _names(github: GitHub, user: Account) -> set[str]:
    teams = {f"@{team.organisation.login}/{team.slug}" for team in github.teams.values() if user.id in team.members}
    return {each.lower() for each in ({f"@{user.login}", user.email or ""} | teams) if each}
