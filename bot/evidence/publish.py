"""Write a run's whole evidence: data, reports and seal, in one go."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path

from bot.evidence.barrier import barrier
from bot.evidence.bundle import Bundle, contents, lay_down
from bot.evidence.markdown import Section, code, document, plain
from bot.evidence.pull_request import body
from bot.evidence.record import Record
from bot.evidence.report import render
from bot.evidence.sbom import summary
from bot.evidence.statement import Seal, seal
from bot.ids import Digest

REPORT = "reports/report.html"
PULL_REQUEST = "reports/pull_request.md"


def get_ready() -> None:
    """Import what writing evidence takes half a second to: who waits for tests meanwhile need not wait for that."""
    for name in ("cyclonedx.model.bom", "cyclonedx.output.json", "jinja2"):
        importlib.import_module(name)


def write(record: Record, directory: Path, key: Seal) -> Bundle:
    """Lay the bundle down in ``directory`` and seal it with ``key``.

    Raises:
        InputError: something else lies in the way.
        Hindered: there is no room.
    """
    files = {
        **contents(record),
        REPORT: render(record),
        PULL_REQUEST: body(record),
        "reports/decision_record.md": decision_record(record),
        "sbom/summary.md": summary(dict(record.components)),
        "evidence/seal.pub.json": json.dumps(key.public, indent=1) + "\n",
    }
    checked = record.history.checked
    head = checked.change.head if checked else None
    facts = {"run": record.run.id, "state": str(record.run.state), "barrier": barrier(record), "ledger": dict(record.ledger_head)}

    def sealed(digests: Mapping[str, Digest]) -> str:
        return json.dumps(seal(key, head, digests, facts), indent=1) + "\n"

    return lay_down(files, directory, record.run.id, sealed)


def decision_record(record: Record) -> str:
    """Return the decision as an architecture decision record: context, decision, consequences."""
    checked, changed = record.history.checked, record.history.changed
    done = plain(changed.edits.why) if changed and changed.edits else "No change was made."
    said = [*checked.decision.deny, *checked.decision.require, *checked.decision.warn] if checked else [record.run.reason]
    return document(
        [
            Section("", f"# Decision record of run {code(record.run.id)}"),
            Section("Context", plain(record.run.instruction.text, 1000)),
            Section("Decision", done),
            Section("Consequences", "\n".join(f"* {plain(each, 1000)}" for each in said) or "* Nothing stands in the way."),
        ]
    )
