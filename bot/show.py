"""How the command line looks: progress while work goes on, then one page of words. Standard output is for results only."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bot.app import Wish
from bot.checkup import Audited, Checkup
from bot.evidence.authorship import parts
from bot.gate import GateResult, Verdict
from bot.history import History, Suspect
from bot.judgement import Judged
from bot.llm.citation import Citation
from bot.llm.spending import in_words, total
from bot.mutation.mutation import KillMatrix, MutantStatus
from bot.reply import Done, of_answer, of_audit, of_gates, of_matrix, of_run
from bot.run import Run, State
from bot.stage import Progress as Heard

MARKS = {
    Verdict.PASS: ("✔", "green"),
    Verdict.FAIL: ("✘", "red"),
    Verdict.ERROR: ("!", "red"),
    Verdict.NOT_APPLICABLE: ("·", "dim"),
}
WORDS = {
    State.DONE: "Proven and allowed",
    State.AWAITING_APPROVAL: "Proven; a person must approve",
    State.REFUSED: "Refused",
    State.FAILED: "Failed",
}
MOST_FINDINGS = 10

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Heard]:
    """Yield what long work reports to: a bar on a terminal, plain lines elsewhere, nothing where ``quiet``."""
    if quiet:
        yield _nothing
    elif not _err.is_terminal:
        yield _Lines()
    else:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
        with Progress(*columns, console=_err, transient=True) as bars:
            task = bars.add_task("starting", total=None)

            def heard(step: str, fraction: float | None = None) -> None:
                known = fraction is not None
                bars.update(
                    task, description=escape(_printable(step[:60])), total=1.0 if known else None, completed=fraction or 0.0
                )

            yield heard


def _nothing(step: str, fraction: float | None = None) -> None:
    """Hear nothing."""
    del step, fraction


class _Lines:
    """A line when a new kind of step begins; a number that counts up is no new kind."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._last = ""

    def __call__(self, step: str, fraction: float | None = None) -> None:
        del fraction
        kind = step.rstrip("0123456789 ")
        if kind != self._last:
            self._last = kind
            print(f"{time.monotonic() - self._start:6.1f}s  {_printable(step)}", file=sys.stderr, flush=True)  # noqa: T201 - a plain line


def print_json(value: object) -> None:
    """Print one JSON object; what no terminal shows as itself is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    print("".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text))  # noqa: T201 - the result


def run(done: Done, *, as_json: bool) -> None:
    """Print what came of a run."""
    if as_json:
        print_json(of_run(done))
    if done.bad_input:
        _err.print(Text(sentence(f"pawl: {done.run.reason}")))
    if as_json or done.bad_input:
        return
    _verdict(WORDS.get(done.run.state, str(done.run.state).capitalize()), done.run.reason, good=done.exit_code in {0, 3})
    if done.history.checked:
        _gates(done.history.checked.gates)
        risk = done.history.checked.risk
        _line("risk", f"{risk.level} ({risk.score}/100)")
    _hands(done)
    if done.history.sealed and done.history.sealed.branch:
        _line("branch", done.history.sealed.branch)
    _places(of_run(done), ("report", "pull_request", "bundle"))
    _line("run", f"{done.run.id}, {done.seconds:.1f} s")


def _hands(done: Done) -> None:
    """Show which engine made the change and why no cheaper one did, and what models had a part in it and cost."""
    changed = done.history.changed
    if changed is not None and changed.head is not None:
        why = f" ({_printable('; '.join(changed.passed_over))})" if changed.passed_over else ""
        _line("engine", f"{changed.engine}{why}")
    if done.spending:
        who = (f"{what}: {', '.join(models)}" for what, _, models in parts(done.history, done.spending) if models)
        _line("models", _printable("; ".join((in_words(total(done.spending)), *who))))


def answer(done: Done, *, as_json: bool) -> None:
    """Print what is said of the code, each citation as ``path:line``, which terminals open."""
    if as_json:
        print_json(of_answer(done))
    if done.bad_input:
        _err.print(Text(sentence(f"pawl: {done.run.reason}")))
    if as_json or done.bad_input:
        return
    found = done.history.answered
    for each in found.paragraphs if found else ():
        _out.print(Text(_printable(each.text)))
        for one in each.citations:
            _out.print(Text(f"  {_place(one)}", "cyan"))
        if not each.citations:
            _out.print(Text("  not backed by the code", "yellow"))
    for suspect in found.suspects if found else ():
        _suspect(suspect)
    word = "Answered" if done.run.state is State.DONE else WORDS.get(done.run.state, str(done.run.state))
    _verdict(word, done.run.reason, good=done.run.state is State.DONE)
    for each_dropped in found.dropped if found else ():
        _out.print(Text(f"  left out: {_printable(each_dropped.citation.path)}: {each_dropped.why}", "dim"))
    _line("run", f"{done.run.id}, {done.seconds:.1f} s")


def _suspect(suspect: Suspect) -> None:
    _out.print(Text.assemble((suspect.id, "bold"), f" {suspect.shown}: {_printable(suspect.what)}"))
    _out.print(Text(f"  {_place(suspect.citation)}", "cyan"))
    if suspect.call:
        _out.print(Text(_printable(f"  {suspect.call} should give {suspect.expected}; {suspect.saw}")))


def _place(citation: Citation) -> str:
    last = f"-{citation.last}" if citation.last != citation.first else ""
    return f"{_printable(citation.path)}:{citation.first}{last}"


def _printable(text: str) -> str:
    """Return a stranger's text without anything that could steer a terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


