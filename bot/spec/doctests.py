"""Doctest sessions in a text (``>>> f(1)`` and what follows) as claims; nothing is executed.

A label in the line before ("Currently:", "Actual output") marks a session that shows what goes wrong: its results are no wish.
A traceback with frames is a crash report (``tracebacks.py``); one without is an exception to be raised.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.spec.draft import Claim, Kind
from bot.spec.spec import Source
from bot.spec.vetting import parse_example, parse_expression

_PROMPT = re.compile(r"^(?P<indent>[ \t]*)>>> ?(?P<code>.*)$")
_MORE = re.compile(r"^[ \t]*\.\.\.(?: (?P<code>.*))?$")
WRONG = re.compile(
    r"\b(actual(ly)?|current(ly)?|observed|wrong(ly)?|incorrect(ly)?|buggy|bug|broken|instead|unfortunately|fails?|got|now"
    r"|at the moment|not (correct|right|what)|unexpected(ly)?|crash(es)?|today)\b",
    re.IGNORECASE,
)
RIGHT = re.compile(r"\b(expect(s|ed)?|should|desired|correct(ly)?|wanted|want|must|after the fix|example|ought)\b", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"^(?P<name>[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration|\w))(?:: ?(?P<message>.*))?$"
)
_MOST_LINES = 40


@dataclass(frozen=True)
class Entry:
    """One prompt of a session: its source and the lines printed under it."""

    source: str
    want: str
    label: str
    """The last line of words before the session."""
    first: int
    last: int
    """Lines of the text that it takes, counted from 0."""

    @property
    def is_symptom(self) -> bool:
        """Whether the words before it say that this is what goes wrong."""
        return bool(WRONG.search(self.label)) and not RIGHT.search(self.label)


def read_entries(text: str) -> tuple[Entry, ...]:
    """Return the prompts of a text in order; source lines without ``...`` are taken as long as the code is incomplete."""
    lines = text.splitlines()
    entries: list[Entry] = []
    label = ""
    at = 0
    while at < len(lines):
        found = _PROMPT.match(lines[at])
        if found is None:
            label = lines[at].strip() if lines[at].strip() and not lines[at].strip().startswith("```") else label
            at += 1
            continue
        source, after = _source(lines, at, found["code"])
        want, end = _want(lines, after, found["indent"])
        entries.append(Entry(source, want, label, at, end - 1))
        at = end
    return tuple(entries)


def _source(lines: list[str], at: int, first: str) -> tuple[str, int]:
    code = [first]
    after = at + 1
    while after < len(lines) and (more := _MORE.match(lines[after])):
        code.append(more["code"] or "")
        after += 1
    taken = after
    while parse_example("\n".join(code)) is None and taken < min(len(lines), after + _MOST_LINES):
        if _PROMPT.match(lines[taken]) or lines[taken].strip().startswith("```"):
            break
        code.append(lines[taken].strip())
        taken += 1
    if parse_example("\n".join(code)) is None:
        return "\n".join(code[: after - at]), after
    return "\n".join(code), taken


def _want(lines: list[str], at: int, indent: str) -> tuple[str, int]:
    want: list[str] = []
    while at < len(lines) and lines[at].strip() and not _PROMPT.match(lines[at]) and not lines[at].strip().startswith("```"):
        if want and not lines[at].startswith(indent):
            break
        want.append(lines[at].removeprefix(indent))
        at += 1
    return "\n".join(want).rstrip(), at


def claims_of(entries: tuple[Entry, ...], origin: Source) -> Iterator[Claim]:
    """Yield what the sessions claim; earlier assignments and imports are each later prompt's set-up."""
    setup: list[ast.stmt] = []
    for entry in entries:
        before, last = _statements(entry)
        setup += before
        if last is None:
            continue
        before_it = tuple(needed(setup, last))
        quote = f">>> {entry.source}\n{entry.want}".strip()
        if not entry.is_symptom and (claim := _claim(last.value, entry.want, quote)):
            yield Claim(claim.kind, claim.expression, claim.expected, claim.message, before_it, quote, origin)
        elif not entry.want:
            setup.append(last)


