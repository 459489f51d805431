"""The server: joins everything that ``pawl serve`` and ``pawl work`` consist of, and ends it in good order.

::

    serve   doors (webhooks, runners' answers, /setup, health, /metrics) and, unless --no-work, all that work does
    work    runs, deliveries, notices and the schedule; any number of processes may do it against one database

Without a GitHub App the server shows only ``/setup``, and goes on by itself once the App is made. SIGTERM (or Ctrl-C) drains:
nothing new is begun, what is in hand is finished. A second one gives it back as it stands, and another process goes on with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import uvloop
from aiohttp import hdrs, web

from bot import VERSION, logs, metrics, settings, stages, webhooks
from bot.callers import Said, said
from bot.consulting import Consulting, consulting
from bot.decision import emergency
from bot.desk import Desk
from bot.errors import Fatal, InputError, PawlError, Retryable
from bot.evidence.statement import load_seal
from bot.examination import intake
from bot.examination.oidc import Verifier, issuer_of
from bot.examination.wheel import own
from bot.examination.workflow import FILE, machines, workflow
from bot.github import issues
from bot.github.app import App
from bot.herald import Herald
from bot.installation import credentials
from bot.installation.credentials import Credentials
from bot.installation.setup import Setup
from bot.postman import Postman
from bot.registry import plugins
from bot.run import Run
from bot.schedule import Schedule
from bot.settings import SELF_HOSTED, Settings
from bot.speech.notice import Notice
from bot.stage import Stage
from bot.store.store import Store, open_store
from bot.tooling import Tooling, config_on
from bot.webhook import Door, Event
from bot.worker import Worker

Say = Callable[[str], None]
"""Tells the person who started the server something, in one sentence."""
Work = Callable[[asyncio.Event], Awaitable[None]]

LOOP: Final = uvloop.new_event_loop
"""Makes the event loop that a server runs on; deliveries that come in crowds take it a third less time than the standard one."""
_REST: Final = 2.0
"""Seconds before work that the database left alone is begun again."""
_SLOW_GOODBYE: Final = 10.0
"""Seconds that a request under way may take when the server ends."""

_log = logs.get(__name__)


@dataclass(frozen=True)
class Ending:
    """How the process was asked to end."""

    drain: asyncio.Event = field(default_factory=asyncio.Event)
    now: asyncio.Event = field(default_factory=asyncio.Event)

    def asked(self) -> None:
        """Hear a signal: the first drains, the second ends."""
        (self.now if self.drain.is_set() else self.drain).set()

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        """Listen to SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self.asked)
        try:
            yield
        finally:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)


@dataclass(frozen=True)
class House:
    """All that works, built and joined."""

    desk: Desk
    worker: Worker
    postman: Postman
    herald: Herald
    schedule: Schedule
    models: Consulting

    def work(self, at_once: int = 2) -> tuple[Work, ...]:
        """Return everything that a working process does."""
        return (
            lambda stop: self.worker.work(stop, at_once),
            self.postman.work,
            self.herald.work,
            self.schedule.work,
            lambda stop: emergency.watch(self.desk.store, self.desk.github, stop),
        )


def build(found: Settings, store: Store, known: Credentials, session: aiohttp.ClientSession, models: Consulting) -> House:
    """Join the parts."""
    github = App(known.app_id, known.private_key.get_secret_value(), found.api_url, found.server_url, session)
    desk = Desk(store, github, found, config_on)
    tooling = Tooling(found, store, github, load_seal(found.home / "keys/seal.pem"), models)
    worker = Worker(
        store,
        tooling.tools_for,
        {each.state: each for each in plugins(stages, Stage).values()},
        braked=store.brakes.why,
        left=tooling.put_away,
    )

    notice = Notice(store, github)

    async def tell(run: Run) -> None:
        await tooling.settle(run)
        await notice.told(run)

    async def label(run: Run, name: str) -> None:
        origin = run.instruction.origin
        if origin is not None:
            repository = await github.repository(origin.installation, run.instruction.repo)
            await issues.add_labels(repository, origin.number, name)

    events = plugins(webhooks, Event)
    return House(desk, worker, Postman(desk, events), Herald(store, tell, label), Schedule(desk), models)


