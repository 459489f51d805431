"""Issues: opened, read, listed, changed; a pull request answers here too, as the issue that it also is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.doubles.github.accounts import Account, App, at_least
from tests.doubles.github.events import emit
from tests.doubles.github.labels import find_or_make
from tests.doubles.github.repository import Issue, Repository
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json, Shapes
from tests.doubles.github.state import ISSUE_HOOKS, GitHub
from tests.doubles.github.urls import CURRENT, at
from tests.doubles.github.wrong import Forbidden, NotFound, Wrong, invalid

LONGEST = 65_536
LONGEST_TITLE = 256
READ = ({"issues": "read"}, {"pull_requests": "read"})
WRITE = ({"issues": "write"}, {"pull_requests": "write"})


def issue_of(call: Call, grade: str = "read") -> Issue:
    """Return the issue in the path; an App needs ``issues`` for one that is no pull request."""
    found = call.repo.issues.get(call.number("number"))
    if not found:
        raise NotFound
    permit(call, found, grade)
    return found


def permit(call: Call, issue: Issue, grade: str) -> None:
    """Refuse an App that may only touch pull requests and meant an issue."""
    token = call.caller.token
    if not token or not token.installation or issue.pull or (grade == "read" and not call.repo.private):
        return
    if token.permissions.get("issues", "none") not in {grade, "write"}:
        raise Forbidden


def body_of(call: Call, resource: str, field: str = "body") -> str | None:
    """Return a text of the request that may not be longer than GitHub allows."""
    body = call.data.get(field)
    if body is not None and not isinstance(body, str):
        raise invalid(resource, field)
    if body is not None and len(body) > LONGEST:
        raise invalid(resource, field, "custom", f"{field} is too long (maximum is {LONGEST} characters)")
    return body


async def tell(github: GitHub, issue: Issue, action: str, by: Account, **extra: Any) -> None:
    """Send the ``issues`` event, or have the pull requests' own event sent."""
    issue.updated_at = github.now()
    if issue.pull:
        for hook in ISSUE_HOOKS:
            await hook(github, issue, action, extra, by)
        return
    shapes = Shapes(github, CURRENT.get(at(github.url)))
    emit(github, "issues", action, {"issue": shapes.issue(issue), **extra}, repo=issue.repo, sender=by)


def new_issue(
    github: GitHub, repo: Repository, title: str, body: str | None, by: Account, *, app: App | None = None, pull: bool = False
) -> Issue:
    """Make an issue, or the issue side of a pull request, without telling anybody."""
    now = github.now()
    issue = Issue(github.number(), repo, repo.next_number, title, body, by, now, now, pull=pull, app=app)
    repo.issues[issue.number] = issue
    return issue


@route("GET", "/repos/{owner}/{repo}/issues", needs=READ)
async def issues(call: Call) -> Answer:
    query = call.query
    state, labels = query.get("state", "open"), [name for name in query.get("labels", "").lower().split(",") if name]
    since = datetime.fromisoformat(query["since"]) if "since" in query else None
    found = [
        issue
        for issue in call.repo.issues.values()
        if state in {"all", issue.state}
        and set(labels) <= {label.name.lower() for label in issue.labels}
        and query.get("creator", issue.user.login).lower() == issue.user.login.lower()
        and (since is None or issue.updated_at >= since)
    ]
    newest_first = query.get("direction", "desc") == "desc"
    sort = query.get("sort", "created")
    keys: dict[str, Any] = {"updated": lambda issue: issue.updated_at, "comments": lambda issue: len(issue.comments)}
    found.sort(key=lambda issue: issue.number, reverse=newest_first)
    if sort in keys:
        found.sort(key=keys[sort], reverse=newest_first)
    return call.page(found, call.shapes.issue)


@route("POST", "/repos/{owner}/{repo}/issues", needs={"issues": "write"}, person="read")
async def add_issue(call: Call) -> Answer:
    if not call.repo.settings.has_issues:
        raise Wrong("Issues are disabled for this repo", status=410)
    title = _title(call)
    issue = new_issue(call.github, call.repo, title, body_of(call, "Issue"), call.actor, app=call.by_app)
    if _may_triage(call):
        names = [label["name"] if isinstance(label, dict) else str(label) for label in call.data.get("labels", [])]
        issue.labels = [find_or_make(call.github, call.repo, name) for name in names]
        issue.assignees = [call.github.account(login) for login in call.data.get("assignees", [])]
    await tell(call.github, issue, "opened", call.actor)
    for label in issue.labels:
        await tell(call.github, issue, "labeled", call.actor, label=call.shapes.label(call.repo, label))
    return Answer(201, call.shapes.full_issue(issue))


