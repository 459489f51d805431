"""Templates on string literals, regular expressions among them."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator

from bot.repair.source import Fragment
from bot.repair.template import Rewrite, Site, Template

LONGEST = 200
_CLOSE_WORDS = 0.7


def written_like(value: str, original: str) -> str:
    """Return ``value`` as a literal with the quotes (and the ``r``) that ``original`` has, where that can be done."""
    match = re.match(r"([rRuUbB]*)('{3}|\"{3}|'|\")", original)
    prefix, quote = (match.group(1), match.group(2)) if match else ("", '"')
    if "r" in prefix.lower() and quote not in value and not value.endswith("\\") and value.isprintable():
        return f"{prefix}{quote}{value}{quote}"
    if len(quote) == 1:
        body = repr(value)[1:-1]
        if repr(value)[0] != quote:
            body = body.replace("\\'", "'").replace(quote, f"\\{quote}") if quote in value else body.replace("\\'", "'")
        return f"{quote}{body}{quote}"
    return repr(value)


def _string(site: Site, node: ast.expr) -> str | None:
    parent = site.file.parents.get(node)
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and len(node.value) <= LONGEST
        and not isinstance(parent, ast.Expr)
    ):
        return node.value
    return None


def text(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A string becomes empty, a blank, another string of the function or one quoted in its docstring, or changes case."""
    value = _string(site, node)
    if value is None:
        return
    original = site.file.segment(node)
    for other, prior in _instead(value, site).items():
        if other != value:
            yield site.expression(node, Fragment(written_like(other, original)), prior)


def _instead(value: str, site: Site) -> dict[str, float]:
    priors: dict[str, float] = {}
    for donor in site.routine.texts:
        like = 1.0 if len(donor) == len(value) else 0.7
        priors[donor] = like * (0.8 if len(value) <= 1 else 0.6)
    for word in difflib.get_close_matches(value, _words(site), n=3, cutoff=_CLOSE_WORDS) if len(value) > 2 else ():  # noqa: PLR2004 - shorter ones are like everything
        priors[word] = 1.0
    priors |= {"": 0.5, " ": 0.4}
    for other, prior in (
        (value.lower(), 0.5),
        (value.upper(), 0.5),
        (value.title(), 0.3),
        (value.strip(), 0.5),
        (f"{value} ", 0.3),
    ):
        priors.setdefault(other, prior)
    for other, prior in (
        (f" {value}", 0.2),
        (value[:-1], 0.4),
        (value[1:], 0.3),
        (f"{value}\n", 0.15),
        (value.rstrip("\n"), 0.4),
    ):
        priors.setdefault(other, prior)
    if len(value) > 1 and value.isalpha():
        priors.setdefault(value + value.swapcase(), 0.5)
    return priors


def _words(site: Site) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[A-Za-z_]{3,}", site.routine.words)))


_REGEX_CALLS = frozenset({"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
_TWEAKS = (
    (r"(?<![\\?*+])\+", "*", 0.9),
    (r"(?<![\\?*+(])\*", "+", 0.9),
    (r"(?<=[\w\])}.])\?", "", 0.6),
    (r"(?<=[*+])\?", "", 0.7),
    (r"(?<=[*+])(?!\?)", "?", 0.4),
    (r"(?<!\\)\.(?![*+?])", r"\\.", 0.7),
    (r"\\\.", ".", 0.4),
    (r"\\d", r"\\w", 0.4),
    (r"\\w", r"[\\w-]", 0.4),
    (r"\\w", r"\\S", 0.3),
    (r"\\s\*", r"\\s+", 0.4),
    (r"a-z(?!A-Z)", "a-zA-Z", 0.7),
    (r"A-Z(?!a-z)", "A-Za-z", 0.6),
    (r"a-z(?!0-9)", "a-z0-9", 0.5),
    (r"0-9", "0-9a-f", 0.2),
    (r"(?<=\[)\^", "", 0.4),
    (r"(?<!\\)\[(?!\^)", "[^", 0.3),
    (r"(?<!\\)\((?!\?)", "(?:", 0.2),
    (r"(?<=[\w\])])(?![*+?{\w])", "?", 0.4),
    (r"(?<=[\])])(?![*+?{])", "*", 0.4),
    (r"(?<=[\])])(?![*+?{])", "+", 0.4),
    (r"\{(\d+)\}", r"{1,\1}", 0.6),
    (r"\{(\d+)\}", r"{0,\1}", 0.4),
    (r"\{(\d+)\}", r"{\1,}", 0.5),
    (r"\{(\d+)\}", "+", 0.4),
    (r"\{\d*,(\d+)\}", r"{\1}", 0.5),
    (r"\{(\d+),\}", r"{\1}", 0.5),
)
"""What one changes in a pattern: quantifiers, counts, greed, escapes, character classes, groups."""
_PATTERN_BY_ITSELF = re.compile(r"\[[^\]]+\](?:[*+?]|\{\d)|\\[dws][*+?{]")
"""Text that is a pattern wherever it stands: a character class with a quantifier."""


def pattern(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A regular expression's quantifier, anchor, escape or character class changes."""
    value = _string(site, node)
    if value is None or not _is_pattern(site, node, value):
        return
    original = site.file.segment(node)
    for other, prior in _patterns(value):
        try:
            re.compile(other)
        except re.error:
            continue
        if other != value:
            yield site.expression(node, Fragment(written_like(other, original)), prior)


def _is_pattern(site: Site, node: ast.expr, value: str) -> bool:
    parent = site.file.parents.get(node)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr in _REGEX_CALLS:
        return ast.unparse(parent.func.value) in {"re", "regex"}
    raw = site.file.segment(node).startswith(("r'", 'r"'))
    return bool(re.search(r"[\\\[(*+?|]", value) if raw else _PATTERN_BY_ITSELF.search(value))


def _patterns(value: str) -> Iterator[tuple[str, float]]:
    for anchor, front in (("^", True), ("$", False), (r"\b", True), (r"\b", False)):
        yield (f"{anchor}{value}" if front else f"{value}{anchor}"), 0.5
    yield value.removeprefix("^"), 0.5
    yield value.removesuffix("$"), 0.5
    for find, put, prior in _TWEAKS:
        for match in re.finditer(find, value):
            yield value[: match.start()] + match.expand(put) + value[match.end() :], prior


TEMPLATES = (
    Template("string", 5.0, text),
    Template("regular expression", 6.0, pattern),
)
