"""What a test holds in its hand: the double's address, and people who act through the API with their own tokens.

All calls are plain and blocking but :meth:`Double.settled`, which waits for the webhooks that the test's own loop may answer.
"""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
Files = Mapping[str, Any]
"""Paths, each with its text, with ``None`` for a file that goes away, or with ``{"base64": …}``."""


class Refused(Exception):
    """An answer of 400 and more: ``status`` and the JSON ``body``."""

    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.body = body
        super().__init__(f"{status}: {body}")


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its headers in lower case, and its JSON (or text)."""

    status: int
    headers: Mapping[str, str]
    body: Any


def ask(method: str, url: str, data: Any = None, token: str | None = None, **headers: str) -> Reply:
    """Ask once; raises Refused for an answer of 400 and more."""
    sent = None if data is None else json.dumps(data).encode()
    names = {"User-Agent": "double-client", "Accept": "application/vnd.github+json"}
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    names |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, sent, names, method=method)  # noqa: S310
    try:
        with OPENER.open(request, timeout=60) as answer:
            return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, _json(answer.read()))
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(error.code, _json(error.read())) from None


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


@dataclass(frozen=True)
class AppFacts:
    """Everything that an App's owner is given."""

    id: int
    slug: str
    bot: str
    bot_id: int
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str


@dataclass(frozen=True)
class Person:
    """Somebody with an account, who does things on GitHub."""

    double: Double
    login: str
    id: int
    token: str

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        """Use the API with this person's token and return the JSON; raises Refused."""
        return ask(method, f"{self.double.api}{path}", data, self.token).body

    def graphql(self, query: str, **variables: Any) -> Any:
        """Ask by GraphQL with this person's token and return the answer, errors and all."""
        return ask("POST", f"{self.double.url}/api/graphql", {"query": query, "variables": variables}, self.token).body

    def open_issue(self, repo: str, title: str, body: str = "", labels: Sequence[str] = ()) -> int:
        """Open an issue and return its number."""
        number: int = self.ask("POST", f"/repos/{repo}/issues", {"title": title, "body": body, "labels": list(labels)})["number"]
        return number

    def close(self, repo: str, number: int) -> None:
        """Close an issue or a pull request."""
        self.ask("PATCH", f"/repos/{repo}/issues/{number}", {"state": "closed"})

    def comments(self, repo: str, number: int, body: str) -> int:
        """Comment on an issue or a pull request and return the comment's id."""
        made: int = self.ask("POST", f"/repos/{repo}/issues/{number}/comments", {"body": body})["id"]
        return made

    def edits(self, repo: str, comment: int, body: str) -> None:
        """Edit a comment."""
        self.ask("PATCH", f"/repos/{repo}/issues/comments/{comment}", {"body": body})

    def deletes(self, repo: str, comment: int) -> None:
        """Delete a comment."""
        self.ask("DELETE", f"/repos/{repo}/issues/comments/{comment}")

    def reacts(self, repo: str, comment: int, content: str) -> int:
        """React to a comment and return the reaction's id."""
        made: int = self.ask("POST", f"/repos/{repo}/issues/comments/{comment}/reactions", {"content": content})["id"]
        return made

    def labels(self, repo: str, number: int, *names: str) -> None:
        """Put labels on an issue or a pull request."""
        self.ask("POST", f"/repos/{repo}/issues/{number}/labels", {"labels": list(names)})

    def unlabels(self, repo: str, number: int, name: str) -> None:
        """Take a label off."""
        self.ask("DELETE", f"/repos/{repo}/issues/{number}/labels/{name}")

    def pushes(self, repo: str, files: Files, branch: str = "main", message: str = "Change files", **more: Any) -> str:
        """Push a commit with these files to a branch (made from the default branch if new) and return its SHA."""
        data = {"branch": branch, "files": files, "message": message, "by": self.login, **more}
        sha: str = self.double.admin("POST", f"/repositories/{repo}/commits", data)["sha"]
        return sha

    def forks(self, repo: str) -> str:
        """Fork a repository and return the fork's full name."""
        name: str = self.ask("POST", f"/repos/{repo}/forks")["full_name"]
        return name

    def opens_pull(self, repo: str, head: str, title: str, base: str = "main", body: str = "", **more: Any) -> int:
        """Open a pull request (``head`` is ``branch`` or ``owner:branch``) and return its number."""
        data = {"head": head, "base": base, "title": title, "body": body, **more}
        number: int = self.ask("POST", f"/repos/{repo}/pulls", data)["number"]
        return number

    def reviews(self, repo: str, number: int, event: str = "APPROVE", body: str = "", commit: str | None = None) -> int:
        """Review a pull request: ``APPROVE``, ``REQUEST_CHANGES`` or ``COMMENT``; return the review's id."""
        data = {"event": event, "body": body} | ({"commit_id": commit} if commit else {})
        made: int = self.ask("POST", f"/repos/{repo}/pulls/{number}/reviews", data)["id"]
        return made

    def remarks(self, repo: str, number: int, path: str, line: int, body: str = "Why?", **more: Any) -> int:
        """Begin a conversation on a line of a pull request as it is now (``side``); return the comment's id."""
        head = self.ask("GET", f"/repos/{repo}/pulls/{number}")["head"]["sha"]
        data = {"body": body, "commit_id": head, "path": path, "line": line, **more}
        made: int = self.ask("POST", f"/repos/{repo}/pulls/{number}/comments", data)["id"]
        return made

    def merges(self, repo: str, number: int, method: str = "merge") -> str:
        """Merge a pull request and return the commit."""
        sha: str = self.ask("PUT", f"/repos/{repo}/pulls/{number}/merge", {"merge_method": method})["sha"]
        return sha

    def tries_to_merge(self, repo: str, number: int) -> int:
        """Press the button, and return what GitHub answers."""
        try:
            return ask("PUT", f"{self.double.api}/repos/{repo}/pulls/{number}/merge", {}, self.token).status
        except Refused as error:
            return error.status

    def does(self, repo: str, page: str, **data: Any) -> Any:
        """Do on a page what no API can: ``/check-runs/N/click`` (``identifier``), ``/check-runs/N/rerun``, see ``pages``."""
        return self.double.admin("POST", f"/repositories/{repo}{page}", {"by": self.login, **data})


