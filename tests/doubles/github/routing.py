"""The table of REST routes, and the one place that checks who asks and what they may.

``@route("GET", "/repos/{owner}/{repo}/issues/{number}", needs={"issues": "read"})`` on ``async def issue(call: Call)``:
what it returns is the JSON of a 200, or an :class:`Answer`; it raises :class:`Wrong` for everything else.
``{number}`` and names ending in ``_id`` match digits, ``{path*}`` matches slashes, the others match one segment.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from aiohttp import web

from tests.doubles.github.accounts import Account, App, Installation, Token, at_least
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Shapes
from tests.doubles.github.state import GitHub
from tests.doubles.github.urls import Urls
from tests.doubles.github.wrong import Forbidden, NotFound, Unauthorised, Unprocessable, invalid

GRADES = ("none", "read", "write", "admin")
PEOPLE = {"read": "read", "write": "write", "admin": "admin"}
Needs = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """An answer that is not the JSON of a 200."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Bytes that are no JSON: a diff, a log, a file."""
    kind: str = "application/json; charset=utf-8"


NO_CONTENT = Answer(204)


@dataclass(frozen=True)
class Caller:
    """Who asks: an App with its JWT, an installation, a person, or nobody."""

    app: App | None = None
    token: Token | None = None

    @property
    def installation(self) -> Installation | None:
        return self.token.installation if self.token else None

    @property
    def account(self) -> Account | None:
        """The person, or the App's bot."""
        return self.token.account if self.token else None


