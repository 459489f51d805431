"""Tokens: only GitHub's own, for us, now, from a dispatched workflow; keys are asked for seldom."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.errors import Refused, Retryable
from bot.examination.oidc import AGAIN, PAUSE, Caller, Verifier, issuer_of
from bot.ids import Sha

AUDIENCE = "https://pawl.example"
LATER = 4_102_444_800
"""The year 2100: a time that is the same in every process that collects these tests."""
WORKFLOW = "o/r/.github/workflows/pawl.yml@refs/heads/main"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
COMMIT = "c" * 40
Claims = dict[str, Any]


def published(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", "alg": "RS256"}


@dataclass
class Issuer:
    """Publishes keys and counts who asks."""

    keys: Any = field(default_factory=lambda: {"keys": [published(KEY, "one")]})
    status: int = 200
    asked: int = 0
    clock: float = 1000.0

    async def jwks(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.keys, status=self.status)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def verifier(issuer: Issuer) -> AsyncIterator[Verifier]:
    app = web.Application()
    app.router.add_get("/_services/token/.well-known/jwks", issuer.jwks)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Verifier(issuer_of(str(server.make_url(""))), AUDIENCE, session, lambda: issuer.clock)


def claims(verifier: Verifier, **changed: Any) -> Claims:
    now = int(time.time())
    said = {
        "iss": verifier.issuer,
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now - 5,
        "exp": now + 300,
        "sub": "anything at all",
        "repository_id": "7",
        "run_id": "5",
        "job_workflow_ref": WORKFLOW,
        "workflow_ref": WORKFLOW,
        "ref": "refs/heads/main",
        "sha": COMMIT,
        "workflow_sha": COMMIT,
        "job_workflow_sha": COMMIT,
        "run_attempt": "1",
        "runner_environment": "github-hosted",
        "event_name": "workflow_dispatch",
        **changed,
    }
    return {name: value for name, value in said.items() if value is not None}


def signed(said: Claims, key: Any = KEY, kid: str | None = "one", algorithm: str = "RS256") -> str:
    return jwt.encode(said, key, algorithm, {"kid": kid} if kid else None)


async def test_a_token_of_githubs_tells_the_workflow_run(verifier: Verifier) -> None:
    assert await verifier.caller(signed(claims(verifier))) == Caller(7, WORKFLOW, 5, Sha(COMMIT))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://another.example"},
        {"aud": [AUDIENCE, "https://another.example"]},
        {"aud": None},
        {"iss": "https://token.actions.githubusercontent.com"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"nbf": LATER},
        {"nbf": None},
        {"iat": None},
        {"iat": LATER},
        {"event_name": "pull_request"},
        {"event_name": "repository_dispatch"},
        {"event_name": None},
        {"run_id": None},
        {"run_id": "5x"},
        {"run_id": 5},
        {"run_id": "\u0665"},
        {"repository_id": ""},
        {"job_workflow_ref": None},
        {"job_workflow_ref": ["a"]},
        {"sha": None},
        {"sha": 7},
        {"workflow_sha": "d" * 40},
        {"job_workflow_sha": "d" * 40},
        {"workflow_ref": "o/r/.github/workflows/caller.yml@refs/heads/main"},
        {"ref": "refs/heads/topic"},
        {"run_attempt": "2"},
        {"run_attempt": None},
        {"runner_environment": "self-hosted"},
        {"runner_environment": None},
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_refused(verifier: Verifier, changed: Claims) -> None:
    with pytest.raises(Refused):
        await verifier.caller(signed(claims(verifier, **changed)))


async def test_machines_of_ones_own_count_where_the_server_allows_them(verifier: Verifier) -> None:
    verifier.self_hosted = True
    own = signed(claims(verifier, runner_environment="self-hosted"))
    assert (await verifier.caller(own)).run == 5


async def test_what_an_older_server_does_not_say_is_not_held_against_it(verifier: Verifier) -> None:
    old = signed(claims(verifier, workflow_ref=None, workflow_sha=None, job_workflow_sha=None))
    assert (await verifier.caller(old)).commit == COMMIT


def forged(verifier: Verifier) -> str:
    """Return a token signed with the public key's own bytes, as a verifier that trusts ``alg`` would believe it."""

    def encoded(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    parts = [json.dumps({"alg": "HS256", "kid": "one"}).encode(), json.dumps(claims(verifier)).encode()]
    text = ".".join(map(encoded, parts))
    secret = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@pytest.mark.parametrize(
    "make",
    [
        lambda verifier: signed(claims(verifier), STRANGE),
        forged,
        lambda verifier: jwt.encode(claims(verifier), "", "none", {"kid": "one"}),
        lambda verifier: signed(claims(verifier), kid=None),
        lambda verifier: signed(claims(verifier), algorithm="RS512"),
        lambda verifier: signed(claims(verifier))[:-4],
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "x" * 100_000,
    ],
    ids=["another key", "HMAC", "none", "no kid", "RS512", "cut", "empty", "nonsense", "huge"],
)
async def test_a_forged_token_is_refused(verifier: Verifier, make: Callable[[Verifier], str]) -> None:
    with pytest.raises(Refused):
        await verifier.caller(make(verifier))


async def test_keys_are_kept_and_new_names_are_asked_for_once_a_minute(verifier: Verifier, issuer: Issuer) -> None:
    for _ in range(3):
        await verifier.caller(signed(claims(verifier)))
    assert issuer.asked == 1
    issuer.keys = {"keys": [published(KEY, "one"), published(STRANGE, "two")]}
    fresh = signed(claims(verifier), STRANGE, "two")
    for _ in range(3):
        with pytest.raises(Refused, match="does not publish"):
            await verifier.caller(fresh)
    assert issuer.asked == 1
    issuer.clock += PAUSE
    await verifier.caller(fresh)
    for number in range(3):
        with pytest.raises(Refused, match="does not publish"):
            await verifier.caller(signed(claims(verifier), kid=f"made up {number}"))
    assert issuer.asked == 2


async def test_a_key_that_is_withdrawn_counts_no_longer_than_an_hour(verifier: Verifier, issuer: Issuer) -> None:
    token = signed(claims(verifier))
    await verifier.caller(token)
    issuer.keys = {"keys": [published(STRANGE, "two")]}
    issuer.clock += 3601
    with pytest.raises(Refused, match="does not publish"):
        await verifier.caller(token)


@pytest.mark.parametrize("keys", [{"keys": []}, {}, [], {"keys": [{"kty": "EC", "kid": "one"}, 7, {"kid": "one"}]}], ids=str)
async def test_an_issuer_without_usable_keys_lets_nobody_in(verifier: Verifier, issuer: Issuer, keys: Any) -> None:
    issuer.keys = keys
    with pytest.raises(Refused, match="does not publish"):
        await verifier.caller(signed(claims(verifier)))


async def test_an_issuer_that_is_down_is_worth_another_try(verifier: Verifier, issuer: Issuer) -> None:
    issuer.status = 500
    with pytest.raises(Retryable, match="answers 500"):
        await verifier.caller(signed(claims(verifier)))
    issuer.status, issuer.keys = 200, {"keys": [{"kty": "RSA", "kid": "one", "n": "!", "e": "AQAB"}]}
    issuer.clock += AGAIN
    with pytest.raises(Retryable, match="cannot be read"):
        await verifier.caller(signed(claims(verifier)))


def test_the_issuer_is_the_public_one_the_enterprises_or_the_servers_own() -> None:
    assert issuer_of("https://github.com/") == "https://token.actions.githubusercontent.com"
    assert issuer_of("https://git.example") == "https://git.example/_services/token"
    assert issuer_of("https://octocorp.ghe.com") == "https://token.actions.octocorp.ghe.com"
