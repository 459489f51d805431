"""Claims in sentences, tables and bullets: "``f(3)`` should be 4", "returns 4 for ``f(3)``", "``f(3)`` gives 5 instead of 4".

Grammar of one claim, around a call that is written out::

    call  (== | = | => | -> | → | : | "|")  value
    call  (should | must | …)  (return | give | be | equal | …)  value
    call  (should | must | …)  raise  Exception          call  should not  raise | return value
    call  (returns | gives | is | …)  value              (no wish where the sentence complains, unless it goes on:)
    call  (returned | got | …)  value  (instead of | but should be | expected | …)  value
    (expected | should return | returns)  value  for  call
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.spec.doctests import WRONG
from bot.spec.draft import Claim, Kind
from bot.spec.spec import Source
from bot.spec.values import balanced, read_value
from bot.spec.vetting import parse_expression

_CALL = re.compile(r"(?<![\w.])(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\(")
_BLANK = r"[\s`*_\"']*"
_MODAL = r"(?:should|must|shall|ought to|needs? to|has to|is (?:expected|supposed|meant) to|is to|would have to)"
_GIVE = r"(?:return|give|yield|be|equal|produce|output|print|evaluate to|result in|become|come out as|result)"
_ADVERB = r"(?:(?:\w+ly|then|also|still|always|instead|now|back)\s+)*"
_SIGN = re.compile(_BLANK + r"(?:===?|=>|->|→|⇒|⟶|➞|↦|=|:|\|)[\s*]*")
_SHOULD = re.compile(_BLANK + rf"[,;]?\s*(?:it\s+)?{_MODAL}\s+{_ADVERB}{_GIVE}\s+{_ADVERB}", re.IGNORECASE)
_SHOULD_NOT = re.compile(
    _BLANK + rf"(?:{_MODAL}\s+(?:not|never)|shouldn't|mustn't|must never)\s+{_ADVERB}{_GIVE}\s+", re.IGNORECASE
)
_MUST_RAISE = re.compile(_BLANK + rf"{_MODAL}\s+{_ADVERB}(?:raise|throw|fail with|error with|end in)\s+", re.IGNORECASE)
_MUST_NOT_RAISE = re.compile(
    _BLANK + rf"(?:{_MODAL}\s+(?:not|never)|shouldn't|mustn't)\s+{_ADVERB}(?:raise|throw|fail|crash|hang|error)", re.IGNORECASE
)
_NOW = r"(?:returns|gives|yields|equals|produces|evaluates to|outputs|results in|is)"
_PLAIN = re.compile(_BLANK + rf"(?:,?\s*(?:which|it)\s+)?{_ADVERB}{_NOW}\s+{_ADVERB}", re.IGNORECASE)
_RAISES = re.compile(_BLANK + rf"{_ADVERB}(?:raises|throws|fails with)\s+", re.IGNORECASE)
_PAST = re.compile(
    _BLANK + rf"{_ADVERB}(?:returned|gave|yielded|got|produced|printed|was|raised|returns|gives|is|raises|yields)\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"(?:instead of|rather than|where\s+\w+\s+expected"
    r"|but\s+(?:it\s+)?(?:expected|should(?:\s+(?:be|return|give|have been|equal))?)"
    r"|(?:it\s+)?should\s+(?:be|return|give|have\s+(?:been|returned)|equal|raise)|expected(?:\s+(?:is|was|value|result|output))?\s*[:=]?"
    r"|(?:and\s+)?not(?!\s+(?:correct|right|what)))[\s*]*",
    re.IGNORECASE,
)
_EXPECTED = re.compile(
    _BLANK + r"[,;:.-]*\s*(?:we\s+|i\s+)?expect(?:s|ed)?(?:\s+(?:is|was|result|output|value|to be|to return))*\s*[:=]?\s*",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:{_MODAL}\s+{_ADVERB}{_GIVE}|returns|gives|expect(?:ed|s)?(?:\s+(?:to\s+(?:get|see|be)|value|result))?|yields)\s+{_BLANK}(?P<value>.+?)"
    r"\s*(?:for|from|when calling|when called as|when called with|on|as the result of|out of)(?:\s+the call)?[\s`*]*$",
    re.IGNORECASE | re.DOTALL,
)
_MOST = 64_000


@dataclass(frozen=True)
class _Call:
    expression: ast.expr
    start: int
    end: int


def claims_in(paragraph: str, origin: Source) -> Iterator[Claim]:
    """Yield the claims of one paragraph, in order."""
    calls = list(_calls(paragraph[:_MOST]))
    before = 0
    for index, call in enumerate(calls):
        after = calls[index + 1].start if index + 1 < len(calls) else len(paragraph)
        head = paragraph[before : call.start]
        claim = _after(call, head, paragraph[call.end : after]) or _ahead(call, head)
        before = call.end
        if claim is not None:
            quote = " ".join(paragraph[max(0, call.start - 60) : min(after, call.end + 80)].split())
            yield replace(claim, quote=quote, origin=origin)


def _calls(text: str) -> Iterator[_Call]:
    at = 0
    while found := _CALL.search(text, at):
        end = balanced(text, found.end() - 1)
        expression = parse_expression(text[found.start() : end]) if end else None
        if end is None or not isinstance(expression, ast.Call):
            at = found.end()
            continue
        end, expression = _extended(text, found.start(), end, expression)
        yield _Call(expression, found.start(), end)
        at = end


def _extended(text: str, start: int, end: int, expression: ast.expr) -> tuple[int, ast.expr]:
    """Take in what hangs on the call: ``.method()``, ``[0]``."""
    while True:
        more = re.compile(r"\.[A-Za-z_]\w*|(?=[(\[])").match(text, end)
        if more is None:
            return end, expression
        reach = more.end()
        if text[reach : reach + 1] in {"(", "["}:
            closing = balanced(text, reach)
            reach = closing if closing is not None else reach
        longer = parse_expression(text[start:reach]) if reach > end else None
        if longer is None:
            return end, expression
        end, expression = reach, longer


def _after(call: _Call, head: str, tail: str) -> Claim | None:
    """Read the claim that follows a call; ``head`` is what stands between the call before and this one."""
    if _MUST_NOT_RAISE.match(tail):
        return Claim(Kind.RUNS, call.expression)
    for pattern, kind in (
        (_SHOULD_NOT, Kind.DIFFERS),
        (_MUST_RAISE, Kind.RAISES),
        (_SHOULD, Kind.EQUALS),
        (_EXPECTED, Kind.EQUALS),
    ):
        if found := pattern.match(tail):
            return _valued(call, tail[found.end() :], kind)
    sentence = _sentence(tail)
    return _corrected(call, sentence) or (None if WRONG.search(sentence) else _stated(call, head, tail))


def _stated(call: _Call, head: str, tail: str) -> Claim | None:
    """Read a plain statement; after a complaint an equation is uncertain, and "gives 4" is the symptom."""
    complains = bool(WRONG.search(_last_words(head)))
    if found := _SIGN.match(tail):
        claim = _valued(call, tail[found.end() :], Kind.EQUALS)
        return replace(claim, certain=not complains) if claim else None
    for pattern, kind in ((_RAISES, Kind.RAISES), (_PLAIN, Kind.EQUALS)):
        if (found := pattern.match(tail)) and not complains and (claim := _valued(call, tail[found.end() :], kind)):
            return replace(claim, certain=False)
    return None


def _corrected(call: _Call, sentence: str) -> Claim | None:
    """Read "gives 5 instead of 4": what comes after the correcting words is the wish."""
    found = _PAST.match(sentence) or _SIGN.match(sentence)
    for correction in _CORRECTION.finditer(sentence, found.end()) if found else ():
        words = correction.group().lower()
        if words.lstrip().startswith(("not", "and not")):
            return None
        kind = Kind.RAISES if "raise" in words else Kind.EQUALS
        if claim := _valued(call, sentence[correction.end() :], kind):
            return claim
    return None


def _ahead(call: _Call, head: str) -> Claim | None:
    """Read "should return 4 for f(3)": the value stands before the call."""
    found = _BEFORE.search(_last_words(head))
    return _valued(call, found["value"], Kind.EQUALS) if found else None


def _last_words(text: str) -> str:
    return re.split(r"[.!?;]\s|\n", text)[-1][-200:]


def _sentence(text: str) -> str:
    return re.split(r"(?<=[^\d\s])[.!?]\s+(?=[A-Z`])|\n\n", text)[0][:300]


def _valued(call: _Call, text: str, kind: Kind) -> Claim | None:
    value = read_exception(text) if kind is Kind.RAISES else read_value(text)
    return Claim(kind, call.expression, value) if value is not None else None


def read_exception(text: str) -> ast.expr | None:
    """Return the exception type named at the start of a text."""
    found = re.match(
        rf"{_BLANK}(?:an?\s+)?{_BLANK}(?P<name>[A-Z]\w*(?:Error|Exception|Warning|Iteration|Interrupt|Exit)|[A-Z]\w+)\b", text
    )
    return ast.Name(found["name"], ast.Load()) if found else None
