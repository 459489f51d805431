"""The conversations on a pull request's changed lines that nobody has resolved; GitHub's API calls them review threads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.github.repository import Repository
from bot.ids import Login

MOST_PAGES: Final = 10
"""Pages of a hundred conversations that are read."""
_ASK: Final = """query ReviewThreads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { isResolved isOutdated path line comments(first: 1) { nodes { url author { login } } } }
      }
    }
  }
}"""
_ANCHOR: Final = re.compile(r"#discussion_r[0-9]+\Z")


@dataclass(frozen=True)
class ReviewThread:
    """One conversation that is open; its path and who began it are a stranger's words."""

    path: str
    line: int | None
    """None where it is about a whole file, or about a line that is no longer there."""
    outdated: bool
    """Whether what it is about has changed since."""
    starter: Login
    page: str
    """Where people see and resolve it; of what GitHub told, only a number is in it."""


@dataclass(frozen=True)
class OpenThreads:
    """The conversations of a pull request that are open, oldest first."""

    threads: tuple[ReviewThread, ...] = ()
    whole: bool = True
    """Whether all were read; False where there are more than anybody reads."""


NONE_OPEN: Final = OpenThreads()


async def unresolved(repo: Repository, number: int) -> OpenThreads:
    """Return the conversations that nobody has resolved yet.

    Raises:
        Unprocessable: the App may not read them; it needs ``pull_requests: read``.
    """
    owner, _, name = repo.name.partition("/")
    found: list[ReviewThread] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        told = await repo.client.graphql(_ASK, owner=owner, name=name, number=number, after=after)
        page = told["repository"]["pullRequest"]["reviewThreads"]
        found += [_thread(repo, number, each) for each in page["nodes"] if not each["isResolved"]]
        if not page["pageInfo"]["hasNextPage"]:
            return OpenThreads(tuple(found))
        after = page["pageInfo"]["endCursor"]
    return OpenThreads(tuple(found), whole=False)


def _thread(repo: Repository, number: int, told: Mapping[str, Any]) -> ReviewThread:
    first: Mapping[str, Any] = next(iter(told["comments"]["nodes"]), {})
    anchor = _ANCHOR.search(str(first.get("url") or ""))
    return ReviewThread(
        path=str(told["path"]),
        line=told["line"],
        outdated=told["isOutdated"] is True,
        starter=Login(str((first.get("author") or {}).get("login") or "ghost")),
        page=f"{repo.pull_page(number)}{anchor[0] if anchor else '/files'}",
    )
