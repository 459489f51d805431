"""``policy``: the Rego policies agree with what the other gates, the risk and the configuration say."""

from __future__ import annotations

from bot.gate import Finding, Gate, GateResult, Severity, Subject, from_findings
from bot.policy.document import build
from bot.policy.engine import decide
from bot.policy.measured import as_measured

NAME = "policy"


def judge(subject: Subject) -> GateResult:
    """Fail where a policy denies; approvals that are still needed are told and are not red."""
    risk = as_measured(subject.risk, subject.results)
    document = build(subject.change, subject.results, risk, subject.spec, subject.config, subject.instruction)
    decision = decide(document, subject.policies)
    findings = (
        *(Finding("", 1, each, "deny") for each in decision.deny),
        *(Finding("", 1, each, "warn", Severity.WARNING) for each in decision.warn),
    )
    clean = "no policy denies" + (f"; still needed: {'; '.join(decision.require)}" if decision.require else "")
    return from_findings(NAME, findings, clean, require=list(decision.require), warn=list(decision.warn))


GATE = Gate(NAME, "the Rego policies agree", judge, after_others=True)
