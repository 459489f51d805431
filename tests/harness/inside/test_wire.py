from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.harness.inside import wire

MESSAGES = st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=20) | st.integers(), max_size=3), max_size=5)


def through(data: bytes) -> int:
    read, write = os.pipe()
    os.write(write, data)
    os.close(write)
    return read


@given(MESSAGES)
def test_what_is_sent_is_received(messages: list[wire.Message]) -> None:
    read, write = os.pipe()
    for each in messages:
        wire.send(write, each)
    os.close(write)
    assert [wire.receive(read) for _ in messages] == messages
    with pytest.raises(wire.Cut, match="gone"):
        wire.receive(read)
    os.close(read)


@given(MESSAGES)
def test_an_inbox_hears_the_same(messages: list[wire.Message]) -> None:
    read, write = os.pipe()
    for each in messages:
        wire.send(write, each)
    os.close(write)
    inbox = wire.Inbox(read)
    heard: list[wire.Message] = []
    while not inbox.ended:
        heard += inbox.read()
    assert heard == messages
    os.close(read)


@pytest.mark.parametrize(
    "data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x02{]", b"\x00\x00\x00\x09{}", b"\x00\x00"]
)
def test_nonsense_is_cut_off(data: bytes) -> None:
    read = through(data)
    with pytest.raises(wire.Cut):
        wire.receive(read)
    os.close(read)


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x02{]"])
def test_an_inbox_takes_no_nonsense(data: bytes) -> None:
    read = through(data)
    with pytest.raises(wire.Cut):
        wire.Inbox(read).read()
    os.close(read)


def test_half_a_frame_waits_and_nothing_to_read_is_nothing() -> None:
    read, write = os.pipe()
    os.set_blocking(read, False)
    inbox = wire.Inbox(read)
    assert inbox.read() == []
    os.write(write, b"\x00\x00\x00\x02{")
    assert inbox.read() == []
    os.write(write, b"}")
    assert inbox.read() == [{}]
    os.close(read)
    os.close(write)
