"""Candidate tests from an instruction's text: doctest sessions, code blocks with assertions, and claims in sentences.

The text is a stranger's: it is cleaned of what a reader cannot see, bounded, and only ever parsed.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from bot.spec.doctests import WRONG, claims_of, import_lines, needed, read_entries
from bot.spec.draft import Claim, Draft, Kind, Unusable
from bot.spec.names import Explicit, Resolver
from bot.spec.prose import claims_in
from bot.spec.spec import Source
from bot.spec.values import read_value
from bot.spec.vetting import parse_example

MAX_TEXT = 64_000
MAX_CLAIMS = 60
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)]|\|)\s+")


@dataclass(frozen=True)
class Block:
    """A fenced piece of code."""

    body: str
    label: str
    """The last line of words before it."""
    is_python: bool


def visible(text: str) -> str:
    """Return the text as a reader sees it: no HTML comments, no invisible or direction-changing characters."""
    return _INVISIBLE.sub("", _COMMENT.sub("", text[:MAX_TEXT])).replace("\r\n", "\n")


def split_blocks(text: str) -> tuple[str, tuple[Block, ...]]:
    """Return the text without its fenced blocks, and the blocks."""
    blocks = []
    for found in _FENCE.finditer(text):
        before = [line.strip() for line in text[: found.start()].splitlines() if line.strip()]
        info = found["info"].strip().lower()
        blocks.append(Block(found["body"], before[-1] if before else "", info in {"", "py", "python", "python3", "pycon"}))
    return _FENCE.sub("\n\n", text), tuple(blocks)


def draft_examples(text: str, resolver: Resolver, origin: Source = Source.EXAMPLE, near: str = "") -> list[Draft | Unusable]:
    """Return the candidate tests that a text holds, and what looked like one and could not be used."""
    words, blocks = split_blocks(visible(text))
    entries = read_entries(visible(text))
    if origin is Source.EXAMPLE:
        resolver.explicit.update(_explicit_imports(words, blocks, resolver))
    claims = [
        *claims_of(entries, origin),
        *(claim for block in blocks if block.is_python for claim in _claims_of_block(block, origin)),
        *_claims_of_words(words, origin),
    ]
    found = [resolver.draft(claim, near) for claim in _without_conflicts(claims)[:MAX_CLAIMS]]
    return [each for each in found if each is not None]


def _explicit_imports(words: str, blocks: tuple[Block, ...], resolver: Resolver) -> dict[str, Explicit]:
    """Return the imports of the repository's own names that the text itself writes."""
    nodes = list(import_lines(read_entries(words)))
    for block in blocks:
        nodes += import_lines(read_entries(block.body))
        tree = parse_example(block.body)
        nodes += [each for each in (tree.body if tree else []) if isinstance(each, ast.Import | ast.ImportFrom)]
    return {name: bound for node in nodes for name, bound in _own_names(node, resolver)}


def _own_names(node: ast.Import | ast.ImportFrom, resolver: Resolver) -> Iterator[tuple[str, Explicit]]:
    """Yield the names of the repository that an import statement binds."""
    modules = resolver.index.modules
    for alias in node.names:
        name = alias.asname or alias.name
        renamed = f" as {alias.asname}" if alias.asname else ""
        if isinstance(node, ast.Import):
            if alias.name in modules and alias.asname:
                yield name, Explicit(f"import {alias.name}{renamed}", module=alias.name)
        elif node.module and not node.level and f"{node.module}.{alias.name}" in modules:
            yield name, Explicit(f"from {node.module} import {alias.name}{renamed}", module=f"{node.module}.{alias.name}")
        elif node.module and not node.level and node.module in modules and alias.name in modules[node.module].bound:
            yield name, Explicit(f"from {node.module} import {alias.name}{renamed}", original=alias.name)