def _statements(entry: Entry) -> tuple[list[ast.stmt], ast.Expr | None]:
    """Return what a prompt sets up, its imports left out, and the expression that it ends in; None where it ends in none."""
    tree = parse_example(entry.source)
    body = tree.body if tree else []
    last = body[-1] if body and isinstance(body[-1], ast.Expr) else None
    before = body if last is None else body[:-1]
    return [each for each in before if not isinstance(each, ast.Import | ast.ImportFrom)], last


def needed(setup: Sequence[ast.stmt], last: ast.AST) -> Iterator[ast.stmt]:
    """Yield the set-up that the last piece of code depends on."""
    wanted = {each.id for each in ast.walk(last) if isinstance(each, ast.Name)}
    kept: list[ast.stmt] = []
    for each in reversed(setup):
        names = {name.id for name in ast.walk(each) if isinstance(name, ast.Name)}
        if names & wanted:
            wanted |= names
            kept.append(each)
    yield from reversed(kept)


def _claim(expression: ast.expr, want: str, quote: str) -> Claim | None:
    if not want:
        return Claim(Kind.HOLDS, expression, quote=quote) if isinstance(expression, ast.Compare) else None
    if want.startswith("Traceback"):
        return _raises(expression, want)
    want, _, remark = want.partition("  #")
    if remark and WRONG.search(remark):
        return None
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name) and expression.func.id == "print":
        return _printed(expression, want)
    return _shown(expression, want)


def _shown(expression: ast.expr, want: str) -> Claim | None:
    """Read the printed value of an expression."""
    value = parse_expression(want)
    if value is None or not _is_value(value):
        return None if "..." in want else Claim(Kind.SHOWS, expression, ast.Constant(want.strip()))
    if not isinstance(value, ast.Constant) or not (value.value is None or isinstance(value.value, bool)):
        return Claim(Kind.EQUALS, expression, value)
    if isinstance(expression, ast.Compare | ast.BoolOp) and value.value is not None:
        return Claim(Kind.HOLDS, expression if value.value else ast.UnaryOp(ast.Not(), expression))
    return Claim(Kind.IS, expression, value)


def _is_value(node: ast.expr) -> bool:
    """Tell whether a printed result reads back as the value: literals all through, or a call such as ``Decimal('1')``."""
    kinds = (
        *(ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Load),
        *(ast.Call, ast.Name, ast.keyword, ast.Attribute),
    )
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    called = {each.func.id for each in ast.walk(node) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
    cut_short = any(isinstance(each, ast.Constant) and each.value is ... for each in ast.walk(node))
    return all(isinstance(each, kinds) for each in ast.walk(node)) and names <= called and not cut_short


def _raises(expression: ast.expr, want: str) -> Claim | None:
    last = next((line.strip() for line in reversed(want.splitlines()) if line.strip()), "")
    found = _EXCEPTION.match(last)
    if "  File " in want or found is None:
        return None
    message = (found["message"] or "").strip()
    expected = parse_expression(found["name"].rpartition(".")[2])
    return Claim(Kind.RAISES, expression, expected, message if message and "..." not in message else None)


def _printed(expression: ast.Call, want: str) -> Claim | None:
    if len(expression.args) != 1 or expression.keywords or isinstance(expression.args[0], ast.Starred):
        return None
    shown = ast.Call(ast.Name("str", ast.Load()), [expression.args[0]], [])
    return Claim(Kind.EQUALS, shown, ast.Constant(want))


def import_lines(entries: tuple[Entry, ...]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the import statements of the sessions."""
    for entry in entries:
        tree = parse_example(entry.source)
        yield from (each for each in (tree.body if tree else []) if isinstance(each, ast.Import | ast.ImportFrom))
