"""The door, through real HTTP and a real Postgres: what is believed, what is kept, and what is said to the rest."""

from __future__ import annotations

import asyncio
import hmac
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.desk import Delivery, Desk
from bot.errors import Retryable
from bot.ids import DeliveryId
from bot.store.deliveries import Letter, Result
from bot.store.store import Store
from bot.webhook import MOST_BYTES, Door, Event, Peeked

if TYPE_CHECKING:
    from bot.store.connection import Connection as Db

SECRET = "it's a secret"
BODY = json.dumps({"action": "created", "comment": {"body": "/pawl fix it"}}).encode()
Client = TestClient[web.Request, web.Application]


async def nothing(_delivery: Delivery, _desk: Desk) -> None:
    """Answer nothing."""


EVENTS = {
    "issue_comment": Event("issue_comment", frozenset({"created"}), nothing),
    "push": Event("push", frozenset({""}), nothing),
}


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def signed(body: bytes, secret: str = SECRET, kind: str = "sha256") -> str:
    return f"{kind}={hmac.new(secret.encode(), body, kind).hexdigest()}"


def headers(body: bytes = BODY, others: dict[str, str] | None = None) -> dict[str, str]:
    said = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": "0b989ba4-242f-11e5-81e1-c7b6966d2516",
        "X-GitHub-Event": "issue_comment",
        "X-Hub-Signature-256": signed(body),
    }
    return {name: value for name, value in {**said, **(others or {})}.items() if value}


async def served(store: Any) -> AsyncGenerator[Client, None]:
    app = web.Application()
    app.router.add_post("/webhook", Door(store, SecretStr(SECRET), EVENTS).receive)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def client(store: Store) -> AsyncIterator[Client]:
    async for each in served(store):
        yield each


async def said(response: ClientResponse) -> str:
    """Return the answer's text, which is always one sentence on one line."""
    text = await response.text()
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return text.strip()


async def kept(connection: Db) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch("SELECT id, event, action, result FROM delivery ORDER BY id")]


async def test_a_signed_delivery_is_kept_with_its_job(client: Client, store: Store, connection: Db) -> None:
    response = await client.post("/webhook", data=BODY, headers=headers())
    assert (response.status, await said(response)) == (202, "received")
    name = DeliveryId(headers()["X-GitHub-Delivery"])
    assert await kept(connection) == [(name, "issue_comment", "created", "waiting")]
    assert await connection.fetchval("SELECT payload FROM delivery") == BODY.decode()
    assert (
        await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'delivery' AND payload = $1", name.encode())
        == 1
    )
    assert await store.delivery_result(name) == (Result.WAITING, "")


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"X-Hub-Signature-256": ""}, 401, "X-Hub-Signature-256 is missing"),
        ({"X-Hub-Signature-256": "", "X-Hub-Signature": signed(BODY, kind="sha1")}, 401, "only a SHA-1 signature came"),
        ({"X-Hub-Signature-256": signed(BODY, kind="sha1")}, 401, "is missing or not sha256="),
        ({"X-Hub-Signature-256": signed(BODY, "another")}, 401, "does not fit the body"),
        ({"X-Hub-Signature-256": signed(BODY).upper()}, 401, "is missing or not sha256="),
        ({"X-Hub-Signature-256": "sha256=" + signed(BODY)[7:].upper()}, 401, "does not fit the body"),
        ({"X-Hub-Signature-256": "sha256="}, 401, "is missing or not sha256="),
        ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 401, "does not fit the body"),
        ({"X-Hub-Signature-256": "sha256=ü"}, 401, "does not fit the body"),
        ({"X-GitHub-Delivery": ""}, 400, "X-GitHub-Delivery or X-GitHub-Event is missing"),
        ({"X-GitHub-Delivery": "a b"}, 400, "X-GitHub-Delivery or X-GitHub-Event is missing or no name"),
        ({"X-GitHub-Delivery": "a" * 101}, 400, "X-GitHub-Delivery or X-GitHub-Event is missing or no name"),
        ({"X-GitHub-Event": ""}, 400, "X-GitHub-Delivery or X-GitHub-Event is missing"),
        ({"X-GitHub-Event": "../push"}, 400, "X-GitHub-Delivery or X-GitHub-Event is missing or no name"),
    ],
)
async def test_what_is_not_githubs_is_turned_away_and_not_kept(
    client: Client, connection: Db, changed: dict[str, str], status: int, sentence: str
) -> None:
    response = await client.post("/webhook", data=BODY, headers=headers(others=changed))
    assert response.status == status
    assert sentence in await said(response)
    assert await kept(connection) == []


