"""Reviews over REST; creating one answers 200."""

from __future__ import annotations

from typing import Any

from tests.doubles.github import pull_shapes
from tests.doubles.github.pull import Review
from tests.doubles.github.pulls import AT, READ, WRITE, pull_of
from tests.doubles.github.review import dismiss, give, may_dismiss, submit
from tests.doubles.github.routing import Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import Forbidden, NotFound, Unprocessable

ALL = f"{AT}/{{number}}/reviews"
ONE = f"{ALL}/{{review_id}}"


@route("GET", ALL, needs=READ)
async def every(call: Call) -> Any:
    seen = [each for each in pull_of(call).reviews if each.state != "PENDING" or each.user is call.caller.account]
    return call.page(seen, lambda each: pull_shapes.review(call.shapes, each))


@route("POST", ALL, needs=WRITE, person="read")
async def add(call: Call) -> Json:
    pull = pull_of(call)
    commit = call.data.get("commit_id")
    if commit is not None and commit not in pull_shapes.commits(pull):
        raise Unprocessable("Unprocessable Entity", ["Commit does not exist in this pull request"])
    waiting = any(each.user is call.actor and each.state == "PENDING" for each in pull.reviews)
    if waiting:
        raise Unprocessable("Unprocessable Entity", ["User can only have one pending review per pull request"])
    made = await give(call.github, pull, call.actor, call.data.get("event"), body=call.data.get("body") or "", commit=commit)
    return pull_shapes.review(call.shapes, made)


@route("GET", ONE, needs=READ)
async def get(call: Call) -> Json:
    return pull_shapes.review(call.shapes, _review(call))


@route("PUT", ONE, needs=WRITE, person="read")
async def edit(call: Call) -> Json:
    found = _own(call)
    found.body = call.text("body", "PullRequestReview")
    return pull_shapes.review(call.shapes, found)


@route("DELETE", ONE, needs=WRITE, person="read")
async def delete(call: Call) -> Json:
    found = _own(call)
    if found.state != "PENDING":
        raise Unprocessable("Can not delete a non-pending pull request review")
    found.pull.reviews.remove(found)
    return pull_shapes.review(call.shapes, found)


@route("POST", f"{ONE}/events", needs=WRITE, person="read")
async def submit_one(call: Call) -> Json:
    found = _own(call)
    if found.state != "PENDING":
        raise Unprocessable("Can not submit a review that was submitted")
    await submit(call.github, found, call.text("event", "PullRequestReview"), call.data.get("body") or "")
    return pull_shapes.review(call.shapes, found)


@route("PUT", f"{ONE}/dismissals", needs=WRITE, person="read")
async def dismiss_one(call: Call) -> Json:
    found = _review(call)
    call.text("message", "PullRequestReview")
    if not may_dismiss(call.github, found, call.actor):
        raise Forbidden("Must have write access to dismiss reviews.")
    await dismiss(call.github, found, call.actor)
    return pull_shapes.review(call.shapes, found)


def _review(call: Call) -> Review:
    number = call.number("review_id")
    found = next((each for each in pull_of(call).reviews if each.id == number), None)
    if not found:
        raise NotFound
    return found


def _own(call: Call) -> Review:
    found = _review(call)
    if found.user is not call.actor:
        raise Forbidden("Must be the author of the review.")
    return found
