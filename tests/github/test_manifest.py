"""The manifest's code is exchanged once, and its secrets are in no text."""

from __future__ import annotations

import json

import aiohttp
import pytest
from aiohttp import web

from bot.errors import InputError
from bot.github.errors import NotFound
from bot.github.manifest import convert
from tests.github.conftest import Answering

TOLD = {
    "id": 7,
    "slug": "pawl",
    "html_url": "https://github.example/apps/pawl",
    "client_id": "Iv1",
    "client_secret": "hidden one",
    "webhook_secret": "hidden two",
    "pem": "hidden three",
}


async def test_the_code_brings_the_keys(server: Answering, session: aiohttp.ClientSession) -> None:
    server.answers = [web.Response(status=201, body=json.dumps(TOLD).encode(), content_type="application/json")]
    made = await convert(session, server.url, "abc-123")
    assert (made.id, made.slug, made.private_key, made.webhook_secret) == (7, "pawl", "hidden three", "hidden two")
    assert "hidden" not in repr(made)
    method, path, headers, _ = server.asked[0]
    assert (method, path) == ("POST", "/app-manifests/abc-123/conversions")
    assert "Authorization" not in headers


async def test_a_code_that_is_none_never_gets_into_a_path(server: Answering, session: aiohttp.ClientSession) -> None:
    for code in ("", "../x", "a/b", "a b", "x" * 300):
        with pytest.raises(InputError, match="no code"):
            await convert(session, server.url, code)
    assert server.asked == []


async def test_a_code_that_is_used_up_is_said(server: Answering, session: aiohttp.ClientSession) -> None:
    server.answers = [web.Response(status=404, body=b'{"message": "Not Found"}', content_type="application/json")]
    with pytest.raises(NotFound):
        await convert(session, server.url, "abc")