async def test_a_sha1_signature_beside_the_right_one_changes_nothing(client: Client) -> None:
    response = await client.post("/webhook", data=BODY, headers=headers(others={"X-Hub-Signature": "sha1=" + "0" * 40}))
    assert response.status == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"payload=%7B%7D",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"a":"\x00"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"action":"created","number":' + b"9" * 10_000 + b"}",
        b'{"action":7}',
        b'{"action":["created"]}',
        b'{"action":"' + b"a" * 256 + b'"}',
    ],
    ids=range(15),
)
async def test_a_signed_body_that_is_no_delivery_gets_a_sentence(client: Client, connection: Db, body: bytes) -> None:
    response = await client.post("/webhook", data=body, headers=headers(body))
    assert response.status == 400
    assert await said(response)
    assert await kept(connection) == []


@settings(max_examples=200)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.booleans())
def test_a_payload_that_is_peeked_into_says_what_it_holds(payload: dict[str, Any], plain: bool) -> None:
    peeked = Peeked(json.dumps(payload, ensure_ascii=plain))
    assert {key: peeked[key] for key in peeked} == payload
    assert (len(peeked), peeked.get("no such key", 7)) == (len(payload), payload.get("no such key", 7))


async def test_an_action_may_be_anybodys_words(client: Client, connection: Db) -> None:
    body = rb'{"action":"on-demand \u0000\ud800 test"}'
    assert (await client.post("/webhook", data=body, headers=headers(body))).status == 202
    assert [row[2] for row in await kept(connection)] == ["on-demand \ufffd\ufffd test"]


async def test_text_that_postgres_does_not_like_is_kept_as_it_came(client: Client, connection: Db) -> None:
    body = rb'{"action":"created","text":"\u0000 \ud800 \u202e"}'
    assert (await client.post("/webhook", data=body, headers=headers(body))).status == 202
    assert await connection.fetchval("SELECT payload FROM delivery") == body.decode()


async def test_a_delivery_that_comes_again_is_one_record_and_one_job(client: Client, connection: Db) -> None:
    answers = await asyncio.gather(*(client.post("/webhook", data=BODY, headers=headers()) for _ in range(8)))
    assert [each.status for each in answers] == [202] * 8
    assert sorted([await said(each) for each in answers]) == ["received"] + ["received before"] * 7
    assert len(await kept(connection)) == 1
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 1


@pytest.mark.parametrize(
    ("event", "body", "result"),
    [
        ("issue_comment", b'{"action":"edited"}', "unwanted"),
        ("star", b'{"action":"created"}', "unwanted"),
        ("push", b'{"ref":"refs/heads/main"}', "waiting"),
    ],
)
async def test_what_nobody_wants_leaves_no_body_and_no_job(
    client: Client, connection: Db, event: str, body: bytes, result: str
) -> None:
    response = await client.post("/webhook", data=body, headers=headers(body, {"X-GitHub-Event": event}))
    assert response.status == 202
    assert [row[3] for row in await kept(connection)] == [result]
    assert bool(await connection.fetchval("SELECT payload FROM delivery")) == (result == "waiting")
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == (result == "waiting")


