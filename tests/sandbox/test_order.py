from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.order import Order
from bot.sandbox.sandbox import Launch, Layer, Limits

texts = st.text(st.characters(exclude_characters="\0"), max_size=20)
paths = texts.map(lambda name: Path("/", name.strip("/") or "x"))
launches = st.builds(
    Launch,
    command=st.lists(texts, min_size=1, max_size=4).map(tuple),
    workspace=paths,
    read=st.lists(paths, max_size=3).map(tuple),
    write=st.lists(paths, max_size=3).map(tuple),
    env=st.dictionaries(texts, texts, max_size=3),
    limits=st.builds(Limits, seconds=st.floats(0.01, 1e6), memory=st.integers(1, 1 << 20), disk=st.integers(1, 1 << 20)),
)


@given(st.builds(Order, st.sampled_from(Layer), launches, texts))
def test_an_order_arrives_as_it_was_sent(order: Order) -> None:
    assert Order.from_json(order.to_json()) == order


def test_names_that_are_no_text_arrive_too() -> None:
    order = Order(Layer.BUBBLEWRAP, Launch(("/bin/echo", "\udcff"), Path("/tmp/\udcfe")))
    assert Order.from_json(order.to_json()) == order


def test_standard_input_does_not_travel_in_the_text() -> None:
    order = Order(Layer.BUBBLEWRAP, Launch(("/bin/cat",), Path("/tmp"), stdin=b"secret"))
    assert b"secret" not in order.to_json()
