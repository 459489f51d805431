"""Branch protection: both kinds read as one, and whatever cannot be seen is never taken for safe."""

from __future__ import annotations

from typing import Any

import pytest

from bot.github.protection import Protection, combined, of
from tests.github.hosted import Hosted

CLASSIC: dict[str, Any] = {
    "required_status_checks": {"strict": True, "contexts": ["pawl"], "checks": [{"context": "pawl", "app_id": 7}]},
    "required_pull_request_reviews": {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews": True,
        "require_code_owner_reviews": False,
        "require_last_push_approval": True,
    },
    "enforce_admins": {"enabled": True},
    "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": False},
}
REVIEWS = {"type": "pull_request", "ruleset_id": 9, "parameters": {"required_approving_review_count": 2}}
CHECKS = {
    "type": "required_status_checks",
    "ruleset_id": 9,
    "parameters": {"required_status_checks": [{"context": "pawl", "integration_id": 7}, {"context": "ci"}]},
}


def test_nothing_is_no_protection() -> None:
    assert combined(None, [], {}) is None


def test_classic_protection_is_read_whole() -> None:
    assert combined(CLASSIC, [], {}) == Protection(
        required_checks=(("pawl", 7),),
        strict=True,
        required_reviews=1,
        dismiss_stale=True,
        require_last_push=True,
        enforce_admins=True,
        force_push=False,
        allow_bypass=False,
        pull_required=True,
        sources=("classic",),
    )


def test_administrators_who_are_not_bound_can_go_round_it() -> None:
    found = combined(CLASSIC | {"enforce_admins": {"enabled": False}}, [], {})
    assert found is not None
    assert found.allow_bypass is True
    assert found.bypass == ("administrators",)


def test_the_strictest_of_both_kinds_counts() -> None:
    found = combined(CLASSIC, [REVIEWS, CHECKS, {"type": "merge_queue", "ruleset_id": 9}], {9: ()})
    assert found is not None
    assert found.required_reviews == 2
    assert found.required_checks == (("pawl", 7), ("ci", None))
    assert found.merge_queue
    assert found.allow_bypass is False
    assert found.sources == ("classic", "ruleset:9")


def test_a_ruleset_alone_protects_and_forbids_what_it_names() -> None:
    found = combined(None, [{"type": "non_fast_forward", "ruleset_id": 9}, {"type": "deletion", "ruleset_id": 9}], {9: ()})
    assert found is not None
    assert (found.force_push, found.allow_bypass) == (False, False)


@pytest.mark.parametrize(("exceptions", "bypass"), [((), False), (("RepositoryRole:5",), True), (None, None)])
def test_hidden_exceptions_are_not_taken_for_none(exceptions: tuple[str, ...] | None, bypass: bool | None) -> None:
    found = combined(None, [REVIEWS], {9: exceptions})
    assert found is not None
    assert found.allow_bypass is bypass


def test_a_known_way_round_stays_known_beside_a_hidden_list() -> None:
    found = combined(None, [REVIEWS], {8: ("Team:1",), 9: None})
    assert found is not None
    assert found.allow_bypass is True


def test_what_nobody_can_go_round_is_told_apart_from_what_is_hidden() -> None:
    found = combined(CLASSIC, [REVIEWS, CHECKS], {9: None})
    assert found is not None
    assert found.allow_bypass is None
    assert found.binding == combined(CLASSIC, [], {})
    visible = {**CHECKS, "ruleset_id": 8}
    beside = combined(CLASSIC | {"enforce_admins": {"enabled": False}}, [REVIEWS, visible], {8: (), 9: ("Team:1",)})
    assert beside is not None
    assert beside.binding == combined(None, [visible], {8: ()})
    alone = combined(None, [REVIEWS], {9: None})
    assert alone is not None
    assert alone.binding is None


async def test_what_a_repository_is_protected_by_is_read_from_github(hosted: Hosted) -> None:
    assert await of(hosted.repo, "main") is None
    wanted = {
        "required_status_checks": {"strict": False, "contexts": [], "checks": [{"context": "pawl", "app_id": hosted.facts.id}]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    hosted.owner.ask("PUT", f"/repos/{hosted.name}/branches/main/protection", wanted)
    found = await of(hosted.repo, "main")
    assert found is not None
    assert found.required_checks == (("pawl", hosted.facts.id),)
    assert (found.required_reviews, found.enforce_admins, found.force_push, found.allow_bypass) == (1, True, False, False)


async def test_a_ruleset_of_a_repository_is_found_with_its_exceptions(hosted: Hosted) -> None:
    wanted = {
        "name": "main",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "deletion"}, {"type": "non_fast_forward"}],
    }
    hosted.owner.ask("POST", f"/repos/{hosted.name}/rulesets", wanted)
    found = await of(hosted.repo, "main")
    assert found is not None
    assert not found.force_push
    assert found.sources[0].startswith("ruleset:")