@dataclass(frozen=True)
class Double:
    """A running double: ``url`` for pages and git, ``api`` for REST, ``data`` with the repositories and the record."""

    url: str
    data: Path

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3"

    def admin(self, method: str, path: str, data: Any = None) -> Any:
        """Use an endpoint under ``/_double`` and return its JSON."""
        return ask(method, f"{self.url}/_double{path}", data).body

    def person(self, login: str, **more: Any) -> Person:
        """Return somebody, made on first use (``name``, ``email``, ``type``)."""
        made = self.admin("POST", "/people", {"login": login, **more})
        return Person(self, made["login"], made["id"], made["token"])

    @property
    def root(self) -> Person:
        """The site's administrator, who may read and do everything."""
        return self.person("root")

    def organisation(self, login: str, *, owners: Sequence[str], members: Sequence[str] = (), **more: Any) -> None:
        """Make an organisation of people who exist (``base_role``, ``custom_roles``)."""
        self.admin("POST", "/organisations", {"login": login, "owners": list(owners), "members": list(members), **more})

    def team(self, organisation: str, slug: str, members: Sequence[str], roles: Mapping[str, str] | None = None) -> None:
        """Make a team, or make it anew."""
        self.admin("POST", "/teams", {"organisation": organisation, "slug": slug, "members": list(members), "roles": roles or {}})

    def repository(self, full_name: str, files: Files | None = None, **more: Any) -> str:
        """Make a repository with these files on ``main`` (``private``, ``collaborators``, ``settings``); return its name."""
        self.admin("POST", "/repositories", {"full_name": full_name, "files": files or {}, **more})
        return full_name

    def change(self, full_name: str, **what: Any) -> None:
        """Change a repository: ``collaborators``, ``settings``, ``archived``, ``private``, ``default_branch``."""
        self.admin("PATCH", f"/repositories/{full_name}", what)

    def app(self, owner: str, manifest: Mapping[str, Any], secret: str | None = None) -> AppFacts:
        """Register an App."""
        return AppFacts(**self.admin("POST", "/apps", {"owner": owner, "manifest": manifest, "secret": secret}))

    def hook(self, app: AppFacts, url: str) -> None:
        """Have the App's webhooks sent there from now on."""
        self.admin("PATCH", f"/apps/{app.id}", {"hook_url": url})

    def install(self, app: AppFacts, account: str, repositories: Sequence[str] | None = None) -> int:
        """Install the App on an account, on these repositories or all; return the installation's id."""
        made: int = self.admin("POST", "/installations", {"app": app.id, "account": account, "repositories": repositories})["id"]
        return made

    def order(self, mode: str, **more: Any) -> None:
        """``hold``, ``drop``, ``duplicate`` or ``delay`` the next deliveries (``event``, ``action``, ``count``, ``seconds``)."""
        self.admin("POST", "/webhooks/orders", {"mode": mode, **more})

    def no_orders(self) -> None:
        """Deliver as usual again; what is held stays held."""
        self.admin("DELETE", "/webhooks/orders")

    def release(self, order: str = "kept") -> int:
        """Send what is held, ``kept``, ``reversed`` or ``shuffled``; return how many."""
        released: int = self.admin("POST", "/webhooks/release", {"order": order})["released"]
        return released

    async def settled(self, seconds: float = 30) -> None:
        """Wait until every delivery under way has been answered."""
        await asyncio.to_thread(self.admin, "GET", f"/webhooks/settled?seconds={seconds}")

    def fault(self, kind: str, **more: Any) -> None:
        """Let requests go wrong: see ``faults.Fault`` (``path``, ``method``, ``count``, ``skip``, ``status``, ``seconds``…)."""
        self.admin("POST", "/faults", {"kind": kind, **more})

    def no_faults(self) -> None:
        """Let everything go well again."""
        self.admin("DELETE", "/faults")

    def later(self, seconds: float) -> None:
        """Put the double's clock forward."""
        self.admin("POST", "/clock", {"seconds": seconds})

    def get(self, path: str) -> Any:
        """Read anything from the API as the site's administrator."""
        return self.root.ask("GET", path)

    def said(self, repo: str, number: int) -> list[str]:
        """Return the bodies of all comments of an issue or a pull request, oldest first."""
        return [comment["body"] for comment in self.get(f"/repos/{repo}/issues/{number}/comments?per_page=100")]

    def traffic(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the record: ``rest``, ``graphql``, ``git`` and ``webhook`` lines in the order in which they were answered."""
        path = self.data / "traffic.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        found = [json.loads(line) for line in lines]
        return [line for line in found if kind in {None, line["kind"]}]
