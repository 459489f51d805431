"""Comments on issues and on the conversation of pull requests."""

from __future__ import annotations

from datetime import datetime

from tests.doubles.github.accounts import at_least
from tests.doubles.github.events import emit
from tests.doubles.github.issues import LONGEST, READ, WRITE, issue_of, permit
from tests.doubles.github.repository import Comment, Issue
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import Forbidden, NotFound, invalid


@route("GET", "/repos/{owner}/{repo}/issues/{number}/comments", needs=READ)
async def comments(call: Call) -> Answer:
    return call.page(_since(call, list(issue_of(call).comments.values())), call.shapes.comment)


@route("GET", "/repos/{owner}/{repo}/issues/comments", needs=READ)
async def all_comments(call: Call) -> Answer:
    found = _since(call, [comment for issue in call.repo.issues.values() for comment in issue.comments.values()])
    key = (
        (lambda one: (one.updated_at, one.id)) if call.query.get("sort") == "updated" else (lambda one: (one.created_at, one.id))
    )
    found.sort(key=key, reverse=call.query.get("direction") == "desc")
    return call.page(found, call.shapes.comment)


def _since(call: Call, found: list[Comment]) -> list[Comment]:
    if "since" not in call.query:
        return found
    since = datetime.fromisoformat(call.query["since"])
    return [comment for comment in found if comment.updated_at >= since]


@route("POST", "/repos/{owner}/{repo}/issues/{number}/comments", needs=WRITE, person="read")
async def add_comment(call: Call) -> Answer:
    issue = issue_of(call, "write")
    body = _body(call)
    if issue.locked and not call.by_app and not at_least(call.role, "write"):
        raise Forbidden("Unable to create comment because issue is locked.")
    return Answer(201, call.shapes.comment(comment_on(call, issue, body)))


def comment_on(call: Call, issue: Issue, body: str) -> Comment:
    """Have the caller say something on an issue, and tell it."""
    now = call.github.now()
    made = Comment(call.github.number(), issue, call.actor, body, now, now, call.by_app)
    issue.comments[made.id] = made
    issue.updated_at = now
    _tell(call, made, "created", {})
    return made


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=READ)
async def comment(call: Call) -> Json:
    return call.shapes.comment(comment_of(call, "read"))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=WRITE, person="read")
async def change_comment(call: Call) -> Json:
    found = comment_of(call, "write")
    _own(call, found)
    body = _body(call)
    before, found.body = found.body, body
    found.updated_at = call.github.now()
    _tell(call, found, "edited", {"changes": {"body": {"from": before}}})
    return call.shapes.comment(found)


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", needs=WRITE, person="read")
async def delete_comment(call: Call) -> Answer:
    found = comment_of(call, "write")
    _own(call, found)
    del found.issue.comments[found.id]
    _tell(call, found, "deleted", {})
    return NO_CONTENT


def comment_of(call: Call, grade: str) -> Comment:
    """Return the comment in the path; raises NotFound, and Forbidden for an App without the permission."""
    found = call.repo.comment(call.number("comment_id"))
    if not found:
        raise NotFound
    permit(call, found.issue, grade)
    return found


def _own(call: Call, found: Comment) -> None:
    if found.user is not call.actor and not call.by_app and not at_least(call.role, "write"):
        raise Forbidden("Must have admin rights to Repository.")


def _body(call: Call) -> str:
    return fit(call.text("body", "IssueComment"))


def fit(body: str) -> str:
    """Return a comment's text as it is; raises the 422 for one that is empty or too long."""
    if not body.strip():
        raise invalid("IssueComment", "data", "unprocessable", "Body cannot be blank")
    if len(body) > LONGEST:
        raise invalid("IssueComment", "data", "unprocessable", f"Body is too long (maximum is {LONGEST} characters)")
    return body


def _tell(call: Call, found: Comment, action: str, extra: Json) -> None:
    payload = {"issue": call.shapes.issue(found.issue), "comment": call.shapes.comment(found), **extra}
    emit(call.github, "issue_comment", action, payload, repo=found.issue.repo, sender=call.actor)
