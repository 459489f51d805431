"""A pasted crash report with code that reproduces it: a test that runs the code, which must no longer raise that error.

Such a test says only what must not happen, so on its own nearly every stand-in satisfies it; the oracle keeps it where other
tests of the spec rule the stand-ins out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.spec.doctests import needed, read_entries
from bot.spec.draft import Claim, Draft, Kind, Unusable
from bot.spec.examples import split_blocks, visible
from bot.spec.names import Resolver
from bot.spec.spec import Source
from bot.spec.vetting import parse_example

_REPORT = re.compile(
    r"^[ \t>]*Traceback \(most recent call last\):\s*$(?P<frames>.*?)"
    r"^[ \t>]*(?P<error>[A-Za-z_][\w.]*)(?::[ ]?(?P<message>[^\n]*))?$",
    re.DOTALL | re.MULTILINE,
)
_FRAME = re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>[\w<>.]+))?')


@dataclass(frozen=True)
class Report:
    """A crash as Python prints it."""

    error: str
    """The exception's name, without its module."""
    message: str
    frames: tuple[tuple[str, int, str], ...]
    """(path, line, function), outermost first."""


def read_reports(text: str) -> tuple[Report, ...]:
    """Return the crash reports in a text; tracebacks without frames are expectations of doctests, not reports."""
    found = []
    for match in _REPORT.finditer(visible(text)):
        frames = tuple((each["path"], int(each["line"]), each["function"] or "") for each in _FRAME.finditer(match["frames"]))
        if frames:
            found.append(Report(match["error"].rpartition(".")[2], (match["message"] or "").strip(), frames))
    return tuple(found)


def draft_reproducers(text: str, resolver: Resolver) -> list[Draft | Unusable]:
    """Return a test per piece of code that a crash report in the text goes with."""
    reports = read_reports(text)
    if not reports:
        return []
    claims = [*_from_sessions(text), *_from_blocks(text), *_from_source_lines(text)]
    drafts = [resolver.draft(claim) for claim in claims]
    found = [each for each in drafts if each is not None]
    if found:
        return found
    reason = "the traceback comes without code that reproduces it"
    return [Unusable(f"{reports[0].error}: {reports[0].message}", reason, Source.TRACEBACK)]


def _from_sessions(text: str) -> Iterator[Claim]:
    """Yield the prompts under which a crash was printed."""
    setup: list[ast.stmt] = []
    for entry in read_entries(visible(text)):
        tree = parse_example(entry.source)
        body = [each for each in (tree.body if tree else []) if not isinstance(each, ast.Import | ast.ImportFrom)]
        if entry.want.startswith("Traceback") and "File " in entry.want and body:
            yield from _run(setup, body, entry.source)
        else:
            setup += body


def _from_blocks(text: str) -> Iterator[Claim]:
    """Yield the last statement of each block of code that is not itself a session or a report."""
    _, blocks = split_blocks(visible(text))
    for block in blocks:
        tree = parse_example(block.body)
        if not block.is_python or tree is None or any(isinstance(each, ast.Assert) for each in tree.body):
            continue
        skipped = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        yield from _run([], [each for each in tree.body if not isinstance(each, skipped)], block.body)


def _from_source_lines(text: str) -> Iterator[Claim]:
    """Yield the outermost frame's source line (``f([])`` in ``<module>``), which Python prints under it."""
    for match in _REPORT.finditer(visible(text)):
        lines = match["frames"].splitlines()
        for at, line in enumerate(lines[:-1]):
            frame = _FRAME.search(line)
            tree = parse_example(lines[at + 1].strip()) if frame and frame["function"] == "<module>" else None
            if tree is not None and tree.body and isinstance(tree.body[-1], ast.Expr | ast.Assign):
                yield from _run([], tree.body, lines[at + 1].strip())


def _run(setup: list[ast.stmt], body: list[ast.stmt], quote: str) -> Iterator[Claim]:
    *before, last = body or [ast.Pass()]
    if not isinstance(last, ast.Assign | ast.Expr):
        return
    value = last.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print" and len(value.args) == 1:
        value = value.args[0]
    if any(isinstance(each, ast.Call) for each in ast.walk(value)):
        yield Claim(
            Kind.RUNS, value, None, None, tuple(needed([*setup, *before], last)), " ".join(quote.split())[:200], Source.TRACEBACK
        )