@asynccontextmanager
async def _built(found: Settings, store: Store, known: Credentials, session: aiohttp.ClientSession) -> AsyncIterator[House]:
    """Give the house, and put away in the end what it holds open."""
    async with consulting(found, store.completions) as models:
        house = build(found, store, known, session, models)
        try:
            yield house
        finally:
            await house.desk.github.close()


async def serve(say: Say, *, work: bool = True) -> None:
    """Listen, and work unless told not to, until the process is asked to end.

    Raises:
        UserError: a setting is wrong, or the address is taken; one sentence says what to do.
    """
    found = _loaded()
    if found.share_port and credentials.find(found) is None:
        raise InputError("there is no GitHub App yet, and one server alone can make it: unset PAWL_SHARE_PORT until it is made")
    ending = Ending()
    with _listening(found) as listener:
        found = found.model_copy(update={"port": listener.getsockname()[1]})
        say(f"listening on http://{found.host}:{found.port}")
        async with ending.heard(), aiohttp.ClientSession() as session, open_store(found) as store:
            known = credentials.find(found) or await _set_up(found, session, listener, say, ending)
            if known is None:
                return
            for each in missing(found):
                say(each)
            async with (
                _built(found, store, known, session) as house,
                _served(listener, [*_doors(found, house, known, session), *_health(store, ending)]),
            ):
                say("ready")
                await _until_ended(house.work() if work else (), ending)


async def work(say: Say) -> None:
    """Work until the process is asked to end.

    Raises:
        UserError: there is no GitHub App, or a setting is wrong.
    """
    found = _loaded()
    known = credentials.find(found)
    if known is None:
        raise InputError("there is no GitHub App to work for: run `pawl serve` and open /setup, or set PAWL_APP_ID and its keys")
    ending = Ending()
    async with (
        ending.heard(),
        aiohttp.ClientSession() as session,
        open_store(found) as store,
        _built(found, store, known, session) as house,
    ):
        say("ready")
        await _until_ended(house.work(), ending)


async def migrate() -> list[str]:
    """Bring the database's schema up to date; return what it has now (:func:`open_store` does the same)."""
    found = _loaded()
    async with open_store(found) as store:
        return await store.schema()


def missing(found: Settings) -> tuple[str, ...]:
    """Return one sentence for each thing that a server should have and this one has not."""
    sentences = []
    local = urlsplit(found.public_url).hostname in {"localhost", "127.0.0.1", "::1"}
    if local and urlsplit(found.server_url).hostname not in {"localhost", "127.0.0.1", "::1"}:
        sentences.append(f"GitHub cannot reach {found.public_url}: set PAWL_PUBLIC_URL to this server's public address")
    if found.database_url is None:
        sentences.append(f"the database is Pawl's own in {found.home}: set DATABASE_URL to work on several machines")
    if found.sandbox == "none":
        sentences.append("PAWL_SANDBOX is none, so nothing of a project runs here: only static gates can be green")
    return tuple(sentences)


def _loaded() -> Settings:
    found = settings.load()
    logs.configure(found.log_level, found.log_form)
    return found


def _listening(found: Settings) -> socket.socket:
    """Return a socket that listens where the settings say; raises InputError where it cannot."""
    try:
        return socket.create_server((found.host, found.port), backlog=1024, reuse_port=found.share_port)
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno and error.errno > 0 else str(error)
        raise InputError(f"{found.host}:{found.port} cannot be listened on ({why}): set PAWL_HOST and PAWL_PORT") from error


async def _set_up(
    found: Settings, session: aiohttp.ClientSession, listener: socket.socket, say: Say, ending: Ending
) -> Credentials | None:
    """Serve ``/setup`` until there is an App; return its credentials, or None where the process is to end first."""
    setup = Setup(found, session)
    say(f"there is no GitHub App yet: open {setup.url}")
    waiting = [web.post("/webhook", _no_app_yet), web.get("/readyz", _no_app_yet), web.get("/healthz", _alive)]
    async with _served(listener, [*setup.routes(), *waiting]):
        await _first(setup.made, ending.drain)
    return credentials.find(found) if setup.made.is_set() else None


