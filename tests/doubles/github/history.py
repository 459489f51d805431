"""Branches, commits and comparisons."""

from __future__ import annotations

from datetime import datetime

from tests.doubles.github.clone import GitFailed
from tests.doubles.github.commits import between, full_commit, read
from tests.doubles.github.pull_shapes import diff_entries
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import Answer, Call, route
from tests.doubles.github.rules import rules_of
from tests.doubles.github.shapes import Json
from tests.doubles.github.wrong import Conflict, NotFound, Unprocessable

READ = {"contents": "read"}
STATUSES = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind", (False, False): "identical"}
EMPTY = "Git Repository is empty."


@route("GET", "/repos/{owner}/{repo}/branches", needs=READ)
async def branches(call: Call) -> Answer:
    wanted = {"true": True, "false": False}.get(call.query.get("protected", ""))
    found = [_short(call, name, sha) for name, sha in call.repo.clone.branches().items()]
    return call.page([one for one in found if wanted in {None, one["protected"]}])


@route("GET", "/repos/{owner}/{repo}/branches/{branch*}", needs=READ)
async def branch(call: Call) -> Json:
    name = call.match["branch"]
    sha = call.repo.clone.branches().get(name)
    if not sha:
        raise NotFound("Branch not found")
    short = _short(call, name, sha)
    page = f"{call.urls.page(call.repo)}/tree/{name}"
    links = {"html": page, "self": f"{call.urls.repo(call.repo)}/branches/{name}"}
    return short | {"commit": full_commit(call.shapes, call.repo, read(call.repo.clone, sha)), "_links": links}


def _short(call: Call, name: str, sha: str) -> Json:
    url = call.urls.repo(call.repo)
    rules = rules_of(call.github, call.repo, name)
    checks = [{"context": context, "app_id": app} for context, app in sorted(rules.checks, key=str)]
    level = "non_admins" if checks else "off"
    required = {"enforcement_level": level, "contexts": [one["context"] for one in checks], "checks": checks}
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{url}/commits/{sha}"},
        "protected": rules.protected,
        "protection": {"enabled": rules.protected, "required_status_checks": required},
        "protection_url": f"{url}/branches/{name}/protection",
    }


@route("GET", "/repos/{owner}/{repo}/commits", needs=READ)
async def commits(call: Call) -> Answer:
    clone, query = call.repo.clone, call.query
    if not clone.branches():
        raise Conflict(EMPTY)
    start = clone.resolve(query.get("sha") or call.repo.default_branch)
    if not start:
        raise NotFound
    filters = [f"--{name}={datetime.fromisoformat(query[name]).isoformat()}" for name in ("since", "until") if name in query]
    filters += ["-i", "-F", f"--author={query['author']}"] if "author" in query else []
    paths = ["--", query["path"]] if query.get("path") else []
    found = clone.text("rev-list", *filters, start, *paths).split()
    return call.page(found, lambda sha: full_commit(call.shapes, call.repo, read(clone, sha)))


@route("GET", "/repos/{owner}/{repo}/commits/{ref*}", needs=READ)
async def commit(call: Call) -> Answer:
    sha = _commit(call.repo, call.match["ref"])
    if not sha:
        raise Unprocessable(f"No commit found for SHA: {call.match['ref']}")
    if "sha" in call.request.headers.get("Accept", ""):
        return Answer(raw=sha.encode(), kind="application/vnd.github.sha; charset=utf-8")
    one = read(call.repo.clone, sha)
    before = one.parents[0] if one.parents else call.repo.clone.add_tree(None, [])
    files = diff_entries(call.shapes, call.repo, before, sha)
    additions, deletions = sum(file["additions"] for file in files), sum(file["deletions"] for file in files)
    stats = {"total": additions + deletions, "additions": additions, "deletions": deletions}
    return Answer(200, full_commit(call.shapes, call.repo, one) | {"stats": stats, "files": files})


@route("GET", "/repos/{owner}/{repo}/compare/{basehead*}", needs=READ)
async def compare(call: Call) -> Answer:
    repo, clone = call.repo, call.repo.clone
    base_name, _, head_name = call.match["basehead"].partition("...")
    base, head = _side(call, base_name), _side(call, head_name)
    try:
        common = clone.text("merge-base", base, head)
    except GitFailed:
        raise NotFound(f"No common ancestor between {base_name} and {head_name}.") from None
    if "diff" in call.request.headers.get("Accept", ""):
        return Answer(raw=clone.git("diff", common, head), kind="application/vnd.github.diff; charset=utf-8")
    ahead, behind = between(clone, base, head, 10_000), between(clone, head, base, 10_000)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}.get(
        (bool(ahead), bool(behind)), "identical"
    )
    url = f"{call.urls.repo(repo)}/compare/{call.match['basehead']}"
    page = f"{call.urls.page(repo)}/compare/{call.match['basehead']}"
    body = {
        "url": url,
        "html_url": page,
        "permalink_url": f"{call.urls.page(repo)}/compare/{base[:7]}...{head[:7]}",
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": full_commit(call.shapes, repo, read(clone, base)),
        "merge_base_commit": full_commit(call.shapes, repo, read(clone, common)),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [full_commit(call.shapes, repo, read(clone, sha)) for sha in ahead[:250]],
        "files": diff_entries(call.shapes, repo, common, head)[:300],
    }
    return Answer(200, body)


def _side(call: Call, name: str) -> str:
    """Return a side of a comparison: a revision here, or ``owner:branch`` in a fork, whose objects are fetched."""
    owner, colon, revision = name.rpartition(":")
    repo = call.repo
    if colon and owner.lower() != repo.owner.login.lower():
        network = (repo.parent, *[one for one in call.github.repositories.values() if one.parent is repo])
        found = next((one for one in network if one and one.owner.login.lower() == owner.lower()), None)
        if not found:
            raise NotFound
        sha = found.clone.resolve(revision)
        if sha:
            repo.clone.fetch(found.clone, sha)
    else:
        sha = _commit(repo, revision)
    if not sha:
        raise NotFound
    return sha


def _commit(repo: Repository, revision: str) -> str | None:
    """Return a commit by branch, tag, SHA or the beginning of a SHA."""
    found = repo.clone.resolve(revision)
    if found or not 7 <= len(revision) < 40:
        return found
    return repo.clone.ref(f"{revision}^{{commit}}") if all(one in "0123456789abcdef" for one in revision) else None
