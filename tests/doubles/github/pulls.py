"""Pull requests over REST: open, list, read, edit, close, merge; their commits and files."""

from __future__ import annotations

from typing import Any

from tests.doubles.github import pull_shapes
from tests.doubles.github.automerge import Way, disarm, merge_now
from tests.doubles.github.commits import full_commit, read
from tests.doubles.github.events import emit
from tests.doubles.github.merging import Conflicts, Wanted, merge
from tests.doubles.github.pull import BODY, TITLE, Proposal, Pull, Pulls, changed, close, propose, reopen, tell
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.standing import base_now, may_write
from tests.doubles.github.wrong import Forbidden, NotFound, Unprocessable, Wrong, invalid

READ, WRITE = {"pull_requests": "read"}, {"pull_requests": "write"}
AT = "/repos/{owner}/{repo}/pulls"
STRANGER = (
    "Reviews may only be requested from collaborators. "
    "One or more of the users or teams you specified is not a collaborator of the repository."
)
MEDIA = {"diff": "diff", "patch": "patch"}


@route("POST", AT, needs=WRITE, person="read")
async def add(call: Call) -> Answer:
    title, base, head = call.text("title", "PullRequest"), call.text("base", "PullRequest"), call.text("head", "PullRequest")
    _sized(call.data)
    head_repo, branch = _head(call, head)
    if base not in call.repo.clone.branches():
        raise invalid("PullRequest", "base")
    if branch not in head_repo.clone.branches():
        raise invalid("PullRequest", "head")
    _refuse_twins(call, base, head_repo, branch)
    _refuse_nothing(call, base, head_repo, branch)
    draft, modify = call.data.get("draft") is True, call.data.get("maintainer_can_modify", True) is True
    wanted = Proposal(title, call.data.get("body"), base, head_repo, branch, draft, modify)
    made = await propose(call.github, call.repo, wanted, call.actor, call.by_app)
    return Answer(201, _long(call, made))


@route("GET", AT, needs=READ)
async def every(call: Call) -> Answer:
    query = call.query
    found = call.github.room(Pulls).every(call.repo)
    if query.get("state", "open") != "all":
        found = [pull for pull in found if pull.issue.state == query.get("state", "open")]
    if "base" in query:
        found = [pull for pull in found if pull.base_branch == query["base"]]
    if "head" in query and ":" in query["head"]:
        found = [pull for pull in found if f"{pull.head_repo.owner.login}:{pull.head_branch}" == query["head"]]
    by_update = query.get("sort") == "updated"
    found.sort(key=lambda pull: (pull.issue.updated_at if by_update else pull.issue.created_at, pull.number))
    if query.get("direction", "asc" if query.get("sort") in {"updated", "popularity"} else "desc") == "desc":
        found.reverse()
    return call.page(found, lambda pull: _short(call, pull))


@route("GET", f"{AT}/{{number}}", needs=READ)
async def get(call: Call) -> Any:
    pull = pull_of(call)
    kind = next((kind for kind in MEDIA if kind in call.request.headers.get("Accept", "")), None)
    if kind:
        start = pull.repo.clone.text("merge-base", base_now(pull), pull.head_sha)
        words = ["diff", start, pull.head_sha] if kind == "diff" else ["format-patch", "--stdout", f"{start}..{pull.head_sha}"]
        return Answer(raw=pull.repo.clone.git(*words), kind=f"application/vnd.github.v3.{kind}; charset=utf-8")
    return _long(call, pull)


@route("PATCH", f"{AT}/{{number}}", needs=WRITE, person="read")
async def edit(call: Call) -> Json:
    pull, issue = pull_of(call), pull_of(call).issue
    if call.actor is not issue.user and not may_write(call.github, pull, call.actor):
        raise Forbidden("Must have admin rights to Repository.")
    _sized(call.data)
    changes: Json = {}
    for name in ("title", "body"):
        before = getattr(issue, name)
        if name in call.data and call.data[name] != before:
            changes[name] = {"from": before or ""}
            setattr(issue, name, call.data[name])
    if call.data.get("base", pull.base_branch) != pull.base_branch:
        changes["base"] = _rebase_onto(call, pull, call.data["base"])
    issue.updated_at = call.github.now()
    pull.maintainer_can_modify = call.data.get("maintainer_can_modify", pull.maintainer_can_modify)
    if changes:
        tell(call.github, pull, "edited", call.actor, changes=changes)
    await _state(call, pull, call.data.get("state", issue.state))
    if "base" in changes:
        await changed(call.github, pull)
    return _long(call, pull)


