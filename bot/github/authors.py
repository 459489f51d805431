"""Whose work a pull request holds: who pushed its commits, and whom these name as author, committer or co-author.

A commit names whom its maker likes, so GitHub's own record of pushes counts beside it. Where neither that nor GitHub's signature
says whose a commit is, nobody can be told apart from its author, and ``unknown`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from bot.change.move import Move
from bot.errors import Refused
from bot.github import activity, pulls
from bot.github.pulls import CommitFacts, Pull
from bot.github.repository import Repository
from bot.ids import Login, Sha

_TRAILER: Final = re.compile(r"^co-authored-by:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NOREPLY: Final = re.compile(r"<(\d+)\+([A-Za-z0-9_-]+(?:\[bot\])?)@users\.noreply\.[A-Za-z0-9.-]+>\Z")
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


_PUBLIC: Final = "https://github.com"
_ADDRESS: Final = re.compile(r"<([^<>]*)>\Z")


@dataclass(frozen=True)
class Authors:
    """Accounts by id, and those that no account was found for, as ``Name <address>``."""

    accounts: tuple[tuple[int, Login], ...]
    strangers: tuple[str, ...]
    unknown: str = ""
    """Why it cannot be told whose work it is, and what to do; empty where it can."""


@dataclass(frozen=True)
class Named:
    """Whom commits name: accounts by id, and by address those whose account the commits do not show."""

    accounts: Mapping[int, Login]
    strangers: Mapping[str, str]


async def of(repo: Repository, pull: Pull, told: Iterable[Move] = ()) -> Authors:
    """Return everybody who pushed, wrote or committed any part of a pull request; ``told`` are moves that webhooks told of.

    Only where commits name people by an ordinary address GitHub is asked whose that is.
    """
    commits = await pulls.commits(repo, pull.number)
    githubs = own_addresses(repo.app.server_url)
    named = named_by(commits, githubs)
    accounts, strangers = dict(named.accounts), dict(named.strangers)
    if strangers:
        asked, matched = await _asked(repo, pull.number)
        accounts |= asked.accounts
        strangers = {each: who for each, who in {**strangers, **asked.strangers}.items() if each not in matched}
    found = activity.movers(pull.head, (*await activity.of(repo, pull.head_branch), *told))
    bot = (await repo.app.me()).bot_id
    own = frozenset(each.sha for each in commits if each.verified and each.author_id == bot and each.committer_email in githubs)
    lost = next((each for each in found.lost if not _is_apps_own(each, commits, own)), None)
    return Authors(
        tuple(sorted({**accounts, **dict(found.accounts)}.items())),
        tuple(sorted(strangers.values())),
        _unknown(lost, pull.head_branch) if lost else "",
    )


def own_addresses(server_url: str) -> frozenset[str]:
    """Return the addresses under which GitHub itself commits what is made through its pages and its API."""
    return frozenset(f"noreply@{urlsplit(each).hostname}" for each in (_PUBLIC, server_url))


def noreply(account: int, login: str, server_url: str) -> str:
    """Return the address that GitHub keeps for an account, so that nobody's own has to be known."""
    return f"{account}+{login}@users.noreply.{urlsplit(server_url).hostname}"


async def apps_addresses(repo: Repository) -> frozenset[str]:
    """Return the addresses under which commits are committed that the App makes through the API: GitHub's, or its own.

    Anybody may write them into a commit: what they are on is known by whose push it came with.
    """
    me = await repo.app.me()
    own = {noreply(me.bot_id, me.bot_login, each) for each in (_PUBLIC, repo.app.server_url)}
    return own_addresses(repo.app.server_url) | own


def named_by(commits: Iterable[CommitFacts], githubs: frozenset[str]) -> Named:
    """Return the accounts that commits show by themselves, and who else they name.

    GitHub's own address, one of ``githubs``, is a committer's name that anybody may use: it stands for nobody only under
    GitHub's signature.
    """
    accounts: dict[int, Login] = {}
    strangers: dict[str, str] = {}
    for each in commits:
        for account, login, name, address in _people(each, githubs):
            if account is not None and address not in githubs:
                accounts[account] = login
            elif address:
                strangers[address.casefold()] = f"{name} <{address}>"
        for trailer in _TRAILER.findall(each.message):
            known = _NOREPLY.search(trailer)
            if known:
                accounts[int(known[1])] = Login(known[2])
            else:
                strangers[_address(trailer)] = trailer
    return Named(accounts, strangers)


def _people(commit: CommitFacts, githubs: frozenset[str]) -> Iterator[tuple[int | None, Login, str, str]]:
    """Yield account, login, name and address of a commit's author, and of its committer unless that is GitHub itself."""
    yield commit.author_id, commit.author_login, commit.author_name, commit.author_email
    if not (commit.verified and commit.committer_email in githubs):
        yield commit.committer_id, commit.committer_login, commit.committer_name, commit.committer_email


def _address(trailer: str) -> str:
    """Return what tells a co-author from others: his address, or all of the trailer where it has none."""
    found = _ADDRESS.search(trailer)
    return (found[1] if found else trailer).casefold()


def _is_apps_own(tip: Sha, commits: Iterable[CommitFacts], own: frozenset[Sha]) -> bool:
    """Tell whether every commit up to ``tip`` is one of ``own``: made by the App through the API, as GitHub's signature says."""
    there = {each.sha: each for each in commits}
    ahead, seen = [tip], {tip}
    while ahead:
        at = there.get(ahead.pop())
        if at is None or at.sha not in own:
            return False
        below = {each for each in at.parents if each in there} - seen
        ahead += below
        seen |= below
    return True


def _unknown(lost: Sha, branch: str) -> str:
    return (
        f"GitHub does not say who pushed {lost[:12]} to {branch}, so nobody's approval can be told from its author's;"
        " look again in some minutes, or close the pull request and ask anew"
    )


async def _asked(repo: Repository, number: int) -> tuple[Named, frozenset[str]]:
    """Return what GitHub makes of the commits' authors and co-authors, and the addresses that it knows accounts for."""
    accounts: dict[int, Login] = {}
    strangers: dict[str, str] = {}
    matched: set[str] = set()
    after: str | None = None
    owner, _, name = repo.name.partition("/")
    while True:
        told = await repo.client.graphql(_ASK, owner=owner, name=name, number=number, after=after)
        page = told["repository"]["pullRequest"]["commits"]
        for each in [each for node in page["nodes"] for each in _authors(node["commit"]["authors"])]:
            user, address = each.get("user") or {}, str(each.get("email") or "")
            if user.get("databaseId"):
                accounts[int(user["databaseId"])] = Login(str(user["login"]))
                matched.add(address.casefold())
            else:
                strangers[address.casefold()] = f"{each.get('name') or ''} <{address}>"
        if not page["pageInfo"]["hasNextPage"]:
            return Named(accounts, strangers), frozenset(matched)
        after = page["pageInfo"]["endCursor"]


def _authors(told: dict[str, Any]) -> list[dict[str, Any]]:
    if told["totalCount"] > len(told["nodes"]):
        raise Refused(f"a commit names {told['totalCount']} authors, more than GitHub lists: whose work it is cannot be told")
    found: list[dict[str, Any]] = told["nodes"]
    return found
