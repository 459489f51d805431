"""Answers on GitHub: what a model wrote is text and nothing else, links are Pawl's own, and too much is cut by whole sections."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import cmarkgfm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bot.evidence.markdown import MOST
from bot.history import Answered, Paragraph, Suspect
from bot.ids import RepoName, RunId, Sha
from bot.llm.asking import Usage
from bot.llm.citation import Citation, Dropped
from bot.run import Inquiry, Instruction, Run, State, Verb
from bot.spec.showing import Shown
from bot.speech.reader import answer
from bot.spoken import parse

HOSTILE = (
    '<img src=x onerror="alert(1)"> @octocat [x](https://evil.example) ![y](https://evil.example/p.png) # head\n'
    "/pawl fix `a`` <!-- pawl:sticky --> | a | https://evil.example fixes #12 ``` <script>alert(1)</script>"
)
WISH = Instruction(Verb.FIX, "why?", RepoName("acme/shop"), Sha("a" * 40), requester="mona", inquiry=Inquiry.ASK)
RUN = Run(RunId("01ARZ3NDEKTSV4RRFFQ69G5FAV"), WISH, State.DONE, reason="answered")
AT = Citation("shop/cart.py", 3, 5, "    if start < end:\n        pass")
FOUND = Answered((Paragraph("It `doubles` it.", (AT,)), Paragraph("Perhaps.", ())), (), (), "v:m", Usage(1200, 34, 0, 0.01, 1))
BUG = Suspect("bug:00000001", AT, "It keeps them apart.", "merge([1])", "[2]", Shown.SHOWN, "assert [1] == [2]")


def page(cited: Citation) -> str:
    return f"https://github.example/acme/shop/blob/aaaa/{quote(cited.path)}#L{cited.first}-L{cited.last}"


def test_an_answer_reads_as_it_should() -> None:
    assert answer(RUN, FOUND, page) == (
        "### 💬 Answer\n\n`mona` asked: why?\n\n"
        "It `doubles` it.\n<sub>[`shop/cart.py:3-5`](https://github.example/acme/shop/blob/aaaa/shop/cart.py#L3-L5)</sub>\n\n"
        "Perhaps.\n<sub>⚠️ not backed by the code</sub>\n\n"
        "<sub>The words are `v:m`'s, about `aaaaaaaaaaaa`; every cited line was checked to be there."
        " Run `01ARZ3NDEKTSV4RRFFQ69G5FAV`, 1,234 tokens, 0.0100 USD.</sub>\n"
    )


def test_what_was_left_out_is_told_and_an_unknown_price_is_no_price() -> None:
    said = answer(RUN, replace(FOUND, dropped=(Dropped(AT, "no"),), usage=Usage(money=None)), None)
    assert "Left out, because they do not hold: 1 citation." in said
    assert "an unknown price" in said
    assert "](http" not in said


def test_bugs_come_with_their_id_what_was_run_and_how_to_mend_those_that_show() -> None:
    run = replace(RUN, instruction=replace(WISH, inquiry=Inquiry.DEBUG, text=""))
    others = (
        replace(BUG, id="bug:00000002", shown=Shown.NOT_SHOWN),
        replace(BUG, id="bug:00000003", shown=Shown.NOT_RUN, call=""),
    )
    said = answer(run, Answered((), (BUG, *others), (), "v:m"), page)
    assert said.startswith("### 🔎 Suspected bugs (3)\n\n#### `bug:00000001` 🐞 shown by running it\n")
    assert "```python\n    if start < end:\n        pass\n```" in said
    assert "`merge([1])` should give `[2]`. Run on this code: `assert [1] == [2]`" in said
    assert "`/pawl fix bug:00000001` repairs it." in said
    assert said.count("repairs it") == 1
    assert "asked" not in said
    assert "No bug was found" in answer(run, Answered((), author="v:m"), page)


@pytest.mark.parametrize("state", [State.REFUSED, State.FAILED, State.CANCELLED])
def test_where_there_is_no_answer_the_reason_is_said(state: State) -> None:
    said = answer(replace(RUN, state=state, reason=HOSTILE), None, page)
    assert said.startswith("**😕 No answer.** ")
    harmless(said)


def harmless(text: str) -> None:
    tree = LexborHTMLParser(cmarkgfm.github_flavored_markdown_to_html(text))
    assert not tree.css("img, script, [onerror], table")
    for link in tree.css("a"):
        assert (link.attributes["href"] or "").startswith("https://github.example/acme/shop/blob/")
    for node in tree.css("pre, code"):
        node.decompose()
    assert tree.body is not None
    shown = tree.body.html or ""
    assert "@octocat" not in shown.replace("<!-- -->", "\0")
    assert "#12" not in shown.replace("<!-- -->", "\0")
    assert not text.startswith("<!--")
    assert parse(text) == ()


@pytest.mark.parametrize("inquiry", Inquiry)
def test_a_hostile_answer_is_only_text(inquiry: Inquiry) -> None:
    run = replace(RUN, instruction=replace(WISH, inquiry=inquiry, text=HOSTILE, requester=HOSTILE))
    at = Citation(HOSTILE.replace("\n", ""), 1, 2, HOSTILE)
    bug = Suspect("bug:00000001", at, HOSTILE, HOSTILE, HOSTILE, Shown.SHOWN, HOSTILE)
    harmless(answer(run, Answered((Paragraph(HOSTILE, (at,)),), (bug,), (Dropped(at, HOSTILE),), HOSTILE), page))


@given(st.text(max_size=60), st.sampled_from(Inquiry))
def test_no_words_make_links_or_html(text: str, inquiry: Inquiry) -> None:
    run = replace(RUN, instruction=replace(WISH, inquiry=inquiry, text=text))
    at = Citation("a.py", 1, 2, text)
    bug = Suspect("bug:00000001", at, text, text, text, Shown.NOT_SHOWN, text)
    said = answer(run, Answered((Paragraph(text, (at,)), Paragraph(f"@octocat {text}", ())), (bug,), (), text), page)
    harmless(said)


def test_a_very_long_answer_is_cut_by_whole_sections() -> None:
    long = Answered(tuple(Paragraph(f"<{number}>" + "[" * 1400, (AT,) * 8) for number in range(60)), author="v:m")
    said = answer(RUN, long, page)
    assert len(said) <= MOST
    sections = said.split("\n\n")
    assert "more are left out: too long for a comment" in sections[-2]
    assert sections[-1].startswith("<sub>The words are")
    kept = sections[2:-2]
    assert all(each.endswith("</sub>") for each in kept)
    assert f"*{60 - len(kept)} more are left out" in said