def sentence(text: str) -> str:
    """Return what Pawl says, in lines, without anything that could steer a terminal: reasons quote strangers."""
    return "\n".join(map(_printable, text.expandtabs().split("\n")))


def cancelled(given_up: Run, *, as_json: bool) -> None:
    """Print that a run was given up."""
    if as_json:
        print_json(of_run(Done(given_up, History(), None, 0.0)))
        return
    _verdict(str(given_up.state).capitalize(), f"run {given_up.id}", good=True)


def gates(judged: Judged, *, as_json: bool) -> None:
    """Print what the gates said."""
    reply = of_gates(judged.checked, judged.bundle, judged.seconds)
    if as_json:
        print_json(reply)
        return
    decision = judged.checked.decision
    word = "Every gate is green" if decision.allow else "Refused"
    _verdict(word, "; ".join(decision.deny or decision.require), good=decision.allow)
    _gates(judged.checked.gates)
    _places(reply, ("report", "bundle"))


def matrix(found: KillMatrix, *, as_json: bool) -> None:
    """Print a kill matrix."""
    if as_json:
        print_json(of_matrix(found))
        return
    if found.why_not:
        _verdict("No verdict", found.why_not, good=False)
    for each in found.mutants:
        if each.status is not MutantStatus.KILLED:
            _out.print(Text(sentence(f"{each.status}: {each.mutant.path}:{each.mutant.line} {each.mutant.operator}")))
    rate = "no evidence" if found.kill_rate is None else f"{found.kill_rate:.0%}"
    _line("kill rate", f"{rate} of {len(found.mutants)} mutants, {found.seconds:.1f} s")


def doctor(report: Checkup) -> None:
    """Print what the machine can do."""
    for name, good, said in report.lines:
        _out.print(Text.assemble(("✔ " if good else "✘ ", "green" if good else "red"), (f"{name}: ", "bold"), sentence(said)))


def audit(found: Audited, *, as_json: bool) -> None:
    """Print what an audit found."""
    if as_json:
        print_json(of_audit(found))
        return
    _verdict("Broken" if found.problems else "Whole", found.checked, good=not found.problems)
    for each in found.problems:
        _out.print(Text(sentence(f"  {each}")))


def demo(wish: Wish) -> None:
    """Print what the demo is about to do."""
    _out.print(Text.assemble(("A small project with a bug: ", "bold"), str(wish.repo)))
    _out.print(Text("\n".join(f"  │ {line}" for line in wish.text.splitlines())))


def pull_request(done: Done) -> None:
    """Print the pull request's body."""
    reply = of_run(done)
    if reply["pull_request"]:
        with open(reply["pull_request"], encoding="utf-8") as file:  # noqa: PTH123 - a path of our own, as text
            _out.print(Text("\n".join(f"  │ {_printable(line)}" for line in file.read().splitlines())))


def _verdict(word: str, why: str, *, good: bool) -> None:
    _out.print(Text.assemble((word, "bold green" if good else "bold red"), f": {sentence(why)}" if why else ""))


def _gates(results: tuple[GateResult, ...]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for each in results:
        mark, style = MARKS[each.verdict]
        table.add_row(Text(mark, style), Text(each.name), Text(sentence(each.summary)), Text(f"{each.seconds:.1f} s", "dim"))
    _out.print(table)
    red = [finding for each in results if not each.green for finding in each.findings]
    for finding in red[:MOST_FINDINGS]:
        _out.print(Text(sentence(f"  {finding.path}:{finding.line}: {finding.message} ({finding.rule})")))


def _places(reply: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if reply.get(name):
            _line(name.replace("_", " "), reply[name])


def _line(name: str, value: str) -> None:
    _out.print(Text.assemble((f"{name:<13}", "dim"), sentence(value)))


def said(words: str) -> None:
    """Show what a server says of itself, a line at a time."""
    typer.echo(f"pawl: {words}")
    sys.stdout.flush()