def _doors(found: Settings, house: House, known: Credentials, session: aiohttp.ClientSession) -> Iterable[web.RouteDef]:
    store = house.desk.store
    door = Door(store, known.webhook_secret, house.postman.events)
    issuer = found.oidc_issuer or issuer_of(found.server_url)
    verifier = Verifier(issuer, found.public_url, session, self_hosted=SELF_HOSTED in found.runs_on)
    wanted = workflow(machines(found))

    async def text(_request: web.Request) -> web.Response:
        return web.Response(text=wanted)

    measured = metrics.routes(found.metrics_token, house.models.health)
    return [web.post("/webhook", door.receive), web.get(f"/{FILE}", text), *intake.routes(store, verifier, own()), *measured]


def _health(store: Store, ending: Ending) -> Iterable[web.RouteDef]:
    async def ready(_request: web.Request) -> Said:
        if ending.drain.is_set():
            return said(HTTPStatus.SERVICE_UNAVAILABLE, "the server is ending: ask another one")
        try:
            await store.ping()
        except PawlError as error:
            _log.warning("not ready", why=str(error))
            return said(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer: look at it and at DATABASE_URL")
        return said(HTTPStatus.OK, "ready")

    return [web.get("/healthz", _alive), web.get("/readyz", ready)]


async def _alive(_request: web.Request) -> Said:
    return said(HTTPStatus.OK, f"pawl {VERSION}")


async def _no_app_yet(_request: web.Request) -> Said:
    return said(HTTPStatus.SERVICE_UNAVAILABLE, "there is no GitHub App yet: open the address that `pawl serve` printed")


@asynccontextmanager
async def _served(listener: socket.socket, routes: Iterable[web.RouteDef]) -> AsyncIterator[None]:
    """Serve routes on a copy of a listening socket: others may be served on it afterwards, and no caller is turned away."""
    known = list(routes)
    app = web.Application()
    app.add_routes(known)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SLOW_GOODBYE)
    await runner.setup()
    _straighten(runner, known)
    try:
        await web.SockSite(runner, listener.dup(), backlog=1024).start()
        yield
    finally:
        await runner.cleanup()


def _straighten(runner: web.AppRunner, routes: Iterable[web.RouteDef]) -> None:
    """Have what is posted to a plain address answered without the router, which takes a tenth of a delivery's time."""
    server = runner.server
    if server is None:
        raise Fatal("the server of these doors is not set up: this is a fault of Pawl, tell its maintainers")
    routed = server.request_handler
    plain: dict[str, Any] = {each.path: each.handler for each in routes if each.method == hdrs.METH_POST and "{" not in each.path}

    async def answered(request: web.BaseRequest) -> web.StreamResponse:
        straight = request.method == hdrs.METH_POST and hdrs.EXPECT not in request.headers
        found: web.StreamResponse = await (plain.get(request.raw_path, routed) if straight else routed)(request)
        return found

    server.request_handler = answered


async def _until_ended(works: Iterable[Work], ending: Ending) -> None:
    """Do all of it until the process is asked to end; a second time, give back what is in hand."""
    tasks = [asyncio.create_task(_kept_up(each, ending.drain)) for each in works]
    tasks.append(asyncio.create_task(_wait(ending.drain)))
    hurry = asyncio.create_task(_wait(ending.now))
    everything = asyncio.gather(*tasks)
    try:
        waiting: set[asyncio.Future[Any]] = {everything, hurry}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if everything.done():
            await everything
    finally:
        hurry.cancel()
        everything.cancel()
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(asyncio.CancelledError):
            await everything


async def _kept_up(work: Work, stop: asyncio.Event) -> None:
    """Do some work, begun again whenever the database left it alone, until ``stop`` is set."""
    while not stop.is_set():
        try:
            await work(stop)
        except Retryable as error:
            _log.warning("work was interrupted; it begins again", why=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _REST)


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waiting = [asyncio.create_task(_wait(each)) for each in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