@dataclass
class Call:
    """One request, its caller already checked against the route's needs."""

    github: GitHub
    request: web.Request
    caller: Caller
    urls: Urls
    match: Mapping[str, str]
    data: Any
    version: str
    found: Repository | None = None

    @property
    def repo(self) -> Repository:
        """The repository in the path; raises NotFound where there is none."""
        if not self.found:
            raise NotFound
        return self.found

    @property
    def actor(self) -> Account:
        """The person or the bot that acts; raises Unauthorised for nobody."""
        account = self.caller.account
        if not account:
            raise Unauthorised("Requires authentication")
        return account

    @property
    def by_app(self) -> App | None:
        """The App, if an installation acts: what GitHub shows as ``performed_via_github_app``."""
        installation = self.caller.installation
        return installation.app if installation else None

    @property
    def shapes(self) -> Shapes:
        """The builders of JSON, with the addresses that this caller uses."""
        return Shapes(self.github, self.urls)

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    @property
    def role(self) -> str:
        """The standard role of the caller in the repository."""
        return self.github.standard(self.repo, self.github.role(self.repo, self.actor))

    def number(self, name: str) -> int:
        """Return a number from the path."""
        return int(self.match[name])

    def text(self, name: str, resource: str) -> str:
        """Return a text that must be in the body; raises the 422 that GitHub answers without it."""
        if name not in self.data:
            raise Unprocessable(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if not isinstance(self.data[name], str):
            raise invalid(resource, name, "invalid", f"{name} must be a string")
        found: str = self.data[name]
        return found

    def page(self, items: Sequence[Any], shape: Callable[[Any], Any] | None = None, *, wrap: str | None = None) -> Answer:
        """Return one page of the items with its ``Link`` header; ``wrap`` puts them under a key beside ``total_count``."""
        size = min(max(_digits(self.query.get("per_page"), 30), 1), 100)
        page = max(_digits(self.query.get("page"), 1), 1)
        part = list(items[(page - 1) * size : page * size])
        shaped = [shape(item) for item in part] if shape else part
        last = max(-(-len(items) // size), 1)
        links = {"next": page + 1, "last": last} if page < last else {}
        links |= {"prev": min(page - 1, last), "first": 1} if page > 1 else {}
        link = ", ".join(f'<{self._page_url(number)}>; rel="{name}"' for name, number in links.items())
        body = {"total_count": len(items), wrap: shaped} if wrap else shaped
        return Answer(200, body, {"Link": link} if link else {})

    def _page_url(self, number: int) -> str:
        url = self.request.rel_url.update_query(page=str(number))
        path = self.request.path.removeprefix("/api/v3")
        if self.found:
            path = re.sub(r"^/(repos/[^/]+/[^/]+|repositories/\d+)", f"/repositories/{self.found.id}", path)
        return f"{self.urls.api}{path}?{url.query_string}"


Handler = Callable[[Call], Awaitable[Any]]
Handled = TypeVar("Handled", bound=Handler)
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]
INSTALLATION_ONLY = "You must authenticate with an installation access token in order to list repositories for an installation."


@dataclass(frozen=True)
class Route:
    """One route, and who may use it."""

    method: str
    template: str
    handler: Handler
    pattern: re.Pattern[str]
    needs: tuple[Needs, ...]
    who: str
    person: str | None
    public: bool


ROUTES: list[Route] = []
PAGES: list[tuple[str, str, Page]] = []


def route(
    method: str,
    template: str,
    *,
    needs: Needs | Sequence[Needs] = (),
    who: str = "token",
    person: str | None = None,
    public: bool | None = None,
) -> Callable[[Handled], Handled]:
    """Register a REST route.

    ``needs``: permissions of an installation, or a list of sets of which one is enough.
    ``who``: ``token`` (installation or person), ``installation``, ``person``, ``app`` (JWT), ``anyone``.
    ``person``: the least role of a person; by default it follows from the needs (read, write or admin).
    ``public``: whether anybody may on a public repository; by default where only reading is needed.
    """
    sets = (needs,) if isinstance(needs, Mapping) else tuple(needs)
    reading = all(grade == "read" for one in sets for grade in one.values())
    open_to_all = (method == "GET" and reading) if public is None else public

    def register(handler: Handled) -> Handled:
        ROUTES.append(Route(method, template, handler, _pattern(template), sets, who, person, open_to_all))
        return handler

    return register


def web_page(method: str, path: str) -> Callable[[Page], Page]:
    """Register what is no REST route: a page, an admin endpoint, an OIDC issuer. ``request.app[GITHUB]`` is the state."""

    def register(handler: Page) -> Page:
        PAGES.append((method, path, handler))
        return handler

    return register


GITHUB = web.AppKey("github", GitHub)


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a path and what its parts are, the most particular of several; raises NotFound."""
    matches = [(one, match) for one in ROUTES if one.method == method and (match := one.pattern.fullmatch(path))]
    if not matches:
        raise NotFound
    one, match = min(matches, key=lambda pair: ("*}" in pair[0].template, -len(re.sub(r"{.*?}", "", pair[0].template))))
    return one, {name: unquote(part) for name, part in match.groupdict().items()}


def check(one: Route, call: Call) -> None:
    """Raise what GitHub answers if this caller may not use the route on this repository."""
    _check_kind(one, call.caller)
    if call.found:
        _check_seen(call)
        if call.found.archived and one.method != "GET" and one.template != "/repos/{owner}/{repo}":
            raise Forbidden("Repository was archived so is read-only.")
        if not (one.public and not call.found.private):
            _check_right(one, call)
    elif call.caller.installation and one.needs and not any(granted(call.caller, needs) for needs in one.needs):
        raise Forbidden


def _check_kind(one: Route, caller: Caller) -> None:
    if one.who == "anyone" or (one.public and not caller.app):
        return
    if one.who == "app" and not caller.app:
        raise Unauthorised("A JSON web token could not be decoded")
    if one.who != "app" and not caller.token:
        raise Unauthorised("Requires authentication") if not caller.app else Unauthorised
    if one.who == "installation" and not caller.installation:
        raise Forbidden(
            "You must authenticate with an installation access token in order to list repositories for an installation."
        )
    if one.who == "person" and caller.installation:
        raise Forbidden


def reachable(call: Call, repo: Repository) -> bool:
    """Say whether the caller's token is for this repository, by installation or as a person who may read it."""
    caller = call.caller
    if caller.installation:
        narrowed = caller.token.repositories if caller.token else None
        return call.github.reaches(caller.installation, repo) and (narrowed is None or repo.id in narrowed)
    return bool(caller.account and call.github.role(repo, caller.account) != "none")


def _check_seen(call: Call) -> None:
    if call.repo.private and not call.caller.app and not reachable(call, call.repo):
        raise NotFound


def _check_right(one: Route, call: Call) -> None:
    if one.who in {"app", "anyone"}:
        return
    if call.caller.installation:
        if not reachable(call, call.repo) or not any(granted(call.caller, needs) for needs in one.needs or ({},)):
            raise Forbidden
        return
    if not at_least(call.role, one.person or _least(one.needs)):
        raise Forbidden("Must have admin rights to Repository.")


def _least(needs: tuple[Needs, ...]) -> str:
    grades = [grade for one in needs for grade in one.values()]
    return PEOPLE[max(grades, key=GRADES.index)] if grades else "read"


def granted(caller: Caller, needs: Needs) -> bool:
    """Say whether an installation's token has these permissions."""
    have = caller.token.permissions if caller.token else {}
    return all(GRADES.index(have.get(name, "none")) >= GRADES.index(grade) for name, grade in needs.items())


def _pattern(template: str) -> re.Pattern[str]:
    def part(found: re.Match[str]) -> str:
        name = found[1]
        if name.endswith("*"):
            return f"(?P<{name[:-1]}>.*)"
        return f"(?P<{name}>{r'[0-9]+' if name == 'number' or name.endswith('_id') else '[^/]+'})"

    return re.compile(re.sub(r"\\?\{([a-z_]+\*?)\\?\}", part, template.replace(".", r"\.")))


def _digits(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default
