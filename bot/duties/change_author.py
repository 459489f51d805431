"""The change author answers a wish with edits. It sees the instruction, code, the shown tests, and what came of earlier tries.

What comes back is applied to texts in memory and nothing else: whether it may be done, and works, is for who asked to find out.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.change.blocks import SCHEMA as BLOCKS
from bot.change.blocks import Block, Problem, applied, blocks_of
from bot.change.change import Edits
from bot.context.discretion import diff_without_secrets
from bot.credentials import without_secrets
from bot.errors import Refused
from bot.llm.asking import Answer, Ask, Asker, Duty, Passage, Tool
from bot.prompts.prompt import prompt
from bot.syntax.tree import MOST_DEPTH, parse

MOST_MENDS: Final = 2
"""Further questions after an answer that cannot be applied."""
MOST_OUTPUT: Final = 16_000
"""Tokens of one answer: a file of a thousand lines, written anew, fits."""
MOST_EARLIER: Final = 4
"""Earlier attempts shown, the latest ones."""
MOST_TEXT: Final = 12_000
"""Characters of one earlier attempt's diff or outcome."""

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["why", "blocks"],
    "properties": {"why": {"type": "string", "description": "What was changed and why it works."}, "blocks": BLOCKS},
}


@dataclass(frozen=True)
class Earlier:
    """An attempt that came to nothing."""

    tried: str
    """Its diff, or its blocks as JSON."""
    came_to: str
    """What happened: tracebacks, findings, or why it was not even tried."""


@dataclass(frozen=True)
class Brief:
    """All that the author is told."""

    capability: str
    instruction: str
    read: Callable[[str], str | None]
    """The texts that blocks apply to; None where there is no such file."""
    context: tuple[Passage, ...] = ()
    tests: tuple[tuple[str, str], ...] = ()
    """Path and source of the files with shown tests."""
    findings: tuple[str, ...] = ()
    """What was found wrong with the last change."""
    earlier: tuple[Earlier, ...] = ()
    off_limits: tuple[str, ...] = ()
    """What may not be edited, in words or globs."""
    mutants: str = ""
    """For tests: what nothing notices yet."""
    paths: tuple[str, ...] = ()
    """The files there are."""
    tools: tuple[Tool, ...] = ()
    avoid: frozenset[str] = frozenset()
    temperature: float | None = None


@dataclass(frozen=True)
class Proposal:
    """What the author answered, as whole files."""

    edits: Edits
    why: str
    """In the model's words: hostile text."""
    author: str
    stumbles: tuple[str, ...] = ()
    """Why earlier answers to the same brief could not be applied."""


class NoProposal(Refused):
    """The author's answers could not be applied."""

    def __init__(self, stumbles: Sequence[str], last: Earlier, author: str) -> None:
        super().__init__(f"{len(stumbles)} answers of {author} could not be applied; the last one: {stumbles[-1]}")
        self.stumbles = tuple(stumbles)
        self.last = last
        self.author = author


def propose(asker: Asker, brief: Brief) -> Proposal:
    """Return the author's edits; an answer that cannot be applied is given back with the reason, twice at most.

    Raises:
        NoProposal: none of its answers could be applied.
        NoAnswer, OverBudget: as the asker says.
    """
    stumbles: list[str] = []
    asked = brief
    while True:
        answer = asker.ask(question(asked))
        result = _edits(answer, brief)
        if isinstance(result, Edits):
            return Proposal(result, str(answer.data["why"]), answer.author, tuple(stumbles))
        said = "\n".join(map(str, result))
        stumbles.append(str(result[0]).partition("\n")[0] + f" (and {len(result) - 1} more)" * (len(result) > 1))
        last = Earlier(json.dumps(answer.data["blocks"], ensure_ascii=False, indent=1), f"It could not be applied:\n{said}")
        if len(stumbles) > MOST_MENDS:
            raise NoProposal(stumbles, last, answer.author)
        asked = replace(brief, earlier=(*brief.earlier, last))


def _edits(answer: Answer, brief: Brief) -> Edits | tuple[Problem, ...]:
    blocks: tuple[Block, ...] = blocks_of(answer.data["blocks"])
    result = applied(brief.read, blocks, brief.paths)
    if not isinstance(result, Edits):
        return result
    unreadable = tuple(_unreadable(result, brief.read))
    return unreadable or result


def _unreadable(edits: Edits, read: Callable[[str], str | None]) -> Iterator[Problem]:
    """Yield the Python files that do not parse, unless they did not before."""
    for each in edits.edits:
        problem = _syntax(each.content) if each.path.endswith((".py", ".pyi")) else ""
        if problem and not _syntax(read(each.path)):
            yield Problem(each.path, f"does not parse afterwards: {problem}")


def _syntax(source: str | None) -> str:
    """Return what is wrong with Python source; '' where it parses."""
    try:
        ast.parse(source or "")
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg} ({(error.text or '').strip()[:120]!r})"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)[:200] or "it is nested too deeply"
    return "" if parse(source or "") is not None else f"it is nested deeper than {MOST_DEPTH} levels: write it flatter"


def question(brief: Brief) -> Ask:
    """Return what the author is asked: what stays the same from attempt to attempt first, so that vendors can keep it."""
    return Ask(
        duty=Duty.CHANGE_AUTHOR,
        system=prompt("change"),
        passages=tuple(_passages(brief)),
        schema=SCHEMA,
        tools=brief.tools,
        most_output=MOST_OUTPUT,
        temperature=brief.temperature,
        avoid=brief.avoid,
    )


def _passages(brief: Brief) -> Iterator[Passage]:
    yield Passage("task", f"Capability: {brief.capability}", hostile=False)
    yield from brief.context
    if brief.off_limits:
        yield _code("not to be edited", "\n".join(brief.off_limits))
    yield from (_code(f"shown tests {path}", text) for path, text in brief.tests)
    if brief.mutants:
        yield _code("surviving mutants", brief.mutants)
    yield Passage("instruction", brief.instruction)
    if brief.findings:
        yield _code("findings on the last change", "\n".join(f"- {each}" for each in brief.findings))
    recent = brief.earlier[-MOST_EARLIER:]
    for number, each in enumerate(recent, len(brief.earlier) - len(recent) + 1):
        yield _code(f"attempt {number}", _clipped(diff_without_secrets(each.tried)))
        yield _code(f"what came of attempt {number}", _clipped(each.came_to))


def _code(label: str, text: str) -> Passage:
    """Return code or a tool's output as a passage; what looks like a credential does not leave."""
    return Passage(label, without_secrets(text), code=True)


def _clipped(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT // 2]}\n…\n{text[-MOST_TEXT // 2 :]}"
