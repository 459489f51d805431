"""The git data API: blobs, trees, commits and refs, as an App uses them to make signed commits."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any

from tests.doubles.github.clone import Entry
from tests.doubles.github.commits import Person, git_commit, make, make_by, read
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import Conflict, NotFound, Unprocessable

MODES = {"100644": "blob", "100755": "blob", "040000": "tree", "160000": "commit", "120000": "blob"}
NO_PREFIX = "Reference name must start with 'refs/'."
EMPTY = "Git Repository is empty."
REF = re.compile(r"refs/[^/]+/(?!.*(\.\.|//|@\{|\\|[\x00-\x20~^:?*\[]))(?!.*(/|\.lock|\.)$).+")


@route("POST", "/repos/{owner}/{repo}/git/blobs", needs={"contents": "write"})
async def add_blob(call: Call) -> Answer:
    content = call.text("content", "Blob")
    if call.data.get("encoding", "utf-8") == "base64":
        try:
            data = base64.b64decode(content)
        except binascii.Error:
            raise Unprocessable("content is not valid Base64") from None
    else:
        data = content.encode()
    sha = call.repo.clone.add_blob(data)
    return Answer(201, {"sha": sha, "url": f"{call.urls.repo(call.repo)}/git/blobs/{sha}"})


@route("GET", "/repos/{owner}/{repo}/git/blobs/{sha}", needs={"contents": "read"})
async def blob(call: Call) -> Answer:
    sha = _object(call, call.match["sha"], "blob")
    data = call.repo.clone.blob(sha)
    if "raw" in call.request.headers.get("Accept", ""):
        return Answer(raw=data, kind="application/octet-stream")
    url = f"{call.urls.repo(call.repo)}/git/blobs/{sha}"
    text = base64.encodebytes(data).decode()
    return Answer(200, {"sha": sha, "node_id": f"B_{sha}", "size": len(data), "url": url, "content": text, "encoding": "base64"})


@route("GET", "/repos/{owner}/{repo}/git/trees/{sha}", needs={"contents": "read"})
async def tree(call: Call) -> Json:
    clone = call.repo.clone
    name = call.match["sha"]
    found = name if clone.kind(name) == "tree" else clone.resolve(name)
    if not found:
        raise NotFound
    sha = clone.text("rev-parse", f"{found}^{{tree}}")
    return _tree(call, sha, deep=call.query.get("recursive", "") not in {"", "0", "false"})


@route("POST", "/repos/{owner}/{repo}/git/trees", needs={"contents": "write"})
async def add_tree(call: Call) -> Answer:
    entries = call.data.get("tree")
    if not isinstance(entries, list) or not entries:
        raise Unprocessable("Invalid tree info")
    base = call.data.get("base_tree")
    if base is not None and call.repo.clone.kind(base) not in {"tree", "commit"}:
        raise Unprocessable("base_tree is not a valid tree oid")
    sha = call.repo.clone.add_tree(base, [_entry(call.repo, entry, has_base=base is not None) for entry in entries])
    return Answer(201, _tree(call, sha, deep=False))


def _entry(repo: Repository, entry: Any, *, has_base: bool) -> Entry:
    mode, path = str(entry.get("mode")), str(entry.get("path", ""))
    if mode not in MODES:
        raise Unprocessable("tree.mode must be one of 100644, 100755, 040000, 160000 or 120000")
    if not path or path.startswith("/") or {"", ".", "..", ".git"} & set(path.split("/")):
        raise Unprocessable("tree.path contains a malformed path component")
    if "content" in entry:
        return Entry(mode, "blob", repo.clone.add_blob(entry["content"].encode()), path)
    sha = entry.get("sha")
    if sha is None:
        if "sha" not in entry or not has_base:
            raise Unprocessable("Must supply either tree.sha or tree.content")
        return Entry(mode, MODES[mode], "", path)
    if repo.clone.kind(str(sha)) != MODES[mode] and MODES[mode] != "commit":
        raise Unprocessable(f"tree.sha {sha} is not a valid {MODES[mode]}")
    return Entry(mode, MODES[mode], str(sha), path)


def _tree(call: Call, sha: str, *, deep: bool) -> Json:
    url = f"{call.urls.repo(call.repo)}/git"
    entries = []
    for entry in call.repo.clone.entries(sha, deep=deep):
        size: Json = {"size": entry.size} if entry.size is not None else {}
        place = {"url": f"{url}/{entry.kind}s/{entry.sha}"} if entry.kind != "commit" else {}
        entries.append({"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha, **size, **place})
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": entries, "truncated": False}


@route("POST", "/repos/{owner}/{repo}/git/commits", needs={"contents": "write"})
async def add_commit(call: Call) -> Answer:
    clone = call.repo.clone
    message, sha = call.text("message", "Commit"), call.text("tree", "Commit")
    if clone.kind(sha) != "tree":
        raise Unprocessable("Tree SHA does not exist")
    parents = call.data.get("parents", [])
    if not all(clone.kind(str(parent)) == "commit" for parent in parents):
        raise Unprocessable("Parent SHA does not exist or is not a commit object")
    token = call.caller.token
    assert token
    if {"author", "committer", "signature"} & call.data.keys():
        author = _person(call, call.data.get("author"))
        committer = _person(call, call.data["committer"]) if "committer" in call.data else author
        made = make(call.github, clone, sha, parents, message, author=author, committer=committer)
    else:
        made = make_by(call.github, clone, sha, parents, message, by=token)
    return Answer(201, git_commit(call.shapes, call.repo, read(clone, made)))


def _person(call: Call, data: Any) -> Person:
    now = call.github.now()
    if data is None:
        return Person.of(call.actor, now)
    if not isinstance(data, dict) or not data.get("name") or not data.get("email"):
        raise Unprocessable('Invalid request.\n\n"name", "email" weren\'t supplied.')
    moment = datetime.fromisoformat(data["date"]) if "date" in data else now
    return Person(data["name"], data["email"], moment)


@route("GET", "/repos/{owner}/{repo}/git/commits/{sha}", needs={"contents": "read"})
async def commit(call: Call) -> Json:
    return git_commit(call.shapes, call.repo, read(call.repo.clone, _object(call, call.match["sha"], "commit")))


def _object(call: Call, sha: str, kind: str) -> str:
    if call.repo.clone.kind(sha) != kind:
        raise NotFound
    return sha


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref*}", needs={"contents": "read"})
async def ref(call: Call) -> Json:
    name = f"refs/{call.match['ref']}"
    if not call.repo.clone.branches():
        raise Conflict(EMPTY)
    sha = call.repo.clone.ref(name)
    if not sha:
        raise NotFound
    return _ref(call, name, sha)


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref*}", needs={"contents": "read"})
async def matching_refs(call: Call) -> Answer:
    prefix = f"refs/{call.match['ref']}"
    found = [(name, sha) for name, sha in call.repo.clone.refs("refs/").items() if name.startswith(prefix)]
    return call.page(found, lambda one: _ref(call, *one))


@route("POST", "/repos/{owner}/{repo}/git/refs", needs={"contents": "write"})
async def add_ref(call: Call) -> Answer:
    name, sha = call.text("ref", "Reference"), call.text("sha", "Reference")
    if not REF.fullmatch(name):
        raise Unprocessable(
            f"{name} is not a valid ref name." if name.startswith("refs/") else "Reference name must start with 'refs/'."
        )
    if name.startswith("refs/pull/"):
        raise Unprocessable("Reference cannot be updated")
    if call.repo.clone.ref(name):
        raise Unprocessable("Reference already exists")
    if not call.repo.clone.branches():
        raise Conflict(EMPTY)
    if not call.repo.clone.kind(sha):
        raise Unprocessable("Object does not exist")
    await _move(call, name, sha)
    return Answer(201, _ref(call, name, sha))


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref*}", needs={"contents": "write"})
async def change_ref(call: Call) -> Json:
    name, sha = f"refs/{call.match['ref']}", call.text("sha", "Reference")
    before = call.repo.clone.ref(name)
    if not before:
        raise Unprocessable("Reference does not exist")
    if not call.repo.clone.kind(sha):
        raise Unprocessable("Object does not exist")
    if not call.data.get("force", False) and not call.repo.clone.is_ancestor(before, sha):
        raise Unprocessable("Update is not a fast forward")
    if before != sha:
        await _move(call, name, sha)
    return _ref(call, name, sha)


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref*}", needs={"contents": "write"})
async def delete_ref(call: Call) -> Answer:
    name = f"refs/{call.match['ref']}"
    if not call.repo.clone.ref(name):
        raise Unprocessable("Reference does not exist")
    if name == f"refs/heads/{call.repo.default_branch}":
        raise Unprocessable("Cannot delete the default branch")
    await _move(call, name, None)
    return NO_CONTENT


async def _move(call: Call, name: str, sha: str | None) -> None:
    await move(call.github, call.repo, name, sha, call.actor, token=call.caller.token)


def _ref(call: Call, name: str, sha: str) -> Json:
    url = f"{call.urls.repo(call.repo)}/git"
    kind = call.repo.clone.kind(sha)
    return {
        "ref": name,
        "node_id": f"REF_{call.repo.id}_{name.encode().hex()}",
        "url": f"{url}/{name}",
        "object": {"sha": sha, "type": kind, "url": f"{url}/{kind}s/{sha}"},
    }
