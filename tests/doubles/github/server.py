"""The server: every REST request goes one way, from the fault on demand to the ETag; pages and git stand beside it.

All files of this folder are imported, so a file that registers routes is served by being there.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import re
import secrets
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

import tests.doubles.github
from tests.doubles.github.authentication import caller
from tests.doubles.github.faults import Faults, cut, strike
from tests.doubles.github.limits import Limits
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import GITHUB, PAGES, Answer, Call, Caller, Route, check, find
from tests.doubles.github.state import GitHub
from tests.doubles.github.traffic import record
from tests.doubles.github.urls import CURRENT, PREFIX, asked_at
from tests.doubles.github.wrong import Forbidden, NotFound, Wrong

VERSIONS = ("2022-11-28", "2026-03-10")
LARGEST = 100 * 2**20
NO_AGENT = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
NOT_ROOMS = {"__main__", "fixture", "client", "seed"}
UNCOUNTED = {"/rate_limit"}


def application(github: GitHub) -> web.Application:
    """Return the whole double as one aiohttp application."""
    for module in pkgutil.iter_modules(tests.doubles.github.__path__):
        if module.name not in NOT_ROOMS:
            importlib.import_module(f"tests.doubles.github.{module.name}")
    app = web.Application(client_max_size=LARGEST, middlewares=[known_at])
    app[GITHUB] = github
    for method, path, handler in PAGES:
        app.router.add_route(method, path, handler)
    for prefix in (PREFIX, "/api"):
        app.router.add_route("*", prefix + "/{path:.*}", api)
    app.router.add_route("*", "/{path:.*}", bare)
    app.on_shutdown.append(_close)
    return app


async def _close(app: web.Application) -> None:
    await app[GITHUB].end()


@web.middleware
async def known_at(request: web.Request, handler: Any) -> web.StreamResponse:
    """Remember where we were asked, for webhooks that the request causes; a page's errors are JSON too."""
    CURRENT.set(asked_at(request))
    try:
        response: web.StreamResponse = await handler(request)
    except Wrong as wrong:
        return web.json_response(wrong.body(), status=wrong.status)
    except (web.HTTPException, ConnectionResetError):
        raise
    except Exception:  # noqa: BLE001 - a defect of the double is a 500 with its traceback
        return web.json_response(_defect(), status=500)
    return response


def _defect() -> dict[str, Any]:
    return {"message": "The double failed", "traceback": traceback.format_exc().splitlines()}


async def bare(request: web.Request) -> web.StreamResponse:
    """Answer what has no prefix: the API at ``api.host``, else nothing."""
    if request.host.startswith("api."):
        return await api(request)
    return web.Response(status=404, text="Not Found")


async def api(request: web.Request) -> web.StreamResponse:
    """Answer one API request, and record it."""
    github = request.app[GITHUB]
    fault = github.room(Faults).pick(request)
    found: list[Route] = []
    who = Caller()
    body = await request.read()
    try:
        await strike(fault, request)
        who = caller(github, request)
        answer = await _answer(github, request, who, body, found)
    except Wrong as wrong:
        answer = Answer(wrong.status, wrong.body(), wrong.headers)
    except ConnectionResetError:
        raise
    except Exception:  # noqa: BLE001 - a defect of the double is a 500, with its traceback in the record
        answer = Answer(500, _defect())
    response = _response(github, request, who, answer)
    await _record(request, found, answer, response)
    if fault and fault.kind == "lost":
        cut(request)
    return response


async def _answer(github: GitHub, request: web.Request, who: Caller, body: bytes, found: list[Route]) -> Answer:
    if not request.headers.get("User-Agent"):
        raise Forbidden(NO_AGENT)
    version = request.headers.get("X-GitHub-Api-Version", VERSIONS[0])
    if version not in VERSIONS:
        raise Wrong(f"{version} is not a supported API version. Supported versions: {', '.join(VERSIONS)}.", status=400)
    path = _path(github, request)
    if path not in UNCOUNTED:
        github.room(Limits).spend(github, who, request.method, "graphql" if path == "/graphql" else "core")
    one, match = find(request.method, path)
    found.append(one)
    call = Call(github, request, who, asked_at(request), match, _data(body), version, _repository(github, match))
    if "owner" in match and "repo" in match and not call.found:
        raise NotFound
    check(one, call)
    result = await one.handler(call)
    return result if isinstance(result, Answer) else Answer(200, result)


