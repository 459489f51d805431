"""Who answers for which duty: the environment becomes connected endpoints, and for each duty its seats in order.

Without ``PAWL_MODELS`` each endpoint's own list gives the model to ask. Whoever writes the change is not asked first to write
its tests or to criticise it, wherever two models are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot import logs, providers
from bot.errors import InputError, Refused
from bot.llm.asking import Duty
from bot.llm.prices import Price, price_of
from bot.llm.provider import Endpoint, Failure, Provider, Vendor
from bot.llm.seat import Seat
from bot.llm.wire import is_at
from bot.registry import names, plugins
from bot.settings import Settings

APART: Final = (Duty.SPEC_AUTHOR, Duty.CRITIC)
"""Duties that somebody else than the first change author should have."""
_OWN: Final = ("api.openai.com", "api.anthropic.com")
_log = logs.get(__name__)


@dataclass(frozen=True)
class Seats:
    """Everybody who can answer, connected; whoever has it closes it."""

    by_duty: Mapping[Duty, tuple[Seat, ...]]
    """In order; empty where nobody is configured."""
    providers: tuple[Provider, ...] = ()

    async def close(self) -> None:
        """Let the connections go."""
        for each in self.providers:
            await each.close()


@dataclass(frozen=True)
class _Place:
    """A connected endpoint and what its models cost."""

    provider: Provider
    endpoint: Endpoint
    vendor: str
    prices: Mapping[str, Price]

    @property
    def where(self) -> str:
        return f"{self.endpoint.name} at {self.endpoint.base_url}" if self.endpoint.base_url else self.endpoint.name

    def seat(self, model: str) -> Seat:
        own = any(is_at(self.endpoint.base_url, each) for each in _OWN)
        return Seat(self.provider, model, price_of(self.vendor, model, self.prices, own=own))


async def seats_of(settings: Settings) -> Seats:
    """Return who answers, as the environment says; asks endpoints for their models only where no variable names one.

    Raises:
        InputError: a variable names an endpoint that is not configured.
        Refused: no endpoint told which models it has, and no variable does.
    """
    endpoints = [name for name, _, _ in settings.endpoints]
    named = {duty: _known(settings, duty, endpoints) for duty in Duty}
    if not endpoints:
        return Seats(dict.fromkeys(Duty, ()))
    places = _connected(settings)
    seats = Seats({}, tuple(each.provider for each in places.values()))
    try:
        defaults = () if all(named.values()) else await _defaults(places)
    except BaseException:
        await seats.close()
        raise
    wanted = {duty: tuple(places[name].seat(model) for name, model in each) for duty, each in named.items()}
    ordered = {duty: each or defaults for duty, each in wanted.items()}
    first = ordered[Duty.CHANGE_AUTHOR][:1]
    for duty in APART:
        if settings.models(duty)[0] == "PAWL_MODELS":
            ordered[duty] = apart(ordered[duty], first)
    return Seats(ordered, seats.providers)


def apart(seats: tuple[Seat, ...], others: Collection[Seat]) -> tuple[Seat, ...]:
    """Return the seats with one first that is of another provider than the others, or at least another author; rest in order."""
    providers_taken = {each.provider.name for each in others}
    authors_taken = {each.author for each in others}
    for free in (
        [each for each in seats if each.provider.name not in providers_taken],
        [each for each in seats if each.author not in authors_taken],
    ):
        if free:
            return (free[0], *(each for each in seats if each is not free[0]))
    return seats


def _known(settings: Settings, duty: Duty, names: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return a duty's (endpoint, model), each of an endpoint that is configured; raises InputError."""
    variable, entries = settings.models(duty)
    for name, model in entries:
        if name not in names:
            allowed = ", ".join(names) or "none is"
            what = f"{name.upper()}_API_KEY" if name in {"openai", "anthropic"} else f"PAWL_ENDPOINTS={name}=https://…"
            raise InputError(
                f"the environment variable {variable} names {name}:{model}, but {name} is not configured "
                f"(configured: {allowed}): set {what}, or leave the entry out"
            )
    return entries


def _language(endpoint: str) -> str:
    """Return the vendor whose language an endpoint speaks: OpenAI's, unless it bears a vendor's name."""
    return endpoint if endpoint in names(providers) else "openai"


def _connected(settings: Settings) -> dict[str, _Place]:
    spoken = {name: _language(name) for name, _, _ in settings.endpoints}
    vendors = plugins(providers, Vendor, only=spoken.values())  # a vendor's SDK takes a second or two to import
    prices = {model: Price(*each) for model, each in settings.prices.items()}
    places = {}
    for name, key, url in settings.endpoints:
        endpoint = Endpoint(name, key, url, settings.model_timeout)
        vendor = vendors[spoken[name]]
        places[name] = _Place(vendor.connect(endpoint), endpoint, vendor.name, prices)
    return places


async def _defaults(places: Mapping[str, _Place]) -> tuple[Seat, ...]:
    """Return a seat at each endpoint: the first of its own list of models."""
    answers = await asyncio.gather(*(each.provider.models() for each in places.values()), return_exceptions=True)
    seats, silent = [], []
    for place, answer in zip(places.values(), answers, strict=True):
        if isinstance(answer, Failure):
            silent.append(f"{place.where}: {answer}")
            _log.warning("an endpoint does not tell its models", endpoint=place.endpoint.name, why=str(answer))
        elif isinstance(answer, BaseException):
            raise answer
        elif answer:
            seats.append(place.seat(answer[0]))
        else:
            silent.append(f"{place.where}: it lists none")
    if not seats:
        raise Refused(f"no endpoint tells which models it has ({'; '.join(silent)}): mend that, or name models in PAWL_MODELS")
    return tuple(seats)
