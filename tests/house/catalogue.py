"""What the README says of the program, generated from the program: ``make readme`` writes it, a test compares it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer.main

from bot import capabilities, codemods, engines, gates
from bot import commands as slash_commands
from bot.capability import Capability
from bot.cli import cli
from bot.codemod import Codemod
from bot.command import Command
from bot.engine import Engine
from bot.gate import Gate
from bot.registry import plugins
from bot.run import FINAL, TRANSITIONS, State

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def states() -> str:
    """Return the run's states as a Mermaid diagram; the ends that every state shares are drawn once, in words."""
    shared = {State.REFUSED, State.FAILED, State.CANCELLED, State.STOPPED}
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {State.RECEIVED}"]
    for state, following in TRANSITIONS.items():
        lines += [f"  {state} --> {each}" for each in State if each in following - shared]
    ends = ", ".join(f"`{each}`" for each in State if each in shared)
    working = sum(state not in FINAL for state in State)
    return "\n".join([*lines, "```", "", f"From each of the {working} states that are not final a run may also end {ends}."])


def commands() -> str:
    """Return the command line's verbs as a table."""
    rows = []
    for name, command in sorted(_parts(typer.main.get_command(cli)).items()):
        for part, each in sorted(_parts(command).items()) or [("", command)]:
            rows.append(f"| `pawl {name}{f' {part}' if part else ''}` | {(each.help or '').strip()} |")
    return "\n".join(["| command | does |", "| --- | --- |", *rows])


def _parts(command: Any) -> dict[str, Any]:
    """Return a command's sub-commands."""
    return dict(getattr(command, "commands", {}))


def catalogue() -> str:
    """Return gates, engines, capabilities and codemods as tables."""
    parts = [
        _table("gate", "asks", [(each.name, each.asks) for each in plugins(gates, Gate).values()]),
        _table("engine", "does", [(each.name, each.does) for each in plugins(engines, Engine).values()]),
        _table("capability", "does", [(each.name, each.does) for each in plugins(capabilities, Capability).values()]),
        _table("codemod", "does", [(each.name, each.does) for each in plugins(codemods, Codemod).values()]),
    ]
    return "\n\n".join(parts)


def slash() -> str:
    """Return what can be said in comments, and who may."""
    said = plugins(slash_commands, Command).values()
    rows = [f"| `{each.usage.replace('|', chr(0x2758))}` | {each.summary} | {each.least.name.lower()} |" for each in said]
    return "\n".join(["| say | it does | least permission |", "| --- | --- | --- |", *rows])


def _table(head: str, column: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"| `{name}` | {said.replace('|', chr(0x2758))} |" for name, said in rows]
    return "\n".join([f"| {head} | {column} |", "| --- | --- |", *lines])


PARTS = {"states": states, "slash": slash, "commands": commands, "catalogue": catalogue}


def filled(text: str) -> str:
    """Return the README with every generated part as the program has it now."""
    for name, make in PARTS.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            sys.exit(f"README.md must hold {start} … {end} once")
        text = f"{before}{start}\n{make()}\n{end}{after}"
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
