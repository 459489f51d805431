"""The door for GitHub: what an event is to Pawl, and how a delivery is verified, written down and answered within milliseconds.

Each event has one file in ``webhooks/``. The door believes only bodies that carry their SHA-256 signature, keeps each delivery
once with its job, and says 202. A postman takes deliveries from the store and calls ``answer``, which reads the truth from
GitHub where it matters (deliveries come late, twice and out of order), leaves work in the store, and does none itself.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError
from pydantic import SecretStr

from bot import callers, logs
from bot.callers import Said, Turned, said
from bot.desk import Delivery, Desk, Place
from bot.errors import PawlError
from bot.ids import DeliveryId
from bot.store.deliveries import Letter

if TYPE_CHECKING:
    from bot.store.store import Store

MOST_BYTES: Final = 25 * 1024 * 1024
"""GitHub sends no larger ones."""
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_MOST_ACTION: Final = 255
"""Most actions are GitHub's words; that of ``repository_dispatch`` is anybody's."""

_TOP: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])

_log = logs.get(__name__)


async def nowhere(_delivery: Delivery, _desk: Desk) -> Place | None:
    """Say that nobody asks for anything by an event."""
    return None


Answer = Callable[[Delivery, Desk], Awaitable[None]]
"""Answers one delivery; called twice with the same one, it does nothing twice."""


@dataclass(frozen=True)
class Event:
    """An event as its file registers it."""

    name: str
    """GitHub's name of it, such as ``issue_comment``."""
    actions: frozenset[str]
    """The actions that are answered; an event without actions has the empty string here."""
    answer: Answer
    concerns: Callable[[Mapping[str, Any]], bool] = lambda _payload: True
    """Says by the payload alone, and at once, whether there may be anything to answer."""
    asked_in: Callable[[Delivery, Desk], Awaitable[Place | None]] = nowhere
    """Says in which issue or pull request somebody asked for something by it; None where nobody did."""

    def wants(self, delivery: Delivery) -> bool:
        """Whether this delivery is to be answered at all."""
        return delivery.event == self.name and delivery.action in self.actions and self.concerns(delivery.payload)


class Peeked(Mapping[str, Any]):
    """A payload of which only that is read which is looked at: most deliveries are none of Pawl's business.

    Raises ValueError at once where the text is no JSON object, and where a part is looked at that cannot be read.
    """

    def __init__(self, text: str) -> None:
        self._parts: dict[str, Any]
        try:
            self._parts = _TOP.decode(text)
        except msgspec.DecodeError:
            self._parts = _object(text)

    def __getitem__(self, key: str) -> Any:
        part = self._parts[key]
        return msgspec.json.decode(part) if isinstance(part, msgspec.Raw) else part

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


@dataclass(frozen=True)
class Door:
    """Takes deliveries in. Whatever is sent, the answer is one sentence, and never that Pawl broke over it."""

    store: Store
    secret: SecretStr
    events: Mapping[str, Event]

    async def receive(self, request: web.Request) -> Said:
        """Answer ``POST /webhook``."""
        try:
            return await self._receive(request)
        except Turned as error:
            return said(error.status, str(error))
        except (HttpProcessingError, ConnectionError, RequestPayloadError):
            return said(HTTPStatus.BAD_REQUEST, "the body broke off or is no HTTP: send it again")
        except PawlError as error:
            _log.warning("a delivery could not be written down", why=str(error))
            return said(HTTPStatus.SERVICE_UNAVAILABLE, "the delivery could not be written down now: send it again later")
        except Exception as error:  # noqa: BLE001 - the door's last word: GitHub hears a sentence, the log has it whole
            _log.exception("a delivery broke the door")
            return said(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}: the server's log has it whole")

    async def _receive(self, request: web.Request) -> Said:
        signature = _signature(request.headers)
        body = await self._verified(request, signature)
        letter, payload = _letter(request.headers, body)
        event = self.events.get(letter.event)
        wanted = event is not None and _wants(event, letter, payload)
        new = await self.store.deliver(letter, wanted=wanted)
        _log.info("delivery", delivery=letter.id, event_name=letter.event, action=letter.action, new=new, wanted=wanted)
        return said(HTTPStatus.ACCEPTED, "received" if new else "received before")

    async def _verified(self, request: web.Request, signature: bytes) -> bytes:
        """Return the body if it carries its signature; one that is too large is not read to its end."""
        body = await callers.body(request, MOST_BYTES, f"the body is larger than {MOST_BYTES // 1024**2} MB: send less")
        digest = hmac.digest(self.secret.get_secret_value().encode(), body, "sha256")
        if not hmac.compare_digest(digest.hex().encode(), signature):
            sentence = "the signature does not fit the body: set the same webhook secret on the App's page and here"
            raise Turned(HTTPStatus.UNAUTHORIZED, sentence)
        return body


def _signature(headers: Mapping[str, str]) -> bytes:
    given = headers.get("X-Hub-Signature-256", "")
    scheme, _, value = given.partition("=")
    if scheme == "sha256" and value:
        return value.encode("utf-8", "surrogateescape")
    if not given and headers.get("X-Hub-Signature"):
        sentence = "only a SHA-1 signature came, which is not believed: send X-Hub-Signature-256"
    else:
        sentence = "X-Hub-Signature-256 is missing or not sha256=…: set a webhook secret on the App's page"
    raise Turned(HTTPStatus.UNAUTHORIZED, sentence)


def _letter(headers: Mapping[str, str], body: bytes) -> tuple[Letter, Peeked]:
    """Return what was delivered, as the store keeps it, and its payload; raises :class:`Turned` where it is no delivery."""
    delivery, event = headers.get("X-GitHub-Delivery", ""), headers.get("X-GitHub-Event", "")
    if _ID.fullmatch(delivery) is None or _NAME.fullmatch(event) is None:
        raise Turned(HTTPStatus.BAD_REQUEST, "X-GitHub-Delivery or X-GitHub-Event is missing or no name: send both")
    try:
        text = body.decode()
        payload = Peeked(text)
        action = payload.get("action")
    except (ValueError, RecursionError) as error:
        raise _no_object() from error
    if action is not None and not (isinstance(action, str) and len(action) <= _MOST_ACTION):
        raise Turned(HTTPStatus.BAD_REQUEST, "the payload's action is no short text: send what GitHub sends")
    return Letter(DeliveryId(delivery), event, action or "", text, 0), payload


def _read(text: str) -> Any:
    """Return what a JSON text holds; raises ValueError or RecursionError where it holds nothing that a postman could read."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # also half a pair of surrogates, or another number than it can hold
        return json.loads(text)


def _object(text: str) -> dict[str, Any]:
    found = _read(text)
    if not isinstance(found, dict):
        raise ValueError("a payload is an object")  # noqa: TRY004 - whatever is no payload is the same to the door
    return found


def _wants(event: Event, letter: Letter, payload: Peeked) -> bool:
    """Whether an event is to be answered; its body is kept then, so all of it has to be what a postman can read."""
    try:
        wanted = event.wants(Delivery(letter.id, letter.event, letter.action, payload))
        if wanted:
            _read(letter.payload)
    except (ValueError, RecursionError) as error:
        raise _no_object() from error
    return wanted


def _no_object() -> Turned:
    """No UTF-8, no JSON, a number or a depth beyond all measure."""
    return Turned(HTTPStatus.BAD_REQUEST, "the body is no JSON object: choose application/json on the App's page")
