"""Commit statuses: what services without an App say of a commit, one word a context; the newest counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.doubles.github.accounts import Account, node_id
from tests.doubles.github.check import settled
from tests.doubles.github.commits import full_commit, read
from tests.doubles.github.events import emit
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json, stamp
from tests.doubles.github.wrong import NotFound, Unprocessable, invalid

READ, WRITE = {"statuses": "read"}, {"statuses": "write"}
STATES = ("error", "failure", "pending", "success")
LONGEST = 140
"""Characters of a description."""


@dataclass(frozen=True)
class Status:
    """One word about a commit."""

    id: int
    repo: Repository
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: Account
    at: datetime


class Statuses:
    """All that was said, in order."""

    def __init__(self) -> None:
        self.said: list[Status] = []

    def of_commit(self, repo: Repository, sha: str) -> list[Status]:
        """Return all that was said of a commit, newest first."""
        return [each for each in reversed(self.said) if each.repo is repo and each.sha == sha]

    def latest(self, repo: Repository, sha: str) -> dict[str, Status]:
        """Return the newest word of each context; contexts are alike whatever their case."""
        return {each.context.casefold(): each for each in reversed(self.of_commit(repo, sha))}


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}", needs=WRITE)
async def create(call: Call) -> Answer:
    sha, state, description = call.match["sha"], call.data.get("state"), call.data.get("description")
    if call.repo.clone.kind(sha) != "commit":
        raise Unprocessable(f"No commit found for SHA: {sha}")
    if state not in STATES:
        raise invalid("Status", "state", "custom", "state is not included in the list")
    if description is not None and len(description) > LONGEST:
        raise invalid("Status", "description", "custom", f"description is too long (maximum is {LONGEST} characters)")
    words = (str(call.data.get("context") or "default"), state, description, call.data.get("target_url"))
    made = Status(call.github.number(), call.repo, sha, *words, call.actor, call.github.now())
    call.github.room(Statuses).said.append(made)
    emit(call.github, "status", None, _hook(call, made), repo=call.repo, sender=call.actor)
    await settled(call.github, call.repo, sha)
    return Answer(201, _shape(call, made))


@route("GET", "/repos/{owner}/{repo}/commits/{ref*}/statuses", needs=READ)
async def all_of_commit(call: Call) -> Answer:
    found = call.github.room(Statuses).of_commit(call.repo, _commit(call))
    return call.page(found, lambda each: _shape(call, each))


@route("GET", "/repos/{owner}/{repo}/commits/{ref*}/status", needs=READ)
async def combined(call: Call) -> Answer:
    sha = _commit(call)
    latest = list(call.github.room(Statuses).latest(call.repo, sha).values())
    page = call.page(latest, lambda each: _simple(call, each), wrap="statuses")
    url = call.urls.repo(call.repo)
    whole = {
        **page.body,
        "state": _whole({each.state for each in latest}),
        "sha": sha,
        "repository": call.shapes.repository(call.repo),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }
    return Answer(200, whole, page.headers)


def _whole(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def _commit(call: Call) -> str:
    found = call.repo.clone.resolve(call.match["ref"])
    if found is None:
        raise NotFound
    return found


def _simple(call: Call, said: Status) -> Json:
    return {
        "url": f"{call.urls.repo(said.repo)}/statuses/{said.sha}",
        "avatar_url": call.shapes.account(said.creator)["avatar_url"],
        "id": said.id,
        "node_id": node_id("SC", said.id),
        "state": said.state,
        "description": said.description,
        "target_url": said.target_url,
        "context": said.context,
        "created_at": stamp(said.at),
        "updated_at": stamp(said.at),
    }


def _shape(call: Call, said: Status) -> Json:
    return _simple(call, said) | {"creator": call.shapes.account(said.creator)}


def _hook(call: Call, said: Status) -> Json:
    url = call.urls.repo(said.repo)
    heads = [name for name, head in said.repo.clone.branches().items() if head == said.sha]
    return {
        **{name: value for name, value in _simple(call, said).items() if name not in {"url", "node_id"}},
        "sha": said.sha,
        "name": said.repo.full_name,
        "commit": _hook_commit(call, said),
        "branches": [
            {"name": name, "commit": {"sha": said.sha, "url": f"{url}/commits/{said.sha}"}, "protected": False} for name in heads
        ],
    }


def _hook_commit(call: Call, said: Status) -> Json:
    """Return the commit, its people as this event has them."""
    whole = full_commit(call.shapes, said.repo, read(said.repo.clone, said.sha))
    for role in ("author", "committer"):
        whole[role] = {name: value for name, value in (whole[role] or {}).items() if name != "user_view_type"} or None
    return whole