@route("GET", f"{AT}/{{number}}/commits", needs=READ)
async def commits(call: Call) -> Answer:
    pull = pull_of(call)
    return call.page(pull_shapes.commits(pull)[:250], lambda sha: full_commit(call.shapes, call.repo, read(pull.repo.clone, sha)))


@route("GET", f"{AT}/{{number}}/files", needs=READ)
async def files(call: Call) -> Answer:
    return call.page(pull_shapes.files(call.shapes, pull_of(call))[:3000])


@route("GET", f"{AT}/{{number}}/merge", needs=READ)
async def is_merged(call: Call) -> Answer:
    if not pull_of(call).merged:
        raise NotFound
    return Answer(204)


@route("PUT", f"{AT}/{{number}}/merge", needs={"contents": "write"})
async def merge_pull(call: Call) -> Json:
    pull = pull_of(call)
    if pull.merged or not pull.open:
        raise Wrong("Pull Request is not mergeable", status=405)
    data = call.data or {}
    method = data.get("merge_method", "merge")
    if method not in {"merge", "squash", "rebase"}:
        raise invalid("PullRequest", "merge_method")
    way = Way(method, data.get("commit_title"), data.get("commit_message"))
    sha = await merge_now(call.github, pull, call.actor, way, data.get("sha"))
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@route("PUT", f"{AT}/{{number}}/update-branch", needs=WRITE)
async def update_branch(call: Call) -> Answer:
    pull = pull_of(call)
    if call.data.get("expected_head_sha", pull.head_sha) != pull.head_sha:
        raise Unprocessable("expected head sha didn't match current head ref.")
    message = f"Merge branch '{pull.base_branch}' into {pull.head_branch}"
    try:
        sha = merge(call.github, pull.repo.clone, Wanted(pull.head_sha, base_now(pull), call.actor, message))
    except Conflicts:
        raise Unprocessable("merge conflict between base and head") from None
    if pull.fork:
        pull.head_repo.clone.git("fetch", "--quiet", str(pull.repo.clone.path), sha)
    await move(call.github, pull.head_repo, f"refs/heads/{pull.head_branch}", sha, call.actor, ruled=False)
    url = f"{call.urls.page(pull.repo)}/pull/{pull.number}"
    return Answer(202, {"message": "Updating pull request branch.", "url": url})


@route("GET", f"{AT}/{{number}}/requested_reviewers", needs=READ)
async def requested(call: Call) -> Json:
    return {"users": [call.shapes.account(one) for one in pull_of(call).requested], "teams": []}


@route("POST", f"{AT}/{{number}}/requested_reviewers", needs=WRITE)
async def request(call: Call) -> Answer:
    pull = pull_of(call)
    for login in call.data.get("reviewers", []):
        account = call.github.find_account(login)
        if not account or call.github.role(call.repo, account) == "none":
            raise Unprocessable(STRANGER)
        if account is pull.issue.user:
            raise Unprocessable("Review cannot be requested from pull request author.")
        if account not in pull.requested:
            pull.requested.append(account)
            _tell_request(call, pull, "review_requested", account.login)
    return Answer(201, _short(call, pull))


@route("DELETE", f"{AT}/{{number}}/requested_reviewers", needs=WRITE)
async def withdraw_request(call: Call) -> Json:
    pull = pull_of(call)
    for account in [one for one in pull.requested if one.login in call.data.get("reviewers", [])]:
        pull.requested.remove(account)
        _tell_request(call, pull, "review_request_removed", account.login)
    return _short(call, pull)


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/pulls", needs=READ)
async def of_commit(call: Call) -> Answer:
    sha = call.repo.clone.resolve(call.match["ref"])
    if not sha:
        raise Unprocessable(f"No commit found for SHA: {call.match['ref']}")
    found = [
        pull for pull in call.github.room(Pulls).every(call.repo) if sha in {*pull_shapes.commits(pull), pull.merge_commit_sha}
    ]
    return call.page(found, lambda pull: _short(call, pull))


