from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.failure import MOST_SAID, clipped, failure, kind_of, wait_of
from bot.llm.provider import FailureKind

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "word", "said", "kind"),
    [
        (429, "", "", FailureKind.LIMITED),
        (429, "insufficient_quota", "you ran out of credits", FailureKind.DENIED),
        (429, "", "the maximum context is reserved for others, slow down", FailureKind.LIMITED),
        (503, "", "", FailureKind.OVERLOADED),
        (500, "overloaded_error", "", FailureKind.OVERLOADED),
        (529, "api_error", "", FailureKind.OVERLOADED),
        (504, "", "", FailureKind.UNAVAILABLE),
        (500, "", "context length service is down", FailureKind.UNAVAILABLE),
        (401, "", "", FailureKind.DENIED),
        (402, "billing_error", "", FailureKind.DENIED),
        (403, "", "no access to models with this context window", FailureKind.DENIED),
        (400, "context_length_exceeded", "", FailureKind.TOO_LONG),
        (400, "", "This model's maximum context length is 8192 tokens", FailureKind.TOO_LONG),
        (413, "", "", FailureKind.TOO_LONG),
        (400, "", "response_format is not supported", FailureKind.REJECTED),
        (422, "", "", FailureKind.REJECTED),
        (302, "", "", FailureKind.REJECTED),
        (0, "overloaded_error", "", FailureKind.OVERLOADED),
        (0, "server_error", "", FailureKind.UNAVAILABLE),
        (0, "something new", "", FailureKind.REJECTED),
    ],
)
def test_a_status_and_the_vendors_words_say_what_went_wrong(status: int, word: str, said: str, kind: FailureKind) -> None:
    assert kind_of(status, word, said) is kind


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9", "retry-after-ms": "150"}, 0.15),
        ({"retry-after": "9", "retry-after-ms": "?"}, 9.0),
        ({"retry-after": "Fri, 01 May 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Fri, 01 May 2026 12:01:30"}, 90.0),
        ({"retry-after": "Fri, 01 May 2026 11:00:00 GMT"}, 0.0),
    ],
)
def test_the_wait_is_read_in_every_form_it_comes_in(headers: dict[str, str], wait: float | None) -> None:
    assert wait_of(headers, NOW) == wait


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_date_is_the_seconds_until_then(when: datetime) -> None:
    when = when.replace(microsecond=0)
    assert wait_of({"retry-after": format_datetime(when, usegmt=True)}, NOW) == max((when - NOW).total_seconds(), 0.0)


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()))
def test_no_header_breaks_it_or_gives_a_negative_wait(headers: dict[str, str]) -> None:
    wait = wait_of(headers, NOW)
    assert wait is None or 0 <= wait < float("inf")


@given(st.text(), st.text(min_size=8, alphabet="abcdefXYZ-0123456789"))
def test_the_key_that_was_used_is_never_told(said: str, key: str) -> None:
    line = clipped(f"{said} {key} {said}", key)
    assert key not in line
    assert len(line) <= MOST_SAID
    assert "\n" not in line


def test_a_failure_says_its_status_and_one_short_line() -> None:
    told = failure(529, "overloaded_error", "so\nmuch to do " * 100, {"retry-after": "2"}, "key")
    assert (told.kind, told.after) == (FailureKind.OVERLOADED, 2.0)
    assert told.said.startswith("HTTP 529: so much to do")
    assert str(told).startswith("overloaded: HTTP 529")
    assert failure(500, "server_error", "", {}, "").said == "HTTP 500: server_error"
