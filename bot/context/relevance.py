"""What of a repository matters for a wish: by what is named, by who calls whom, and by the words that both have in common.

Pure. A definition's score is what points at it (a name in the wish, a frame of a traceback, a finding on its lines, a test that
calls it), a share of its callers' and callees' within two steps, and how well its text answers the wish's words (BM25).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.change.testing import is_test
from bot.context.map import Key, Map
from bot.ids import NodeId
from bot.spec.tracebacks import read_reports

NAMED, FRAMED, FOUND, TESTED, IN_PATH = 10.0, 9.0, 8.0, 6.0, 4.0
"""What points at a definition: a name, a frame, a finding, a test that calls it, its file's path."""
STEP: Final = 0.4
"""Share of a score that goes on to callers and callees; what two steps bring is the square of it."""
WORDS: Final = 3.0
"""Most that words in common are worth."""
TESTS_SHARE: Final = 0.5
"""Of that, for tests: they speak of everything."""
MOST_TERMS: Final = 40
K = TypeVar("K", bound=Hashable)
_K1: Final = 1.2
_B: Final = 0.75
_LEAST_TERM: Final = 3
_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,6}")
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLACE: Final = re.compile(r"(?P<path>[\w./-]{1,300}\.py)(?::(?P<line>\d{1,6}))?")
_STOP: Final = frozenset(
    re.findall(
        r"\w+",
        """
        the and for are but not with that this from have has was were will would should could can its into than then
        them they when where which while what who how why all any each some such only own same too very just does did
        doing done been being our your you there here about after before again more most other over under out off now
        use using used make makes made get gets give gives return returns please need needs want wants add fix change
        def class self none true false import test tests
        """,
    )
)


@dataclass(frozen=True)
class Focus:
    """What a wish points at."""

    names: tuple[str, ...] = ()
    """Dotted names as they were written."""
    paths: tuple[str, ...] = ()
    tests: tuple[NodeId, ...] = ()
    frames: tuple[tuple[str, int], ...] = ()
    """(path, line) of tracebacks, of which the last is where it broke."""
    findings: tuple[tuple[str, int], ...] = ()
    terms: tuple[str, ...] = ()
    """Words and parts of names, in small letters."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files it points at, dearest first."""
        tests = (each.partition("::")[0] for each in self.tests)
        return tuple(dict.fromkeys([*self.paths, *(path for path, _ in (*reversed(self.frames), *self.findings)), *tests]))


def focus_of(wish: str, known: Sequence[str], focus: Focus = Focus()) -> Focus:
    """Return a focus with what the wish itself names: paths of ``known`` files, frames, names that look like code, words."""
    files = frozenset(known)
    frames = [(path, line) for report in read_reports(wish) for name, line, _ in report.frames if (path := _tail(name, known))]
    paths: dict[str, None] = dict.fromkeys(each for each in focus.paths if each in files)
    for match in _PLACE.finditer(wish):
        path = _tail(match["path"], known)
        if path and match["line"]:
            frames.append((path, int(match["line"])))
        elif path and path not in {each for each, _ in frames}:
            paths[path] = None
    paths |= dict.fromkeys(each for each in known if not each.endswith(".py") and _is_named(each, wish))
    names = tuple(dict.fromkeys([*focus.names, *(match[0] for match in _NAME.finditer(wish) if _looks_like_code(wish, match))]))
    return Focus(names, tuple(paths), focus.tests, tuple(frames), focus.findings, terms_of(" ".join([wish, *focus.names])))


def _tail(name: str, known: Sequence[str]) -> str:
    """Return the one known file whose path and ``name`` end alike for longest; '' where none or several do."""
    name = name.removeprefix("./")
    if name in known:
        return name
    ends = [path for path in known if name.endswith(f"/{path}")] or [path for path in known if path.endswith(f"/{name}")]
    longest = max(map(len, ends), default=0)
    best = [path for path in ends if len(path) == longest]
    return best[0] if len(best) == 1 else ""


def _is_named(path: str, wish: str) -> bool:
    at = wish.find(path)
    return at >= 0 and not re.match(r"[\w/-]", wish[at - 1 : at] if at else " ")


