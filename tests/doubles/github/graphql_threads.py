"""GraphQL for the conversations on a pull request's lines: read, resolved and opened again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.github.graphql_api import CONTENTS, PULLS, Refused, mutation
from tests.doubles.github.graphql_objects import Thing, Things, connection, may
from tests.doubles.github.pull import Pull, Pulls, ReviewComment, Thread
from tests.doubles.github.pull_shapes import line_now, review_comment_page
from tests.doubles.github.review_thread import settle
from tests.doubles.github.routing import Call, granted
from tests.doubles.github.shapes import stamp


def of_pull(things: Things, pull: Pull) -> Callable[..., Thing]:
    """Return the field with a pull request's conversations, which an App must be allowed to read where not everybody is."""

    def page(**wanted: Any) -> Thing:
        caller = things.call.caller
        if caller.installation and pull.repo.private and not granted(caller, {"pull_requests": "read"}):
            raise Refused("FORBIDDEN", "Resource not accessible by integration")
        return connection("PullRequestReviewThreadConnection", pull.threads, lambda each: _thread(things, each))(**wanted)

    return page


def _thread(things: Things, thread: Thread) -> Thing:
    line, settles, by = line_now(thread), _may_settle(things.call, thread), thread.resolved_by
    fields = {
        "id": thread.node_id,
        "isResolved": by is not None,
        "isCollapsed": by is not None,
        "isOutdated": thread.line is not None and line is None,
        "path": thread.path,
        "line": line,
        "originalLine": thread.line,
        "startLine": None,
        "originalStartLine": None,
        "diffSide": thread.side,
        "startDiffSide": None,
        "subjectType": "FILE" if thread.line is None else "LINE",
        "resolvedBy": lambda: things.account(by) if by and by.kind == "User" else None,
        "pullRequest": lambda: things.pull(thread.pull),
        "repository": lambda: things.repository(thread.pull.repo),
        "comments": connection("PullRequestReviewCommentConnection", thread.comments, lambda each: _comment(things, each)),
        "viewerCanResolve": settles and by is None,
        "viewerCanUnresolve": settles and by is not None,
    }
    return Thing("PullRequestReviewThread", fields)


def _comment(things: Things, comment: ReviewComment) -> Thing:
    fields = {
        "id": comment.node_id,
        "databaseId": comment.id,
        "fullDatabaseId": str(comment.id),
        "body": comment.body,
        "author": lambda: things.account(comment.user),
        "path": comment.thread.path,
        "createdAt": stamp(comment.created_at),
        "url": review_comment_page(things.shapes, comment),
        "pullRequestReview": lambda: things.review(comment.review),
        "pullRequest": lambda: things.pull(comment.thread.pull),
    }
    return Thing("PullRequestReviewComment", fields)


def _may_settle(call: Call, thread: Thread) -> bool:
    """Say whether the caller may: who opened the pull request, who may write, and an App that may write contents too."""
    pull = thread.pull
    return may(call, pull.repo, PULLS | CONTENTS, "read" if call.actor is pull.issue.user else "write")


async def _settled(call: Call, wanted: Mapping[str, Any], *, resolved: bool) -> Mapping[str, Any]:
    node = wanted["threadId"]
    pulls = (pull for of in call.github.room(Pulls).of.values() for pull in of.values())
    thread = next((each for pull in pulls for each in pull.threads if each.node_id == node), None)
    if not thread:
        raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
    if not _may_settle(call, thread):
        raise Refused("FORBIDDEN", "Resource not accessible by integration")
    await settle(call.github, thread, call.actor, resolved=resolved)
    return {"thread": _thread(Things(call), thread)}


@mutation("resolveReviewThread")
async def resolve(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    return await _settled(call, wanted, resolved=True)


@mutation("unresolveReviewThread")
async def unresolve(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    return await _settled(call, wanted, resolved=False)
