from __future__ import annotations

import json

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.provider import Failure, FailureKind, ToolCall
from bot.llm.wire import (
    Heard,
    call_of,
    heard_of,
    is_at,
    is_loopback,
    never_sent,
    no_stream,
    raw_of,
    silent,
    too_slow,
    underneath,
    usable,
)


def test_what_comes_is_counted_and_told() -> None:
    told: list[int] = []
    heard = Heard(told.append, 10)
    for each in ("abc", "", "de"):
        heard.more(each)
    assert told == [3, 5]


def test_far_too_much_is_a_failure() -> None:
    heard = heard_of(lambda _: None, 10)
    heard.more("x" * 100_000)
    with pytest.raises(Failure, match="far more than it was asked for") as raised:
        heard.more("x" * 161)
    assert raised.value.kind is FailureKind.MALFORMED


@given(st.dictionaries(st.text(), st.integers()))
def test_arguments_are_read_and_written_alike(arguments: dict[str, int]) -> None:
    raw = json.dumps(arguments)
    call = call_of("id", "name", raw)
    assert (call.arguments, raw_of(call)) == (arguments, raw)
    assert json.loads(raw_of(ToolCall("id", "name", arguments))) == arguments


DEEP = '{"a":' * 60 + "1" + "}" * 60


@pytest.mark.parametrize(
    "raw",
    [*("[]", "3", "null", "{", "[" * 100_000, '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', DEEP)]
    + ['{"a":' + "[" * depth + "]" * depth + "}" for depth in (50, 400, 900, 960, 2_000)],
)
def test_arguments_that_are_no_object_are_none(raw: str) -> None:
    assert call_of("id", "name", raw).arguments is None


def test_no_arguments_are_an_empty_object() -> None:
    assert call_of("id", "name", "").arguments == {}


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]:80/v1", True),
        ("http://localhost/v1", True),
        ("http://models.localhost/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://localhost.example.org", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_the_own_machine_is_known(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_what_is_told_of_time_and_type() -> None:
    assert str(silent(0.5)) == "timeout: no sign of life for 0.5 seconds"
    assert str(too_slow(3)) == "timeout: no whole answer within 30 seconds"
    assert str(no_stream("")) == "malformed: answered with no content type instead of an event stream"


def test_an_answer_in_ever_more_parts_is_a_failure() -> None:
    heard = heard_of(lambda _: None, 10)
    heard.parts(500)
    with pytest.raises(Failure, match="more than 500 parts"):
        heard.parts(501)


def test_models_with_names_that_nobody_can_tell_are_none() -> None:
    good = ["gpt-5.5", "llama3:8b", "meta-llama/Llama-3.1-8B@main", "a~b+c"]
    bad = ["", "a b", "a\nb", "a\x1b[31m", "`a`", "<a>", "a|b", "a\0", "\ud800", "é", "a" * 201, "[a](b)"]
    assert usable([*bad, *good]) == good


def test_a_call_that_no_wire_takes_can_still_be_told() -> None:
    call = call_of("i\ud800", "n\udfff", '{"a": "\ud800"}')
    assert (call.id, call.name, call.raw, call.arguments) == ("i?", "n?", '{"a": "?"}', {"a": "?"})


@pytest.mark.parametrize(
    ("broke", "kind"),
    [
        (httpx2.ReadTimeout("slow"), FailureKind.TIMEOUT),
        (httpx2.RemoteProtocolError("cut"), FailureKind.UNAVAILABLE),
        (httpx2.ReadError("gone"), FailureKind.UNAVAILABLE),
        (httpx2.DecodingError("no gzip"), FailureKind.MALFORMED),
    ],
)
def test_what_breaks_below_the_sdk_is_a_failure(broke: Exception, kind: FailureKind) -> None:
    with pytest.raises(Failure) as raised, underneath(3.0):
        raise broke
    assert raised.value.kind is kind


def test_who_was_never_reached_was_sent_nothing() -> None:
    assert never_sent(httpx2.ConnectTimeout("slow"))
    assert not never_sent(httpx2.ReadTimeout("slow"))
    assert not never_sent(None)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("", True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://notapi.openai.com/v1", False),
        ("https://api.openai.com.example.org/v1", False),
    ],
)
def test_an_address_is_a_vendors_own_only_at_its_host(url: str, own: bool) -> None:
    assert is_at(url, "api.openai.com") is own
