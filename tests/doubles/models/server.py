"""The way of a request: seen, answered by aimock with what the script says, spoiled where a fault is due."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.doubles.models.double import ModelDouble
from tests.doubles.models.fault import Fault
from tests.doubles.models.wire import WIRES, Say, Seen, changed, completed, error_body, error_event, fixture, flooding

AGES = 3_600
_FLOODS = 400


class Front:
    """What listens in front of aimock."""

    def __init__(self, double: ModelDouble) -> None:
        self._double = double
        self._count = itertools.count()

    async def start(self) -> tuple[web.AppRunner, str]:
        """Listen on a free port of this machine; return what to clean up and the address."""
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/{endpoint}/v1/models", self._models)
        app.router.add_post("/{endpoint}{path:/v1/.+}", self._complete)
        app.cleanup_ctx.append(self._session)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return runner, f"http://{host}:{port}"

    async def _session(self, _app: web.Application) -> Any:
        async with aiohttp.ClientSession() as self._http:
            yield

    async def _models(self, request: web.Request) -> web.Response:
        endpoint = request.match_info["endpoint"]
        if _key(request) != self._double.key:
            return _refused(endpoint)
        names = self._double.listed(endpoint)
        if endpoint == "anthropic":
            each = [{"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names]
            return web.json_response({"data": each, "has_more": False, "first_id": names[0], "last_id": names[-1]})
        told = [{"id": name, "object": "model", "created": 1, "owned_by": endpoint} for name in names]
        return web.json_response({"object": "list", "data": told})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        endpoint, path = request.match_info["endpoint"], request.match_info["path"]
        if path not in WIRES:
            return web.json_response(error_body("chat", "not_found_error", f"no {path} here"), status=404)
        seen = Seen(endpoint, path, _key(request), dict(request.headers), await request.json())
        if seen.key != self._double.key:
            self._double.requests.append(seen)
            return _refused(endpoint)
        say, fault = self._double.take(seen)
        at_once = _instead(request, seen, fault)
        if at_once is not None:
            return at_once
        if fault is not None and fault.kind == "half an error":
            return await _half_an_error(request, fault)
        status, kind, events = await self._formed(say, seen)
        if status != web.HTTPOk.status_code:
            return web.Response(status=status, body=b"".join(events), headers={"Content-Type": kind})
        return await self._stream(request, seen, kind, events, fault)

    async def _formed(self, say: Say, seen: Seen) -> tuple[int, str, list[bytes]]:
        """Let aimock form the answer; return its status, content type and events."""
        context = f"request-{next(self._count)}"
        async with self._http.post(
            f"{self._double.aimock}/__aimock/fixtures", json={"fixtures": [fixture(say, seen, context)]}
        ) as added:
            if added.status != web.HTTPOk.status_code:
                raise RuntimeError(f"aimock does not take the scripted answer: {await added.text()}")
        names = {"content-type", "anthropic-version", "x-api-key", "authorization"}
        headers = {name: value for name, value in seen.headers.items() if name.lower() in names} | {"X-AIMock-Context": context}
        async with self._http.post(self._double.aimock + seen.path, data=json.dumps(seen.body), headers=headers) as answer:
            body = await answer.read()
            kind = answer.headers.get("content-type", "")
            if "event-stream" not in kind:
                return answer.status, kind, [body]
            change = completed(say, seen.wire)
            return answer.status, kind, [changed(each + b"\n\n", change) for each in body.split(b"\n\n") if each.strip()]

    async def _stream(
        self, request: web.Request, seen: Seen, kind: str, events: list[bytes], fault: Fault | None
    ) -> web.StreamResponse:
        spoilt = fault is not None and fault.kind != "late"
        if fault is not None and (fault.kind == "late" or (fault.kind == "silent" and not fault.events)):
            await asyncio.sleep(fault.seconds or AGES)
        answer = web.StreamResponse(headers={"Content-Type": kind})
        await answer.prepare(request)
        first = 0 if fault is not None and fault.kind == "empty" else fault.events if fault is not None and spoilt else None
        for each in events[:first]:
            await answer.write(each)
        if fault is not None and spoilt:
            await self._spoil(request, answer, seen, fault)
        return answer

    async def _spoil(self, request: web.Request, answer: web.StreamResponse, seen: Seen, fault: Fault) -> None:
        if fault.kind == "cut":
            _hang_up(request)
        elif fault.kind == "silent":
            await asyncio.sleep(AGES)
        elif fault.kind == "garbage":
            await answer.write(f"event: message_delta\ndata: {fault.spoilt}\n\n".encode())
        elif fault.kind == "error event":
            await answer.write(error_event(seen.wire, fault.word, fault.said))
        for _ in range(_FLOODS if fault.kind == "flood" else 0):
            await answer.write(flooding(seen.wire))


@contextmanager
def serving(double: ModelDouble) -> Iterator[ModelDouble]:
    """Serve a double in a thread of its own until left; its address is set."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="models", daemon=True)
    thread.start()
    runner, double.url = asyncio.run_coroutine_threadsafe(Front(double).start(), loop).result()
    try:
        yield double
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _key(request: web.Request) -> str:
    return request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")


def _refused(endpoint: str) -> web.Response:
    if endpoint == "anthropic":
        return web.json_response(error_body("messages", "authentication_error", "invalid x-api-key"), status=401)
    return web.json_response(error_body("chat", "invalid_api_key", "Incorrect API key provided"), status=401)


def _instead(request: web.Request, seen: Seen, fault: Fault | None) -> web.Response | None:
    """Return what comes instead of any stream; None where a stream begins."""
    if fault is not None and fault.kind == "status":
        return web.json_response(error_body(seen.wire, fault.word, fault.said), status=fault.status, headers=fault.headers)
    if fault is not None and fault.kind == "no stream":
        return web.Response(text="<html><body>Please sign in</body></html>", content_type="text/html")
    if fault is not None and fault.kind == "gone":
        _hang_up(request)
        return web.Response()
    return None


async def _half_an_error(request: web.Request, fault: Fault) -> web.StreamResponse:
    answer = web.StreamResponse(status=fault.status, headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b'{"error": {"message": "someth')
    if fault.stalls:
        await asyncio.sleep(AGES)
    _hang_up(request)
    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()  # in good order: what was written arrives, the end of the stream does not
