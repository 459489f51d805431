"""Everything of a run's evidence is written at once, words for people included."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from bot.evidence.bundle import SEAL
from bot.evidence.publish import decision_record, write
from bot.evidence.record import Record
from bot.evidence.statement import load_seal, unseal
from bot.history import History


def test_the_decision_record_has_context_decision_and_consequences(record: Record) -> None:
    text = decision_record(record)
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]
    assert "* gate lint is red" in text
    assert "No change was made" in decision_record(replace(record, history=History()))


def test_the_seal_holds_the_run_its_state_and_the_ledgers_head(record: Record, tmp_path: Path) -> None:
    key = load_seal(tmp_path / "key.pem")
    anchored = replace(record, ledger_head={"count": 3, "digest": "sha256:1"})
    bundle = write(anchored, tmp_path / "bundle", key)
    facts = unseal(json.loads((bundle.directory / SEAL).read_text()), key.public)["predicate"]
    assert facts == {
        "run": record.run.id,
        "state": "proposing",
        "barrier": "lint: 1 finding",
        "ledger": {"count": 3, "digest": "sha256:1"},
    }


def test_a_run_without_a_change_has_evidence_too(record: Record, tmp_path: Path) -> None:
    bundle = write(replace(record, history=History()), tmp_path / "bundle", load_seal(tmp_path / "key.pem"))
    assert (bundle.directory / "reports/report.html").is_file()
