"""The progress log: one line a round, of what was assumed, done, measured and left; a run goes round until nothing is red."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.evidence.record import Record
from bot.evidence.snapshot import health
from bot.history import Changed, Checked

Round = tuple[Changed | None, Checked | None]


def progress(record: Record) -> Iterator[dict[str, Any]]:
    """Yield the log's lines, the first round first."""
    rounds: Sequence[Round] = record.history.rounds or ((record.history.changed, record.history.checked),)
    ends = _ends(record.ledger)
    asked: frozenset[str] = frozenset()
    for number, each in enumerate(rounds, 1):
        last = number == len(rounds)
        yield {
            "timestamp": ends[number - 1] if number <= len(ends) else record.at,
            "loop_id": record.loop,
            "round": number,
            **_said(record, each),
            "gates_added": sorted(_new_gates(record, each[1]) - asked),
            "rollbacks": [] if last else _given_up(each),
        }
        asked |= _new_gates(record, each[1])


def _said(record: Record, each: Round) -> dict[str, Any]:
    changed, checked = each
    spec = record.history.spec
    return {
        "area": [],
        "assumptions": [f"the spec {spec.digest} says what is wanted"] if spec else [],
        "actions": [changed.edits.why] if changed is not None and changed.edits is not None else [],
        "metrics_before": {},
        "metrics_after": {},
        "contracts": [test.id for test in spec.tests if test.kept] if spec else [],
        "artifacts": [],
        "next_steps": [],
        "risks": [],
        **(_judged(record, checked) if checked else {}),
    }


def _judged(record: Record, checked: Checked) -> dict[str, Any]:
    """Return what is known of a round once it was checked."""
    return {
        "area": sorted({path.split("/")[0] for path in checked.change.paths}),
        "metrics_before": {**_inventory(record, "before"), **health(checked.gates, "base")},
        "metrics_after": health(checked.gates, "head"),
        "artifacts": ["artifacts/change.diff"],
        "next_steps": [f"mend {gate.name}" for gate in checked.gates if not gate.green] or list(checked.decision.require),
        "risks": [f"{factor.name}: {factor.why}" for factor in checked.risk.factors],
    }


def _inventory(record: Record, side: str) -> dict[str, Any]:
    found = record.snapshot.get(side, {}).get("inventory")
    return {"inventory": found} if found else {}


def _new_gates(record: Record, checked: Checked | None) -> frozenset[str]:
    """Return the gates that came with this round: those that only the locked spec and what others said made possible."""
    if checked is None or record.history.spec is None:
        return frozenset()
    return frozenset({"spec"} & {each.name for each in checked.gates})


def _given_up(each: Round) -> list[str]:
    """Return what was taken back when a round went back to changing."""
    changed, checked = each
    if changed is None or changed.head is None:
        return []
    red = [f"{gate.name}: {gate.summary}" for gate in checked.gates if not gate.green] if checked else []
    return [f"commit {changed.head[:12]} was given up; {'; '.join(red) or 'it was not judged'}"]


def _ends(ledger: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return when each round's checking ended, as the ledger has it."""
    return [str(each.get("at", "")) for each in ledger if _leaves_checking(each)]


def _leaves_checking(entry: Mapping[str, Any]) -> bool:
    before, after = entry.get("before"), entry.get("after")
    states = [each.get("state") if isinstance(each, Mapping) else None for each in (before, after)]
    return states[0] == "checking" and states[1] != "checking"
