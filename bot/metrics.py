"""What a server measures of itself, at ``/metrics`` in the words of Prometheus: how each provider of models has been doing.

The numbers are this process's own, since it began. They tell what Pawl spends, so they are shown to whoever brings
``PAWL_METRICS_TOKEN`` and to nobody else; without that setting there is no such page.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import SecretStr

from bot.callers import said
from bot.llm.breaker import Mode
from bot.llm.health import Health

PATH: Final = "/metrics"


def routes(token: SecretStr | None, models: Callable[[], Iterable[Health]]) -> tuple[web.RouteDef, ...]:
    """Return the page's route; none where no token guards it."""
    if token is None:
        return ()
    wanted = f"Bearer {token.get_secret_value()}".encode()

    async def show(request: web.Request) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode("utf-8", "surrogateescape"), wanted):
            return said(HTTPStatus.UNAUTHORIZED, "metrics are shown to whoever sends PAWL_METRICS_TOKEN as a bearer token")
        return web.Response(body=exposition(models()), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return (web.get(PATH, show),)


def exposition(models: Iterable[Health]) -> bytes:
    """Return the providers' health in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Models(tuple(models)))
    return generate_latest(registry)


class _Models(Collector):
    """What is known of the providers, as families of metrics."""

    def __init__(self, found: tuple[Health, ...]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Yield one family after another."""
        yield self._counter("calls", "Calls to models, whatever came of them", lambda each: each.calls)
        yield self._counter("input_tokens", "Tokens sent, cached ones included", lambda each: each.usage.input)
        yield self._counter("cached_tokens", "Tokens sent that the provider had kept", lambda each: each.usage.cached)
        yield self._counter("output_tokens", "Tokens received", lambda each: each.usage.output)
        yield self._counter("dollars", "US dollars, of calls whose price is known", lambda each: each.usage.money or 0.0)
        yield self._failures()
        yield self._seconds()
        yield self._breakers()

    def _counter(self, name: str, words: str, value: Callable[[Health], float]) -> Metric:
        family = CounterMetricFamily(f"pawl_model_{name}", words, labels=["provider"])
        for each in self._found:
            family.add_metric([each.provider], value(each))
        return family

    def _failures(self) -> Metric:
        family = CounterMetricFamily("pawl_model_failures", "Calls without a usable answer", labels=["provider", "why"])
        for each in self._found:
            for why, count in sorted(each.failures.items()):
                family.add_metric([each.provider, why], count)
        return family

    def _seconds(self) -> Metric:
        family = GaugeMetricFamily(
            "pawl_model_call_seconds", "What the newest calls took at most, by share of them", labels=["provider", "quantile"]
        )
        for each in self._found:
            for share, seconds in (("0.5", each.p50), ("0.95", each.p95)):
                if seconds is not None:
                    family.add_metric([each.provider, share], seconds)
        return family

    def _breakers(self) -> Metric:
        family = GaugeMetricFamily("pawl_model_breaker", "1 for the mode that the breaker is in", labels=["provider", "mode"])
        for each in self._found:
            for mode in Mode:
                family.add_metric([each.provider, mode.value], float(each.mode is mode))
        return family
