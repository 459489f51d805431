"""Health: what a watch has counted, by provider."""

from __future__ import annotations

from bot.llm.asking import Usage
from bot.llm.breaker import Mode, Rules
from bot.llm.health import LONGEST_WISH, Health, Watch


def test_nothing_is_known_before_the_first_call() -> None:
    assert Watch(lambda: 0.0).health() == ()


def test_what_was_counted() -> None:
    watch = Watch(lambda: 0.0)
    for seconds in range(1, 101):
        watch.counted("b", Usage(10, 1, 0, 0.5, 1), float(seconds), "timeout" if seconds > 97 else "")
    watch.counted("a", Usage(1, 1, 0, None, 1), 3.0)
    a, b = watch.health()
    assert a == Health("a", Mode.CLOSED, 1, {}, Usage(1, 1, 0, None, 1), 3.0, 3.0)
    assert (b.calls, b.failures, b.p50, b.p95) == (100, {"timeout": 3}, 50.0, 95.0)
    assert b.usage == Usage(1_000, 100, 0, 50.0, 100)


def test_only_the_last_calls_say_how_fast_it_is() -> None:
    watch = Watch(lambda: 0.0)
    for seconds in [100.0] * 500 + [1.0] * 500:
        watch.counted("a", Usage(), seconds)
    assert watch.health()[0].p95 == 1.0


def test_each_provider_has_its_own_breaker() -> None:
    watch = Watch(lambda: 0.0, Rules(in_a_row=1))
    admitted = watch.admit("a")
    assert admitted.turn is not None
    watch.heard("a", admitted.turn, good=False)
    assert watch.admit("a").turn is None
    assert watch.admit("b").turn is not None
    assert {each.provider: each.mode for each in watch.health()} == {"a": Mode.OPEN, "b": Mode.CLOSED}


def test_a_wish_to_be_left_alone_is_kept_up_to_an_hour() -> None:
    now = 0.0
    watch = Watch(lambda: now)
    for after, wish in ((5.0, 5.0), (2.0, 5.0), (1e9, LONGEST_WISH)):
        watch.heard("a", 0, good=False, after=after)
        assert watch.wish("a") == wish
    assert (watch.admit("a").turn, watch.admit("a").wait, watch.admit("a").asked) == (None, LONGEST_WISH, True)
    assert watch.admit("b").turn == 0
    now = LONGEST_WISH
    assert watch.admit("a").turn == 0
