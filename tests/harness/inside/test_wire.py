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


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x02{]", b"\x00\x00\x00\x03{}x"])
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


def test_a_sealed_frame_is_heard_by_who_has_the_seal_of_that_side_only() -> None:
    said, answered = wire.Seal(b"k" * 32, b"said"), wire.Seal(b"k" * 32, b"answered")
    for wrong in (None, answered, wire.Seal(b"x" * 32, b"said")):
        read, write = os.pipe()
        wire.send(write, {"k": "done"}, said)
        wire.send(write, {"k": "done"}, wrong)
        assert wire.receive(read, said) == {"k": "done"}
        with pytest.raises(wire.Cut, match="wrong mark"):
            wire.receive(read, said)
        wire.send(write, {"k": "more"}, said)
        wire.send(write, {"k": "done"}, wrong)
        with pytest.raises(wire.Cut, match="wrong mark"):
            wire.Inbox(read, said).read()
        os.close(read)
        os.close(write)


def test_patching_what_writes_changes_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    with monkeypatch.context() as patched:
        patched.setattr("json.encoder.encode_basestring_ascii", lambda _text: '"passed"')
        patched.setattr("json.encoder.c_make_encoder", None)
        patched.setattr("os.write", lambda *_: 0)
        patched.setattr("json.loads", lambda _text: {})
        wire.send(write, {"outcome": "failed"})
        heard = wire.receive(read)
    assert heard == {"outcome": "failed"}
    os.close(read)
    os.close(write)


def test_what_has_no_place_in_a_frame_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no place"):
        wire.send(1, {"x": {1}})
