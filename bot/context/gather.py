"""What a model is given of a repository for one wish: conventions, the map, the code that matters, within a budget of tokens.

A code passage is labelled ``file shop/cart.py:10-42``. By itself it is the file's text, so that an edit can quote it exactly;
``numbered`` puts ``   10 | `` before each line instead, for whoever has to cite it as ``shop/cart.py:10``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.change.testing import is_test
from bot.context.conventions import conventions
from bot.context.map import Key, Map, Sheet, Symbol, draw
from bot.context.reading import Tree, read_tree, take_apart
from bot.context.relevance import Focus, focus_of, scores
from bot.credentials import without_secrets
from bot.ids import NodeId
from bot.llm.asking import Passage
from bot.llm.budget import CHARACTERS_A_TOKEN

if TYPE_CHECKING:
    from bot.gate import Finding

_SAMPLE: Final = 20
"""Files of the source, and of the tests, that show the project's habits."""
_MAP_SHARE: Final = 0.25
_FILE_SHARE: Final = 0.5
"""Of what is left, the most that one file may take."""
_SMALL: Final = 6_000
"""Characters up to which a file that matters is shown whole."""
_WORTH: Final = 0.15
"""Share of the best score under which a definition is not shown."""
_GAP: Final = 6
"""Lines between two shown pieces that are shown along."""
_HEADER: Final = 40
"""Lines of a file's head, its imports above all, that go with any piece of it."""
_LONG_CLASS: Final = 80
"""Lines from which on a class is shown by its head and the methods that matter."""
_LEAST: Final = 400
"""Characters that are too few for one more piece."""
_OVERHEAD: Final = 150
"""Characters of the lines that delimit a passage."""


def gather(  # noqa: PLR0913 - each is one thing that points somewhere
    root: Path,
    wish: str,
    *,
    names: Sequence[str] = (),
    paths: Sequence[str] = (),
    tests: Sequence[NodeId] = (),
    findings: Sequence[Finding] = (),
    tokens: int,
    hide: Callable[[str], bool],
    numbered: bool = False,
) -> tuple[Passage, ...]:
    """Return what a model should see of the tree under ``root`` for a wish, in at most ``tokens`` tokens.

    ``names``, ``paths``, ``tests`` and ``findings`` point at what matters, besides what the wish names itself. ``hide`` says
    which files are never shown, not even by name. Everything in it is hostile text.
    """
    tree = read_tree(root, hide)
    places = tuple((each.path, each.line or 1) for each in findings if each.path)
    given = Focus(tuple(names), tuple(paths), tuple(tests), (), places)
    focus = focus_of(wish, [*tree.texts, *tree.others], given)
    apart = take_apart(tree.texts, focus)
    rest = dict.fromkeys(tree.others, "") | {path: text for path, text in tree.texts.items() if path not in apart.sheets}
    chart = Map(apart.sheets, rest, tree.left_out)
    worth = scores(chart, focus, tree.texts)
    dearest = _dearest(focus, worth)
    room = int(tokens * CHARACTERS_A_TOKEN)
    habits = conventions(tree.texts, _sample(apart.trees))
    drawn = without_secrets(draw(chart, dearest, int(room * _MAP_SHARE)))
    passages: list[Passage] = []
    for label, text in (("conventions", habits), ("repository map", drawn)):
        if text and len(text) + _OVERHEAD <= room:
            passages.append(Passage(label, text, code=True))
            room -= len(text) + _OVERHEAD
    return (*passages, *_code(tree, chart, dearest, worth, room, numbered=numbered))


def _dearest(focus: Focus, worth: Mapping[Key, float]) -> tuple[str, ...]:
    """Return the files by what their best definition is worth; those that are named themselves come first."""
    best: dict[str, float] = {}
    for (path, _), score in worth.items():
        best[path] = max(best.get(path, 0.0), score)
    return tuple(dict.fromkeys([*focus.paths, *sorted(best, key=lambda path: (-best[path], path))]))


def _sample(trees: Mapping[str, ast.Module]) -> dict[str, ast.Module]:
    source = [path for path in trees if not is_test(path)][:_SAMPLE]
    tests = [path for path in trees if is_test(path)][:_SAMPLE]
    return {path: trees[path] for path in (*source, *tests)}


@dataclass(frozen=True)
class _Piece:
    """Lines of one file, both ends included, and what they are worth."""

    first: int
    last: int
    worth: float


def _code(  # noqa: PLR0913 - what there is, what matters, and how much of it
    tree: Tree, chart: Map, dearest: Sequence[str], worth: Mapping[Key, float], room: int, *, numbered: bool
) -> Iterator[Passage]:
    """Yield the pieces that matter, file by file from the dearest, until the room is used up."""
    least = _WORTH * max(worth.values(), default=0.0)
    for path in dearest:
        if room < _LEAST:
            return
        text = tree.text(path)
        if not text:
            continue
        lines = without_secrets(text, path).removesuffix("\n").split("\n")
        share = max(int(room * _FILE_SHARE), min(room, _SMALL))
        for first, last in _pieces(lines, chart.sheets.get(path), worth, least, share):
            shown = _shown(path, lines, (first, last), min(room, share), numbered=numbered)
            if shown is None:
                break
            yield shown[0]
            used = len(shown[0].text) + len(shown[0].label) + _OVERHEAD
            room, share = room - used, share - used
            if shown[1] < last:
                break


def _pieces(
    lines: Sequence[str], sheet: Sheet | None, worth: Mapping[Key, float], least: float, share: int
) -> list[tuple[int, int]]:
    """Return which lines of a file to show: all of a small one, else its head and the definitions that are worth it."""
    whole = [(1, len(lines))]
    size = sum(len(line) + 1 for line in lines)
    if sheet is None or size <= min(_SMALL, share):
        return whole
    wanted = [piece for each in sheet.symbols for piece in _of_symbol(each, worth.get(each.key, 0.0)) if piece.worth >= least]
    if not wanted:
        return whole
    first = min((each.first for each in sheet.symbols), default=1)
    kept = [_Piece(1, min(_HEADER, first - 1), 0.0)] * (first > 1)
    used = 0
    for piece in sorted(wanted, key=lambda each: (-each.worth, each.first)):
        used += sum(len(line) + 1 for line in lines[piece.first - 1 : piece.last])
        if used > share and len(kept) > 1:
            break
        kept.append(piece)
    return _merged(kept)


def _of_symbol(symbol: Symbol, worth: float) -> Iterator[_Piece]:
    long = symbol.head.startswith("class ") and symbol.last - symbol.first > _LONG_CLASS
    yield _Piece(symbol.first, max(symbol.first, symbol.body - 1) if long else symbol.last, worth)


def _merged(pieces: Sequence[_Piece]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for each in sorted(pieces, key=lambda piece: piece.first):
        if merged and each.first <= merged[-1][1] + _GAP:
            merged[-1] = (merged[-1][0], max(merged[-1][1], each.last))
        else:
            merged.append((each.first, each.last))
    return merged


def _shown(path: str, lines: Sequence[str], span: tuple[int, int], room: int, *, numbered: bool) -> tuple[Passage, int] | None:
    """Return a passage of as many whole lines as fit, and the last line it shows; None where not even one does."""
    kept: list[str] = []
    first, last = span
    for number in range(first, last + 1):
        line = f"{number:>5} | {lines[number - 1]}" if numbered else lines[number - 1]
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    if not kept:
        return None
    end = first + len(kept) - 1
    return Passage(f"file {path}:{first}-{end}", "\n".join(kept), code=True), end
