"""Moving refs: one way for pushes, the API, merges and people, with the rules asked before and the events sent after."""

from __future__ import annotations

from tests.doubles.github.accounts import Account, Token
from tests.doubles.github.clone import Clone, GitFailed
from tests.doubles.github.commits import between, pushed_commit
from tests.doubles.github.events import emit
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Json, Shapes
from tests.doubles.github.state import ZERO, GitHub, RefUpdate, on_push, on_ref_update
from tests.doubles.github.urls import CURRENT, at
from tests.doubles.github.wrong import Unprocessable

MOST_COMMITS = 2048
WORKFLOWS = ".github/workflows"


def update(repo: Repository, ref: str, after: str | None, by: Account, clone: Clone | None = None) -> RefUpdate:
    """Describe a move of a ref (``None``: its deletion) before it happens."""
    before = repo.clone.ref(ref)
    forced = bool(before and after and not (clone or repo.clone).is_ancestor(before, after))
    return RefUpdate(repo, ref, before or ZERO, after or ZERO, by, forced)


async def move(
    github: GitHub, repo: Repository, ref: str, after: str | None, by: Account, *, token: Token | None = None, ruled: bool = True
) -> RefUpdate:
    """Point a full ref at a commit, or delete it, and tell everybody; raises the 422 of a rule that forbids it.

    ``ruled=False`` is for GitHub's own moves (a merge it has already judged, ``refs/pull``).
    """
    moving = update(repo, ref, after, by)
    reason = github.refused(moving, token, repo.clone) if ruled else None
    if reason:
        raise Unprocessable(reason)
    if after is None:
        repo.clone.delete_ref(ref)
    else:
        repo.clone.set_ref(ref, after)
    await github.moved(moving)
    return moving


@on_push
def workflows_need_permission(_github: GitHub, moving: RefUpdate, token: Token | None, clone: Clone) -> str | None:
    """An App without the ``workflows`` permission brings in no commit that touches a workflow file."""
    if not token or not token.installation or moving.after == ZERO or token.permissions.get("workflows") == "write":
        return None
    try:
        new = ("log", "--format=", "--name-only", "-c", moving.after, "--not", "--branches", "--", WORKFLOWS)
        touched = clone.text(*new).split("\n")
    except GitFailed:
        return None  # no commit: a tag of a blob has no workflows
    path = next((path for path in touched if path), None)
    if not path:
        return None
    return f"refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"


@on_ref_update
async def tell(github: GitHub, moving: RefUpdate) -> None:
    """Send ``push``, and ``create`` or ``delete``, for branches and tags."""
    if not moving.ref.startswith(("refs/heads/", "refs/tags/")):
        return
    shapes = Shapes(github, CURRENT.get(at(github.url)))
    repo = moving.repo
    kind = "branch" if moving.branch else "tag"
    name = {"ref": moving.ref.split("/", 2)[2], "ref_type": kind, "pusher_type": "user"}
    if moving.before == ZERO:
        extra = {"master_branch": repo.default_branch, "description": repo.description}
        emit(github, "create", None, name | extra, repo=repo, sender=moving.by)
    if moving.after == ZERO:
        emit(github, "delete", None, name, repo=repo, sender=moving.by)
    emit(github, "push", None, push_payload(shapes, moving), repo=repo, sender=moving.by)


def push_payload(shapes: Shapes, moving: RefUpdate) -> Json:
    """Return what is special to a ``push`` event."""
    repo = moving.repo
    gone = moving.after == ZERO
    commits: list[Json] = []
    if not gone and repo.clone.kind(moving.after) == "commit":
        base = moving.before if moving.before != ZERO else None
        if base is None and moving.ref != f"refs/heads/{repo.default_branch}":
            base = repo.clone.ref(f"refs/heads/{repo.default_branch}")
        commits = [pushed_commit(shapes, repo, sha) for sha in between(repo.clone, base, moving.after, MOST_COMMITS)]
    compare = f"{shapes.urls.page(repo)}/compare/{moving.before[:12]}...{moving.after[:12]}"
    head = commits[-1] if commits else None if gone else pushed_commit(shapes, repo, moving.after)
    moments: Json = {"created_at": int(repo.created_at.timestamp()), "pushed_at": int(repo.pushed_at.timestamp())}
    names = {"name": repo.owner.login, "email": repo.owner.email}
    shaped = shapes.repository(repo)
    owner = {"owner": shaped["owner"] | names, "master_branch": repo.default_branch, "stargazers": 0}
    return {
        "ref": moving.ref,
        "before": moving.before,
        "after": moving.after,
        "created": moving.before == ZERO,
        "deleted": gone,
        "forced": moving.forced,
        "base_ref": None,
        "compare": compare,
        "commits": commits,
        "head_commit": head,
        "pusher": {"name": moving.by.login, "email": moving.by.address},
        "repository": shaped | moments | owner,
    }
