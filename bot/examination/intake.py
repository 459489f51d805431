"""The door for runners: the workflow run that was dispatched fetches paper and judge here and hands in the answers, gate by gate.

Every call is believed by GitHub's own token for the job (see :mod:`bot.examination.oidc`) and goes to the one examination
that this very workflow run was dispatched to. Errors are ``application/problem+json``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot import callers, logs
from bot.callers import Turned
from bot.errors import Refused, Retryable, UserError
from bot.examination.oidc import Verifier
from bot.examination.paper import digest_of, dumped, gate_name, read_result
from bot.examination.wheel import Wheel
from bot.ids import RunId

if TYPE_CHECKING:
    from bot.store.results import Examination
    from bot.store.store import Store

NONCE: Final = "X-Pawl-Nonce"
PAPER: Final = "X-Pawl-Paper"
MOST_BODY: Final = 8 * 1024 * 1024
"""Longest answer of one gate."""
_TOO_LARGE: Final = f"an answer may have {MOST_BODY // 1024**2} MiB: send less evidence"

_log = logs.get(__name__)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(store: Store, verifier: Verifier, judge: Wheel) -> list[web.RouteDef]:
    """Return the routes; whoever serves them limits nothing else."""
    intake = _Intake(store, verifier, judge)
    return [
        web.get("/api/v1/runs/{run}/subject", _answered(intake.subject)),
        web.get("/api/v1/runs/{run}/judge", _answered(intake.judge)),
        web.post("/api/v1/runs/{run}/gates/{gate}", _answered(intake.result)),
    ]


class _Intake:
    def __init__(self, store: Store, verifier: Verifier, judge: Wheel) -> None:
        self._store = store
        self._verifier = verifier
        self._judge = judge

    async def subject(self, request: web.Request) -> web.Response:
        """Give out the paper."""
        examination = await self._open_examination(request)
        headers = {PAPER: digest_of(examination.paper), "Cache-Control": "no-store"}
        return web.Response(text=dumped(examination.paper), content_type="application/json", headers=headers)

    async def judge(self, request: web.Request) -> web.Response:
        """Give out the wheel that the paper names; another server may have it where this one has not."""
        examination = await self._open_examination(request)
        if examination.paper.judge != self._judge.digest:
            other = "this server is another Pawl than the one that asked: come again, or say `/pawl retry`"
            raise Turned(HTTPStatus.SERVICE_UNAVAILABLE, other)
        headers = {"Content-Disposition": f'attachment; filename="{self._judge.name}"', "Cache-Control": "no-store"}
        return web.Response(body=self._judge.content, content_type="application/octet-stream", headers=headers)

    async def result(self, request: web.Request) -> web.Response:
        """Take in one gate's answer."""
        examination = await self._examination(request)
        gate = request.match_info["gate"]
        if not gate_name(gate):
            raise Turned(HTTPStatus.NOT_FOUND, "there is no such gate: small letters and underscores")
        if request.headers.get(PAPER) != digest_of(examination.paper):
            raise Turned(HTTPStatus.CONFLICT, f"{PAPER} names another paper: judge the one that this workflow run was given")
        result = read_result(await callers.body(request, MOST_BODY, _TOO_LARGE), "the body")
        if result.name != gate:
            raise Turned(HTTPStatus.BAD_REQUEST, "the body is another gate's answer: post each to its own address")
        try:
            new = await self._store.examinations.add(examination.paper.run, examination.paper.head, result)
        except Refused as error:
            raise Turned(HTTPStatus.CONFLICT, str(error)) from None
        _log.info("gate answered", run=examination.paper.run, gate=gate, verdict=result.verdict.value, new=new)
        return web.Response(status=HTTPStatus.CREATED if new else HTTPStatus.OK)

    async def _open_examination(self, request: web.Request) -> Examination:
        examination = await self._examination(request)
        if examination.closed:
            raise Turned(HTTPStatus.CONFLICT, "this examination is closed: nothing is judged for it any more")
        return examination

    async def _examination(self, request: web.Request) -> Examination:
        """Return what the caller may see; raises :class:`Turned` for everybody else."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Turned(HTTPStatus.UNAUTHORIZED, "send the job's OpenID Connect token as a bearer token")
        try:
            caller = await self._verifier.caller(token.strip())
        except Refused as error:
            raise Turned(HTTPStatus.UNAUTHORIZED, str(error)) from None
        run = RunId(request.match_info["run"])
        try:
            return await self._store.examinations.answering(run, caller, request.headers.get(NONCE, ""))
        except Refused as error:
            raise Turned(HTTPStatus.FORBIDDEN, str(error)) from None


def _answered(handler: _Handler) -> _Handler:
    """Return the handler with its errors told in one sentence each."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Turned as error:
            return _problem(error.status, str(error))
        except UserError as error:
            return _problem(HTTPStatus.BAD_REQUEST, str(error))
        except Retryable as error:
            _log.warning("a runner has to come again", why=str(error))
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "this cannot be served now: come again in a minute")

    return answered


def _problem(status: HTTPStatus, sentence: str) -> web.Response:
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": sentence}
    return web.json_response(body, status=status, content_type="application/problem+json")
