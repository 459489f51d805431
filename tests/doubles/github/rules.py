"""What a branch demands: classic protection and rulesets, put together into one :class:`Rules`."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.doubles.github.accounts import Account, Token, at_least
from tests.doubles.github.check import SATISFYING, CheckRun, Checks
from tests.doubles.github.clone import Clone
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json
from tests.doubles.github.state import ZERO, GitHub, RefUpdate, on_push
from tests.doubles.github.statuses import Statuses

ADMIN_ROLE = 5
"""The number by which a ruleset's bypass list names the role of admins; 4 is write, 2 is maintain."""
ROLES = {5: "admin", 4: "write", 2: "maintain"}


@dataclass(frozen=True)
class Rules:
    """The demands on one branch; the default is a branch without any."""

    protected: bool = False
    checks: frozenset[tuple[str, int | None]] = frozenset()
    strict: bool = False
    pull: bool = False
    """Whether changes must come by pull request."""
    approvals: int = 0
    dismiss_stale: bool = False
    code_owners: bool = False
    last_push: bool = False
    forced: bool = True
    deletion: bool = True
    linear: bool = False
    methods: frozenset[str] = frozenset({"merge", "squash", "rebase"})
    queue: Json | None = None
    conversations: bool = False
    """Whether every conversation must be resolved."""

    def and_also(self, other: Rules) -> Rules:
        """Return both demands together: the harder one of each."""
        return Rules(
            self.protected or other.protected,
            self.checks | other.checks,
            self.strict or other.strict,
            self.pull or other.pull,
            max(self.approvals, other.approvals),
            self.dismiss_stale or other.dismiss_stale,
            self.code_owners or other.code_owners,
            self.last_push or other.last_push,
            self.forced and other.forced,
            self.deletion and other.deletion,
            self.linear or other.linear,
            self.methods & other.methods,
            self.queue or other.queue,
            self.conversations or other.conversations,
        )


@dataclass(slots=True, eq=False)
class Ruleset:
    """One ruleset of a repository, as it was asked for."""

    id: int
    repo: Repository
    name: str
    target: str
    enforcement: str
    bypass_actors: list[Json]
    conditions: Json
    rules: list[Json]
    created_at: datetime
    updated_at: datetime


@dataclass
class Protections:
    """Classic protection by repository and branch, and rulesets by their ids."""

    classic: dict[tuple[int, str], Json] = field(default_factory=dict)
    rulesets: dict[int, Ruleset] = field(default_factory=dict)

    def of(self, repo: Repository, branch: str) -> Json | None:
        """Return the classic protection of a branch."""
        return self.classic.get((repo.id, branch))

    def applying(self, repo: Repository, branch: str) -> list[Ruleset]:
        """Return the active rulesets for a branch."""
        return [
            each
            for each in self.rulesets.values()
            if each.repo is repo and each.enforcement == "active" and each.target == "branch" and _covers(each, branch)
        ]


def rules_of(github: GitHub, repo: Repository, branch: str, by: Account | None = None) -> Rules:
    """Return what the branch demands; for somebody, only what he cannot bypass."""
    room = github.room(Protections)
    found = Rules()
    classic = room.of(repo, branch)
    if classic and not (by and not classic["enforce_admins"] and github.role(repo, by) == "admin"):
        found = found.and_also(_classic(classic))
    for ruleset in room.applying(repo, branch):
        if not (by and _bypasses(github, ruleset, by)):
            found = _ruled(ruleset.rules, found)
    return found


def unmet_checks(github: GitHub, repo: Repository, sha: str, rules: Rules) -> list[tuple[str, int | None]]:
    """Return the required checks that the commit lacks, has red, or has from another App than the expected one.

    A commit status of that name counts as well where no App is expected; where there are both, both have to be green.
    """
    checks, statuses = github.room(Checks), github.room(Statuses).latest(repo, sha)

    def met(name: str, app: int | None) -> bool:
        run, said = checks.standing(repo, sha, name, app), statuses.get(name.casefold())
        if said is not None and app is None:
            return said.state == "success" and (run is None or _is_green(run))
        return run is not None and _is_green(run)

    return sorted((each for each in rules.checks if not met(*each)), key=str)


def _is_green(run: CheckRun) -> bool:
    return run.status == "completed" and run.conclusion in SATISFYING


def _classic(data: Json) -> Rules:
    checks, reviews = data["required_status_checks"] or {}, data["required_pull_request_reviews"]
    return Rules(
        protected=True,
        checks=frozenset((each["context"], each["app_id"]) for each in checks.get("checks", [])),
        strict=bool(checks.get("strict")),
        pull=reviews is not None,
        approvals=(reviews or {}).get("required_approving_review_count", 0),
        dismiss_stale=(reviews or {}).get("dismiss_stale_reviews", False),
        code_owners=(reviews or {}).get("require_code_owner_reviews", False),
        last_push=(reviews or {}).get("require_last_push_approval", False),
        forced=data["allow_force_pushes"],
        deletion=data["allow_deletions"],
        linear=data["required_linear_history"],
        conversations=data.get("required_conversation_resolution", False),
    )


