"""People and teams: users, organisations' teams and their members, collaborators and their permission."""

from __future__ import annotations

from typing import Any

from tests.doubles.github.accounts import Account, Team
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import Json, stamp
from tests.doubles.github.wrong import Forbidden, NotFound

LEGACY = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}


def public_user(call: Call, account: Account) -> Json:
    """Return a user as it is answered alone."""
    none = dict.fromkeys(("company", "location", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    moments = {"created_at": stamp(account.created_at), "updated_at": stamp(account.created_at)}
    return call.shapes.account(account) | {"name": account.name, "blog": "", "email": account.email, **none, **counts, **moments}


@route("GET", "/user", who="person")
async def me(call: Call) -> Json:
    return public_user(call, call.actor)


@route("GET", "/users/{login}", who="anyone")
async def user(call: Call) -> Json:
    return public_user(call, call.github.account(call.match["login"]))


@route("GET", "/user/{account_id}", who="anyone")
async def user_by_id(call: Call) -> Json:
    account = call.github.accounts.get(call.number("account_id"))
    if not account:
        raise NotFound
    return public_user(call, account)


@route("GET", "/repos/{owner}/{repo}/collaborators", needs={"metadata": "read"}, public=False)
async def collaborators(call: Call) -> Answer:
    found = [call.github.accounts[number] for number in call.repo.collaborators]
    return call.page(found, lambda one: _with_role(call, one))


@route("GET", "/repos/{owner}/{repo}/collaborators/{login}/permission", needs={"metadata": "read"}, public=False)
async def permission(call: Call) -> Json:
    account = call.github.account(call.match["login"])
    role = call.github.role(call.repo, account)
    standard = call.github.standard(call.repo, role)
    return {"permission": LEGACY[standard], "user": _with_role(call, account), "role_name": role}


@route("GET", "/repos/{owner}/{repo}/collaborators/{login}", needs={"metadata": "read"}, public=False)
async def is_collaborator(call: Call) -> Answer:
    account = call.github.account(call.match["login"])
    if account.id not in call.repo.collaborators and account.id != call.repo.owner.id:
        raise NotFound
    return NO_CONTENT


@route("PUT", "/repos/{owner}/{repo}/collaborators/{login}", needs={"administration": "write"})
async def add_collaborator(call: Call) -> Answer:
    account = call.github.account(call.match["login"])
    role = call.data.get("permission", "push")
    call.repo.collaborators[account.id] = {"pull": "read", "push": "write"}.get(role, role)
    return NO_CONTENT


@route("DELETE", "/repos/{owner}/{repo}/collaborators/{login}", needs={"administration": "write"})
async def remove_collaborator(call: Call) -> Answer:
    call.repo.collaborators.pop(call.github.account(call.match["login"]).id, None)
    return NO_CONTENT


def _with_role(call: Call, account: Account) -> Json:
    rights = call.shapes.rights(call.repo, account)
    return call.shapes.account(account) | {"permissions": rights, "role_name": call.github.role(call.repo, account)}


@route("GET", "/orgs/{org}/teams", needs={"members": "read"})
async def teams(call: Call) -> Answer:
    organisation = _organisation(call)
    return call.page([team for team in call.github.teams.values() if team.organisation is organisation], call.shapes.team)


@route("GET", "/orgs/{org}/teams/{slug}", needs={"members": "read"})
async def team(call: Call) -> Json:
    found = _team(call)
    counts: Json = {"members_count": len(found.members), "repos_count": len(found.roles)}
    moments = {"created_at": stamp(found.organisation.created_at), "updated_at": stamp(found.organisation.created_at)}
    return call.shapes.team(found) | counts | moments | {"organization": _full_organisation(call, found.organisation)}


@route("GET", "/orgs/{org}/teams/{slug}/members", needs={"members": "read"})
async def team_members(call: Call) -> Answer:
    found = _team(call)
    return call.page([call.github.accounts[number] for number in sorted(found.members)], call.shapes.account)


@route("GET", "/orgs/{org}/teams/{slug}/memberships/{login}", needs={"members": "read"})
async def team_membership(call: Call) -> Json:
    found = _team(call)
    account = call.github.account(call.match["login"])
    if account.id not in found.members:
        raise NotFound
    url = f"{call.urls.api}/organizations/{found.organisation.id}/team/{found.id}/memberships/{account.login}"
    return {"url": url, "role": "member", "state": "active"}


@route("GET", "/orgs/{org}/memberships/{login}", needs={"members": "read"})
async def membership(call: Call) -> Json:
    organisation, account = _organisation(call), call.github.account(call.match["login"])
    if account.id not in organisation.members | organisation.owners:
        raise NotFound
    lite = call.shapes.organisation(organisation)
    url = f"{lite['url']}/memberships/{account.login}"
    standing = {"state": "active", "role": "admin" if account.id in organisation.owners else "member"}
    return {"url": url, **standing, "organization_url": lite["url"], "organization": lite, "user": call.shapes.account(account)}


@route("GET", "/orgs/{org}/members/{login}", needs={"members": "read"})
async def is_member(call: Call) -> Answer:
    if call.github.account(call.match["login"]).id not in _organisation(call).members:
        raise NotFound
    return NO_CONTENT


def _organisation(call: Call) -> Account:
    organisation = call.github.account(call.match["org"])
    if organisation.kind != "Organization":
        raise NotFound
    caller = call.caller
    if caller.installation and caller.installation.account is not organisation:
        raise Forbidden
    if caller.account and not caller.installation and caller.account.id not in organisation.members:
        raise NotFound
    return organisation


def _team(call: Call) -> Team:
    organisation = _organisation(call)
    for found in call.github.teams.values():
        if found.organisation is organisation and found.slug == call.match["slug"]:
            return found
    raise NotFound


def _full_organisation(call: Call, account: Account) -> dict[str, Any]:
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    flags = {"has_organization_projects": True, "has_repository_projects": True, "is_verified": False}
    moments = {"created_at": stamp(account.created_at), "updated_at": stamp(account.created_at), "archived_at": None}
    page = {"html_url": f"{call.urls.web}/{account.login}", "type": "Organization", "name": account.name or account.login}
    return call.shapes.organisation(account) | counts | flags | moments | page
