"""Candidates, best first, each made only when its turn comes.

A heap holds, for every suspicious statement and template, the best score its rewrites can have; only when that is the best of all
are the rewrites made. So a long function costs nothing until its statement is the likeliest.
"""

from __future__ import annotations

import ast
import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from bot.repair import calls, conditions, constants, containers, insertions, methods, names, operators, statements, texts
from bot.repair.localisation import Suspect
from bot.repair.prose import SPOKEN_OF
from bot.repair.routine import Routine
from bot.repair.source import FunctionNode, SourceFile, own_expressions
from bot.repair.template import Rewrite, Site, Template

TEMPLATES: tuple[Template, ...] = (
    *operators.TEMPLATES,
    *constants.TEMPLATES,
    *texts.TEMPLATES,
    *names.TEMPLATES,
    *calls.TEMPLATES,
    *methods.TEMPLATES,
    *containers.TEMPLATES,
    *conditions.TEMPLATES,
    *statements.TEMPLATES,
    *insertions.TEMPLATES,
)
HEAVIEST = max(each.weight for each in TEMPLATES)


@dataclass(frozen=True)
class Candidate:
    """A change to try: one rewrite, or several one after the other."""

    rewrites: tuple[Rewrite, ...]
    path: str
    text: str
    """The file's whole new text."""
    score: float
    """Suspicion x template weight x prior, the product over its rewrites; 1 is the best there can be."""
    line: int
    """Of the first rewrite."""


@dataclass(frozen=True)
class Ground:
    """A file to look for edits in: the base, or the base with earlier rewrites applied."""

    file: SourceFile
    suspects: Sequence[Suspect]
    routines: Callable[[SourceFile, FunctionNode | None], Routine]
    before: tuple[Rewrite, ...] = ()
    score: float = 1.0


def candidates(grounds: Sequence[Ground], seen: set[tuple[str, str]], boost: Mapping[str, float]) -> Iterator[Candidate]:
    """Yield every candidate of all grounds, best first; ``seen`` (path, text) keeps and gets what was tried already.

    ``boost`` multiplies the weight of templates that the evidence speaks for or against.
    """
    order = count()
    heap: list[tuple[float, int, Ground, tuple[Site, Template] | Rewrite]] = []
    for ground in grounds:
        for best, place in _places_to_try(ground, boost):
            heapq.heappush(heap, (-best, next(order), ground, place))
    while heap:
        cost, _, ground, item = heapq.heappop(heap)
        if isinstance(item, Rewrite):
            text = item.apply(ground.file.text)
            key = (ground.file.path, text)
            if key not in seen and text != ground.file.text:
                seen.add(key)
                yield _candidate(ground, item, text, -cost)
        else:
            for made in _rewrites(*item):
                heapq.heappush(heap, (cost * made.prior / SPOKEN_OF, next(order), ground, made))


def _places_to_try(ground: Ground, boost: Mapping[str, float]) -> Iterator[tuple[float, tuple[Site, Template]]]:
    """Yield every suspicious statement with every template, and the best score that its rewrites can have."""
    for site, suspicion in _sites(ground):
        for template in TEMPLATES:
            best = SPOKEN_OF * ground.score * suspicion * template.weight * boost.get(template.name, 1.0) / HEAVIEST
            yield best, (site, template)


def _candidate(ground: Ground, rewrite: Rewrite, text: str, score: float) -> Candidate:
    rewrites = (*ground.before, rewrite)
    return Candidate(rewrites, ground.file.path, text, score, ground.file.line_of(rewrites[0].start))


def _sites(ground: Ground) -> Iterator[tuple[Site, float]]:
    known: dict[FunctionNode | None, Routine] = {}
    for suspect in ground.suspects:
        node = suspect.statement if isinstance(suspect.statement, FunctionNode) else ground.file.routine_of(suspect.statement)
        if node not in known:
            known[node] = ground.routines(ground.file, node)
        yield Site(ground.file, known[node], suspect.statement), suspect.suspicion


def _rewrites(site: Site, template: Template) -> Iterator[Rewrite]:
    head_only = isinstance(site.statement, FunctionNode)
    if template.statement and not head_only:
        yield from (replace(each, template=template.name) for each in template.statement(site))
    if template.expression:
        for node in _places(site):
            yield from (replace(each, template=template.name) for each in template.expression(site, node))


def _places(site: Site) -> Iterator[ast.expr]:
    if isinstance(site.statement, FunctionNode):
        defaults = [*site.statement.args.defaults, *(each for each in site.statement.args.kw_defaults if each)]
        places = [node for default in defaults for node in ast.walk(default) if isinstance(node, ast.expr)]
        yield from places
        return
    annotation = getattr(site.statement, "annotation", None)
    banned = set(ast.walk(annotation)) if isinstance(annotation, ast.AST) else set()
    yield from (node for node in own_expressions(site.statement) if node not in site.file.in_format and node not in banned)
