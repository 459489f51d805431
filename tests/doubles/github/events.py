"""Webhooks: what happens is told to each App that asked for it, signed, in order, and every delivery is kept.

On demand deliveries are held, dropped, sent twice or late; whatever the mode, a redelivery keeps its ``X-GitHub-Delivery``.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import aiohttp

from tests.doubles.github.accounts import Account, App, Installation
from tests.doubles.github.repository import Repository
from tests.doubles.github.shapes import Shapes
from tests.doubles.github.state import GitHub
from tests.doubles.github.traffic import record
from tests.doubles.github.urls import CURRENT, at

TIMEOUT = 10.0
LARGEST = 25 * 2**20
ALWAYS = {"installation", "installation_repositories", "github_app_authorization", "ping"}
Mode = Literal["hold", "drop", "duplicate", "delay"]


@dataclass
class Delivery:
    """One attempt to deliver one event to one App."""

    id: int
    guid: str
    app: App
    event: str
    action: str | None
    installation: int | None
    repository: int | None
    payload: bytes
    at: datetime
    redelivery: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    status: str = "pending"
    code: int = 0
    seconds: float = 0.0
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: str = ""

    @property
    def ok(self) -> bool:
        """Whether the App took it."""
        return 200 <= self.code < 300


@dataclass
class Order:
    """What to do with deliveries of an event (or of all), for a number of them (or until taken back)."""

    mode: Mode
    event: str | None = None
    action: str | None = None
    count: int | None = None
    seconds: float = 0.0

    def takes(self, delivery: Delivery) -> bool:
        """Say whether this delivery is meant, and count it."""
        if self.count == 0 or self.event not in {None, delivery.event} or self.action not in {None, delivery.action}:
            return False
        if self.count is not None:
            self.count -= 1
        return True


class Hooks:
    """The delivery log, and what is under way."""

    def __init__(self) -> None:
        self.log: list[Delivery] = []
        self.held: list[Delivery] = []
        self.orders: list[Order] = []
        self.late: set[asyncio.Task[None]] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None
        self._under_way = 0
        self.idle = asyncio.Event()
        self.idle.set()

    def add(self, github: GitHub, delivery: Delivery) -> None:
        """Log a delivery and send it as the orders say."""
        order = next((order for order in self.orders if order.takes(delivery)), None)
        if order and order.mode == "hold":
            self.held.append(delivery)
        elif order and order.mode == "drop":
            delivery.status, delivery.code = "failed to connect to host", 502
            self.log.append(delivery)
        elif order and order.mode == "delay":
            task = asyncio.create_task(self._later(github, delivery, order.seconds))
            for tasks in (self.late, self.tasks):
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        else:
            for _ in range(2 if order else 1):
                self.send(github, delivery)

    def send(self, github: GitHub, delivery: Delivery) -> None:
        """Put a delivery at the end of the line."""
        self._under_way += 1
        self.idle.clear()
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_all(github))
            self.tasks.add(self._sender)
        self._queue.put_nowait(delivery)

    def release(self, github: GitHub, order: str) -> int:
        """Send what was held: as it came, ``reversed`` or ``shuffled``; returns how many."""
        held, self.held = self.held, []
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.Random(len(held)).shuffle(held)  # noqa: S311
        for delivery in held:
            self.send(github, delivery)
        return len(held)

    async def _later(self, github: GitHub, delivery: Delivery, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.send(github, delivery)

    async def _send_all(self, github: GitHub) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
            while True:
                delivery = await self._queue.get()
                await _post(github, session, delivery)
                self._under_way -= 1
                if not self._under_way:
                    self.idle.set()


async def _post(github: GitHub, session: aiohttp.ClientSession, delivery: Delivery) -> None:
    start = time.monotonic()
    hooks = github.room(Hooks)
    if delivery not in hooks.log:  # one that is sent twice is one delivery
        hooks.log.append(delivery)
    try:
        async with session.post(delivery.app.hook_url, data=delivery.payload, headers=delivery.headers) as answer:
            delivery.code, delivery.answer_headers = answer.status, dict(answer.headers)
            delivery.answer = (await answer.text(errors="replace"))[:10_000]
            delivery.status = "OK" if answer.ok else f"Invalid HTTP Response: {answer.status}"
    except TimeoutError:
        delivery.status, delivery.code = "timed out", 504
    except aiohttp.ClientError:
        delivery.status, delivery.code = "failed to connect to host", 502
    delivery.seconds = round(time.monotonic() - start, 2)
    record(github, {"kind": "webhook", "event": delivery.event, "guid": delivery.guid, "status": delivery.code,
                    "headers": delivery.headers, "payload": json.loads(delivery.payload)})  # fmt: skip


def emit(
    github: GitHub,
    event: str,
    action: str | None,
    payload: Mapping[str, Any],
    *,
    repo: Repository | None = None,
    sender: Account | None = None,
    to: Iterable[Installation] | None = None,
) -> None:
    """Tell every App that is installed on the repository and asked for the event.

    ``payload`` is what is special to the event; action, repository, organisation, sender and installation are added here.
    ``to`` names the installations instead (events of an installation itself, or of one App only: ``check_run`` actions).
    """
    installations = github.installations_on(repo) if to is None and repo else to or ()
    for installation in installations:
        if event in ALWAYS or event in installation.events or _of_checks(event, installation):
            body = {**_common(github, repo, sender, installation), **payload}
            text = json.dumps(({"action": action} if action else {}) | body).encode()
            _queue(github, (event, action, text), installation, repo)


def _of_checks(event: str, installation: Installation) -> bool:
    """Apps that may write checks are told of them without having asked."""
    return event in {"check_run", "check_suite"} and installation.permissions.get("checks") == "write"


def _common(github: GitHub, repo: Repository | None, sender: Account | None, installation: Installation) -> dict[str, Any]:
    shapes = Shapes(github, CURRENT.get(at(github.url)))
    body: dict[str, Any] = {"installation": shapes.installation_lite(installation)}
    if repo:
        body["repository"] = shapes.repository(repo)
    owner = repo.owner if repo else installation.account
    if owner.kind == "Organization":
        body["organization"] = shapes.organisation(owner)
    if sender:
        body["sender"] = shapes.account(sender)
    return body


def _queue(github: GitHub, what: tuple[str, str | None, bytes], installation: Installation, repo: Repository | None) -> None:
    app = installation.app
    event, action, body = what
    if len(body) > LARGEST or not app.hook_url:
        return
    guid = str(uuid.uuid4())
    place = (installation.id, repo.id if repo else None)
    delivery = Delivery(github.number(), guid, app, event, action, *place, body, github.now())
    delivery.headers = headers(app, guid, event, body)
    github.room(Hooks).add(github, delivery)


def headers(app: App, guid: str, event: str, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery, signatures among them."""
    key = app.hook_secret.encode()
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/d0ub1e0",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