def _path(github: GitHub, request: web.Request) -> str:
    """Return the path as the routes know it: without prefix, with a repository's name instead of its id."""
    path = request.rel_url.raw_path
    path = path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else path.removeprefix("/api")
    by_id = re.match(r"/repositories/(\d+)(?=/|$)", path)
    if by_id:
        repo = github.repositories.get(int(by_id[1]))
        if not repo:
            raise NotFound
        path = f"/repos/{repo.full_name}{path[by_id.end() :]}"
    return path.rstrip("/") or "/"


def _repository(github: GitHub, match: Mapping[str, str]) -> Repository | None:
    return github.find_repository(match["owner"], match["repo"]) if "owner" in match and "repo" in match else None


def _data(body: bytes) -> Any:
    if not body:
        return {}
    try:
        data = json.loads(body)
    except ValueError:
        raise Wrong("Problems parsing JSON", status=400) from None
    if not isinstance(data, dict | list):
        raise Wrong("Body should be a JSON object", status=400)
    return data


def _response(github: GitHub, request: web.Request, who: Caller, answer: Answer) -> web.Response:
    raw = answer.raw
    if raw is None:
        raw = b"" if answer.body is None and answer.status in {204, 205, 304} else json.dumps(answer.body).encode()
    limits = github.room(Limits)
    resource = "graphql" if request.path.endswith("/graphql") else "core"
    headers = {
        "X-GitHub-Request-Id": secrets.token_hex(8).upper(),
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Api-Version-Selected": request.headers.get("X-GitHub-Api-Version", VERSIONS[0]),
        **limits.headers(github, who, resource),
        **answer.headers,
    }
    if request.method == "GET" and answer.status == 200:
        tag = f'W/"{hashlib.sha256(raw).hexdigest()}"'
        headers |= {"ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60", "Vary": "Accept, Authorization, Cookie"}
        if tag in request.headers.get("If-None-Match", ""):
            limits.refund(github, who, resource)
            return web.Response(status=304, headers=headers | limits.headers(github, who, resource))
    if raw:
        headers["Content-Type"] = answer.kind
    return web.Response(status=answer.status, body=raw, headers=headers)


async def _record(request: web.Request, found: list[Route], answer: Answer, response: web.Response) -> None:
    body = await request.read()
    sent: Any = None
    with suppress(ValueError):
        sent = json.loads(body) if body else None
    line = {
        "kind": "rest",
        "method": request.method,
        "path": request.path_qs,
        "template": found[0].template if found else None,
        "version": response.headers["X-GitHub-Api-Version-Selected"],
        "request": sent,
        "status": response.status,
        "headers": dict(response.headers),
        "response": answer.body if response.body else None,
    }
    if request.path.endswith("/graphql") and response.status == 200 and isinstance(sent, dict):
        line |= {"kind": "graphql", "query": sent.get("query"), "variables": sent.get("variables"), "answer": answer.body}
    record(request.app[GITHUB], line)


async def start(data: Path, port: int = 0, host: str = "127.0.0.1", socket: Path | None = None) -> tuple[web.AppRunner, GitHub]:
    """Start the double, on a socket file too if one is named; its address is ``url`` of the state that is returned."""
    data.mkdir(parents=True, exist_ok=True)
    github = GitHub(data)
    runner = web.AppRunner(application(github), access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound = runner.addresses[0][1]
    if socket:
        await web.UnixSite(runner, str(socket)).start()
    github.url = f"http://{host}:{bound}"
    return runner, github
