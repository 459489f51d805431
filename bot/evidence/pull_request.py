"""The pull request's title and body: what was asked, what was done, and why it may be believed."""

from __future__ import annotations

from bot.evidence.authorship import authorship, parts
from bot.evidence.comparison import compared
from bot.evidence.markdown import Section, code, document, fence, plain, table
from bot.evidence.record import Record
from bot.gate import GateResult, Verdict
from bot.llm.spending import Spending, in_dollars, in_words, total
from bot.plan.plan import mermaid
from bot.spec.spec import SpecTest

MARK = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.ERROR: "💥", Verdict.NOT_APPLICABLE: "⚪"}
MOST_TITLE = 72
MOST_FINDINGS = 20


def title(record: Record) -> str:
    """Return ``[Area] Outcome``: the folder or module most touched, and what was done."""
    checked, changed = record.history.checked, record.history.changed
    touched = [each for each in checked.change.files if not each.path.rsplit("/", 1)[-1].startswith("test_")] if checked else []
    dearest = max(touched, key=lambda each: each.added + each.removed, default=None)
    area = dearest.path.rsplit("/", 1)[-1].removesuffix(".py") if dearest else "repository"
    outcome = changed.edits.why if changed and changed.edits and changed.edits.why else record.run.instruction.text
    first = next((line.strip() for line in outcome.splitlines() if line.strip()), "change")
    text = f"[{area}] {first}"
    return text if len(text) <= MOST_TITLE else text[: MOST_TITLE - 1] + "…"


def body(record: Record) -> str:
    """Return the body as Markdown, cut to GitHub's limit by whole sections."""
    return document(
        [
            Section("", _lead(record)),
            Section("Problem", fence(record.run.instruction.text[:4000], "text"), 2),
            Section("Solution", _solution(record), 1),
            Section("Risk and rollback", _risk(record)),
            Section("Spec", _spec(record), 3),
            Section("Gates", _gates(record), 1),
            Section("Before and after", _compared(record), 3),
            Section("Behaviour differences", _behaviour(record), 4),
            Section("Counter-examples", _tried(record), 4),
            Section("Alternatives", _alternatives(record), 5),
            Section("Plan", _plan(record), 6),
            Section("Cost", _cost(record), 2),
            Section("Still needed", _needed(record)),
            Section("Evidence", _evidence(record)),
        ]
    )


def _lead(record: Record) -> str:
    checked = record.history.checked
    if checked is None:
        return "**Not proven.** The run ended before a change could be judged."
    green = sum(each.green for each in checked.gates)
    word = "Proven" if checked.decision.allow else "Not proven"
    return f"**{word}**: {green} of {len(checked.gates)} gates green, risk {checked.risk.level} ({checked.risk.score}/100)."


def _solution(record: Record) -> str:
    changed, checked = record.history.changed, record.history.checked
    if changed is None or changed.edits is None or checked is None:
        return "No change was found."
    rows = [(code(each.path), str(each.status), f"+{each.added} -{each.removed}") for each in checked.change.files]
    lead = f"{plain(changed.edits.why)} (engine: {code(changed.engine)})"
    if changed.passed_over:
        lead += f"\n\nCheaper engines could not: {plain('; '.join(changed.passed_over))}; so {code(changed.engine)}."
    return f"{lead}\n\n{table(('file', 'what', 'lines'), rows)}"


def _risk(record: Record) -> str:
    checked = record.history.checked
    if checked is None:
        return "Not scored."
    rows = [(plain(each.name), f"{each.points:+d}", plain(each.why)) for each in checked.risk.factors]
    factors = table(("factor", "points", "why"), rows) if rows else "No risk factor applies."
    back = f"Rollback: {code(f'git revert {checked.change.head[:12]}')} undoes the change and keeps the spec."
    return f"**{checked.risk.level}**, {checked.risk.score} of 100.\n\n{factors}\n\n{back}"


def _spec(record: Record) -> str:
    spec = record.history.spec
    if spec is None:
        return "No spec was written: the gates judged the change by the project's own tests."
    strength = "unknown" if spec.kill_rate is None else f"{spec.kill_rate:.0%}"
    kept = [_spec_row(each) for each in spec.tests if each.kept]
    dropped = sum(not each.kept for each in spec.tests)
    lost = f"{dropped} candidate{'s' * (dropped != 1)} dropped"
    lead = f"Locked before the change as {code(spec.digest)}; kill rate on the base {strength}; {lost}."
    return f"{lead}\n\n{table(('test', 'role', 'from', 'kills', 'why kept'), kept)}"


