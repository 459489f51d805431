"""OpenAI's dialects: whatever comes is a whole answer or a failure with its kind."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.dialects import Chat, Responses
from bot.llm.provider import Failure, Stop
from bot.llm.wire import heard_of
from tests.providers.conversation import EVENTS


@pytest.mark.parametrize("language", [Chat, Responses])
@given(st.lists(EVENTS, max_size=4))
def test_whatever_a_stream_brings_is_a_completion_or_a_failure(language: type[Chat | Responses], events: list[object]) -> None:
    gathered = language(heard_of(lambda _: None, 10), "key")
    with contextlib.suppress(Failure, ValueError):  # as `_hear` takes them
        for each in events:
            gathered.add(each)
        assert gathered.completion().stop in Stop
