"""Python text as a concrete tree that keeps every byte (libcst), and transforms made of rewriters over it."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import libcst as cst
from libcst.metadata import MetadataWrapper

from bot.codemod import Transform, per_file
from bot.syntax.tree import parse


@lru_cache(maxsize=32)
def read(text: str) -> cst.Module | None:
    """Return the concrete tree, or None where the text does not parse or would not come back byte for byte."""
    if parse(text) is None:
        return None
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError):
        return None
    return module if module.code == text else None


def rewrite(text: str, rewriter: Callable[[], cst.CSTTransformer], hint: str, most: int = 10) -> str:
    """Return the text after the rewriter ran on it until nothing changes any more (``most`` times at most).

    Text in which the expression ``hint`` finds nothing (it saves the dear parsing), text that does not parse, and text whose
    rewriting would not parse or would lose a comment, comes back as it was.
    """
    if not re.search(hint, text):
        return text
    current = text
    for _ in range(most):
        module = read(current)
        if module is None:
            break
        after = _visit(module, rewriter()).code
        if after == current:
            break
        current = after
    else:
        return text
    return current if keeps(text, current) else text


def _visit(module: cst.Module, rewriter: cst.CSTTransformer) -> cst.Module:
    if rewriter.METADATA_DEPENDENCIES:
        return MetadataWrapper(module).visit(rewriter)
    return module.visit(rewriter)


def by_tree(rewriter: Callable[[], cst.CSTTransformer], hint: str) -> Transform:
    """Return the transform that runs a rewriter over each Python file in which the expression ``hint`` finds something."""
    return per_file(lambda text: rewrite(text, rewriter, hint))


def keeps(before: str, after: str) -> bool:
    """Return whether a rewriting still parses and lost no comment."""
    return before == after or (parse(after) is not None and not comments(before) - comments(after))


def comments(text: str) -> Counter[str]:
    """Return the comments of a text that parses, each with its count."""
    found: Counter[str] = Counter()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            found[token.string.rstrip()] += 1
    return found


def source(node: cst.CSTNode) -> str:
    """Return a node's own text."""
    return cst.Module(body=()).code_for_node(node)


def has_comment(node: cst.CSTNode) -> bool:
    """Return whether there is a comment anywhere inside a node."""
    if isinstance(node, cst.Comment):
        return True
    return any(has_comment(child) for child in node.children)