async def test_a_body_that_says_it_is_too_large_is_not_read(client: Client, connection: Db) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 2**20
            yield b" " * 2**20
            await asyncio.sleep(0)

    told = headers(b"", {"Content-Length": str(200 * 2**20)})
    async with client.post("/webhook", data=endless(), headers=told) as response:
        assert response.status == 413
        assert "larger than 25 MB" in await said(response)
    assert read < MOST_BYTES
    assert await kept(connection) == []


async def test_a_body_of_unknown_length_is_read_up_to_the_cap(client: Client, connection: Db) -> None:
    async def long() -> AsyncIterator[bytes]:
        for _ in range(26):
            yield b" " * 2**20

    async with client.post("/webhook", data=long(), headers=headers(b"")) as response:
        assert response.status == 413
    assert await kept(connection) == []


async def test_a_body_at_the_cap_is_taken(client: Client) -> None:
    body = b'{"action":"created","pad":"' + b"x" * (MOST_BYTES - 29) + b'"}'
    assert len(body) == MOST_BYTES
    assert (await client.post("/webhook", data=io.BytesIO(body), headers=headers(body))).status == 202


async def test_a_body_that_breaks_off_is_not_kept(client: Client, connection: Db) -> None:
    reader, writer = await asyncio.open_connection(client.server.host, client.server.port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers().items())
    writer.write(f"POST /webhook HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:10])
    writer.close()
    await reader.read()
    assert (await client.post("/webhook", data=BODY, headers=headers())).status == 202
    assert len(await kept(connection)) == 1


class Gone:
    """A store that does not answer, or is broken."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def deliver(self, _letter: Letter, *, wanted: bool) -> bool:
        assert wanted
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (Retryable("the database does not answer"), 503, "could not be written down now"),
        (ZeroDivisionError("of the owner's"), 500, "ZeroDivisionError: the server's log has it whole"),
    ],
)
async def test_a_delivery_that_cannot_be_kept_is_not_acknowledged(error: Exception, status: int, sentence: str) -> None:
    async for client in served(Gone(error)):
        response = await client.post("/webhook", data=BODY, headers=headers())
        assert response.status == status
        text = await said(response)
        assert sentence in text
        assert "owner" not in text


async def test_other_methods_are_turned_away(client: Client) -> None:
    assert (await client.get("/webhook")).status == 405


def test_whatever_is_sent_the_answer_is_no_server_error(
    server_of: Callable[[Callable[[Client], Coroutine[Any, Any, None]]], None],
) -> None:
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(
        st.one_of(st.binary(max_size=200), JSON.map(lambda each: json.dumps(each).encode())),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120),
        st.booleans(),
    )
    def sent(body: bytes, delivery: str, event: str, right: bool) -> None:
        async def post(client: Client) -> None:
            told = headers(body, {"X-GitHub-Delivery": delivery, "X-GitHub-Event": event})
            if not right:
                told["X-Hub-Signature-256"] = event
            response = await client.post("/webhook", data=body, headers=told)
            assert response.status < 500
            assert await said(response)

        server_of(post)

    sent()


@pytest.fixture
def server_of(database: str) -> Any:
    """Give a function that runs a coroutine function against a served door, on one event loop for all calls."""
    from bot.settings import Settings  # noqa: PLC0415 - only here
    from bot.store.store import open_store  # noqa: PLC0415 - only here

    with asyncio.Runner() as runner:
        opening = open_store(Settings(DATABASE_URL=SecretStr(database)))
        store = runner.run(opening.__aenter__())
        serving = served(store)
        client: Client = runner.run(anext_of(serving))
        yield lambda post: runner.run(post(client))
        with pytest.raises(StopAsyncIteration):
            runner.run(anext_of(serving))
        runner.run(opening.__aexit__(None, None, None))


async def anext_of(serving: AsyncGenerator[Client, None]) -> Client:
    return await anext(serving)