def _title(call: Call) -> str:
    title = call.text("title", "Issue")
    if not title.strip():
        raise invalid("Issue", "title", "missing_field")
    if len(title) > LONGEST_TITLE:
        raise invalid("Issue", "title", "custom", f"title is too long (maximum is {LONGEST_TITLE} characters)")
    return title


def _may_triage(call: Call) -> bool:
    return bool(call.caller.installation) or at_least(call.role, "triage")


@route("GET", "/repos/{owner}/{repo}/issues/{number}", needs=READ)
async def issue(call: Call) -> Json:
    return call.shapes.full_issue(issue_of(call))


@route("PATCH", "/repos/{owner}/{repo}/issues/{number}", needs=WRITE, person="read")
async def change_issue(call: Call) -> Json:
    found = issue_of(call, "write")
    if found.user is not call.actor and not _may_triage(call):
        raise Forbidden("Must have admin rights to Repository.")
    before: dict[str, Any] = {"title": found.title, "body": found.body}
    if "title" in call.data:
        found.title = _title(call)
    if "body" in call.data:
        found.body = body_of(call, "Issue")
    changes = {name: {"from": old or ""} for name, old in before.items() if old != getattr(found, name)}
    if changes:
        await tell(call.github, found, "edited", call.actor, changes=changes)
    if "labels" in call.data:
        names = [label["name"] if isinstance(label, dict) else str(label) for label in call.data["labels"]]
        await set_labels(call, found, names)
    await _set_assignees(call, found)
    await _set_state(call, found)
    return call.shapes.full_issue(found)


async def _set_assignees(call: Call, found: Issue) -> None:
    if "assignees" not in call.data:
        return
    wanted = [call.github.account(login) for login in call.data["assignees"]]
    before, found.assignees = found.assignees, wanted
    for one in [one for one in wanted if one not in before]:
        await tell(call.github, found, "assigned", call.actor, assignee=call.shapes.account(one))
    for one in [one for one in before if one not in wanted]:
        await tell(call.github, found, "unassigned", call.actor, assignee=call.shapes.account(one))


async def _set_state(call: Call, found: Issue) -> None:
    state = call.data.get("state", found.state)
    if state not in {"open", "closed"}:
        raise invalid("Issue", "state", "invalid", value=state)
    if state == found.state:
        return
    if found.merged_at:
        raise invalid("Issue", "state", "invalid", "state cannot be changed. The pull request cannot be reopened.")
    if not found.pull:  # a pull request is closed by those who know what else ends with it
        found.state = state
        found.closed_at, found.closed_by = (call.github.now(), call.actor) if state == "closed" else (None, None)
        found.state_reason = (call.data.get("state_reason") or "completed") if state == "closed" else "reopened"
    await tell(call.github, found, "closed" if state == "closed" else "reopened", call.actor)


async def set_labels(call: Call, found: Issue, names: list[str]) -> None:
    """Give an issue exactly these labels and tell of each that came or went."""
    wanted = [find_or_make(call.github, call.repo, name) for name in dict.fromkeys(names)]
    before, found.labels = found.labels, wanted
    for label in [label for label in before if label not in wanted]:
        await tell(call.github, found, "unlabeled", call.actor, label=call.shapes.label(call.repo, label))
    for label in [label for label in wanted if label not in before]:
        await tell(call.github, found, "labeled", call.actor, label=call.shapes.label(call.repo, label))


@route("GET", "/repos/{owner}/{repo}/issues/{number}/labels", needs=READ)
async def labels_of(call: Call) -> Answer:
    return call.page(issue_of(call).labels, lambda label: call.shapes.label(call.repo, label))


@route("POST", "/repos/{owner}/{repo}/issues/{number}/labels", needs=WRITE, person="triage")
async def add_labels(call: Call) -> Answer:
    found = issue_of(call, "write")
    await set_labels(call, found, [label.name for label in found.labels] + _names(call))
    return await labels_of(call)


@route("PUT", "/repos/{owner}/{repo}/issues/{number}/labels", needs=WRITE, person="triage")
async def replace_labels(call: Call) -> Answer:
    await set_labels(call, issue_of(call, "write"), _names(call))
    return await labels_of(call)


@route("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name}", needs=WRITE, person="triage")
async def remove_label(call: Call) -> Answer:
    found = issue_of(call, "write")
    name = call.match["name"].lower()
    if name not in {label.name.lower() for label in found.labels}:
        raise NotFound("Label does not exist")
    await set_labels(call, found, [label.name for label in found.labels if label.name.lower() != name])
    return await labels_of(call)


def _names(call: Call) -> list[str]:
    given = call.data.get("labels", []) if isinstance(call.data, dict) else call.data
    names = [label["name"] if isinstance(label, dict) else label for label in given]
    if not all(isinstance(name, str) and name for name in names):
        raise invalid("Label", "name")
    return names
