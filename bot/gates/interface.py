"""``interface``: callers can go on as before, unless the instruction asks for a break by name."""

from __future__ import annotations

from bot.change.change import FileStatus
from bot.change.interface import Breakage, asked_for, compare_interfaces, is_public_module
from bot.gate import Finding, Gate, GateResult, Severity, Subject, from_findings, not_applicable

NAME = "interface"


def judge(subject: Subject) -> GateResult:
    """Compare what both sides offer; additions are told and never red."""
    public = [each for each in subject.change.files if is_public_module(each.old_path or each.path, subject.head.is_test)]
    if not any(each.status is not FileStatus.ADDED for each in public):
        return not_applicable(NAME, "no module that others may import was there and is touched")
    interface = compare_interfaces(subject.change, subject.base.text, subject.head.text, subject.head.is_test)
    findings = tuple(_finding(each, subject.instruction) for each in interface.breaking)
    clean = "callers can go on as before" if not findings else "what breaks was asked for, or needs a reader's eye"
    evidence = {"breaking": [each.message for each in interface.breaking], "new": list(interface.widened)}
    return from_findings(NAME, findings, clean, **evidence)


def _finding(breakage: Breakage, instruction: str) -> Finding:
    if asked_for(breakage, instruction):
        return Finding(breakage.path, breakage.line, f"{breakage.message} (as asked)", breakage.kind, Severity.NOTE)
    if not breakage.sure:
        return Finding(breakage.path, breakage.line, breakage.message, breakage.kind, Severity.WARNING)
    advice = "name it in the instruction if it is wanted, else keep it"
    return Finding(breakage.path, breakage.line, f"{breakage.message}; {advice}", breakage.kind)


GATE = Gate(NAME, "public API and type signatures: a breaking change only where it was asked for", judge)