def pull_of(call: Call) -> Pull:
    """Return the pull request that the path names; raises NotFound."""
    found = call.github.room(Pulls).get(call.repo, call.number("number"))
    if not found:
        raise NotFound
    return found


def _long(call: Call, pull: Pull) -> Json:
    return _of_version(call, pull_shapes.long(call.github, call.shapes, pull))


def _short(call: Call, pull: Pull) -> Json:
    return _of_version(call, pull_shapes.short(call.github, call.shapes, pull))


def _of_version(call: Call, shape: Json) -> Json:
    """The newer version of the API has no ``merge_commit_sha`` and no ``assignee`` in pull requests."""
    gone = {"merge_commit_sha", "assignee"} if call.version >= "2026-03-10" else set()
    return {name: value for name, value in shape.items() if name not in gone}


def _tell_request(call: Call, pull: Pull, action: str, login: str) -> None:
    shape = pull_shapes.long(call.github, call.shapes, pull)
    payload = {
        "number": pull.number,
        "pull_request": shape,
        "requested_reviewer": call.shapes.account(call.github.account(login)),
    }
    emit(call.github, "pull_request", action, payload, repo=call.repo, sender=call.actor)


def _sized(data: Json) -> None:
    if "title" in data and not str(data["title"] or "").strip():
        raise invalid("PullRequest", "title", "missing_field")
    for name, most in (("title", TITLE), ("body", BODY)):
        if len(data.get(name) or "") > most:
            raise invalid("PullRequest", name, "custom", f"{name} is too long (maximum is {most} characters)")


def _head(call: Call, head: str) -> tuple[Repository, str]:
    """Return the repository and branch of ``branch`` or ``owner:branch``; another owner's is the fork."""
    owner, _, branch = head.rpartition(":")
    if not owner or owner.lower() == call.repo.owner.login.lower():
        return call.repo, branch
    name = call.data.get("head_repo")
    forks = [
        one for one in call.github.repositories.values() if one.parent is call.repo and one.owner.login.lower() == owner.lower()
    ]
    found = next((one for one in forks if name in {None, one.name, one.full_name}), None)
    if not found:
        raise invalid("PullRequest", "head")
    return found, branch


def _refuse_twins(call: Call, base: str, head_repo: Repository, branch: str) -> None:
    for pull in call.github.room(Pulls).every(call.repo):
        if pull.open and (pull.base_branch, pull.head_repo, pull.head_branch) == (base, head_repo, branch):
            message = f"A pull request already exists for {head_repo.owner.login}:{branch}."
            raise Unprocessable(errors=[{"resource": "PullRequest", "code": "custom", "message": message}])


def _refuse_nothing(call: Call, base: str, head_repo: Repository, branch: str) -> None:
    onto, head = call.repo.clone.branches()[base], head_repo.clone.branches()[branch]
    if head_repo is not call.repo:
        call.repo.clone.git("fetch", "--quiet", "--no-tags", str(head_repo.clone.path), head)
    if call.repo.clone.is_ancestor(head, onto):
        message = f"No commits between {base} and {branch}"
        raise Unprocessable(errors=[{"resource": "PullRequest", "code": "custom", "message": message}])


def _rebase_onto(call: Call, pull: Pull, base: str) -> Json:
    """Change the base branch, which disarms auto-merge."""
    if base not in call.repo.clone.branches():
        raise invalid("PullRequest", "base")
    before = {"ref": {"from": pull.base_branch}, "sha": {"from": pull.base_sha}}
    pull.base_branch, pull.base_sha = base, call.repo.clone.branches()[base]
    if pull.auto_merge:
        disarm(call.github, pull, call.actor, "Base branch was changed")
    return before


async def _state(call: Call, pull: Pull, wanted: str) -> None:
    if wanted == pull.issue.state:
        return
    if wanted == "closed":
        await close(call.github, pull, call.actor)
    elif pull.merged or pull.head_branch not in pull.head_repo.clone.branches():
        raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The pull request cannot be reopened.")
    else:
        await reopen(call.github, pull, call.actor)
