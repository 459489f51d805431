"""Whatever an endpoint sends, no more is read than can be held: a server sends on and on to both vendors' clients."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.llm import bounded
from bot.llm.provider import Endpoint, Failure, FailureKind, Provider
from bot.providers import anthropic, openai
from tests.providers.conversation import ask, fail

STREAM = "content-type: text/event-stream"


@asynccontextmanager
async def _sending(status: str, headers: str, piece: bytes) -> AsyncIterator[str]:
    """Serve one answer to everything: a piece, again and again, until nobody listens any more."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {status}\r\n{headers}\r\nconnection: close\r\n\r\n".encode())
            while True:
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture(params=[openai.PROVIDER.connect, anthropic.PROVIDER.connect], ids=["openai", "anthropic"])
def connect(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Endpoint], Provider]:
    monkeypatch.setattr(bounded, "MOST", 300_000)
    monkeypatch.setattr(bounded, "MOST_PACKED", 300_000)
    monkeypatch.setattr(bounded, "MOST_EVENT", 100_000)
    found: Callable[[Endpoint], Provider] = request.param
    return found


@pytest.mark.parametrize(
    ("status", "headers", "piece"),
    [
        ("200 OK", STREAM, b"x" * 10_000),
        ("200 OK", STREAM, b": a comment that says that it is there\n\n" * 100),
        ("200 OK", STREAM, b"data: {}\n" * 100),
        ("200 OK", STREAM, b"data: {}\r\n" * 100),
        ("200 OK", STREAM, b"data: {}\r" * 100),
        ("200 OK", f"{STREAM}\r\ncontent-encoding: gzip", gzip.compress(b": x\n\n" * 1_000)),
        ("500 Oh", "content-type: application/json", b" " * 10_000),
        ("200 OK", "content-type: application/json", b" " * 10_000),
    ],
    ids=["one line", "comments", "an event without an end", "of Windows", "of old", "packed", "an error", "no stream"],
)
async def test_what_never_ends_is_not_read_to_its_end(
    connect: Callable[[Endpoint], Provider], status: str, headers: str, piece: bytes
) -> None:
    async with _sending(status, headers, piece) as url:
        speaker = connect(Endpoint("own", "k", url, timeout=60))
        failure = await fail(speaker, ask())
        await speaker.close()
    assert failure.kind in {FailureKind.MALFORMED, FailureKind.CUT}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("step", [1, 2, 3, 1_000])
def test_events_that_end_are_counted_anew(end: bytes, step: int) -> None:
    sent = (b"event: a" + end + b"data: {}" + end + end) * (bounded.MOST_LINES + 1)
    event = bounded._Event()
    assert all(event.grows(sent[at : at + step]) for at in range(0, len(sent), step))
    assert event.size <= len(end)


async def test_a_list_of_models_that_never_ends(connect: Callable[[Endpoint], Provider]) -> None:
    async with _sending("200 OK", "content-type: application/json", b" " * 10_000) as url:
        speaker = connect(Endpoint("own", "k", url, timeout=60))
        with pytest.raises(Failure, match="more than any answer holds"):
            await speaker.models()
        await speaker.close()
