"""What a test or a person sets up: people, organisations, teams, repositories, Apps and where they are installed.

All under ``/_double/``, all JSON. What people *do* goes through the API itself with their own tokens.
"""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.doubles.github import installing
from tests.doubles.github.accounts import Account, Team
from tests.doubles.github.commits import Person, edited, make
from tests.doubles.github.events import Hooks, Order
from tests.doubles.github.limits import Limits
from tests.doubles.github.refs import move
from tests.doubles.github.repositories import new_repository
from tests.doubles.github.repository import Repository, Settings
from tests.doubles.github.routing import GITHUB, web_page
from tests.doubles.github.shapes import Shapes
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import asked_at


async def _asked(request: web.Request) -> tuple[GitHub, dict[str, Any]]:
    return request.app[GITHUB], await request.json() if request.can_read_body else {}


@web_page("POST", "/_double/people")
async def person(request: web.Request) -> web.StreamResponse:
    """``{login, name?, email?, type?}`` → id and token; somebody who exists is answered as he is. A ``Bot`` is nobody."""
    github, data = await _asked(request)
    made = github.find_account(data["login"]) or github.add_account(
        data["login"], data.get("type", "User"), data.get("name"), data.get("email")
    )
    return web.json_response({"id": made.id, "login": made.login, "token": github.token_of(made)}, status=201)


@web_page("POST", "/_double/organisations")
async def organisation(request: web.Request) -> web.StreamResponse:
    """``{login, owners, members?, base_role?, custom_roles?}``"""
    github, data = await _asked(request)
    made = github.add_account(data["login"], "Organization", data.get("name"))
    made.owners = {github.account(login).id for login in data.get("owners", [])}
    made.members = made.owners | {github.account(login).id for login in data.get("members", [])}
    made.base_role = data.get("base_role", "none")
    made.custom_roles = dict(data.get("custom_roles", {}))
    return web.json_response({"id": made.id, "login": made.login}, status=201)


@web_page("POST", "/_double/teams")
async def team(request: web.Request) -> web.StreamResponse:
    """``{organisation, slug, members, roles: {owner/name: role}}``; members join the organisation. A known team is replaced."""
    github, data = await _asked(request)
    of = github.account(data["organisation"])
    members = {github.account(login).id for login in data.get("members", [])}
    of.members |= members
    roles = {github.repository(name).id: role for name, role in data.get("roles", {}).items()}
    known = next((one for one in github.teams.values() if one.organisation is of and one.slug == data["slug"]), None)
    made = known or Team(github.number(), of, data["slug"], data.get("name", data["slug"]))
    made.members, made.roles = members, roles
    github.teams[made.id] = made
    return web.json_response({"id": made.id, "slug": made.slug}, status=201)


@web_page("POST", "/_double/repositories")
async def repository(request: web.Request) -> web.StreamResponse:
    """``{full_name, private?, files?: {path: text}, collaborators?: {login: role}, settings?: {…}}``; the owner must exist."""
    github, data = await _asked(request)
    owner, _, name = data["full_name"].partition("/")
    made = new_repository(github, github.account(owner), name, private=data.get("private", False))
    made.description = data.get("description")
    _set(github, made, data)
    if data.get("files"):
        await _commit(github, made, made.default_branch, data)
    return web.json_response(Shapes(github, asked_at(request)).repository(made), status=201)


@web_page("PATCH", "/_double/repositories/{owner}/{name}")
async def change_repository(request: web.Request) -> web.StreamResponse:
    """``{collaborators?, settings?, archived?, private?, default_branch?}``: only what is named changes."""
    github, data = await _asked(request)
    repo = _repo(github, request)
    for field in ("archived", "private", "default_branch"):
        setattr(repo, field, data.get(field, getattr(repo, field)))
    _set(github, repo, data)
    return web.json_response(Shapes(github, asked_at(request)).repository(repo))


def _set(github: GitHub, repo: Repository, data: dict[str, Any]) -> None:
    for login, role in data.get("collaborators", {}).items():
        repo.collaborators[github.account(login).id] = role
    for name, value in data.get("settings", {}).items():
        assert name in Settings.__slots__, f"There is no setting {name}."
        setattr(repo.settings, name, value)


@web_page("POST", "/_double/repositories/{owner}/{name}/commits")
async def commit(request: web.Request) -> web.StreamResponse:
    """Push a commit as a person, which names whom he likes as its maker.

    ``{branch, files: {path: text | null | {"base64": …}}, by?, message?, parent?, force?, maker?: {name, email}}``
    """
    github, data = await _asked(request)
    repo = _repo(github, request)
    sha = await _commit(github, repo, data.get("branch", repo.default_branch), data)
    return web.json_response({"sha": sha}, status=201)


async def _commit(github: GitHub, repo: Repository, branch: str, data: dict[str, Any]) -> str:
    by = github.account(data["by"]) if "by" in data else _owner(github, repo.owner)
    ref = f"refs/heads/{branch}"
    parent = data.get("parent") or repo.clone.ref(ref) or repo.clone.ref(f"refs/heads/{repo.default_branch}")
    tree = edited(repo.clone, parent, {path: _bytes(content) for path, content in data["files"].items()})
    maker = data.get("maker")
    author = Person(maker["name"], maker["email"], github.now()) if maker else Person.of(by, github.now())
    sha = make(github, repo.clone, tree, [parent] if parent else [], data.get("message", "Change files"), author=author)
    await move(github, repo, ref, sha, by, token=github.tokens[github.token_of(by)], ruled=not data.get("force", False))
    return sha


