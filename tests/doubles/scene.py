"""A shop on a double of GitHub: its owner, a colleague who may write, a stranger, and an App that judges changes."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jwt

from tests.doubles.github.client import AppFacts, Double, Person, Reply, ask
from tests.doubles.vouch import Violation, violations

PERMISSIONS = {
    **dict.fromkeys(("contents", "pull_requests", "issues", "checks"), "write"),
    **dict.fromkeys(("metadata", "administration", "actions", "merge_queues", "statuses"), "read"),
}
EVENTS = (
    *("pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread"),
    *("push", "merge_group", "create", "delete", "repository_ruleset", "status"),
)
NOWHERE = "http://127.0.0.1:9/webhook"
"""Nobody answers there; the record keeps what was sent all the same."""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Shop:
    """A repository with its people and an App."""

    double: Double
    repo: str
    owner: Person
    bob: Person
    eve: Person
    app: AppFacts
    token: str
    opened: int
    """How long the record was when the shop was opened."""

    @property
    def api(self) -> str:
        return f"/repos/{self.repo}"

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Reply:
        """Ask as the App, in this repository."""
        return ask(method, f"{self.double.api}{self.api}{path}", data, self.token, **headers)

    def graphql(self, query: str, who: Person | None = None, **variables: Any) -> dict[str, Any]:
        """Ask GraphQL as the App, or as somebody."""
        token = who.token if who else self.token
        found: dict[str, Any] = ask(
            "POST", f"{self.double.url}/api/graphql", {"query": query, "variables": variables}, token
        ).body
        return found

    def page(self, path: str, by: Person, **data: Any) -> Any:
        """Do something on the pages."""
        return self.double.admin("POST", f"/repositories/{self.repo}{path}", {"by": by.login, **data})

    def pull(self, by: Person | None = None, branch: str = "two", **data: Any) -> dict[str, Any]:
        """Open a pull request that changes one line."""
        wanted = {"files": {"shop.py": "price = 2\n"}, "branch": branch, "title": "Raise the price", **data}
        found: dict[str, Any] = self.page("/pulls", by or self.bob, **wanted)
        return found

    def now(self, number: int) -> dict[str, Any]:
        """Return a pull request as it is."""
        found: dict[str, Any] = self.owner.ask("GET", f"{self.api}/pulls/{number}")
        return found

    def check(self, sha: str, name: str = "pawl", conclusion: str = "success", **more: Any) -> dict[str, Any]:
        """Write a check as the App."""
        made = {"name": name, "head_sha": sha, "conclusion": conclusion, **more}
        found: dict[str, Any] = self.call("POST", "/check-runs", made).body
        return found

    def protect(self, reviews: Mapping[str, Any] | None = None, checks: Any = None, *, admins: bool = True, **more: Any) -> Any:
        """Protect the main branch: by default with the App's check and nothing else."""
        wanted = (
            {"strict": False, "contexts": [], "checks": [{"context": "pawl", "app_id": self.app.id}]}
            if checks is None
            else checks
        )
        data = {"required_status_checks": wanted or None, "enforce_admins": admins, "required_pull_request_reviews": reviews}
        return self.owner.ask("PUT", f"{self.api}/branches/main/protection", {**data, "restrictions": None, **more})

    def told(self, event: str) -> list[tuple[str | None, dict[str, Any]]]:
        """Return the actions and payloads of an event that were sent about this repository, once all are under way no more."""
        self.double.admin("GET", "/webhooks/settled?seconds=30")
        sent = [line["payload"] for line in heard(self.double, self.opened) if line.get("event") == event]
        return [(one.get("action"), one) for one in sent if one.get("repository", {}).get("full_name") == self.repo]

    def actions(self, event: str) -> list[str | None]:
        """Return the actions of an event that were sent about this repository."""
        return [action for action, _ in self.told(event)]


def token_for(double: Double, app: AppFacts, installation: int) -> str:
    """Return an installation's token, got as an App gets it."""
    now = int(time.time())
    signed = jwt.encode({"iat": now - 30, "exp": now + 300, "iss": str(app.id)}, app.pem, "RS256")
    token: str = ask("POST", f"{double.api}/app/installations/{installation}/access_tokens", {}, signed).body["token"]
    return token


def open_shop(double: Double, **repository: Any) -> Shop:
    """Open a shop nobody else is in."""
    number, opened = next(_numbers), said(double)
    owner, bob, eve = (double.person(f"{name}{number}") for name in ("ann", "bob", "eve"))
    manifest = {
        "name": f"Judge {number}",
        "url": "https://example.org",
        "hook_attributes": {"url": NOWHERE},
        "default_permissions": PERMISSIONS,
        "default_events": list(EVENTS),
    }
    app = double.app(owner.login, manifest)
    installation = double.install(app, owner.login)
    settings = {"allow_auto_merge": True, **repository.pop("settings", {})}
    wanted = {"collaborators": {bob.login: "write"}, "settings": settings, **repository}
    repo = double.repository(f"{owner.login}/shop", {"shop.py": "price = 1\n", "README.md": "# Shop\n"}, **wanted)
    return Shop(double, repo, owner, bob, eve, app, token_for(double, app, installation), opened)


def said(double: Double) -> int:
    """Return how long the record is by now."""
    path = double.data / "traffic.jsonl"
    return path.stat().st_size if path.exists() else 0


def heard(double: Double, since: int) -> list[dict[str, Any]]:
    """Return what was recorded since then."""
    with (double.data / "traffic.jsonl").open("rb") as file:
        file.seek(since)
        return [json.loads(line) for line in file]


@contextmanager
def vouched(double: Double) -> Iterator[None]:
    """See to it that nothing said from here on violates GitHub's descriptions."""
    before = said(double)
    yield
    double.admin("GET", "/webhooks/settled?seconds=30")
    found: list[Violation] = violations(heard(double, before))
    assert not found, "\n".join(sorted({f"{each.where}: {each.what}" for each in found}))
