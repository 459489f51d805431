"""GitHub's JSON of pull requests, reviews and what is said on lines."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.github.clone import Clone
from tests.doubles.github.diff_lines import moved
from tests.doubles.github.pull import HOOK_SHAPE, Pull, Review, ReviewComment, Thread, shapes_now
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json, Shapes, stamp
from tests.doubles.github.standing import base_now, shown, trial
from tests.doubles.github.state import GitHub

LINES = 3


def short(github: GitHub, shapes: Shapes, pull: Pull) -> Json:
    """Return a pull request as it stands in lists and in the webhooks of reviews."""
    issue, repo = pull.issue, pull.repo
    url, page = f"{shapes.urls.repo(repo)}/pulls/{pull.number}", f"{shapes.urls.page(repo)}/pull/{pull.number}"
    about = f"{shapes.urls.repo(repo)}/issues/{pull.number}"
    addresses = {
        "html": page,
        "issue": about,
        "comments": f"{about}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{shapes.urls.repo(repo)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{shapes.urls.repo(repo)}/statuses/{pull.head_sha}",
    }
    whole = shapes.issue(issue)
    shared = (
        "number",
        "title",
        "user",
        "labels",
        "state",
        "locked",
        "assignee",
        "assignees",
        "milestone",
        "body",
        "author_association",
    )
    return {
        "url": url,
        "id": pull.id,
        "node_id": pull.node_id,
        **{f"{name}_url": address for name, address in addresses.items()},
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{name: whole[name] for name in (*shared, "created_at", "updated_at", "closed_at", "active_lock_reason")},
        "merged_at": stamp(issue.merged_at),
        "merge_commit_sha": pull.merge_commit_sha if pull.merged else (trial(github, pull) if pull.open else None),
        "requested_reviewers": [shapes.account(one) for one in pull.requested],
        "requested_teams": [],
        "head": _side(shapes, pull.head_repo, pull.head_branch, pull.head_sha),
        "base": _side(shapes, repo, pull.base_branch, pull.base_sha),
        "_links": {name: {"href": address} for name, address in {"self": url, **addresses}.items()},
        "auto_merge": _auto_merge(shapes, pull),
        "draft": issue.draft,
    }


def long(github: GitHub, shapes: Shapes, pull: Pull, *, asked: bool = True) -> Json:
    """Return a pull request as it is answered alone, and in its own webhooks."""
    stands = shown(github, pull, asked=asked)
    return short(github, shapes, pull) | {
        "merged": pull.merged,
        "mergeable": stands.mergeable,
        "rebaseable": stands.mergeable,
        "mergeable_state": stands.state,
        "merged_by": shapes.maybe(pull.merged_by),
        "comments": len(pull.issue.comments),
        "review_comments": sum(len(thread.comments) for thread in pull.threads),
        "maintainer_can_modify": pull.maintainer_can_modify,
        **_counts(pull.repo.clone.path, pull.base_sha if pull.merged else base_now(pull), pull.head_sha),
    }


@functools.lru_cache(maxsize=4096)
def _counts(path: Path, base: str, head: str) -> Mapping[str, int]:
    clone = Clone(path)
    start = clone.text("merge-base", base, head)
    counted = [line.split("\t") for line in clone.text("diff", "--numstat", start, head).splitlines()]
    return {
        "commits": int(clone.text("rev-list", "--count", f"{start}..{head}")),
        "additions": sum(int(one[0]) for one in counted if one[0] != "-"),
        "deletions": sum(int(one[1]) for one in counted if one[1] != "-"),
        "changed_files": len(counted),
    }


def review(shapes: Shapes, one: Review, *, hook: bool = False) -> Json:
    """Return a review; webhooks write its state in small letters."""
    page = f"{shapes.urls.page(one.pull.repo)}/pull/{one.pull.number}#pullrequestreview-{one.id}"
    url = f"{shapes.urls.repo(one.pull.repo)}/pulls/{one.pull.number}"
    return {
        "id": one.id,
        "node_id": one.node_id,
        "user": shapes.account(one.user),
        "body": one.body or (None if hook else ""),
        "state": one.state.lower() if hook else one.state,
        "html_url": page,
        "pull_request_url": url,
        "author_association": shapes.association(one.pull.repo, one.user),
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        **({"submitted_at": stamp(one.submitted_at)} if one.submitted_at else {}),
        "commit_id": one.commit_id,
    }


def review_comment(shapes: Shapes, one: ReviewComment, *, hook: bool = False) -> Json:
    """Return something said on a line; what is not known any more is null in webhooks, and left out of answers."""
    thread, pull = one.thread, one.thread.pull
    url = f"{shapes.urls.repo(pull.repo)}/pulls/comments/{one.id}"
    about, page = f"{shapes.urls.repo(pull.repo)}/pulls/{pull.number}", review_comment_page(shapes, one)
    line = line_now(thread)
    outdated = thread.line is not None and line is None
    known = {"line": line, "original_line": thread.line, "position": None if outdated else thread.position}
    return {
        "url": url,
        "pull_request_review_id": one.review.id,
        "id": one.id,
        "node_id": one.node_id,
        "diff_hunk": thread.hunk,
        "path": thread.path,
        "commit_id": thread.commit_id if outdated else pull.head_sha,
        "original_commit_id": thread.commit_id,
        "original_position": thread.position,
        "user": shapes.account(one.user),
        "body": one.body,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "html_url": page,
        "pull_request_url": about,
        "author_association": shapes.association(pull.repo, one.user),
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": about}},
        "side": thread.side,
        "subject_type": "file" if thread.line is None else "line",
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "reactions": shapes.rollup(f"{url}/reactions", ()),
        **{name: value for name, value in known.items() if hook or value is not None},
        **({} if one is thread.comments[0] else {"in_reply_to_id": thread.comments[0].id}),
    }


def review_comment_page(shapes: Shapes, one: ReviewComment) -> str:
    """Return where people see it."""
    return f"{shapes.urls.page(one.thread.pull.repo)}/pull/{one.thread.pull.number}#discussion_r{one.id}"


def line_now(thread: Thread) -> int | None:
    """Return the line that a conversation is about as it is counted now; None where that line has gone, or it is on a file."""
    if thread.line is None:
        return None
    pull = thread.pull
    now = pull.head_sha if thread.side == "RIGHT" else start(pull, pull.head_sha)
    return moved(pull.repo.clone, thread.counted_in, now, thread.path, thread.line)


def files(shapes: Shapes, pull: Pull) -> list[Json]:
    """Return the changed files with their patches, as GitHub shows them."""
    return diff_entries(shapes, pull.repo, start(pull, pull.head_sha), pull.head_sha)


def diff_entries(shapes: Shapes, repo: Repository, before: str, after: str) -> list[Json]:
    """Return what differs between two commits, file by file."""
    out = repo.clone.git("diff", "--raw", "--no-abbrev", "-z", "-M", before, after).decode(errors="surrogateescape").split("\0")
    found, words = [], iter(out)
    for facts in words:
        if not facts:
            break
        _, _, _, blob, status = facts.split()
        path = next(words)
        previous, path = (path, next(words)) if status[0] in "RC" else (None, path)
        found.append(_entry(shapes, repo, before, after, _Moved(blob, status[0], path, previous)))
    return found


STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True)
class _Moved:
    """One line of ``git diff --raw``."""

    blob: str
    status: str
    path: str
    previous: str | None


def _entry(shapes: Shapes, repo: Repository, before: str, after: str, moved: _Moved) -> Json:
    status, path, previous = moved.status, moved.path, moved.previous
    paths = [previous, path] if previous else [path]
    patch = repo.clone.text("diff", "-M", f"-U{LINES}", before, after, "--", *paths)
    hunks = patch[patch.index("\n@@") + 1 :] if "\n@@" in patch else None
    lines = (hunks or "").splitlines()
    added, removed = sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
    sha = repo.clone.text("rev-parse", f"{before}:{path}") if status == "D" else moved.blob
    commit = before if status == "D" else after
    return {
        "sha": sha,
        "filename": path,
        "status": STATUS[status],
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
        "blob_url": f"{shapes.urls.page(repo)}/blob/{commit}/{path}",
        "raw_url": f"{shapes.urls.page(repo)}/raw/{commit}/{path}",
        "contents_url": f"{shapes.urls.repo(repo)}/contents/{path}?ref={commit}",
        **({"patch": hunks} if hunks else {}),
        **({"previous_filename": previous} if previous else {}),
    }


def commits(pull: Pull) -> list[str]:
    """Return the commits of a pull request, oldest first."""
    return pull.repo.clone.text("rev-list", "--reverse", f"{start(pull, pull.head_sha)}..{pull.head_sha}").split()


def start(pull: Pull, commit: str) -> str:
    """Return where one of its commits left the base."""
    return pull.repo.clone.text("merge-base", pull.base_sha if pull.merged else base_now(pull), commit)


def _side(shapes: Shapes, repo: Repository, branch: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": shapes.account(repo.owner),
        "repo": shapes.repository(repo),
    }


def _auto_merge(shapes: Shapes, pull: Pull) -> Json | None:
    armed = pull.auto_merge
    if not armed:
        return None
    return {
        "enabled_by": shapes.account(armed.by),
        "merge_method": armed.method,
        "commit_title": armed.title,
        "commit_message": armed.message,
    }


HOOK_SHAPE.append(lambda github, pull: long(github, shapes_now(github), pull, asked=False))
