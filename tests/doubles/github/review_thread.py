"""What happens when somebody says something on a line: where that may be, who answers, and that it is resolved."""

from __future__ import annotations

from tests.doubles.github import pull_shapes
from tests.doubles.github.accounts import Account
from tests.doubles.github.diff_lines import shown_in
from tests.doubles.github.events import emit
from tests.doubles.github.pull import ReviewComment, Thread, changed, shapes_now
from tests.doubles.github.review import around
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Unprocessable, invalid

COMMENT = "PullRequestReviewComment"


def place(github: GitHub, made: Thread) -> None:
    """Find a new conversation's line in the difference; without a line it is about the file.

    Raises:
        Unprocessable: the pull request has no such commit or does not change the file, or its difference does not show the line.
    """
    pull, commit = made.pull, made.commit_id
    if commit not in pull_shapes.commits(pull):
        raise invalid(COMMENT, "commit_id", "custom", "commit_id is not part of the pull request")
    start = pull_shapes.start(pull, commit)
    entries = pull_shapes.diff_entries(shapes_now(github), pull.repo, start, commit)
    entry = next((each for each in entries if each["filename"] == made.path), None)
    if entry is None:
        raise _unplaced("path", "invalid")
    if made.line is None:
        return
    found = shown_in(entry.get("patch", ""), made.side, made.line)
    if found is None:
        raise _unplaced("line", "custom", message="pull_request_review_thread.line must be part of the diff")
    made.counted_in = commit if made.side == "RIGHT" else start
    made.hunk, made.position = found


def _unplaced(field: str, code: str, **more: str) -> Unprocessable:
    thread = "pull_request_review_thread"
    hunk = {"resource": COMMENT, "code": "missing_field", "field": f"{thread}.diff_hunk"}
    return Unprocessable(errors=[{"resource": COMMENT, "code": code, "field": f"{thread}.{field}", **more}, hunk])


async def say(github: GitHub, thread: Thread, by: Account, body: str) -> ReviewComment:
    """Begin a conversation, or go on with it."""
    pull = thread.pull
    made = ReviewComment(github.number(), thread, await around(github, pull, by, thread.commit_id), body, github.now())
    thread.comments.append(made)
    if thread not in pull.threads:
        pull.threads.append(thread)
    shapes = shapes_now(github)
    payload = {
        "comment": pull_shapes.review_comment(shapes, made, hook=True),
        "pull_request": pull_shapes.short(github, shapes, pull),
    }
    emit(github, "pull_request_review_comment", "created", payload, repo=pull.repo, sender=by)
    return made


async def settle(github: GitHub, thread: Thread, by: Account, *, resolved: bool) -> None:
    """Resolve a conversation, or open it again."""
    if resolved == (thread.resolved_by is not None):
        return
    thread.resolved_by = by if resolved else None
    shapes = shapes_now(github)
    comments = [pull_shapes.review_comment(shapes, each, hook=True) for each in thread.comments]
    payload = {
        "thread": {"node_id": thread.node_id, "comments": comments},
        "pull_request": pull_shapes.short(github, shapes, thread.pull),
    }
    action = "resolved" if resolved else "unresolved"
    emit(github, "pull_request_review_thread", action, payload, repo=thread.pull.repo, sender=by)
    await changed(github, thread.pull)
