"""The arithmetic of GitHub's limits: whatever is asked for in whatever rhythm, what is let through keeps to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.limits import (
    CONTENT_A_MINUTE,
    CONTENT_AN_HOUR,
    HOUR,
    LONGEST_PAUSE,
    MINUTE,
    POINTS_A_MINUTE,
    UNDER_WAY,
    Limits,
    Window,
    call,
    pause_asked,
)

READ, WRITE, COMMENT = call("GET", "/repos/o/r"), call("PATCH", "/repos/o/r"), call("POST", "/repos/o/r/issues/1/comments")
QUERY = call("POST", "/graphql", "query { viewer { login } }")


def most_within(times: Iterable[tuple[float, int]], seconds: float) -> int:
    """The most units that any ``seconds`` in a row hold."""
    inside: deque[tuple[float, int]] = deque()
    most = 0
    for at, units in times:
        inside.append((at, units))
        while inside[0][0] + seconds <= at:
            inside.popleft()
        most = max(most, sum(each for _, each in inside))
    return most


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.5, 7.0]), st.sampled_from([READ, WRITE, COMMENT])), max_size=700))
def test_no_minute_and_no_hour_holds_more_than_github_allows(wishes: list[tuple[float, object]]) -> None:
    limits, now = Limits(), 0.0
    points: list[tuple[float, int]] = []
    content: list[tuple[float, int]] = []
    for gap, wish in wishes:
        assert isinstance(wish, type(READ))
        now += gap
        now += limits.wait(wish, now)
        assert limits.wait(wish, now) == pytest.approx(0.0, abs=1e-6)
        limits.spend(wish, now)
        points.append((now, wish.points))
        content += [(now, 1)] * wish.content
    assert most_within(points, MINUTE - 1e-6) <= POINTS_A_MINUTE
    assert most_within(content, MINUTE - 1e-6) <= CONTENT_A_MINUTE
    assert most_within(content, HOUR - 1e-6) <= CONTENT_AN_HOUR


@given(st.integers(1, 20), st.floats(0.5, 100), st.lists(st.tuples(st.floats(0, 30), st.integers(1, 5)), max_size=60))
def test_a_window_gives_the_earliest_time_and_no_later_one(most: int, seconds: float, wishes: list[tuple[float, int]]) -> None:
    window, now = Window(most, seconds), 0.0
    spent: list[tuple[float, int]] = []
    for gap, wanted in wishes:
        units = min(wanted, most)
        now += gap
        free = window.free_at(units, now)
        assert free >= now
        if free > now:
            too_early = free - 1e-3
            assert sum(each for at, each in spent if at + seconds > too_early) + units > most
        now = free
        window.spend(units, now)
        spent.append((now, units))


def test_the_eighty_first_comment_of_a_minute_waits() -> None:
    limits = Limits()
    for _ in range(CONTENT_A_MINUTE):
        assert limits.wait(COMMENT, 0.0) == 0
        limits.spend(COMMENT, 0.0)
    assert limits.wait(COMMENT, 10.0) == 50
    assert limits.wait(READ, 10.0) == 0


def test_an_hourly_allowance_that_is_used_up_holds_its_own_resource_only() -> None:
    limits = Limits()
    limits.heard({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2000", "X-RateLimit-Resource": "graphql"}, 0.0, 1700.0)
    assert limits.wait(QUERY, 0.0) == pytest.approx(301)
    assert limits.wait(READ, 0.0) == 0
    assert limits.wait(QUERY, 301.0) == 0


def left(remaining: int) -> dict[str, str]:
    """What an answer says of the hour."""
    return {"X-RateLimit-Remaining": str(remaining), "X-RateLimit-Reset": "5000"}


def test_requests_under_way_count_until_they_are_answered() -> None:
    limits = Limits()
    limits.heard(left(2), 0.0, 1000.0)
    limits.spend(READ, 1.0)
    limits.spend(READ, 1.0)
    assert limits.wait(READ, 1.0) == UNDER_WAY, "both may be counted, but their answers may say that they are not"
    limits.heard(left(1), 1.0, 1001.0)
    limits.ended(READ)
    assert limits.wait(READ, 1.0) == UNDER_WAY
    limits.heard(left(0), 1.0, 1001.0)
    limits.ended(READ)
    limits.heard(left(1), 1.0, 1001.0)
    assert limits.wait(READ, 1.0) > MINUTE, "an answer that was overtaken gives nothing back"
    limits.heard({"X-RateLimit-Remaining": "5000", "X-RateLimit-Reset": "12000"}, 2.0, 9000.0)
    assert limits.wait(READ, 2.0) == 0


def test_answers_that_nothing_has_changed_use_nothing_up() -> None:
    limits = Limits()
    limits.heard(left(10), 0.0, 2000.0)
    for _ in range(50):
        assert limits.wait(READ, 1.0) == 0
        limits.spend(READ, 1.0)
        limits.heard(left(10), 1.0, 2001.0)
        limits.ended(READ)


@given(st.integers(1, 12), st.lists(st.tuples(st.sampled_from(["send", "count", "same", "answer"]), st.integers(0, 99))))
def test_github_is_never_asked_for_more_than_it_allows_nor_for_less(allows: int, steps: list[tuple[str, int]]) -> None:
    """Requests are sent, reach GitHub and are answered in any order; some cost nothing."""
    limits, github = Limits(), allows
    limits.heard(left(allows), 0.0, 2000.0)
    sent, answers = 0, []
    for step, at in steps:
        if step == "send" and limits.wait(READ, 1.0) == 0:
            limits.spend(READ, 1.0)
            sent += 1
        elif step in {"count", "same"} and sent:
            sent -= 1
            github -= step == "count"
            answers.append(left(github))
        elif step == "answer" and answers:
            limits.heard(answers.pop(at % len(answers)), 1.0, 2001.0)
            limits.ended(READ)
        assert github >= 0
    for each in answers + [left(github)] * sent:
        limits.heard(each, 1.0, 2001.0)
        limits.ended(READ)
    assert (limits.wait(READ, 1.0) == 0) == (github > 0)


@given(st.integers(-7200, 7200))
def test_a_wrong_clock_on_this_machine_does_not_matter(skew: int) -> None:
    limits = Limits()
    there = 1_700_000_000
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(there + 90), "Date": formatdate(there, usegmt=True)}
    limits.heard(headers, 5.0, there + skew)
    assert limits.wait(READ, 5.0) == pytest.approx(91)


def test_a_pause_that_github_asked_for_holds_everything() -> None:
    limits = Limits()
    limits.close(60, 100.0)
    assert limits.wait(READ, 110.0) == 50
    limits.close(1, 110.0)
    assert limits.wait(QUERY, 110.0) == 50


@pytest.mark.parametrize(
    ("status", "headers", "said", "seconds"),
    [
        (429, {"Retry-After": "17"}, "", 17),
        (403, {"Retry-After": "0"}, "", 1),
        (403, {"Retry-After": formatdate(1_000_030, usegmt=True), "Date": formatdate(1_000_000, usegmt=True)}, "", 30),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000040"}, "API rate limit exceeded", 41),
        (403, {"X-RateLimit-Remaining": "99", "X-RateLimit-Reset": "1000040"}, "You have exceeded a secondary rate limit", 60),
        (429, {}, "", 60),
        (403, {"X-RateLimit-Remaining": "99", "X-RateLimit-Reset": "1000040"}, "Resource not accessible by integration", None),
        (403, {"Retry-After": "soon"}, "", None),
        (200, {"Retry-After": "17"}, "", None),
        (404, {}, "rate limit", None),
    ],
)
def test_what_github_asks_for_is_understood(status: int, headers: dict[str, str], said: str, seconds: float | None) -> None:
    assert pause_asked(status, headers, said, 0, 1_000_000.0) == seconds


@given(st.integers(0, 60))
def test_pauses_grow_and_stay_bounded(attempt: int) -> None:
    first, second = (pause_asked(429, {}, "", each, 0.0) for each in (attempt, attempt + 1))
    assert first is not None
    assert second is not None
    assert first <= second <= LONGEST_PAUSE
    assert second == min(2 * first, LONGEST_PAUSE)


@pytest.mark.parametrize(
    ("method", "path", "points", "content", "repeatable"),
    [
        ("GET", "/repos/o/r/issues", 1, False, True),
        ("POST", "/repos/o/r/issues", 5, True, False),
        ("POST", "/repos/o/r/issues/7/comments", 5, True, False),
        ("POST", "/repos/o/r/pulls", 5, True, False),
        ("POST", "/repos/o/r/check-runs", 5, False, False),
        ("PATCH", "/repos/o/r/check-runs/5", 5, False, False),
        ("PATCH", "/repos/o/r/issues/comments/5", 5, False, True),
        ("POST", "/repos/o/r/git/blobs", 5, False, True),
        ("POST", "/repos/o/r/git/commits", 5, False, False),
        ("POST", "/repos/o/r/issues/comments/5/reactions", 5, False, True),
        ("POST", "/app/installations/5/access_tokens", 5, False, True),
        ("PUT", "/repos/o/r/pulls/5/merge", 5, False, True),
        ("DELETE", "/repos/o/r/git/refs/heads/x", 5, False, True),
    ],
)
def test_what_a_request_costs_and_whether_it_may_be_sent_twice(
    method: str, path: str, points: int, content: bool, repeatable: bool
) -> None:
    for prefix in ("", "/api/v3"):
        asked = call(method, prefix + path)
        assert (asked.resource, asked.points, asked.content, asked.repeatable) == ("core", points, content, repeatable)


def test_graphql_queries_are_reads_and_mutations_are_not() -> None:
    assert (QUERY.resource, QUERY.points, QUERY.repeatable) == ("graphql", 1, True)
    change = call("POST", "/api/graphql", "\n mutation M { x }")
    assert (change.points, change.content, change.repeatable) == (5, True, False)
    assert call("GET", "/search/issues").resource == "search"
