"""Repositories: made, forked, read and set; their branches and their history."""

from __future__ import annotations

from tests.doubles.github.accounts import Account
from tests.doubles.github.events import emit
from tests.doubles.github.repository import DEFAULT_LABELS, Label, Repository
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Forbidden, invalid

SETTINGS = (
    "allow_merge_commit",
    "allow_squash_merge",
    "allow_rebase_merge",
    "allow_auto_merge",
    "allow_update_branch",
    "allow_forking",
    "delete_branch_on_merge",
    "has_issues",
)
NOT_IN_FORKEE = {"has_discussions", "has_pull_requests", "pull_request_creation_policy"}


def new_repository(
    github: GitHub, owner: Account, name: str, *, private: bool = False, parent: Repository | None = None
) -> Repository:
    """Make a repository with GitHub's default labels."""
    made = github.add_repository(owner, name, private=private, parent=parent)
    for label, color in DEFAULT_LABELS.items():
        made.labels[label] = Label(github.number(), label, color, default=True)
    emit(github, "repository", "created", {}, repo=made, sender=owner)
    return made


@route("GET", "/repos/{owner}/{repo}", needs={"metadata": "read"})
async def repository(call: Call) -> Json:
    return call.shapes.full_repository(call.repo, call.caller.account)


@route("GET", "/user/repos", who="person")
async def my_repositories(call: Call) -> Answer:
    seen = [repo for repo in call.github.repositories.values() if _mine(call, repo)]
    return call.page(seen, lambda repo: call.shapes.repository(repo, call.actor))


def _mine(call: Call, repo: Repository) -> bool:
    me = call.actor.id
    return me == repo.owner.id or me in repo.collaborators or me in repo.owner.members


@route("GET", "/users/{login}/repos", who="anyone")
@route("GET", "/orgs/{login}/repos", who="anyone")
async def repositories_of(call: Call) -> Answer:
    owner = call.github.account(call.match["login"])
    account = call.caller.account
    seen = [
        repo
        for repo in call.github.repositories.values()
        if repo.owner is owner and (not repo.private or (account and call.github.role(repo, account) != "none"))
    ]
    return call.page(seen, lambda repo: call.shapes.repository(repo, account))


@route("POST", "/user/repos", who="person")
async def add_repository(call: Call) -> Answer:
    name = call.text("name", "Repository")
    if call.github.find_repository(call.actor.login, name):
        raise invalid("Repository", "name", "custom", "name already exists on this account")
    made = new_repository(call.github, call.actor, name, private=bool(call.data.get("private", False)))
    return Answer(201, call.shapes.full_repository(made, call.actor))


@route("PATCH", "/repos/{owner}/{repo}", needs={"administration": "write"})
async def change_repository(call: Call) -> Json:
    repo = call.repo
    for name in SETTINGS:
        if name in call.data:
            setattr(repo.settings, name, bool(call.data[name]))
    if "default_branch" in call.data:
        if call.data["default_branch"] not in repo.clone.branches():
            raise invalid("Repository", "default_branch", "invalid", "The branch was not found.")
        repo.default_branch = call.data["default_branch"]
        repo.clone.git("symbolic-ref", "HEAD", f"refs/heads/{repo.default_branch}")
    repo.private = bool(call.data.get("private", repo.private))
    repo.description = call.data.get("description", repo.description)
    if call.data.get("archived", repo.archived) != repo.archived:
        repo.archived = bool(call.data["archived"])
        action = "archived" if repo.archived else "unarchived"
        emit(call.github, "repository", action, {}, repo=repo, sender=call.actor)
    return call.shapes.full_repository(repo, call.actor)


@route("DELETE", "/repos/{owner}/{repo}", needs={"administration": "write"})
async def delete_repository(call: Call) -> Answer:
    emit(call.github, "repository", "deleted", {}, repo=call.repo, sender=call.actor)
    del call.github.repositories[call.repo.id]
    return NO_CONTENT


@route("POST", "/repos/{owner}/{repo}/forks", needs={"administration": "write", "contents": "read"}, person="read")
async def fork(call: Call) -> Answer:
    if not call.repo.settings.allow_forking:
        raise Forbidden("The repository exists, but forking is disabled.")
    owner = call.github.account(call.data["organization"]) if call.data.get("organization") else call.actor
    name = call.data.get("name") or call.repo.name
    made = call.github.find_repository(owner.login, name)
    if not made:
        made = new_repository(call.github, owner, name, private=call.repo.private, parent=call.repo)
        made.default_branch = call.repo.default_branch
        made.clone.git("symbolic-ref", "HEAD", f"refs/heads/{made.default_branch}")
        forkee = call.shapes.repository(made)
        payload = {"forkee": {key: value for key, value in forkee.items() if key not in NOT_IN_FORKEE}}
        emit(call.github, "fork", None, payload, repo=call.repo, sender=call.actor)
    return Answer(202, call.shapes.full_repository(made, owner))


@route("GET", "/repos/{owner}/{repo}/forks", needs={"metadata": "read"})
async def forks(call: Call) -> Answer:
    found = [repo for repo in call.github.repositories.values() if repo.parent is call.repo]
    return call.page(found, call.shapes.repository)


@route("GET", "/repos/{owner}/{repo}/languages", needs={"metadata": "read"})
async def languages(call: Call) -> Json:
    head = call.repo.clone.ref(f"refs/heads/{call.repo.default_branch}")
    entries = call.repo.clone.entries(head, deep=True) if head else []
    size = sum(entry.size or 0 for entry in entries if entry.path.endswith(".py"))
    return {"Python": size} if size else {}


@route("GET", "/repos/{owner}/{repo}/topics", needs={"metadata": "read"})
async def topics(_call: Call) -> Json:
    return {"names": []}


@route("GET", "/rate_limit", who="anyone")
async def rate_limit(call: Call) -> Json:
    from tests.doubles.github.limits import Limits  # noqa: PLC0415 - the counters need the callers, which are defined beside routes

    limits = call.github.room(Limits)
    found = {}
    for resource in ("core", "graphql"):
        counter = limits.counter(call.github, call.caller, resource)
        left = max(limits.primary - counter.used, 0)
        found[resource] = {"limit": limits.primary, "used": counter.used, "remaining": left, "reset": counter.reset}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": found["core"]["reset"]}
    return {"resources": {**found, "search": search}, "rate": found["core"]}


@route("GET", "/meta", who="anyone")
async def meta(_call: Call) -> Json:
    return {"verifiable_password_authentication": False}
