"""Sentences that may hold strangers' words, and comments cut to GitHub's limit."""

from __future__ import annotations

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bot.doors.hearing import known
from bot.evidence.markdown import MOST
from bot.speech.messages import answers, help_all, help_one, marked, sentence, unknown_verb, whole
from bot.spoken import Spoken

HOSTILE = st.text(alphabet="ab `@#<>[]()!|\\*_~&:/.\n\tw-1", max_size=120)


@given(HOSTILE)
def test_a_sentence_makes_no_link_mention_or_element(text: str) -> None:
    tree = LexborHTMLParser(cmarkgfm.github_flavored_markdown_to_html(sentence(f"x {text} https://evil.example")))
    assert {each.tag for each in tree.css("body *")} <= {"p", "code", "br"}


@given(HOSTILE)
def test_a_verb_is_shown_as_code(verb: str) -> None:
    tree = LexborHTMLParser(cmarkgfm.github_flavored_markdown_to_html(unknown_verb(verb, "help")))
    assert {each.tag for each in tree.css("body *")} <= {"p", "code"}


def test_what_stands_in_back_ticks_is_code() -> None:
    assert sentence("say `/pawl go` to <b> @mona") == "say `/pawl go` to \\<b\\> @<!-- -->mona"
    assert sentence("one ` alone") == "one \\` alone"


@pytest.mark.parametrize(
    ("reason", "told"),
    [("no model answers", "No model answers."), (" is it? ", "Is it?"), ("`x` is odd", "`x` is odd."), ("", "")],
)
def test_a_reason_is_told_as_a_sentence_of_its_own(reason: str, told: str) -> None:
    assert whole(reason) == told


@pytest.mark.parametrize("body", ["short", "paragraph\n\n" * 20_000, "x" * 100_000, "a\n\n```\n" + "b\n\n" * 40_000 + "```"])
def test_a_comment_fits_and_can_be_found_again(body: str) -> None:
    text = marked("<!-- mark -->", body)
    assert text.startswith("<!-- mark -->\n")
    assert len(text) <= MOST
    if len(body) > MOST:
        assert text.endswith("the rest stands in the report of the evidence bundle.*\n")
        assert text.count("```") % 2 == 0


def test_several_answers_are_told_apart() -> None:
    text = answers([(Spoken("help", "`x`"), "one"), (Spoken("status"), "two")], 0, 5)
    assert text.index("`` /pawl help `x` ``") < text.index("one") < text.index("`/pawl status`") < text.index("two")
    assert answers([(Spoken("help"), "one")], 0, 5) == "one\n"
    assert "the last 3 were not read" in answers([], 3, 5)


def test_help_fits_with_room_to_spare() -> None:
    assert len(help_all(known())) < MOST / 4
    for command in known().values():
        assert command.name in help_one(command)
