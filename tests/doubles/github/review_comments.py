"""What is said on the lines of pull requests, over REST."""

from __future__ import annotations

from tests.doubles.github import pull_shapes
from tests.doubles.github.comments import fit
from tests.doubles.github.pull import Pull, Pulls, ReviewComment, Thread
from tests.doubles.github.pulls import AT, READ, WRITE, pull_of
from tests.doubles.github.review_thread import COMMENT, place, say
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import NotFound, Wrong, invalid

ALL = f"{AT}/{{number}}/comments"


@route("GET", ALL, needs=READ)
async def every(call: Call) -> Answer:
    found = sorted(_said(pull_of(call)), key=lambda each: each.id)
    return call.page(found, lambda each: pull_shapes.review_comment(call.shapes, each))


@route("POST", ALL, needs=WRITE, person="read")
async def add(call: Call) -> Answer:
    pull, body = pull_of(call), fit(call.text("body", COMMENT))
    thread = _answered(call, pull) if "in_reply_to" in call.data else _begun(call, pull)
    made = await say(call.github, thread, call.actor, body)
    return Answer(201, pull_shapes.review_comment(call.shapes, made))


@route("GET", f"{AT}/comments/{{comment_id}}", needs=READ)
async def get(call: Call) -> Json:
    number = call.number("comment_id")
    every = (each for pull in call.github.room(Pulls).every(call.repo) for each in _said(pull))
    found = next((each for each in every if each.id == number), None)
    if not found:
        raise NotFound
    return pull_shapes.review_comment(call.shapes, found)


def _said(pull: Pull) -> list[ReviewComment]:
    return [each for thread in pull.threads for each in thread.comments]


def _answered(call: Call, pull: Pull) -> Thread:
    found = next((each.thread for each in _said(pull) if each.id == call.data["in_reply_to"]), None)
    if not found:
        raise invalid(COMMENT, "in_reply_to")
    return found


def _begun(call: Call, pull: Pull) -> Thread:
    data, commit, path = call.data, call.text("commit_id", COMMENT), call.text("path", COMMENT)
    if {"position", "start_line"} & data.keys():
        raise Wrong("The double knows no comments by position or on several lines", status=501)
    whole = data.get("subject_type") == "file"
    if not whole and not isinstance(data.get("line"), int):
        raise invalid(COMMENT, "pull_request_review_thread.line", "missing_field")
    side, line = data.get("side", "RIGHT"), None if whole else data["line"]
    made = Thread(call.github.number(), pull, commit, path, side, line)
    place(call.github, made)
    return made
