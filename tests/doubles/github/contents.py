"""Files of a repository: read at any revision, written and deleted one at a time."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from tests.doubles.github.clone import Clone, Entry
from tests.doubles.github.commits import Person, edited, git_commit, make, make_by, read
from tests.doubles.github.refs import move
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import Conflict, NotFound, Unprocessable

AT = "/repos/{owner}/{repo}/contents/{path*}"
LARGEST = 2**20
KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}


@route("GET", AT, needs={"contents": "read"})
@route("GET", "/repos/{owner}/{repo}/contents", needs={"contents": "read"})
async def contents(call: Call) -> Answer:
    path = call.match.get("path", "").strip("/")
    revision = call.query.get("ref") or call.repo.default_branch
    # GitHub does not say whether it means the tag or the branch where both have this name: the one that is worse for who asks.
    tag = call.repo.clone.ref(f"refs/tags/{revision}^{{commit}}") if "ref" in call.query else None
    sha = tag or call.repo.clone.resolve(revision)
    if not sha:
        raise NotFound(f"No commit found for the ref {revision}" if "ref" in call.query else "This repository is empty.")
    entry = call.repo.clone.find(sha, path) if path else None
    if path and not entry:
        raise NotFound
    if entry and entry.kind == "blob":
        data = call.repo.clone.blob(entry.sha)
        if "raw" in call.request.headers.get("Accept", ""):
            return Answer(raw=data, kind="application/octet-stream")
        return Answer(200, _file(call, entry, revision, data))
    tree = entry.sha if entry else f"{sha}^{{tree}}"
    prefix = f"{path}/" if path else ""
    below = call.repo.clone.entries(tree)
    return Answer(
        200, [_listed(call, Entry(one.mode, one.kind, one.sha, prefix + one.path, one.size), revision) for one in below]
    )


def _listed(call: Call, entry: Entry, revision: str) -> Json:
    url = f"{call.urls.repo(call.repo)}/contents/{entry.path}?ref={revision}"
    git = f"{call.urls.repo(call.repo)}/git/{entry.kind}s/{entry.sha}"
    kind = "symlink" if entry.mode == "120000" else KINDS[entry.kind]
    page = f"{call.urls.page(call.repo)}/{'blob' if kind == 'file' else 'tree'}/{revision}/{entry.path}"
    raw = f"{call.urls.page(call.repo)}/raw/{revision}/{entry.path}" if kind == "file" else None
    return {
        "name": entry.path.rsplit("/", 1)[-1],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "html_url": page,
        "git_url": git,
        "download_url": raw,
        "type": kind,
        "_links": {"self": url, "git": git, "html": page},
    }


def _file(call: Call, entry: Entry, revision: str, data: bytes) -> Json:
    small = len(data) <= LARGEST
    text = base64.encodebytes(data).decode() if small else ""
    return _listed(call, entry, revision) | {"content": text, "encoding": "base64" if small else "none"}


@route("PUT", AT, needs={"contents": "write"})
async def write(call: Call) -> Answer:
    path = call.match["path"]
    try:
        data = base64.b64decode(call.text("content", "Content"), validate=False)
    except binascii.Error:
        raise Unprocessable("content is not valid Base64") from None
    existing = _existing(call, path)
    if existing and call.data.get("sha") is None:
        raise Unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    _same(existing, call, path)
    sha = await _commit(call, {path: data})
    revision = call.data.get("branch") or call.repo.default_branch
    entry = call.repo.clone.find(sha, path)
    assert entry
    body = {"content": _listed(call, entry, revision), "commit": _shape(call, call.repo.clone, sha)}
    return Answer(200 if existing else 201, body)


@route("DELETE", AT, needs={"contents": "write"})
async def delete(call: Call) -> Json:
    path = call.match["path"]
    existing = _existing(call, path)
    if not existing:
        raise NotFound
    call.text("sha", "Content")
    _same(existing, call, path)
    sha = await _commit(call, {path: None})
    return {"content": None, "commit": _shape(call, call.repo.clone, sha)}


def _existing(call: Call, path: str) -> Entry | None:
    head = call.repo.clone.ref(f"refs/heads/{call.data.get('branch') or call.repo.default_branch}")
    if not head and call.data.get("branch"):
        raise NotFound(f"Branch {call.data['branch']} not found")
    return call.repo.clone.find(head, path) if head else None


def _same(existing: Entry | None, call: Call, path: str) -> None:
    given = call.data.get("sha")
    if existing and given != existing.sha:
        raise Conflict(f"{path} does not match {given}")


async def _commit(call: Call, edits: dict[str, bytes | None]) -> str:
    repo, token = call.repo, call.caller.token
    assert token
    ref = f"refs/heads/{call.data.get('branch') or repo.default_branch}"
    head = repo.clone.ref(ref)
    tree = edited(repo.clone, head, edits)
    message = call.text("message", "Content")
    parents = [head] if head else []
    if "author" in call.data or "committer" in call.data:
        author = _person(call, call.data.get("author") or call.data["committer"])
        committer = _person(call, call.data.get("committer") or call.data["author"])
        sha = make(call.github, repo.clone, tree, parents, message, author=author, committer=committer)
    else:
        sha = make_by(call.github, repo.clone, tree, parents, message, by=token)
    await move(call.github, repo, ref, sha, call.actor, token=token)
    return sha


def _person(call: Call, data: Any) -> Person:
    return Person(data["name"], data["email"], call.github.now())


def _shape(call: Call, clone: Clone, sha: str) -> Json:
    return git_commit(call.shapes, call.repo, read(clone, sha))
