"""The pages by which a person makes and installs an App: the manifest flow and the installation page.

There is no signing in: each form says who is acting, by ``login``, by default the first person there is.
"""

from __future__ import annotations

import html
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from yarl import URL

from tests.doubles.github.accounts import Account
from tests.doubles.github.installing import Birth, install, register
from tests.doubles.github.routing import GITHUB, Answer, Call, route, web_page
from tests.doubles.github.shapes import Json
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import NotFound

GOOD_FOR = timedelta(hours=1)
PAGE = "<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{body}</html>"


@dataclass(frozen=True)
class Conversion:
    """An App that was just made, to be fetched once with its code."""

    birth: Birth
    until: datetime


class Conversions(dict[str, Conversion]):
    """What can still be fetched, by code."""


@web_page("POST", "/settings/apps/new")
@web_page("POST", "/organizations/{org}/settings/apps/new")
async def ask_for_app(request: web.Request) -> web.StreamResponse:
    """Show what the manifest asks for; the button makes the App."""
    manifest = _manifest((await request.post()).get("manifest"))
    state = html.escape(request.query.get("state", ""))
    rows = "".join(
        f"<li>{html.escape(name)}: {html.escape(grade)}</li>" for name, grade in manifest["default_permissions"].items()
    )
    form = (
        f'<form method=post action="/settings/apps?state={state}"><ul>{rows}</ul>'
        f'<input type=hidden name=manifest value="{html.escape(json.dumps(manifest))}">'
        f'<input type=hidden name=owner value="{html.escape(request.match_info.get("org", ""))}">'
        f'<input name=name value="{html.escape(manifest["name"])}"><button>Create GitHub App</button></form>'
    )
    return _html("Create GitHub App", form)


@web_page("POST", "/settings/apps")
async def make_app(request: web.Request) -> web.StreamResponse:
    """Make the App and send the browser back with the code."""
    github = request.app[GITHUB]
    form = await request.post()
    manifest = _manifest(form.get("manifest"))
    manifest["name"] = str(form.get("name") or manifest["name"])
    if any(app.name == manifest["name"] for app in github.apps.values()):
        raise web.HTTPUnprocessableEntity(text="Name is already in use")
    birth = register(github, _acting(github, form.get("owner") or form.get("login")), manifest)
    code = secrets.token_hex(20)
    github.room(Conversions)[code] = Conversion(birth, github.now() + GOOD_FOR)
    back = URL(manifest["redirect_url"]).update_query(code=code)
    raise web.HTTPFound(back.update_query(state=request.query["state"]) if request.query.get("state") else back)


@route("POST", "/app-manifests/{code}/conversions", who="anyone")
async def convert(call: Call) -> Answer:
    """Hand the App's secrets to whoever has the code, once."""
    found = call.github.room(Conversions).pop(call.match["code"], None)
    if not found or found.until < call.github.now():
        raise NotFound
    app = found.birth.app
    keys = {"client_secret": app.client_secret, "webhook_secret": app.hook_secret, "pem": found.birth.private_key}
    return Answer(201, call.shapes.app(app) | keys)


@web_page("GET", "/apps/{slug}/installations/new")
async def ask_to_install(request: web.Request) -> web.StreamResponse:
    """Show the form that installs the App."""
    slug = html.escape(request.match_info["slug"])
    form = (
        f"<form method=post action=/apps/{slug}/installations><input name=account>"
        "<input name=repositories placeholder='owner/name owner/name, empty for all'><button>Install</button></form>"
    )
    return _html(f"Install {slug}", form)


@web_page("POST", "/apps/{slug}/installations")
async def do_install(request: web.Request) -> web.StreamResponse:
    """Install the App."""
    github = request.app[GITHUB]
    form = await request.post()
    app = next((app for app in github.apps.values() if app.slug == request.match_info["slug"]), None)
    if not app:
        raise web.HTTPNotFound
    account = _acting(github, form.get("account"))
    names = str(form.get("repositories", "")).split()
    by = github.accounts[min(account.owners)] if account.owners else account
    made = install(github, app, account, [github.repository(name) for name in names] or None, by)
    raise web.HTTPFound(f"/settings/installations/{made.id}")


def _manifest(field: Any) -> Json:
    try:
        manifest: Json = json.loads(str(field))
    except ValueError:
        raise web.HTTPUnprocessableEntity(text="Invalid GitHub App configuration: manifest is not JSON") from None
    missing = [name for name in ("name", "url", "redirect_url") if not manifest.get(name)]
    if missing:
        raise web.HTTPUnprocessableEntity(text=f"Invalid GitHub App configuration: {missing[0]} is missing")
    return {"default_permissions": {}, **manifest}


def _acting(github: GitHub, login: Any) -> Account:
    if login:
        return github.account(str(login))
    people = [one for one in github.accounts.values() if one.kind == "User" and one not in {github.root, github.web_flow}]
    if not people:
        raise web.HTTPUnprocessableEntity(text="Nobody is signed in: make a person first")
    return people[0]


def _html(title: str, body: str) -> web.Response:
    return web.Response(text=PAGE.format(title=title, body=body), content_type="text/html")
