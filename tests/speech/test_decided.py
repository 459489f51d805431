"""What deciding commands say of what is missing."""

from __future__ import annotations

from bot.decision.ruling import Ruling
from bot.policy.decision import Decision
from bot.policy.missing import Missing
from bot.policy.standing import Obstacle
from bot.policy.votes import Votes
from bot.speech.decided import still_missing


def ruling(*missing: Missing) -> Ruling:
    return Ruling(Decision(allow=True), missing, Votes((), ()))


def test_each_thing_has_its_line_with_who_can_supply_it() -> None:
    told = still_missing(
        ruling(Missing("gates: tests said fail"), Missing("one approval by a maintainer", ("@bob",), "maintainer"))
    )
    assert told.splitlines()[2:] == ["* gates: tests said fail", "* one approval by a maintainer — `@bob` can"]


def test_a_role_that_nobody_holds_says_what_to_change() -> None:
    assert "nobody holds that role" in still_missing(ruling(Missing("one approval for security", (), "security")))


def test_strangers_words_are_no_markup_and_mention_nobody() -> None:
    told = still_missing(ruling(Missing("@everyone asked to wait (<img src=x> [a](b))")))
    assert "@everyone" not in told
    assert r"\<img" in told
    assert r"\]\(b\)" in told


def test_nothing_is_missing() -> None:
    assert still_missing(ruling()).startswith("Nothing is missing")


def test_what_github_waits_for_has_its_line_and_its_page() -> None:
    told = still_missing(
        ruling(), (Obstacle("it conflicts"), Obstacle("the conversation on a.py", "https://github.com/o/r/pull/7"))
    )
    assert told.startswith("Nothing is missing that Pawl asks for.")
    assert told.splitlines()[-2:] == [
        "* it conflicts",
        "* the conversation on a.py ([go there](https://github.com/o/r/pull/7))",
    ]


def test_what_strangers_named_is_no_markup_where_github_waits() -> None:
    told = still_missing(ruling(), (Obstacle("the conversation on a`](http://evil) @eve`<b>.py\n* merged"),))
    assert told.splitlines()[-1] == r"* the conversation on a`](http://evil) @eve`\<b\>.py \* merged", (
        "code, or words as they are"
    )
