"""Well-known words with one meaning: prime, palindrome, factorial, greatest common divisor and the like.

Where the words of a function name such a notion, the plain definition is asked beside the code. It counts only where it
agrees with every example people wrote down, so that "the first three primes" is not taken for "is it prime".
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.behaviour.promises import Promise
from bot.behaviour.rows import NOTHING, Row

LARGEST = 1_000_000
"""Numbers beyond are not worked out."""
LONGEST = 2_000
"""So are longer texts and collections."""


@dataclass(frozen=True)
class Notion:
    """A word and its plain definition."""

    name: str
    pattern: str
    """Of the words, in lower case."""
    means: Callable[..., Any]
    """The definition; may raise anything where the arguments are none of its business."""
    examples: int = 2
    """So many examples must agree before it counts."""


def notions(words: str) -> Iterator[Promise]:
    """Yield a promise for each notion the words name."""
    lowered = " ".join(words.lower().split())
    for notion in NOTIONS:
        if re.search(notion.pattern, lowered):
            says = f"the words speak of “{notion.name}”, whose plain meaning fits the examples and gives something else here"
            yield Promise(f"notion-{notion.name.replace(' ', '-')}", says, _question(notion), notion.examples)


def _question(notion: Notion) -> Callable[[Row], bool | None]:
    def holds(row: Row) -> bool | None:
        meant = _meant(notion, row.arguments)
        return None if meant is NOTHING else _same(meant, row.value)

    return holds


def _meant(notion: Notion, arguments: tuple[Any, ...]) -> Any:
    if not all(_is_small(each) for each in arguments):
        return NOTHING
    try:
        return notion.means(*arguments)
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError):
        return NOTHING


def _is_small(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return abs(value) <= LARGEST
    if isinstance(value, list | tuple | set | str | dict):
        return len(value) <= LONGEST and (isinstance(value, str) or all(not isinstance(each, bool) for each in value))
    return True


def _same(meant: Any, value: Any) -> bool:
    if isinstance(meant, bool) or isinstance(value, bool):
        return isinstance(meant, bool) and meant == value
    if isinstance(meant, int | float) and isinstance(value, int | float):
        return math.isclose(meant, value, rel_tol=1e-6, abs_tol=1e-6)
    if isinstance(meant, list | tuple) and isinstance(value, list | tuple):
        return len(meant) == len(value) and all(_same(left, right) for left, right in zip(meant, value, strict=True))
    return bool(meant == value)


def _whole(value: Any) -> int:
    if isinstance(value, int) and value >= 0:
        return value
    raise TypeError(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(value)


def _prime(number: Any) -> bool:
    n = _whole(number)
    return n > 1 and all(n % each for each in range(2, math.isqrt(n) + 1))


def _composite(number: Any) -> bool:
    if _whole(number) < 2:  # noqa: PLR2004 - whether 0 and 1 count is a matter of taste
        raise ValueError(number)
    return not _prime(number)


def _armstrong(number: Any) -> bool:
    whole = _whole(number)
    digits = str(whole)
    total: int = sum(int(each) ** len(digits) for each in digits)
    return total == whole


def _perfect(number: Any) -> bool:
    n = _whole(number)
    return n > 1 and sum(each for each in range(1, n) if n % each == 0) == n


def _square(number: Any) -> bool:
    return math.isqrt(whole := _whole(number)) ** 2 == whole


def _palindrome(value: Any) -> bool:
    text = str(_whole(value)) if not isinstance(value, str) else value
    return text == text[::-1]


def _fibonacci(number: Any) -> int:
    first, second = 0, 1
    for _ in range(min(_whole(number), 5_000)):
        first, second = second, first + second
    return first


def _catalan(number: Any) -> int:
    n = min(_whole(number), LONGEST)
    return math.comb(2 * n, n) // (n + 1)


def _factorial(number: Any) -> int:
    return math.factorial(min(_whole(number), LONGEST))


def _numbers(*given: Any) -> list[Any]:
    """One sequence of numbers, or several numbers."""
    values = list(given[0]) if len(given) == 1 and isinstance(given[0], list | tuple) else list(given)
    if not values or not all(isinstance(each, int | float) for each in values):
        raise TypeError(values)
    return values


def _anagram(first: Any, second: Any) -> bool:
    return sorted(_text(first)) == sorted(_text(second))


def _leap(year: Any) -> bool:
    n = _whole(year)
    return n % 4 == 0 and (n % 100 != 0 or n % 400 == 0)


def _balanced(text: Any, pairs: str = "()[]{}") -> bool:
    waiting: list[str] = []
    if set(_text(text)) - set(pairs):
        raise ValueError(text)
    for each in text:
        at = pairs.find(each)
        if at % 2 == 0:
            waiting.append(pairs[at + 1])
        elif not waiting or waiting.pop() != each:
            return False
    return not waiting


def _primes_below(number: Any) -> list[int]:
    return [each for each in range(2, min(_whole(number), 20_000)) if _prime(each)]


def _factors(number: Any) -> list[int]:
    n, found, each = _whole(number), [], 2
    while n > 1 and each * each <= n:
        while n % each == 0:
            found.append(each)
            n //= each
        each += 1
    return [*found, n] if n > 1 else found


def _monotonic(values: Any) -> bool:
    pairs = list(zip(_numbers(values), _numbers(values)[1:], strict=False))
    return all(left <= right for left, right in pairs) or all(left >= right for left, right in pairs)


NOTIONS: tuple[Notion, ...] = (
    Notion("prime", r"\bprimes?\b", _prime),
    Notion("not prime", r"\b(non-?prime|not (a )?prime|composite)\b", _composite),
    Notion("prime factors", r"\bprime factor|factori[sz]ation\b", _factors),
    Notion("primes below", r"\bprimes?\b.*\b(less than|below|up to|under)\b", _primes_below),
    Notion("perfect square", r"\bperfect square\b", _square),
    Notion("perfect number", r"\bperfect number\b", _perfect),
    Notion("armstrong number", r"\b(armstrong|narcissistic)\b", _armstrong),
    Notion("palindrome", r"\bpalindrom", _palindrome),
    Notion("fibonacci", r"\bfibonacci\b", _fibonacci),
    Notion("catalan", r"\bcatalan\b", _catalan),
    Notion("factorial", r"\bfactorial\b", _factorial),
    Notion(
        "greatest common divisor",
        r"\b(gcd|greatest common divisor|highest common factor|hcf)\b",
        lambda a, b: math.gcd(_whole(a), _whole(b)),
    ),
    Notion(
        "least common multiple",
        r"\b(lcm|(least|lowest|smallest) common multiple)\b",
        lambda a, b: math.lcm(_whole(a), _whole(b)),
    ),
    Notion("leap year", r"\bleap\b", _leap),
    Notion("anagram", r"\banagrams?\b", _anagram),
    Notion("same characters", r"\bsame (characters|letters)\b", lambda a, b: set(_text(a)) == set(_text(b))),
    Notion("balanced", r"\b(balanced|bracket|parenthes[ei]s)", _balanced),
    Notion("monotonic", r"\bmonotonic", _monotonic),
    Notion("minimum", r"\b(min|minimum|smallest|least|lowest)\b", lambda *a: min(_numbers(*a))),
    Notion("maximum", r"\b(max|maximum|largest|greatest|biggest|highest)\b", lambda *a: max(_numbers(*a))),
    Notion("sum", r"\b(sum|total|add)\b", lambda *a: sum(_numbers(*a)), 3),
    Notion("product", r"\b(product|multipl)", lambda *a: math.prod(_numbers(*a)), 3),
    Notion("mean", r"\b(mean|average)\b", lambda *a: statistics.fmean(_numbers(*a))),
    Notion("median", r"\bmedian\b", lambda *a: statistics.median(_numbers(*a))),
    Notion("reversed", r"\brevers", lambda value: value[::-1]),
    Notion("sorted", r"\bsort", sorted, 3),
    Notion("sorted and unique", r"\b(unique|distinct|duplicates?)\b", lambda values: sorted(set(_numbers(values)))),
    Notion("swapped case", r"\b(flip|swap|toggle|invert).*case|\bcase\b.*\b(flip|swap)", lambda text: _text(text).swapcase(), 1),
    Notion("upper case", r"\bupper ?-?case", lambda text: _text(text).upper()),
    Notion("lower case", r"\blower ?-?case", lambda text: _text(text).lower()),
    Notion("vowels", r"\bvowels?\b", lambda text: sum(each in "aeiouAEIOU" for each in _text(text)), 3),
    Notion("length", r"\b(length|how long)\b", len, 3),
    Notion("binary", r"\bbinary\b", lambda n: f"{_whole(n):b}"),
    Notion("ones in binary", r"\b(set bits|1-bits|ones|hamming weight|population count)\b", lambda n: _whole(n).bit_count()),
    Notion("sum of digits", r"\bdigits?\b.*\bsum|\bsum\b.*\bdigits?\b", lambda n: sum(map(int, str(_whole(n))))),
    Notion("even", r"\beven\b", lambda n: _whole(n) % 2 == 0, 3),
    Notion("odd", r"\bodd\b", lambda n: _whole(n) % 2 == 1, 3),
    Notion("power of two", r"\bpower of (two|2)\b", lambda n: n > 0 and _whole(n).bit_count() == 1),
    Notion("absolute value", r"\babsolute\b", abs, 3),
)
