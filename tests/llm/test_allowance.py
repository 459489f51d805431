"""What servers do not take, learned from how they reject it."""

from __future__ import annotations

import pytest

from bot.llm.allowance import OPTIONAL, Allowance

SENT = ("max_tokens", "stream_options", "response_format", "temperature")


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ("HTTP 400: This model does not support response format `json_schema`.", "response_format"),
        ("HTTP 422: body.response_format: extra inputs are not permitted", "response_format"),
        ("HTTP 400: Unrecognized request argument supplied: stream_options", "stream_options"),
        ("HTTP 400: Unsupported value: 'temperature' does not support 0.7 with this model.", "temperature"),
        (
            "HTTP 400: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "max_tokens",
        ),
    ],
)
def test_what_a_rejection_names_is_left_out(said: str, lacking: str) -> None:
    found = Allowance()
    assert found.learn("m", SENT, said)
    assert [each for each in SENT if not found.takes("m", each)] == [lacking]
    assert found.takes("another", lacking)


def test_a_rejection_of_something_else_teaches_nothing() -> None:
    found = Allowance()
    assert not found.learn("m", SENT, "HTTP 404: no such model")
    assert not found.learn("m", ("stream_options",), "HTTP 400: temperature must be less than 2")
    assert all(found.takes("m", each) for each in OPTIONAL)


def test_a_rejection_without_words_puts_all_in_doubt_once() -> None:
    found = Allowance()
    assert found.learn("m", SENT, "HTTP 400: Bad Request")
    assert not any(found.takes("m", each) for each in SENT)
    assert not found.learn("m", (), "HTTP 400: Bad Request")
    assert not found.learn("another", SENT, "HTTP 404: Error code: 404")