def _bytes(content: Any) -> bytes | None:
    if content is None:
        return None
    return base64.b64decode(content["base64"]) if isinstance(content, dict) else str(content).encode()


def _owner(github: GitHub, account: Account) -> Account:
    return github.accounts[min(account.owners)] if account.owners else account


@web_page("POST", "/_double/apps")
async def app(request: web.Request) -> web.StreamResponse:
    """``{owner, manifest, secret?}`` → everything that the App's owner is given."""
    github, data = await _asked(request)
    birth = installing.register(github, github.account(data["owner"]), data["manifest"], data.get("secret"))
    made = birth.app
    facts = {"bot": made.bot.login, "bot_id": made.bot.id, "pem": birth.private_key, "webhook_secret": made.hook_secret}
    ids = {"id": made.id, "slug": made.slug, "client_id": made.client_id, "client_secret": made.client_secret}
    return web.json_response(ids | facts, status=201)


@web_page("PATCH", "/_double/apps/{app_id}")
async def change_app(request: web.Request) -> web.StreamResponse:
    """``{hook_url?, permissions?, events?}``: what the App asks for; installations accept at once."""
    github, data = await _asked(request)
    one = github.apps[int(request.match_info["app_id"])]
    one.hook_url = data.get("hook_url", one.hook_url)
    one.permissions = data.get("permissions", one.permissions)
    one.events = data.get("events", one.events)
    for installation in github.installations.values():
        if installation.app is one:
            installation.permissions, installation.events = dict(one.permissions), list(one.events)
    return web.json_response({"id": one.id})


@web_page("POST", "/_double/installations")
async def install(request: web.Request) -> web.StreamResponse:
    """``{app, account, repositories?: [owner/name] (none: all), by?}`` → id; the App is told."""
    github, data = await _asked(request)
    account = github.account(data["account"])
    by = github.account(data["by"]) if "by" in data else _owner(github, account)
    names = data.get("repositories")
    chosen = None if names is None else [github.repository(name) for name in names]
    made = installing.install(github, github.apps[data["app"]], account, chosen, by)
    return web.json_response({"id": made.id}, status=201)


@web_page("PATCH", "/_double/installations/{installation_id}")
async def change_installation(request: web.Request) -> web.StreamResponse:
    """``{suspended?, permissions?, remove?: owner/name, deleted?}``"""
    github, data = await _asked(request)
    one = github.installations[int(request.match_info["installation_id"])]
    by = _owner(github, one.account)
    one.permissions = data.get("permissions", one.permissions)
    if "suspended" in data:
        installing.suspend(github, one, by, suspended=data["suspended"])
    if "remove" in data:
        installing.remove(github, one, github.repository(data["remove"]), by)
    if data.get("deleted"):
        installing.uninstall(github, one, by)
    return web.json_response({"id": one.id})


@web_page("POST", "/_double/forget")
async def forget(request: web.Request) -> web.StreamResponse:
    """``{data}``: begin anew, empty, in that directory."""
    github, data = await _asked(request)
    await github.forget(Path(data["data"]))
    return web.Response(status=204)


@web_page("POST", "/_double/clock")
async def clock(request: web.Request) -> web.StreamResponse:
    """``{seconds}``: put the clock forward."""
    github, data = await _asked(request)
    github.shift += timedelta(seconds=data["seconds"])
    return web.json_response({"now": github.now().isoformat()})


@web_page("PATCH", "/_double/limits")
async def limits(request: web.Request) -> web.StreamResponse:
    """``{primary?, creations_a_minute?, points_a_minute?, retry_after?}``: the rate limits in force."""
    github, data = await _asked(request)
    for name in ("primary", "creations_a_minute", "points_a_minute", "retry_after"):
        if name in data:
            setattr(github.room(Limits), name, data[name])
    return web.json_response({"primary": github.room(Limits).primary})


@web_page("POST", "/_double/webhooks/orders")
async def order(request: web.Request) -> web.StreamResponse:
    """``{mode: hold|drop|duplicate|delay, event?, action?, count?, seconds?}``: what happens to the next deliveries."""
    github, data = await _asked(request)
    github.room(Hooks).orders.append(Order(**data))
    return web.json_response({}, status=201)


@web_page("DELETE", "/_double/webhooks/orders")
async def no_orders(request: web.Request) -> web.StreamResponse:
    """Deliver as usual again; what is held stays held."""
    request.app[GITHUB].room(Hooks).orders.clear()
    return web.Response(status=204)


@web_page("POST", "/_double/webhooks/release")
async def release(request: web.Request) -> web.StreamResponse:
    """``{order?: kept|reversed|shuffled}``: send what is held."""
    github, data = await _asked(request)
    return web.json_response({"released": github.room(Hooks).release(github, data.get("order", "kept"))})


@web_page("GET", "/_double/webhooks/settled")
async def settled(request: web.Request) -> web.StreamResponse:
    """Answer when every delivery under way has been answered; 504 after ``seconds``."""
    hooks = request.app[GITHUB].room(Hooks)
    try:
        async with asyncio.timeout(float(request.query.get("seconds", "30"))):
            while hooks.late:
                await asyncio.wait(hooks.late)
            await hooks.idle.wait()
    except TimeoutError:
        return web.json_response({"settled": False}, status=504)
    return web.json_response({"settled": True, "held": len(hooks.held)})


def _repo(github: GitHub, request: web.Request) -> Repository:
    return github.repository(f"{request.match_info['owner']}/{request.match_info['name']}")
