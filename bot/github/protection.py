"""What protects a branch: classic branch protection and rulesets, read together as one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.github.errors import NotFound
from bot.github.repository import Repository


@dataclass(frozen=True)
class Protection:
    """The strictest of all that protects a branch."""

    required_checks: tuple[tuple[str, int | None], ...] = ()
    """Each required check and the App it must come from; None or -1 there means that any writer can forge it."""
    strict: bool = False
    """Whether a branch has to be up to date before it is merged."""
    required_reviews: int = 0
    dismiss_stale: bool = False
    require_code_owners: bool = False
    require_last_push: bool = False
    """Whether somebody else than the last pusher has to approve."""
    conversations: bool = False
    """Whether every conversation has to be resolved."""
    enforce_admins: bool = False
    """Whether administrators are bound too; rulesets bind everybody who is on no list of exceptions."""
    force_push: bool = True
    allow_bypass: bool | None = None
    """Whether somebody can go round it; None where GitHub does not let the App see the lists of exceptions."""
    bypass: tuple[str, ...] = ()
    """Who may go round it, as ``User:7`` or ``Team:reviewers``."""
    merge_queue: bool = False
    pull_required: bool = False
    sources: tuple[str, ...] = ()
    """``classic`` and ``ruleset:<id>``."""
    binding: Protection | None = None
    """What those of several sources ask for that nobody can go round, as far as the App sees; None where that is all, or nothing.

    Sources only ever add to each other: who may go round one is still bound by the others.
    """


async def of(repo: Repository, branch: str) -> Protection | None:
    """Return what protects a branch, or None where nothing does.

    Raises:
        Forbidden: the App may not read it; it needs ``administration: read``.
    """
    name = quote(branch, safe="")
    try:
        classic: Mapping[str, Any] | None = await repo.get(f"branches/{name}/protection")
    except NotFound:
        classic = None
    rules = [each async for each in repo.pages(f"rules/branches/{name}")]
    lists = {each: await _exceptions(repo, each) for each in sorted({int(rule["ruleset_id"]) for rule in rules})}
    return combined(classic, rules, lists)


async def _exceptions(repo: Repository, ruleset: int) -> tuple[str, ...] | None:
    """Return who may go round a ruleset, or None where the App may not see that."""
    try:
        told = await repo.get(f"rulesets/{ruleset}", includes_parents=True)
    except NotFound:
        return None
    listed = told.get("bypass_actors")
    return None if listed is None else tuple(f"{each['actor_type']}:{each.get('actor_id')}" for each in listed)


def combined(
    classic: Mapping[str, Any] | None, rules: Sequence[Mapping[str, Any]], lists: Mapping[int, tuple[str, ...] | None]
) -> Protection | None:
    """Return the two kinds of protection as one; ``lists`` has each ruleset's exceptions, None where they are hidden."""
    if classic is None and not rules:
        return None
    whole = _joined(classic, rules, lists)
    closed = {ruleset for ruleset, exceptions in lists.items() if exceptions == ()}
    bound = classic if classic is not None and not _classic(classic).allow_bypass else None
    kept = [each for each in rules if int(each["ruleset_id"]) in closed]
    if whole.allow_bypass is False or (bound is None and not kept):
        return whole
    return replace(whole, binding=_joined(bound, kept, dict.fromkeys(closed, ())))


def _joined(
    classic: Mapping[str, Any] | None, rules: Sequence[Mapping[str, Any]], lists: Mapping[int, tuple[str, ...] | None]
) -> Protection:
    """Return all these sources as one, the strictest of each."""
    found = _classic(classic) if classic is not None else Protection(enforce_admins=True, allow_bypass=False)
    for rule in rules:
        found = _with_rule(found, str(rule["type"]), rule.get("parameters") or {})
    for ruleset, exceptions in lists.items():
        found = _with_exceptions(replace(found, sources=(*found.sources, f"ruleset:{ruleset}")), exceptions)
    return found


def _classic(told: Mapping[str, Any]) -> Protection:
    checks, reviews = told.get("required_status_checks") or {}, told.get("required_pull_request_reviews") or {}
    admins = _on(told, "enforce_admins")
    excepted = _named(reviews.get("bypass_pull_request_allowances") or {})
    named = checks.get("checks")
    pinned = named if named is not None else [{"context": each} for each in checks.get("contexts") or ()]
    return Protection(
        required_checks=tuple((str(each["context"]), each.get("app_id")) for each in pinned),
        strict=bool(checks.get("strict")),
        required_reviews=int(reviews.get("required_approving_review_count") or 0),
        dismiss_stale=bool(reviews.get("dismiss_stale_reviews")),
        require_code_owners=bool(reviews.get("require_code_owner_reviews")),
        require_last_push=bool(reviews.get("require_last_push_approval")),
        conversations=_on(told, "required_conversation_resolution"),
        enforce_admins=admins,
        force_push=_on(told, "allow_force_pushes"),
        allow_bypass=not admins or bool(excepted),
        bypass=excepted if admins else ("administrators", *excepted),
        pull_required=bool(reviews),
        sources=("classic",),
    )


def _with_rule(found: Protection, kind: str, told: Mapping[str, Any]) -> Protection:
    if kind == "required_status_checks":
        named = tuple((str(each["context"]), each.get("integration_id")) for each in told.get("required_status_checks") or ())
        strict = found.strict or bool(told.get("strict_required_status_checks_policy"))
        return replace(found, required_checks=tuple(dict.fromkeys((*found.required_checks, *named))), strict=strict)
    if kind == "pull_request":
        return replace(
            found,
            pull_required=True,
            required_reviews=max(found.required_reviews, int(told.get("required_approving_review_count") or 0)),
            dismiss_stale=found.dismiss_stale or bool(told.get("dismiss_stale_reviews_on_push")),
            require_code_owners=found.require_code_owners or bool(told.get("require_code_owner_review")),
            require_last_push=found.require_last_push or bool(told.get("require_last_push_approval")),
            conversations=found.conversations or bool(told.get("required_review_thread_resolution")),
        )
    if kind == "non_fast_forward":
        return replace(found, force_push=False)
    return replace(found, merge_queue=True) if kind == "merge_queue" else found


def _with_exceptions(found: Protection, exceptions: tuple[str, ...] | None) -> Protection:
    if exceptions is None:
        return replace(found, allow_bypass=found.allow_bypass or None)
    return replace(found, allow_bypass=True if exceptions else found.allow_bypass, bypass=(*found.bypass, *exceptions))


def _on(told: Mapping[str, Any], key: str) -> bool:
    return bool((told.get(key) or {}).get("enabled"))


def _named(allowances: Mapping[str, Any]) -> tuple[str, ...]:
    users = tuple(f"User:{each['id']}" for each in allowances.get("users") or ())
    teams = tuple(f"Team:{each['slug']}" for each in allowances.get("teams") or ())
    apps = tuple(f"App:{each['slug']}" for each in allowances.get("apps") or ())
    return users + teams + apps