def _looks_like_code(text: str, match: re.Match[str]) -> bool:
    word = match[0]
    around = text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1]
    inner_capital = re.search(r"[a-z][A-Z]", word) is not None
    return "`" in around or around[1] == "(" or "_" in word or "." in word or inner_capital or word.istitle()


def terms_of(text: str) -> tuple[str, ...]:
    """Return the telling words of a text, names taken apart, the most frequent first."""
    counts = Counter(
        _stem(part.lower()) for part in _PART.findall(text) if len(part) >= _LEAST_TERM and part.lower() not in _STOP
    )
    return tuple(term for term, _ in counts.most_common(MOST_TERMS))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > _LEAST_TERM:
            return word.removesuffix(ending)
    return word


def bm25(terms: Sequence[str], documents: Mapping[K, str]) -> dict[K, float]:
    """Return how well each document answers the terms, 0 and up; terms count inside longer words, too."""
    if not terms or not documents:
        return {}
    pattern = re.compile("|".join(re.escape(each) for each in sorted(terms, key=len, reverse=True)), re.IGNORECASE)
    counts = {key: Counter(match.lower() for match in pattern.findall(text)) for key, text in documents.items()}
    holders = Counter(term for each in counts.values() for term in each)
    usual = sum(map(len, documents.values())) / len(documents) or 1.0
    return {
        key: sum(_weight(count, len(documents[key]) / usual, holders[term], len(documents)) for term, count in each.items())
        for key, each in counts.items()
        if each
    }


def _weight(count: int, length: float, holders: int, documents: int) -> float:
    rarity = math.log(1 + (documents - holders + 0.5) / (holders + 0.5))
    return rarity * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length))


def scores(chart: Map, focus: Focus, texts: Mapping[str, str]) -> dict[Key, float]:
    """Return what each definition of the map is worth for the focus; those worth nothing are left out."""
    pointed = _pointed(chart, focus)
    found = dict(pointed)
    step = pointed
    for share in (STEP, STEP**2):
        step = _neighbours(chart, step)
        for key, score in step.items():
            found[key] = max(found.get(key, 0.0), share * score)
    lines = {path: texts[path].split("\n") for path in chart.sheets}
    bodies = {each.key: "\n".join(lines[each.path][each.first - 1 : each.last]) for each in chart.symbols.values()}
    words = bm25(focus.terms, bodies)
    best = max(words.values(), default=0.0) or 1.0
    for key in chart.symbols:
        share = TESTS_SHARE if is_test(key[0]) else 1.0
        found[key] = found.get(key, 0.0) + WORDS * share * words.get(key, 0.0) / best
    return {key: score for key, score in found.items() if score > 0}


def _pointed(chart: Map, focus: Focus) -> dict[Key, float]:
    found: dict[Key, float] = {}

    def point(keys: Iterable[Key], score: float) -> None:
        for key in keys:
            found[key] = max(found.get(key, 0.0), score)

    for name in focus.names:
        point((each.key for each in chart.find(name)), NAMED)
    for depth, (path, line) in enumerate(reversed(focus.frames)):
        point(_at(chart, path, line), FRAMED / (1 + depth / 4))
    for path, line in focus.findings:
        point(_at(chart, path, line), FOUND)
    for test in focus.tests:
        path, _, inside = test.partition("::")
        key = (path, inside.partition("[")[0].replace("::", "."))
        point([key] * (key in chart.symbols), TESTED)
        point(chart.callees.get(key, ()), TESTED)
    for path in focus.paths:
        point((each.key for each in chart.sheets[path].symbols) if path in chart.sheets else (), IN_PATH)
    return found


def _at(chart: Map, path: str, line: int) -> list[Key]:
    """Return the innermost definition at a line."""
    around = [each for each in chart.sheets[path].symbols if each.first <= line <= each.last] if path in chart.sheets else []
    return [around[-1].key] if around else []


def _neighbours(chart: Map, keys: Mapping[Key, float]) -> dict[Key, float]:
    found: dict[Key, float] = {}
    for key, score in keys.items():
        for near in (*chart.callees.get(key, ()), *chart.callers.get(key, ())):
            found[near] = max(found.get(near, 0.0), score)
    return found
