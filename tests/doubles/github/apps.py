"""Apps and their installations: who the App is, tokens narrowed for a job, and the log of its deliveries."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.doubles.github.accounts import App, Installation, Token
from tests.doubles.github.authentication import SUSPENDED
from tests.doubles.github.events import Delivery, Hooks
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import GRADES, NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import Json, stamp
from tests.doubles.github.wrong import Forbidden, NotFound, Unprocessable

LIFE = timedelta(hours=1)
NOT_GRANTED = "The permissions requested are not granted to this installation."
NOT_REACHED = "There is at least one repository that does not exist or is not accessible to the parent installation."


def app_of(call: Call) -> App:
    """Return the App that asks with its JWT."""
    app = call.caller.app
    assert app, "routes for an App are reached with its JWT only"
    return app


@route("GET", "/app", who="app")
async def app(call: Call) -> Json:
    one = app_of(call)
    count = sum(installation.app is one for installation in call.github.installations.values())
    return call.shapes.app(one) | {"installations_count": count}


@route("GET", "/apps/{slug}", who="anyone")
async def public_app(call: Call) -> Json:
    found = next((app for app in call.github.apps.values() if app.slug == call.match["slug"]), None)
    if not found:
        raise NotFound
    return call.shapes.app(found)


@route("GET", "/app/installations", who="app")
async def installations(call: Call) -> Answer:
    app = app_of(call)
    return call.page([one for one in call.github.installations.values() if one.app is app], call.shapes.installation)


@route("GET", "/app/installations/{installation_id}", who="app")
async def installation(call: Call) -> Json:
    return call.shapes.installation(_installation(call))


@route("GET", "/repos/{owner}/{repo}/installation", who="app")
async def installation_of_repository(call: Call) -> Json:
    app = app_of(call)
    for one in call.github.installations.values():
        if one.app is app and one.account is call.repo.owner and (one.repositories is None or call.repo.id in one.repositories):
            return call.shapes.installation(one)
    raise NotFound


@route("GET", "/orgs/{login}/installation", who="app")
@route("GET", "/users/{login}/installation", who="app")
async def installation_of_account(call: Call) -> Json:
    app, account = app_of(call), call.github.account(call.match["login"])
    for one in call.github.installations.values():
        if one.app is app and one.account is account:
            return call.shapes.installation(one)
    raise NotFound


@route("POST", "/app/installations/{installation_id}/access_tokens", who="app")
async def access_token(call: Call) -> Answer:
    one = _installation(call)
    if one.suspended_at:
        raise Forbidden(SUSPENDED)
    chosen = _chosen(call, one)
    permissions = {"metadata": "read", **_narrowed(one, call.data.get("permissions"))}
    repositories = None if chosen is None else {repo.id for repo in chosen}
    secret = f"ghs_{secrets.token_hex(18)}"
    token = Token(secret, one.app.bot, one, permissions, repositories, call.github.now() + LIFE)
    call.github.tokens[secret] = token
    body: Json = {
        "token": secret,
        "expires_at": stamp(token.expires_at),
        "permissions": permissions,
        "repository_selection": "all" if one.repositories is None and chosen is None else "selected",
    }
    if chosen is not None:
        body["repositories"] = [call.shapes.repository(repo, one.app.bot) for repo in chosen]
    return Answer(201, body)


def _chosen(call: Call, one: Installation) -> list[Repository] | None:
    names, numbers = call.data.get("repositories"), call.data.get("repository_ids")
    if names is None and numbers is None:
        return None
    found = [call.github.find_repository(one.account.login, str(name)) for name in names or ()]
    found += [call.github.repositories.get(number) for number in numbers or ()]
    if not all(repo and call.github.reaches(one, repo) for repo in found):
        raise Unprocessable(NOT_REACHED)
    return [repo for repo in found if repo]


def _narrowed(one: Installation, asked: Mapping[str, str] | None) -> dict[str, str]:
    if not asked:  # nothing asked for, or an empty object: everything
        return dict(one.permissions)
    for name, grade in asked.items():
        if grade not in GRADES or GRADES.index(grade) > GRADES.index(one.permissions.get(name, "none")):
            raise Unprocessable(NOT_GRANTED)
    return dict(asked)


@route("DELETE", "/installation/token", who="installation")
async def revoke(call: Call) -> Answer:
    assert call.caller.token
    del call.github.tokens[call.caller.token.secret]
    return NO_CONTENT


@route("GET", "/installation/repositories", who="installation")
async def repositories(call: Call) -> Answer:
    token, one = call.caller.token, call.caller.installation
    assert token
    assert one
    reached = [repo for repo in call.github.repositories.values() if call.github.reaches(one, repo)]
    seen = [repo for repo in reached if token.repositories is None or repo.id in token.repositories]
    answer = call.page(seen, lambda repo: call.shapes.repository(repo, call.actor), wrap="repositories")
    selection = "all" if one.repositories is None and token.repositories is None else "selected"
    return replace(answer, body=answer.body | {"repository_selection": selection})


@route("GET", "/app/hook/config", who="app")
async def hook(call: Call) -> Json:
    return {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": app_of(call).hook_url}


@route("PATCH", "/app/hook/config", who="app")
async def change_hook(call: Call) -> Json:
    one = app_of(call)
    one.hook_url = call.data.get("url", one.hook_url)
    one.hook_secret = call.data.get("secret", one.hook_secret)
    return await hook(call)


@route("GET", "/app/hook/deliveries", who="app")
async def deliveries(call: Call) -> Answer:
    """List the newest first, page by page with a cursor."""
    one = app_of(call)
    log = [delivery for delivery in reversed(call.github.room(Hooks).log) if delivery.app is one]
    if call.query.get("status") in {"success", "failure"}:
        log = [delivery for delivery in log if delivery.ok == (call.query["status"] == "success")]
    cursor = call.query.get("cursor", "")
    older = [delivery for delivery in log if not cursor.isdigit() or delivery.id <= int(cursor)]
    size = min(int(call.query.get("per_page", 30)), 100)
    part, rest = older[:size], older[size:]
    link = f'<{call.urls.api}/app/hook/deliveries?per_page={size}&cursor={rest[0].id}>; rel="next"' if rest else ""
    return Answer(200, [_delivery(delivery) for delivery in part], {"Link": link} if link else {})


@route("GET", "/app/hook/deliveries/{delivery_id}", who="app")
async def delivery(call: Call) -> Json:
    one = _found(call)
    request = {"headers": one.headers, "payload": json.loads(one.payload)}
    answer = {"headers": one.answer_headers, "payload": one.answer}
    return _delivery(one) | {"url": one.app.hook_url, "request": request, "response": answer}


@route("POST", "/app/hook/deliveries/{delivery_id}/attempts", who="app")
async def redeliver(call: Call) -> Answer:
    """Send it again: a new delivery in the log, under the same ``X-GitHub-Delivery``."""
    one = _found(call)
    blank: Json = {"status": "pending", "code": 0, "answer": "", "answer_headers": {}}
    again = replace(one, id=call.github.number(), at=call.github.now(), redelivery=True, **blank)
    call.github.room(Hooks).send(call.github, again)
    return Answer(202, {})


def _installation(call: Call) -> Installation:
    found = call.github.installations.get(call.number("installation_id"))
    if not found or found.app is not app_of(call):
        raise NotFound
    return found


def _found(call: Call) -> Delivery:
    one = app_of(call)
    number = call.number("delivery_id")
    found = next((delivery for delivery in call.github.room(Hooks).log if delivery.id == number), None)
    if not found or found.app is not one:
        raise NotFound
    return found


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": one.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "redelivery": one.redelivery,
        "duration": one.seconds,
        "status": one.status,
        "status_code": one.code,
        "event": one.event,
        "action": one.action,
        "installation_id": one.installation,
        "repository_id": one.repository,
        "throttled_at": None,
    }
