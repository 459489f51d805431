"""The App manifest flow's last step: the code that GitHub sends back is exchanged for the new App's keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import aiohttp

from bot.errors import InputError
from bot.github.client import Client, segment
from bot.github.wire import Line

_CODE = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)


@dataclass(frozen=True)
class Conversion:
    """A new App and its keys, which GitHub shows this once."""

    id: int
    slug: str
    html_url: str
    client_id: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_secret: str = field(repr=False)


async def convert(session: aiohttp.ClientSession, api_url: str, code: str) -> Conversion:
    """Exchange the code; raises InputError where it is none, NotFound where it was used already or is older than an hour."""
    if _CODE.fullmatch(code) is None:
        raise InputError("the address GitHub came back to has no code that could be one: start again at /setup")

    async def nobody(_fresh: bool) -> None:  # noqa: FBT001 - the shape of Authorize
        return None

    told = await Client(Line(session, api_url.rstrip("/")), nobody).post(f"/app-manifests/{segment(code)}/conversions")
    return Conversion(
        id=int(told["id"]),
        slug=str(told["slug"]),
        html_url=str(told["html_url"]),
        client_id=str(told["client_id"]),
        private_key=str(told["pem"]),
        webhook_secret=str(told["webhook_secret"] or ""),
        client_secret=str(told["client_secret"]),
    )
