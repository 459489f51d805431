"""A pull request changed through the issues API: labelled, assigned, edited, closed; it is told as ``pull_request``."""

from __future__ import annotations

from typing import Any

from tests.doubles.github.accounts import Account
from tests.doubles.github.pull import Pulls, close, reopen, tell
from tests.doubles.github.repository import Issue
from tests.doubles.github.state import GitHub, on_pull_as_issue


@on_pull_as_issue
async def follow(github: GitHub, issue: Issue, action: str, extra: dict[str, Any], by: Account) -> None:
    """Do to the pull request what was done to its issue, and tell it."""
    pull = github.room(Pulls).get(issue.repo, issue.number)
    assert pull, "an issue that is a pull request has one"
    if action == "closed":
        await close(github, pull, by)
    elif action == "reopened":
        await reopen(github, pull, by)
    else:
        tell(github, pull, action, by, **extra)
