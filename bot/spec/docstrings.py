"""Examples in the docstrings of the code in question: what its authors said that it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.spec.definitions import Definition
from bot.spec.draft import Draft, Unusable
from bot.spec.examples import draft_examples
from bot.spec.names import Resolver
from bot.spec.sayings import Sayings
from bot.spec.spec import Source


def draft_docstrings(definitions: Iterable[Definition], resolver: Resolver) -> list[Draft | Unusable]:
    """Return the examples in these definitions' docstrings, names looked up in their own module first."""
    found: list[Draft | Unusable] = []
    for each in definitions:
        if each.docstring:
            found += draft_examples(each.docstring, resolver, Source.DOCSTRING, near=each.module)
    return found


def still_true(documented: Sequence[Draft | Unusable], said: Sayings) -> tuple[list[Draft], list[Unusable]]:
    """Return the examples that nobody contradicts, and those that the person does: what they say is to be changed."""
    current: list[Draft] = []
    outdated: list[Unusable] = []
    for each in documented:
        if not isinstance(each, Draft):
            continue
        if by := said.against(each.claim):
            reason = f"{by} says otherwise: the docstring is out of date"
            outdated.append(Unusable(each.claim.quote, reason, Source.DOCSTRING))
        else:
            current.append(each)
    return current, outdated