def _ruled(rules: list[Json], found: Rules) -> Rules:
    for rule in rules:
        found = found.and_also(replace(_RULES[rule["type"]](rule.get("parameters") or {}), protected=True))
    return found


def _pull_rule(wanted: Json) -> Rules:
    return Rules(
        pull=True,
        approvals=wanted.get("required_approving_review_count", 0),
        dismiss_stale=wanted.get("dismiss_stale_reviews_on_push", False),
        code_owners=wanted.get("require_code_owner_review", False),
        last_push=wanted.get("require_last_push_approval", False),
        conversations=wanted.get("required_review_thread_resolution", False),
        methods=frozenset(wanted.get("allowed_merge_methods") or ("merge", "squash", "rebase")),
    )


def _check_rule(wanted: Json) -> Rules:
    found = frozenset((each["context"], each.get("integration_id")) for each in wanted.get("required_status_checks", []))
    return Rules(checks=found, strict=wanted.get("strict_required_status_checks_policy", False))


_RULES: dict[str, Any] = {
    "pull_request": _pull_rule,
    "required_status_checks": _check_rule,
    "non_fast_forward": lambda _: Rules(forced=False),
    "deletion": lambda _: Rules(deletion=False),
    "required_linear_history": lambda _: Rules(linear=True),
    "merge_queue": lambda wanted: Rules(queue=wanted),
}
KNOWN_RULES = frozenset(_RULES)


def _covers(ruleset: Ruleset, branch: str) -> bool:
    names = ruleset.conditions.get("ref_name", {})

    def matches(pattern: str) -> bool:
        if pattern in {"~ALL", "~DEFAULT_BRANCH"}:
            return pattern == "~ALL" or branch == ruleset.repo.default_branch
        return fnmatch.fnmatchcase(f"refs/heads/{branch}", pattern)

    return any(map(matches, names.get("include", []))) and not any(map(matches, names.get("exclude", [])))


def _bypasses(github: GitHub, ruleset: Ruleset, by: Account) -> bool:
    role = github.standard(ruleset.repo, github.role(ruleset.repo, by))
    for actor in ruleset.bypass_actors:
        match actor["actor_type"]:
            case "RepositoryRole" if role != "none" and at_least(role, ROLES.get(actor["actor_id"], "admin")):
                return True
            case "Integration" if any(app.bot is by and app.id == actor["actor_id"] for app in github.apps.values()):
                return True
            case "User" if actor["actor_id"] == by.id:
                return True
            case "OrganizationAdmin" if by.id in ruleset.repo.owner.owners:
                return True
            case "Team" if by.id in github.teams[actor["actor_id"]].members:
                return True
    return False


@on_push
def guard(github: GitHub, update: RefUpdate, token: Token | None, clone: Clone) -> str | None:  # noqa: ARG001 -- the rule's form
    """Say why a protected branch may not move so."""
    if update.branch is None or update.before == ZERO:
        return None
    rules = rules_of(github, update.repo, update.branch, update.by)
    missing = unmet_checks(github, update.repo, update.after, rules)
    reasons = {
        "Cannot delete this branch": update.after == ZERO and not rules.deletion,
        "Cannot force-push to this branch": update.forced and update.after != ZERO and not rules.forced,
        "Changes must be made through a pull request.": rules.pull and update.after != ZERO,
        "Changes must be made through the merge queue": rules.queue is not None and update.after != ZERO,
        f"{len(missing)} of {len(rules.checks)} required status checks are expected.": bool(missing) and update.after != ZERO,
    }
    found = next((reason for reason, holds in reasons.items() if holds), None)
    return f"GH006: Protected branch update failed for {update.ref}. {found}" if found else None


def code_owners(clone: Clone, base: str, paths: list[str]) -> dict[str, list[str]]:
    """Return, for each path that has some, its owners by the CODEOWNERS file of the base."""
    places = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
    entries = [found for place in places if (found := clone.find(base, place))]
    if not entries:
        return {}
    lines = [line.split("#")[0].split() for line in clone.blob(entries[0].sha).decode(errors="replace").splitlines()]
    patterns = [(_glob(words[0]), words[1:]) for words in lines if words]
    owned = {path: next((owners for pattern, owners in reversed(patterns) if pattern.match(path)), []) for path in paths}
    return {path: owners for path, owners in owned.items() if owners}


def _glob(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    text = (
        re.escape(pattern.strip("/"))
        .replace(r"\*\*/", "(.*/)?")
        .replace(r"/\*\*", "/.*")
        .replace(r"\*", "[^/]*")
        .replace(r"\?", "[^/]")
    )
    end = "/" if pattern.endswith("/") else "$" if pattern.endswith("/*") else "(/|$)"
    return re.compile(("^" if anchored else "^(.*/)?") + text + end)
