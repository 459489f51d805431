"""Whose work a pull request holds: authors, committers and co-authors of its commits, as accounts where GitHub knows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from bot.errors import Refused
from bot.github import pulls
from bot.github.pulls import CommitFacts
from bot.github.repository import Repository
from bot.ids import Login

_TRAILER: Final = re.compile(r"^co-authored-by:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NOREPLY: Final = re.compile(r"<(\d+)\+([A-Za-z0-9-]+(?:\[bot\])?)@users\.noreply\.[A-Za-z0-9.-]+>\Z")
_ASK: Final = """query Authors($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      commits(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { commit { authors(first: 100) { totalCount nodes { name email user { databaseId login } } } } }
      }
    }
  }
}"""


@dataclass(frozen=True)
class Authors:
    """Accounts by id, and those that no account was found for, as ``Name <address>``."""

    accounts: tuple[tuple[int, Login], ...]
    strangers: tuple[str, ...]


async def of(repo: Repository, number: int) -> Authors:
    """Return everybody who wrote or committed any part of a pull request.

    Only where commits name co-authors by an ordinary address GitHub is asked whose that is.
    """
    accounts, strangers = named_by(await pulls.commits(repo, number))
    if strangers:
        more, strangers = await _asked(repo, number)
        accounts = {**accounts, **more}
    return Authors(tuple(sorted(accounts.items())), tuple(sorted(strangers)))


def named_by(commits: Iterable[CommitFacts]) -> tuple[dict[int, Login], set[str]]:
    """Return the accounts that commits show by themselves, and who else they name."""
    accounts: dict[int, Login] = {}
    strangers: set[str] = set()
    for each in commits:
        for account, login, address in (
            (each.author_id, each.author_login, each.author_email),
            (each.committer_id, each.committer_login, each.committer_email),
        ):
            if account is not None:
                accounts[account] = login
            elif address and not address.startswith("noreply@"):  # GitHub's own, where it made the commit
                strangers.add(f"<{address}>")
        for trailer in _TRAILER.findall(each.message):
            known = _NOREPLY.search(trailer)
            if known:
                accounts[int(known[1])] = Login(known[2])
            else:
                strangers.add(trailer)
    return accounts, strangers


async def _asked(repo: Repository, number: int) -> tuple[dict[int, Login], set[str]]:
    """Return what GitHub makes of the commits' authors and co-authors."""
    accounts: dict[int, Login] = {}
    strangers: set[str] = set()
    after: str | None = None
    owner, _, name = repo.name.partition("/")
    while True:
        told = await repo.client.graphql(_ASK, owner=owner, name=name, number=number, after=after)
        page = told["repository"]["pullRequest"]["commits"]
        for node in page["nodes"]:
            _take(node["commit"]["authors"], accounts, strangers)
        if not page["pageInfo"]["hasNextPage"]:
            return accounts, strangers
        after = page["pageInfo"]["endCursor"]


def _take(authors: dict[str, Any], accounts: dict[int, Login], strangers: set[str]) -> None:
    if authors["totalCount"] > len(authors["nodes"]):
        raise Refused(f"a commit names {authors['totalCount']} authors, more than GitHub lists: whose work it is cannot be told")
    for each in authors["nodes"]:
        user = each.get("user") or {}
        if user.get("databaseId"):
            accounts[int(user["databaseId"])] = Login(str(user["login"]))
        else:
            strangers.add(f"{each.get('name') or ''} <{each.get('email') or ''}>")
