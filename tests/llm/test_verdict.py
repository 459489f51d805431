"""Verdicts: what is made of a completion, by what it holds and by what came before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.llm.asking import Ask, Duty, Passage
from bot.llm.conversation import opened
from bot.llm.provider import Completion, Stop, ToolCall
from bot.llm.verdict import Worth, most_characters, verdict

CANARY = "bcdfghjkmnpqrstvwxyz2345"
PLAIN = opened(Ask(Duty.READER, "Answer.", (Passage("a", "b"),), most_output=10), "0123456789abcdef", CANARY)
DATA = replace(PLAIN, question=replace(PLAIN.question, schema={"type": "object", "required": ["n"]}))
CALL = ToolCall("1", "look", {}, "{}")


def said(text: str, stop: Stop = Stop.END, *calls: ToolCall) -> Completion:
    return Completion(text, stop, "m", calls)


@pytest.mark.parametrize(
    ("completion", "worth", "why"),
    [
        (said("yes"), Worth.ANSWER, ""),
        (said("", Stop.TOOLS, CALL), Worth.TOOLS, ""),
        (said("let me look", Stop.END, CALL), Worth.TOOLS, ""),
        (said("", Stop.TOOLS), Worth.USELESS, "its answer was empty"),
        (said("\n \t"), Worth.USELESS, "its answer was empty"),
        (said("no", Stop.DECLINED), Worth.USELESS, "it declined to answer"),
        (said("ye", Stop.LENGTH), Worth.CUT, "its answer was cut at 10 tokens"),
        (said("", Stop.LENGTH), Worth.CUT, "its answer was cut at 10 tokens"),
        (said("", Stop.LENGTH, CALL), Worth.CUT, "its answer was cut at 10 tokens"),
        (said(CANARY), Worth.USELESS, "it gave away Pawl's own words"),
        (said("x" * (most_characters(10) + 1)), Worth.USELESS, "its answer is longer than 2,120 characters"),
        (said("", Stop.TOOLS, replace(CALL, raw="x" * 3_000)), Worth.USELESS, "its answer is longer than 2,120 characters"),
    ],
)
def test_an_answer_in_words(completion: Completion, worth: Worth, why: str) -> None:
    found = verdict(completion, PLAIN, rounds=8)
    assert (found.worth, found.why) == (worth, why)


def test_an_answer_in_json() -> None:
    assert verdict(said('{"n": 1}'), DATA, 8).data == {"n": 1}
    unfit = verdict(said('{"m": 1}'), DATA, 8)
    assert (unfit.worth, unfit.why) == (Worth.MENDABLE, "the whole: 'n' is a required property")
    again = verdict(said('{"m": 1}'), replace(DATA, repaired=True), 8)
    assert again.worth is Worth.USELESS
    assert again.why.endswith("even when told so: the whole: 'n' is a required property")


def test_tools_only_for_so_many_rounds() -> None:
    assert verdict(said("", Stop.TOOLS, CALL), replace(PLAIN, rounds=7), 8).worth is Worth.TOOLS
    assert verdict(said("", Stop.TOOLS, CALL), replace(PLAIN, rounds=8), 8).why == "it used tools for 8 rounds without answering"
    assert verdict(said("done"), replace(PLAIN, rounds=8), 8).worth is Worth.ANSWER
