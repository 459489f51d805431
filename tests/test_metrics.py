"""What a server shows of itself, read by Prometheus' own parser, and to whom."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot import metrics
from bot.llm.asking import Usage
from bot.llm.breaker import Mode
from bot.llm.health import Health

FOUND = Health("openai", Mode.OPEN, 7, {"timeout": 2, 'a "quoted"\nreason': 1}, Usage(900, 80, 600, 0.25, 7), 1.5, 9.0)
FRESH = Health("anthropic", Mode.CLOSED, 0, {}, Usage(), None, None)


def read(text: bytes) -> dict[tuple[str, ...], float]:
    samples = [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]
    return {(each.name, *sorted(each.labels.values())): each.value for each in samples}


def test_prometheus_reads_how_each_provider_has_been_doing() -> None:
    seen = read(metrics.exposition([FOUND, FRESH]))
    assert seen["pawl_model_calls_total", "openai"] == 7
    assert seen["pawl_model_input_tokens_total", "openai"] == 900
    assert seen["pawl_model_cached_tokens_total", "openai"] == 600
    assert seen["pawl_model_output_tokens_total", "openai"] == 80
    assert seen["pawl_model_dollars_total", "openai"] == 0.25
    assert seen["pawl_model_failures_total", "openai", "timeout"] == 2
    assert seen["pawl_model_failures_total", 'a "quoted"\nreason', "openai"] == 1
    assert seen["pawl_model_call_seconds", "0.95", "openai"] == 9.0
    assert [seen["pawl_model_breaker", *sorted(("openai", mode.value))] for mode in Mode] == [0, 1, 0]
    assert seen["pawl_model_calls_total", "anthropic"] == 0
    assert ("pawl_model_call_seconds", "0.5", "anthropic") not in seen


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("", 401), ("Bearer right ", 200), ("Bearer ri\xe9ht", 401)],
)
async def test_only_who_has_the_token_is_shown_what_pawl_spends(header: str, status: int) -> None:
    app = web.Application()
    app.add_routes(metrics.routes(SecretStr("right"), lambda: [FOUND]))
    async with TestClient(TestServer(app)) as client, client.get("/metrics", headers={"Authorization": header}) as answer:
        text = await answer.read()
    assert answer.status == status
    assert (b"pawl_model_calls" in text) == (status == 200)


def test_without_a_token_there_is_no_page() -> None:
    assert metrics.routes(None, lambda: [FOUND]) == ()