def _claims_of_block(block: Block, origin: Source) -> Iterator[Claim]:
    """Yield the claims of a block of code: assertions, comparisons, and calls with a comment that names the result."""
    if ">>>" in block.body or (WRONG.search(block.label) and "expect" not in block.label.lower()):
        return
    tree = parse_example(block.body)
    if tree is None:
        for line in block.body.splitlines():
            yield from claims_in(line, origin)
        return
    comments = _comments(block.body)
    setup: list[ast.stmt] = []
    for node in tree.body:
        quote = ast.unparse(node)
        if isinstance(node, ast.Assert):
            yield _asserted(node.test, tuple(needed(setup, node)), quote, origin)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
            yield _asserted(node.value, tuple(needed(setup, node)), quote, origin)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            remark = comments.get(node.end_lineno or 0, "")
            yield from _remarked(node.value, remark, tuple(needed(setup, node)), f"{quote}  # {remark}", origin)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            setup.append(node)


def _comments(source: str) -> dict[int, str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return {}
    return {each.start[0]: each.string.lstrip("# ").strip() for each in tokens if each.type == tokenize.COMMENT}


def _asserted(test: ast.expr, setup: tuple[ast.stmt, ...], quote: str, origin: Source) -> Claim:
    equality = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)
    if (
        equality
        and isinstance(test, ast.Compare)
        and not any(isinstance(each, ast.Call) for each in ast.walk(test.comparators[0]))
    ):
        return Claim(Kind.EQUALS, test.left, test.comparators[0], None, setup, quote, origin)
    return Claim(Kind.HOLDS, test, None, None, setup, quote, origin)


def _remarked(call: ast.Call, remark: str, setup: tuple[ast.stmt, ...], quote: str, origin: Source) -> Iterator[Claim]:
    """Read ``f(3)  # should be 4``; a ``print`` around the call is left out."""
    if isinstance(call.func, ast.Name) and call.func.id == "print" and len(call.args) == 1 and isinstance(call.args[0], ast.Call):
        call = call.args[0]
    if not remark:
        return
    found = next(claims_in(f"call() {remark}", origin), None)
    if found is None and not WRONG.search(remark):
        bare = read_value(remark.removeprefix("=>").removeprefix("->").removeprefix("==").removeprefix("→").strip())
        found = Claim(Kind.EQUALS, call, bare) if bare is not None else None
    if found is not None:
        yield Claim(found.kind, call, found.expected, None, setup, quote, origin)


def _claims_of_words(words: str, origin: Source) -> Iterator[Claim]:
    """Yield the claims of the sentences; wrapped lines are joined, bullets and table rows stand alone."""
    taken = {number for entry in read_entries(words) for number in range(entry.first, entry.last + 1)}
    paragraph: list[str] = []
    for number, line in enumerate([*words.splitlines(), ""]):
        ends = number in taken or not line.strip() or _ITEM.match(line) or (paragraph and _ITEM.match(paragraph[0]))
        if ends and paragraph:
            yield from claims_in(" ".join(paragraph), origin)
            paragraph = []
        if number not in taken and line.strip():
            paragraph.append(line.strip())


def _without_conflicts(claims: list[Claim]) -> list[Claim]:
    """Leave out claims that name different results for the same call: one of them shows what goes wrong."""
    results: dict[str, set[str]] = {}
    for claim in claims:
        if claim.kind in {Kind.EQUALS, Kind.IS, Kind.RAISES, Kind.SHOWS} and claim.expected is not None:
            results.setdefault(_called(claim), set()).add(_result(claim))
    return [each for each in claims if len(results.get(_called(each), ())) < 2]  # noqa: PLR2004 - two results


def _called(claim: Claim) -> str:
    return "\n".join(ast.unparse(each) for each in (*claim.setup, claim.expression))


def _result(claim: Claim) -> str:
    return ("raises " if claim.kind is Kind.RAISES else "") + (ast.unparse(claim.expected) if claim.expected is not None else "")
