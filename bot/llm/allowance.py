"""What a server takes of the parameters that not every server knows, learned from what it rejects.

Compatible servers lack one or the other, and models that reason take no temperature and call the longest answer by another name.
A parameter that a rejection names is left out from then on; one that says nothing at all puts all of them in doubt, once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from typing import Final

OPTIONAL: Final = {
    "response_format": re.compile(r"response[_ ]format|json[_ ]schema|structured output|guided", re.IGNORECASE),
    "stream_options": re.compile(r"stream[_ ]options|include_usage", re.IGNORECASE),
    "temperature": re.compile(r"temperature", re.IGNORECASE),
    "max_completion_tokens": re.compile(r"max_completion_tokens", re.IGNORECASE),
    "max_tokens": re.compile(r"max_tokens", re.IGNORECASE),
}
"""By name, how a rejection speaks of it."""
_MUTE: Final = re.compile(
    r"HTTP 4(?:00|22)\W*(?:bad request|unprocessable (?:entity|content)|invalid request|error code: \d+)?\W*", re.IGNORECASE
)
"""A rejection that says nothing."""


class Allowance:
    """What one endpoint's models do not take."""

    def __init__(self) -> None:
        self._lacking: defaultdict[str, set[str]] = defaultdict(set)
        self._doubted: set[str] = set()

    def takes(self, model: str, parameter: str) -> bool:
        """Say whether a model may be sent a parameter."""
        return parameter not in self._lacking[model]

    def learn(self, model: str, sent: Collection[str], said: str) -> bool:
        """Learn from a rejection; say whether there is something that the next request leaves out."""
        doubtful = [each for each in OPTIONAL if each in sent]
        named = next((each for each in doubtful if OPTIONAL[each].search(said)), None)
        if named is None and (model in self._doubted or not _MUTE.fullmatch(said)):
            return False
        found = {named} if named else set(doubtful)
        self._doubted |= set() if named else {model}
        self._lacking[model] |= found
        return bool(found)
