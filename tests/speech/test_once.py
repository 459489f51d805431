"""Said once: by its mark a comment of Pawl's own is found, never somebody else's with the same words."""

from __future__ import annotations

from bot.speech.once import say_once
from tests.github.hosted import Hosted, hosted

__all__ = ["hosted"]  # a fixture that lives elsewhere


async def test_what_was_said_is_not_said_again(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    hosted.owner.comments(hosted.name, number, "<!-- pawl:x -->\nnot Pawl")
    first = await say_once(hosted.repo, number, "pawl:x", "Hello.")
    assert await say_once(hosted.repo, number, "pawl:x", "Hello again.") == first
    said = hosted.double.said(hosted.name, number)
    assert len(said) == 2
    assert said[1].splitlines() == ["<!-- pawl:x -->", "Hello."]
