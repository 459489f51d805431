"""Git over HTTP through git's own ``http-backend``, with tokens as passwords.

A push stops in ``pre-receive``, which asks the server back: there the same rules judge it as judge the API.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.doubles.github.accounts import Account, Token, at_least
from tests.doubles.github.authentication import secret_of, token
from tests.doubles.github.clone import QUIET, Clone
from tests.doubles.github.faults import Faults, cut, strike
from tests.doubles.github.refs import update
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import GITHUB, web_page
from tests.doubles.github.state import ZERO, GitHub, RefUpdate
from tests.doubles.github.traffic import record
from tests.doubles.github.wrong import Unauthorised, Wrong

QUARANTINE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")
HOOK = f"""#!{sys.executable} -IS
import json, os, sys, urllib.request
names = {QUARANTINE!r}
body = {{"push": os.environ["DOUBLE_PUSH"], "updates": [line.split() for line in sys.stdin],
        "env": {{name: os.path.abspath(os.environ[name]) for name in names if name in os.environ}}}}
request = urllib.request.Request(os.environ["DOUBLE_URL"] + "/_double/pre-receive", json.dumps(body).encode())
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
try:
    refused = json.load(opener.open(request))
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
for ref, reason in refused.items():
    print(f"error: {{ref}}: {{reason}}")
sys.exit(bool(refused))
"""
NO_WRITE = "remote: Write access to repository not granted.\n"
NO_REPOSITORY = "Repository not found.\n"


@dataclass
class Push:
    """A push under way."""

    repo: Repository
    by: Account
    token: Token
    updates: list[RefUpdate] = field(default_factory=list)


class Pushes(dict[str, Push]):
    """The pushes under way, by the name that their hook knows."""


@web_page("*", r"/{owner}/{name}/{rest:info/refs|git-upload-pack|git-receive-pack}")
async def git(request: web.Request) -> web.StreamResponse:
    github = request.app[GITHUB]
    fault = github.room(Faults).pick(request)
    try:
        await strike(fault, request)
        response = await _serve(github, request)
    except Unauthorised:
        response = web.Response(status=401, text="Unauthorized\n", headers={"WWW-Authenticate": 'Basic realm="GitHub"'})
    except Wrong as wrong:
        response = web.Response(status=wrong.status, text=wrong.message, headers=wrong.headers)
    record(github, {"kind": "git", "method": request.method, "path": request.path_qs, "status": response.status})
    if fault and fault.kind == "lost":
        cut(request)
    return response


async def _serve(github: GitHub, request: web.Request) -> web.Response:
    repo = github.find_repository(request.match_info["owner"], request.match_info["name"].removesuffix(".git"))
    header = request.headers.get("Authorization", "")
    using = token(github, secret_of(header)) if header else None
    writing = "git-receive-pack" in {request.query.get("service"), request.match_info["rest"]}
    if not using and (writing or not repo or repo.private):
        raise Unauthorised
    if not repo or (repo.private and not _may(github, repo, using, "read")):
        raise Wrong(NO_REPOSITORY, status=404)
    if not writing:
        return await _backend(repo, request, {})
    if not using or not _may(github, repo, using, "write") or repo.archived:
        raise Wrong(NO_WRITE, status=403)
    return await _push(github, Push(repo, using.account, using), request)


async def _push(github: GitHub, push: Push, request: web.Request) -> web.Response:
    name = secrets.token_hex(8)
    github.room(Pushes)[name] = push
    hook = push.repo.clone.path / "hooks" / "pre-receive"
    hook.write_text(HOOK)
    hook.chmod(0o755)
    response = await _backend(push.repo, request, {"DOUBLE_PUSH": name, "DOUBLE_URL": github.url})
    for moving in github.room(Pushes).pop(name).updates:
        if (push.repo.clone.ref(moving.ref) or ZERO) == moving.after:
            _choose_default(push.repo, moving)
            await github.moved(moving)
    return response


def _choose_default(repo: Repository, moving: RefUpdate) -> None:
    """Let the first branch of an empty repository be its default branch."""
    if moving.branch and repo.clone.branches().keys() == {moving.branch}:
        repo.default_branch = moving.branch
        repo.clone.git("symbolic-ref", "HEAD", moving.ref)


@web_page("POST", "/_double/pre-receive")
async def pre_receive(request: web.Request) -> web.StreamResponse:
    """Answer a push's hook with the refs that may not move, and why."""
    github = request.app[GITHUB]
    data = await request.json()
    push = github.room(Pushes)[data["push"]]
    clone = Clone(push.repo.clone.path, data["env"])
    moves = [update(push.repo, ref, None if after == ZERO else after, push.by, clone) for _, after, ref in data["updates"]]
    refused = {move.ref: reason for move in moves if (reason := github.refused(move, push.token, clone))}
    if not refused:
        push.updates = moves
    return web.json_response(refused)


def _may(github: GitHub, repo: Repository, using: Token | None, least: str) -> bool:
    if not using:
        return False
    if using.installation:
        reached = github.reaches(using.installation, repo) and (using.repositories is None or repo.id in using.repositories)
        return reached and using.permissions.get("contents", "none") in {least, "write"}
    return at_least(github.standard(repo, github.role(repo, using.account)), least)


async def _backend(repo: Repository, request: web.Request, extra: Mapping[str, str]) -> web.Response:
    body = await request.read()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        **QUIET,
        "GIT_PROJECT_ROOT": str(repo.clone.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo.clone.path.name}/{request.match_info['rest']}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": "double",
        "REMOTE_ADDR": "127.0.0.1",
        **extra,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("git", "http-backend", env=env, stdin=pipe, stdout=pipe, stderr=pipe)
    out, complaint = await process.communicate(body)
    head, _, content = out.partition(b"\r\n\r\n")
    if not head:  # a refusal in git's own protocol is an answer too
        raise Wrong(complaint.decode(errors="replace"), status=500)
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return web.Response(status=status, body=content, headers=headers)
