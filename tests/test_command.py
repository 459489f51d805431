"""What a command answers, and which verb is the nearest."""

from __future__ import annotations

import pytest

from bot.command import Answer, Reaction, begun, done, nearest, refused
from bot.doors.hearing import known
from bot.ids import RunId


def test_what_was_done_refused_or_begun_shows() -> None:
    assert done("text") == Answer(Reaction.DONE, "text")
    assert refused("why") == Answer(Reaction.REFUSED, "why")
    assert begun(RunId("R")) == Answer(None, "", RunId("R"))


@pytest.mark.parametrize(
    ("verb", "meant"), [("fxi", "fix"), ("verfy", "verify"), ("stauts", "status"), ("qqq", "help"), ("", "help")]
)
def test_the_nearest_verb_is_what_was_meant(verb: str, meant: str) -> None:
    assert nearest(verb, known()) == meant
