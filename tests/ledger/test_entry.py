import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ids import Digest, RunId
from bot.ledger.entry import EMPTY, NOTHING, Entry, Fact, Head, Problem, canonical, chained, digest_of, from_json, verify

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=3,
)
FACTS = st.builds(
    Fact,
    actor=st.text(max_size=10),
    action=st.text(max_size=10),
    why=st.text(max_size=10),
    run=st.none() | st.builds(RunId, st.text(max_size=26)),
    before=st.dictionaries(st.text(max_size=5), JSON, max_size=2),
    after=st.dictionaries(st.text(max_size=5), JSON, max_size=2),
)
TIMES = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def chain(facts: list[Fact], start: datetime = NOON) -> list[Entry]:
    head, entries = EMPTY, []
    for number, fact in enumerate(facts):
        entries.append(chained(head, fact, start + timedelta(seconds=number)))
        head = Head(entries[-1].seq, entries[-1].digest)
    return entries


def head_of(entries: list[Entry]) -> Head:
    return Head(len(entries), entries[-1].digest) if entries else EMPTY


def chains(least: int = 0) -> st.SearchStrategy[list[Entry]]:
    return st.lists(FACTS, min_size=least, max_size=6).map(chain)


def test_an_empty_ledger_holds() -> None:
    assert verify([], EMPTY) == []
    assert EMPTY.digest == NOTHING


@settings(max_examples=30)
@given(chains())
def test_an_untouched_chain_holds_and_survives_json(entries: list[Entry]) -> None:
    again = [from_json(json.loads(json.dumps(each.as_json()))) for each in entries]
    assert again == entries
    assert verify(again, head_of(entries), [head_of(entries[:count]) for count in range(len(entries) + 1)]) == []


@settings(max_examples=30)
@given(chains(1), st.data())
def test_any_edit_shows(entries: list[Entry], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    old = entries[index]
    field = data.draw(st.sampled_from(["actor", "action", "why", "run", "before", "after", "at", "previous", "digest", "seq"]))
    changed: Entry
    if field == "at":
        changed = replace(old, at=old.at + timedelta(microseconds=1))
    elif field in {"previous", "digest"}:
        changed = replace(old, **{field: Digest("sha256:" + "1" * 64)})  # type: ignore[arg-type]
    elif field == "seq":
        changed = replace(old, seq=old.seq + 1)
    else:
        value = {"x": 1} if field in {"before", "after"} else "edited text"
        if getattr(old.fact, field) == value:
            return
        changed = replace(old, fact=replace(old.fact, **{field: value}))  # type: ignore[arg-type]
    assert verify([*entries[:index], changed, *entries[index + 1 :]], head_of(entries))


@settings(max_examples=30)
@given(chains(2), st.data())
def test_an_edit_with_its_digest_made_again_shows_all_the_same(entries: list[Entry], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    old = entries[index]
    before = Head(index, old.previous)
    forged = chained(before, replace(old.fact, why=old.fact.why + "!"), old.at)
    assert verify([*entries[:index], forged, *entries[index + 1 :]], head_of(entries))


@settings(max_examples=30)
@given(chains(2), st.data())
def test_deletion_shows(entries: list[Entry], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    assert verify([*entries[:index], *entries[index + 1 :]], head_of(entries))


@settings(max_examples=30)
@given(chains(1), FACTS, st.data())
def test_insertion_shows(entries: list[Entry], fact: Fact, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries)))
    before = Head(index, entries[index - 1].digest if index else NOTHING)
    forged = chained(before, fact, NOON)
    assert verify([*entries[:index], forged, *entries[index:]], head_of(entries))


@settings(max_examples=30)
@given(chains(2), st.randoms(use_true_random=False))
def test_any_other_order_shows(entries: list[Entry], random: object) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert (verify(shuffled, head_of(entries)) == []) == (shuffled == entries)


@settings(max_examples=30)
@given(chains(1), st.data())
def test_a_cut_tail_shows_by_the_head_and_by_an_anchor(entries: list[Entry], data: st.DataObject) -> None:
    kept = entries[: data.draw(st.integers(0, len(entries) - 1))]
    assert verify(kept, head_of(entries))
    assert verify(kept, head_of(kept)) == []  # somebody who also rewrites the head...
    assert verify(kept, head_of(kept), [head_of(entries)])  # ...is given away by a sealed bundle


@settings(max_examples=30)
@given(chains(1))
def test_a_whole_new_chain_is_given_away_by_an_anchor(entries: list[Entry]) -> None:
    forged = chain([replace(each.fact, why=each.fact.why + "?") for each in entries])
    assert verify(forged, head_of(forged)) == []
    assert verify(forged, head_of(forged), [head_of(entries)])


def test_what_is_wrong_is_said_with_its_place() -> None:
    entries = chain([Fact("ann", "approval.given", "fine")] * 4)
    missing = verify([entries[0], *entries[2:]], head_of(entries))
    assert missing[0] == Problem(3, "entry 3 follows entry 1: entries were deleted, inserted or moved")
    cut = verify(entries[:2], head_of(entries))
    assert cut == [Problem(3, "its recorded head knows 4 entries: the last 2 were cut off")]
    edited = replace(entries[1], fact=replace(entries[1].fact, actor="bob"))
    problems = verify([entries[0], edited, *entries[2:]], head_of(entries))
    assert [each.what for each in problems] == ["entry 2 was edited: its content does not give its digest"]
    longer = verify(entries, head_of(entries[:3]))
    assert longer == [Problem(4, "the ledger holds 4 entries, its recorded head knows 3")]


@settings(max_examples=30)
@given(JSON)
def test_canonical_json_is_one_text_a_value(value: object) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
    assert digest_of(value).startswith("sha256:")


def test_canonical_json_refuses_what_has_no_one_text() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical(float("nan"))


@settings(max_examples=30)
@given(FACTS, TIMES)
def test_time_zones_do_not_change_an_entry(fact: Fact, at: datetime) -> None:
    elsewhere = at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert chained(EMPTY, fact, at) == chained(EMPTY, fact, elsewhere)
