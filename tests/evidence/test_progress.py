"""The progress log: a line a round, with its own time and its own figures."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.evidence.progress import progress
from bot.evidence.record import Record
from bot.gate import GateResult, Verdict
from bot.ids import RunId, Sha

FIELDS = (
    "timestamp loop_id round area assumptions actions metrics_before metrics_after contracts gates_added artifacts next_steps "
    "risks rollbacks"
)


def test_every_field_is_there(record: Record) -> None:
    (line,) = progress(record)
    assert set(line) == set(FIELDS.split())
    assert json.loads(json.dumps(line)) == line
    assert (line["timestamp"], line["loop_id"]) == (record.at, record.run.id)
    assert line["rollbacks"] == []


def test_each_round_has_its_own_time_and_figures_and_says_what_was_given_up(record: Record) -> None:
    changed, checked = record.history.changed, record.history.checked
    assert changed is not None
    assert checked is not None
    rounds = []
    for failing in (["t"], []):
        seen = {"head": {"failing": failing}, "base": {"failing": ["t"]}}
        verdict = Verdict.FAIL if failing else Verdict.PASS
        gates = (GateResult("tests", verdict, "t fails", evidence=seen), GateResult("spec", Verdict.PASS, "kept"))
        rounds.append((replace(changed, head=Sha("e" * 40)), replace(checked, gates=gates)))
    ledger: list[dict[str, object]] = [
        {"at": "09:00", "before": {"state": "changing"}, "after": {"state": "checking"}},
        {"at": "09:01", "before": {"state": "checking"}, "after": {"state": "changing"}},
        {"at": "09:02", "before": {"state": "checking"}, "after": {"state": "proposing"}},
        {"at": "09:03", "action": "model.called"},
    ]
    told = replace(record, history=replace(record.history, rounds=tuple(rounds)), ledger=ledger)
    first, last = progress(told)
    assert (first["timestamp"], last["timestamp"]) == ("09:01", "09:02")
    assert first["metrics_after"]["tests"] == {"failing": ["t"]}
    assert last["metrics_after"]["tests"] == {"failing": []}
    assert first["rollbacks"] == ["commit eeeeeeeeeeee was given up; tests: t fails"]
    assert (first["gates_added"], last["gates_added"]) == (["spec"], [])


def test_where_no_run_was_the_loop_is_named_after_the_commits(record: Record) -> None:
    bare = replace(record, run=replace(record.run, id=RunId("gates")))
    (line,) = progress(bare)
    assert len(line["loop_id"]) == len(record.run.id)
    assert next(progress(bare))["loop_id"] == line["loop_id"]
    assert next(progress(replace(bare, at="2026-01-02T00:00:00+00:00")))["loop_id"] != line["loop_id"]
