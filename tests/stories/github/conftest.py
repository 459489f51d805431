"""The front door on GitHub: `pawl serve` in a process of its own, the double of GitHub in another, a real Postgres between runs.

One server and one double serve all stories of a session; each story has a repository of its own.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
import yaml

from tests.conftest import fresh
from tests.doubles.github.client import AppFacts, Double, Person
from tests.doubles.github.fixture import running
from tests.doubles.github.seed import FILES, ISSUE
from tests.doubles.scene import vouched

ROOT = Path(__file__).parents[3]
LONGEST = 150.0
"""Seconds that a story waits for one thing to happen."""

SHOP = {path: text for path, text in FILES.items() if path.startswith(("shop/", "tests/"))}
"""The seeded shop without its settings: each story has its own."""
OF_MODELS = ("OPENAI_", "ANTHROPIC_", "PAWL_ENDPOINTS", "PAWL_MODEL", "PAWL_MONEY", "PAWL_PRICES")
"""How the variables begin that say which models answer, and what they may cost."""
FixtureT = TypeVar("FixtureT")


@dataclass
class Server:
    """`pawl serve`, which a story may kill and start again."""

    env: Mapping[str, str]
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "bot", "serve"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=dict(self.env), stdout=log, stderr=log)
        eventually(self._ready, "the server is ready")

    def _ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"pawl serve ended with {self.process.returncode}: {self.said()[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def workflow(self) -> str:
        """Return the workflow's text, from where people are told to take it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/pawl.yml", timeout=10) as answer:
            return str(answer.read().decode())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal and wait for its end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def said(self) -> str:
        """Return its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def eventually(happened: Callable[[], FixtureT | None], what: str, seconds: float = LONGEST) -> FixtureT:
    """Return what ``happened`` gives as soon as that is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"it did not come about within {seconds:.0f} s that {what}")


@dataclass(frozen=True)
class World:
    """The double, the App that it knows, and the server that is the App."""

    double: Double
    app: AppFacts
    server: Server
    database: str
    workflow: str
    """What the server says that repositories must have."""
    names: list[str] = field(default_factory=list)

    def restart(self, **models: str) -> None:
        """Start the server again, with these variables for models and no others."""
        self.server.stop()
        self.server.env = {name: value for name, value in self.server.env.items() if not name.startswith(OF_MODELS)} | models
        self.server.start()

    def due(self, chore: str) -> None:
        """Let so much time pass for one of the schedule's chores that it is due."""

        async def pass_by() -> None:
            connection = await asyncpg.connect(self.database)
            await connection.execute("UPDATE chore SET begun = begun - interval '1 day' WHERE name = $1", chore)
            await connection.close()

        asyncio.run(pass_by())

    def shop(self, files: Mapping[str, Any] = SHOP, *, guarded: bool = True, **config: Any) -> Shop:
        """Make a repository of its own with the App installed, set up as the README says."""
        name = f"mona/shop{len(self.names)}"
        self.names.append(name)
        mona = self.double.person("mona", email="mona@example.org")
        workflow = {".github/workflows/pawl.yml": self.workflow}
        settings = {".github/pawl.yml": yaml.safe_dump({"version": 1, **config})}
        people = {self.double.person(who).login: role for who, role in ROLES.items()}
        self.double.repository(name, {**files, **workflow, **settings}, collaborators=people, settings={"allow_auto_merge": True})
        self.double.install(self.app, "mona", [name])
        shop = Shop(self, name, mona)
        if guarded:
            shop.guard()
        return shop


ENTERPRISE = 15_000
"""Requests an hour of an installation in GitHub's Enterprise Cloud: all stories share one, and would wait for the next hour."""
ROLES = {"alma": "admin", "ada": "maintain", "ben": "write", "cleo": "triage", "dan": "read"}
"""Beside Mona, who owns it all."""


