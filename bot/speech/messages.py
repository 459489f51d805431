"""Every sentence that Pawl says on GitHub: pure functions that return Markdown. What others wrote goes in as data only.

What there is to say of a run stands in :mod:`bot.speech.telling`; here are the answers to commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bot.command import Command
from bot.evidence.markdown import MOST, Section, code, document, plain, table
from bot.gate import Finding, GateResult, Verdict
from bot.history import Checked
from bot.run import Run
from bot.spoken import Spoken

MARK: Final = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.ERROR: "💥", Verdict.NOT_APPLICABLE: "⚪"}
MOST_SENTENCE: Final = 1500
MOST_FINDINGS: Final = 30
_CUT: Final = "\n\n*Too long for a comment: the rest stands in the report of the evidence bundle.*\n"


def sentence(text: str) -> str:
    """Return a sentence that may hold strangers' words: what stands in back-ticks becomes code, nothing becomes mark-up."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text, MOST_SENTENCE)
    return "".join(_piece(each, in_ticks=bool(at % 2)) for at, each in enumerate(parts))


def whole(reason: str) -> str:
    """Return a reason as a sentence of its own, with a capital and an end."""
    text = reason.strip()
    end = "" if text.endswith((".", "!", "?", "…")) or not text else "."
    return sentence(f"{text[:1].upper()}{text[1:]}{end}")


def _piece(text: str, *, in_ticks: bool) -> str:
    if in_ticks:
        return code(text, MOST_SENTENCE)
    room = " " if text[:1].isspace() else ""
    rear = " " if text[-1:].isspace() and text.strip() else ""
    return f"{room}{plain(text, MOST_SENTENCE)}{rear}"


def marked(marker: str, body: str) -> str:
    """Return a comment that can be found again by its invisible marker, cut by whole paragraphs to what GitHub takes."""
    text = f"{marker}\n{body}"
    if len(text) <= MOST:
        return text
    paragraphs = body.split("\n\n")
    room = MOST - len(marker) - 1 - len(_CUT)
    whole = fences = 0
    for at, paragraph in enumerate(paragraphs, 1):
        room -= len(paragraph) + 2
        if room < 0:
            break
        fences += sum(line.startswith("```") for line in paragraph.splitlines())
        whole = whole if fences % 2 else at
    return f"{marker}\n" + "\n\n".join(paragraphs[:whole]) + _CUT


def answers(said: Sequence[tuple[Spoken, str]], left_out: int, most: int) -> str:
    """Return the answers to the commands of one comment; several are told apart by the command above each."""
    several = len(said) > 1
    sections = [
        Section("", f"{f'{_quoted(spoken)}{chr(10) * 2}' if several else ''}{text}", rank)
        for rank, (spoken, text) in enumerate(said)
    ]
    if left_out:
        sections.append(
            Section("", f"A comment may hold {most} commands: the last {left_out} were not read. Say them in another comment.")
        )
    return document(sections, MOST - 200)


def lost(why: str, delivery: str) -> str:
    """Return what is said where something that was asked for could not be done, however often it was tried."""
    return (
        f"**Not done.** What was asked of Pawl here failed: {whole(why)} Say it again; if it fails again, whoever runs Pawl finds"
        f" the reason in its log under delivery {code(delivery)}."
    )


def _quoted(spoken: Spoken) -> str:
    return code(f"/pawl {spoken.verb} {spoken.line}".strip(), 100)


def unknown_verb(verb: str, nearest: str) -> str:
    """Return what is said to a verb that does not exist."""
    return f"There is no verb {code(verb, 40)}: did you mean {code(f'/pawl {nearest}')}? {code('/pawl help')} lists them all."


def help_all(commands: Mapping[str, Command]) -> str:
    """Return the list of all commands."""
    rows = [(code(each.usage), plain(each.summary), each.least.name.lower()) for each in commands.values()]
    lead = "Say a command at the start of a line; what follows the verb, and the lines below it, belong to it."
    foot = f"{code('/pawl help <verb>')} shows examples. Who may not say a command gets a 👎."
    return f"{lead}\n\n{table(('command', 'what it does', 'least permission'), rows)}\n\n{foot}"


def help_one(command: Command) -> str:
    """Return what one command does, who may say it, and examples."""
    examples = "\n".join(f"    {line}" for example in command.examples for line in example.splitlines())
    return f"{code(command.usage)}: {plain(command.summary)}\n\nLeast permission: **{command.least.name.lower()}**.\n\n{examples}"


def nothing_yet(what: str) -> str:
    """Return what is said where no run was asked for yet."""
    return f"Nothing was asked of Pawl here yet, so there is no {what}: {code('/pawl help')} lists what it can do."


def status(runs: Sequence[Run], links: Mapping[str, str]) -> str:
    """Return how the runs under an issue or pull request stand, newest first."""
    rows = [
        (
            _linked(each, links),
            plain(str(each.instruction.verb) if each.instruction.head is None else "verify"),
            _state(each),
            plain(each.reason, 400),
        )
        for each in runs
    ]
    return table(("run", "what", "state", "why"), rows)


def _linked(run: Run, links: Mapping[str, str]) -> str:
    link = links.get(run.id, "")
    return f"{code(run.id)} {link}".rstrip()


def _state(run: Run) -> str:
    return run.state.value.replace("_", " ")


def explained(run: Run, checked: Checked | None, gate: str) -> str:
    """Return why a run stands where it stands, with what the red gates found, or all that one gate says."""
    lead = f"Run {code(run.id)} is **{_state(run)}**: {sentence(run.reason)}"
    if checked is None:
        return f"{lead}\n\nNo change was judged yet, so no gate has spoken."
    named = [each for each in checked.gates if each.name == gate]
    if gate and not named:
        known = ", ".join(each.name for each in checked.gates)
        return f"There is no gate {code(gate, 40)} in this run: there are {plain(known, MOST_SENTENCE)}."
    shown = named or [each for each in checked.gates if not each.green]
    sections = [
        Section("", lead),
        *(Section(f"{MARK[each.verdict]} {each.name}", _gate(each), rank + 1) for rank, each in enumerate(shown)),
    ]
    if not shown:
        sections.append(Section("", f"All {len(checked.gates)} gates are green. {_decision(checked)}"))
    return document(sections, MOST - 200)


def _gate(result: GateResult) -> str:
    found = "\n".join(_finding(each) for each in result.findings[:MOST_FINDINGS])
    more = len(result.findings) - MOST_FINDINGS
    rest = f"\n* … and {more} more in the report" if more > 0 else ""
    return f"{sentence(result.summary)}\n\n{found}{rest}".strip()


def _finding(finding: Finding) -> str:
    where = f"{code(f'{finding.path}:{finding.line}')} " if finding.path else ""
    return f"* {where}{sentence(finding.message)} ({code(finding.rule)})"


def _decision(checked: Checked) -> str:
    said = [*checked.decision.deny, *checked.decision.require]
    if not said:
        return "Every policy agrees."
    return "The policies say:\n\n" + "\n".join(f"* {sentence(each)}" for each in said)


def settings(rows: Iterable[tuple[str, Any, str]], source: str) -> str:
    """Return the settings in force as (key, value, where it comes from)."""
    listed = [(code(key), code(str(value), 200), plain(where)) for key, value, where in rows]
    lead = (
        f"From {code(source)} on the default branch."
        if source
        else "There is no configuration file, so every setting has its default."
    )
    return f"{lead}\n\n{table(('setting', 'value', 'from'), listed)}"