def _spec_row(test: SpecTest) -> tuple[str, str, str, str, str]:
    role = f"{test.role}{' (held out)' if test.held_out else ''}"
    return code(test.id), role, test.origin, str(test.kills), plain(test.reason)


def _gates(record: Record) -> str:
    checked = record.history.checked
    if checked is None:
        return "None ran."
    rows = [(f"{MARK[each.verdict]} {code(each.name)}", _verdict(each), plain(each.summary)) for each in checked.gates]
    found = [finding for gate in checked.gates if not gate.green for finding in gate.findings]
    lines = [f"* {code(f'{each.path}:{each.line}')} {plain(each.message)} ({code(each.rule)})" for each in found[:MOST_FINDINGS]]
    more = [f"* … and {len(found) - MOST_FINDINGS} more in the report"] if len(found) > MOST_FINDINGS else []
    return table(("gate", "verdict", "what it saw"), rows) + ("\n\n" + "\n".join([*lines, *more]) if lines else "")


def _verdict(result: GateResult) -> str:
    return f"{result.verdict.replace('_', ' ')}{'' if result.required else ' (not required)'}"


def _behaviour(record: Record) -> str:
    rows = [(code(each.call), code(each.before), code(each.after)) for each in record.differences[:MOST_FINDINGS]]
    if not rows:
        return "On generated inputs old and new code did the same, or were not compared."
    return table(("call", "before", "after"), rows)


def _tried(record: Record) -> str:
    rows = [
        (
            code(each.challenge.written),
            code(each.challenge.outcome),
            plain(each.base or "not run"),
            plain(each.head),
            plain(each.ruling),
        )
        for each in record.tried[:MOST_FINDINGS]
    ]
    if not rows:
        return "No model named one that could be run."
    lead = "A model was asked to refute the change; what it named was run, and only what then happened counts:"
    return f"{lead}\n\n{table(('call', 'ought to', 'before', 'after', 'ruling'), rows)}"


def _alternatives(record: Record) -> str:
    changed = record.history.changed
    others = changed.alternatives if changed else ()
    if not others:
        return "No other change that satisfies the spec was found."
    lead = "These also satisfy the spec and behaved the same on all generated inputs:"
    return lead + "\n\n" + "\n".join(f"* {plain(each.why)}" for each in others[:5])


def _plan(record: Record) -> str:
    plan = record.history.plan
    return fence(mermaid(plan), "mermaid") if plan else "No plan was made."


def _cost(record: Record) -> str:
    """Return what models cost, and who wrote what: a reader shall see whether anybody judged their own work."""
    done = parts(record.history, record.spending)
    hands = [(what, plain(how), ", ".join(map(code, who)) or "no model") for what, how, who in done]
    words = in_words(total(record.spending))
    told = [f"{words[:1].upper()}{words[1:]}."]
    alone = authorship(record.history, record.spending).alone
    if alone:
        told.append(f"⚠️ {', '.join(map(code, alone))} wrote the change and had another part in judging it.")
    bill = [table(("asked as", "model", "calls", "tokens in", "tokens out", "cost"), map(_bill, record.spending))]
    return "\n\n".join([" ".join(told), table(("part", "how", "who"), hands), *(bill if record.spending else ())])


def _bill(spending: Spending) -> tuple[str, ...]:
    used = spending.usage
    duty = spending.duty.value.replace("_", " ")
    return duty, code(spending.author), str(used.calls), f"{used.input:,}", f"{used.output:,}", in_dollars(used.money)


def _compared(record: Record) -> str:
    rows = [(each.what, plain(each.before), plain(each.after)) for each in compared(record)]
    return table(("measure", "before", "after"), rows) if rows else "No two sides were measured."


def _needed(record: Record) -> str:
    checked = record.history.checked
    if checked is None:
        return "An instruction that can be proven."
    lines = [f"* ❌ {plain(each)}" for each in checked.decision.deny] + [f"* {plain(each)}" for each in checked.decision.require]
    return "\n".join(lines) or "Nothing: every policy agrees."


def _evidence(record: Record) -> str:
    return f"Run {code(record.run.id)}. The bundle's report, kill matrix and sealed statement are attached."
