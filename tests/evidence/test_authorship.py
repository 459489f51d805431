"""Who wrote what: told from state, and whoever judged their own work is named."""

from __future__ import annotations

from dataclasses import replace

from bot.evidence.authorship import Authorship, authorship, parts
from bot.evidence.record import Record
from bot.history import History
from bot.llm.asking import Duty, Usage
from bot.llm.spending import Spending
from bot.spec.spec import Source, Spec

ONE, TWO = "openai:one", "anthropic:two"
USED = Usage(100, 10, 0, 0.1, 1)


def by_models(record: Record, tests: str = ONE, change: str = TWO) -> History:
    history = record.history
    assert isinstance(history.spec, Spec)
    assert history.changed is not None
    first, *rest = history.spec.tests
    spec = replace(history.spec, author=tests, tests=(replace(first, origin=Source.MODEL), *rest))
    return replace(history, spec=spec, changed=replace(history.changed, engine="model", author=change))


def test_without_models_nobody_is_named(record: Record) -> None:
    assert authorship(record.history, ()) == Authorship()
    assert authorship(History(), ()) == Authorship()
    assert [who for _, _, who in parts(record.history, ())] == [(), (), ()]
    assert [how for _, how, _ in parts(History(), ())] == [
        "none were written",
        "it was there already",
        "no model was asked, or none answered",
    ]


def test_each_part_names_its_author(record: Record) -> None:
    spending = (Spending(Duty.CRITIC, ONE, USED, 0), Spending(Duty.CRITIC, "local:three", USED, 1))
    found = parts(by_models(record), spending)
    assert [who for _, _, who in found] == [(ONE,), (TWO,), ("local:three",)]
    assert found[0][1] == "1 of 2 by a model"
    assert found[1][1] == "engine model"
    assert not authorship(by_models(record), spending).alone


def test_who_judged_their_own_work_is_told(record: Record) -> None:
    history = by_models(record, ONE, ONE)
    assert authorship(history, ()).alone == (ONE,)
    assert authorship(by_models(record), (Spending(Duty.CRITIC, TWO, USED, 1),)).alone == (TWO,)


def test_who_wrote_the_tests_may_refute_what_another_wrote(record: Record) -> None:
    assert not authorship(by_models(record), (Spending(Duty.CRITIC, ONE, USED, 1),)).alone
