"""The HTML report: one self-contained page that a reviewer reads from verdict to detail, without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import VERSION
from bot.change.change import FileChange
from bot.evidence.authorship import authorship, parts
from bot.evidence.barrier import barrier
from bot.evidence.comparison import compared
from bot.evidence.record import Record
from bot.gate import Finding, GateResult
from bot.llm.spending import in_dollars, in_words, total
from bot.run import State

MOST_CONTRACTS = 100
MOST_MUTANTS = 400
"""Rows of the kill matrix that the page draws; the bundle has them all."""

_VERDICTS = {
    State.DONE: ("proven", "Proven and allowed"),
    State.AWAITING_APPROVAL: ("proven", "Proven, waiting for a person"),
    State.REFUSED: ("refused", "Refused"),
    State.FAILED: ("failed", "Failed"),
}


@dataclass(frozen=True)
class Line:
    """One line of the drawn diff."""

    kind: str
    old: int | None
    new: int | None
    text: str
    findings: tuple[tuple[str, Finding], ...] = ()
    """Gate and finding, where one points at this line."""


@dataclass(frozen=True)
class Cell:
    """One mutant's row in the kill matrix: which of the tests killed it."""

    mutant: Mapping[str, Any]
    hits: tuple[bool, ...]


def render(record: Record) -> str:
    """Return the page."""
    from jinja2 import Environment, PackageLoader, select_autoescape  # noqa: PLC0415 - slow to import, and only evidence needs it

    environment = Environment(
        loader=PackageLoader("bot.evidence", "."), autoescape=select_autoescape(default=True), trim_blocks=True
    )
    environment.filters["dollars"] = in_dollars
    environment.filters["percent"] = lambda value: "?" if value is None else f"{value:.0%}"
    tests, rows = _matrix(record.gate("mutation"))
    tone, word = _standing(record)
    checked = record.history.checked
    return environment.get_template("report.html.jinja").render(
        record=record,
        version=VERSION,
        tone=tone,
        word=word,
        checked=checked,
        spec=record.history.spec,
        changed=record.history.changed,
        files=[(each, list(_lines(each, checked.gates))) for each in checked.change.files] if checked else [],
        matrix_tests=tests,
        matrix=rows[:MOST_MUTANTS],
        matrix_cut=max(0, len(rows) - MOST_MUTANTS),
        kill_rate=_rate(record),
        rounds=record.history.rounds,
        compared=compared(record),
        barrier=barrier(record),
        contracts=_contracts(record.gate("contracts")),
        excused=frozenset(_listed(record.gate("mutation"), "not_told_apart")),
        cost=in_words(total(record.spending)),
        parts=parts(record.history, record.spending),
        alone=authorship(record.history, record.spending).alone,
    )


def _standing(record: Record) -> tuple[str, str]:
    """Return the colour and the words of the verdict, as the policies left it where the run still is being proposed."""
    checked = record.history.checked
    if record.run.state in _VERDICTS:
        return _VERDICTS[record.run.state]
    if checked is None:
        return _VERDICTS[State.REFUSED]
    if not checked.decision.allow:
        return _VERDICTS[State.REFUSED]
    return _VERDICTS[State.AWAITING_APPROVAL if checked.decision.require else State.DONE]


def _contracts(result: GateResult | None) -> list[Mapping[str, Any]]:
    """Return what the changed functions were held to, what was broken first."""
    found = [each for each in _listed(result, "contracts") if isinstance(each, Mapping)]
    return sorted(found, key=lambda each: each.get("outcome") == "kept")[:MOST_CONTRACTS]


def _listed(result: GateResult | None, name: str) -> Sequence[Any]:
    """Return a list of a gate's evidence, which may come from a runner elsewhere."""
    found = result.evidence.get(name, ()) if result else ()
    return found if isinstance(found, list | tuple) else ()


def _rate(record: Record) -> float | None:
    seen = record.gate("mutation")
    rate = seen.evidence.get("kill_rate") if seen else None
    return float(rate) if isinstance(rate, int | float) else None


def _matrix(result: GateResult | None) -> tuple[list[str], list[Cell]]:
    """Return the tests that killed anything, and a row a mutant."""
    mutants: Sequence[Mapping[str, Any]] = result.evidence.get("mutants", ()) if result else ()
    tests = sorted({test for each in mutants for test in each.get("killed_by", ())})
    return tests, [Cell(each, tuple(test in each.get("killed_by", ()) for test in tests)) for each in mutants]


def _lines(file: FileChange, gates: Sequence[GateResult]) -> Iterator[Line]:
    """Yield the drawn lines of one file's diff, findings under the line they point at."""
    found: dict[int, list[tuple[str, Finding]]] = {}
    for gate in gates:
        for finding in gate.findings:
            if finding.path == file.path:
                found.setdefault(finding.line, []).append((gate.name, finding))
    for hunk in file.hunks:
        yield Line("gap", None, None, f"@@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@")
        old, new = hunk.old_start, hunk.new_start
        for raw in hunk.lines:
            sign, text = raw[:1], raw[1:]
            if sign == "+":
                yield Line("added", None, new, text, tuple(found.get(new, ())))
            elif sign == "-":
                yield Line("removed", old, None, text)
            elif sign != "\\":
                yield Line("same", old, new, text, tuple(found.get(new, ())))
            old += sign in {"-", " ", ""}
            new += sign in {"+", " ", ""}