@dataclass(frozen=True)
class Shop:
    """A repository of a story."""

    world: World
    name: str
    mona: Person

    def who(self, login: str) -> Person:
        """Return one of :data:`ROLES`, or anybody else."""
        return self.world.double.person(login)

    def guard(self, approvals: int = 1, services: Sequence[str] = (), **more: Any) -> None:
        """Protect the default branch as the doctor asks for, and with whatever more; ``services`` have to say their word, too."""
        wanted = [{"context": "pawl", "app_id": self.world.app.id}, *({"context": each} for each in services)]
        checks = {"strict": False, "contexts": [], "checks": wanted}
        reviews = {"required_approving_review_count": approvals, "dismiss_stale_reviews": True}
        body = {
            "required_status_checks": checks,
            "enforce_admins": True,
            "required_pull_request_reviews": reviews,
            "restrictions": None,
            **more,
        }
        self.world.double.root.ask("PUT", f"/repos/{self.name}/branches/main/protection", body)

    def get(self, path: str = "") -> Any:
        """Read anything below the repository."""
        return self.world.double.get(f"/repos/{self.name}{path}")

    def issue(self, body: str = ISSUE, title: str = "Discounts are wrong", by: str = "dan") -> int:
        """Open an issue."""
        return self.who(by).open_issue(self.name, title, body)

    def says(self, login: str, number: int, text: str) -> int:
        """Comment as somebody."""
        return self.who(login).comments(self.name, number, text)

    def reactions(self, comment: int) -> list[str]:
        """Return who-less reactions to a comment."""
        return [each["content"] for each in self.get(f"/issues/comments/{comment}/reactions")]

    def comments(self, number: int) -> list[str]:
        """Return what Pawl said under an issue or pull request."""
        found = self.get(f"/issues/{number}/comments?per_page=100")
        return [each["body"] for each in found if each["user"]["login"] == self.world.app.bot]

    def pulls(self, state: str = "open") -> list[Any]:
        """Return the pull requests that Pawl opened."""
        return [each for each in self.get(f"/pulls?state={state}") if each["user"]["login"] == self.world.app.bot]

    def proposed(self, by: str = "ben") -> Any:
        """Ask for a fix and wait until it is proven and proposed; return the pull request."""
        self.says(by, self.issue(), "/pawl fix")
        pull = self.until(self.pulls, "a pull request is opened")[0]
        self.until(lambda: self.proven(pull["head"]["sha"]), "every gate is green")
        return pull

    def proven(self, head: str) -> bool:
        """Whether every gate is green; the check itself is only once nothing else is missing."""
        return self.checks(head).get("pawl") in {"action_required", "success"}

    def armed(self, number: int) -> bool:
        """Whether GitHub is to merge a pull request by itself."""
        return self.get(f"/pulls/{number}")["auto_merge"] is not None

    def admin(self, path: str, data: Any) -> Any:
        """Do what has no API: press buttons and the like."""
        return self.world.double.admin("POST", f"/repositories/{self.name}{path}", data)

    def checks(self, head: str) -> dict[str, str | None]:
        """Return the check runs of a commit: name to conclusion."""
        found = self.get(f"/commits/{head}/check-runs?per_page=100")["check_runs"]
        return {each["name"]: each["conclusion"] for each in found}

    def file(self, path: str, ref: str = "main") -> str:
        """Return a file's text."""
        return base64.b64decode(self.get(f"/contents/{path}?ref={ref}")["content"]).decode()

    def merged(self, number: int) -> bool:
        """Whether a pull request is merged."""
        return bool(self.get(f"/pulls/{number}")["merged"])

    def until(self, happened: Callable[[], FixtureT | None], what: str, seconds: float = LONGEST) -> FixtureT:
        """Wait for something, and tell what Pawl said where it does not come."""
        try:
            return eventually(happened, what, seconds)
        except AssertionError as error:
            told = "\n".join(f"#{each['number']}: {self.comments(each['number'])}" for each in self.get("/issues?state=all"))
            raise AssertionError(f"{error}\n{told}\n{self.world.server.said()[-6000:]}") from None


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def world(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything, started once; in the end GitHub's published descriptions vouch for all that was said."""
    place = tmp_path_factory.mktemp("world")
    with asyncio.Runner() as runner, running(place / "github") as double, vouched(double):
        opened = fresh(server)
        database = runner.run(opened.__aenter__())
        try:
            port = free_port()
            manifest = yaml.safe_load((ROOT / "app.yml").read_text(encoding="utf-8"))
            manifest["hook_attributes"] = {"url": f"http://127.0.0.1:{port}/webhook"}
            double.person("mona", email="mona@example.org")
            inside = {"PIP_NO_INDEX": "1", "PAWL_CACHE": str(place / "cache"), "PAWL_HOME": str(place / "runner")}
            double.admin("PATCH", "/runner", {"environment": inside})
            double.admin("PATCH", "/limits", {"primary": ENTERPRISE})
            app = double.app("mona", manifest, "the webhook secret of the stories")
            serving = Server(environment(place, double, app, database, port), place / "serve.log", port)
            serving.start()
            yield World(double, app, serving, database, serving.workflow())
            serving.stop()
        finally:
            runner.run(opened.__aexit__(None, None, None))
    shutil.rmtree(place / "cache", ignore_errors=True)


def environment(place: Path, double: Double, app: AppFacts, database: str, port: int) -> dict[str, str]:
    """Return the environment that the README tells an operator to set."""
    keep = {name: value for name, value in os.environ.items() if name.startswith(("COV", "PATH", "HOME", "LANG", "PYTHONDONT"))}
    return {
        **keep,
        "PAWL_HOME": str(place / "home"),
        "PAWL_CACHE": str(place / "cache"),
        "PAWL_PORT": str(port),
        "PAWL_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PAWL_APP_ID": str(app.id),
        "PAWL_PRIVATE_KEY": app.pem,
        "PAWL_WEBHOOK_SECRET": app.webhook_secret,
        "PAWL_RUNS_PER_USER": "500",  # the same few people ask for everything
        "PAWL_RUNS_PER_REPOSITORY": "500",
        "PAWL_LOG": "info",
        "PAWL_LOG_FORM": "json",
        "DATABASE_URL": database,
        "GITHUB_SERVER_URL": double.url,
        "GITHUB_API_URL": double.api,
    }
