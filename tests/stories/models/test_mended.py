"""Wrong answers that the loop mends, with both vendors there: what went wrong goes back to the author, and others judge it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.stories.models.conftest import END, GOOD, NAMES, WRONG, SetUp, change, proven, special_cased

OPENAI, ANTHROPIC = "openai:gpt-5.5", "anthropic:claude-opus-5-5"


def test_what_fails_a_shown_test_or_a_held_out_one_goes_back_and_is_mended(scene: SetUp) -> None:
    told = scene({})
    reply = proven(told.run(change(WRONG), special_cased, change(GOOD)))
    first, second, third = told.asked("change_author")
    assert "AssertionError" not in first.text
    assert "attempt 1" in second.text
    assert re.search(r"assert 'p\.' == 'P\.'|assert 'g\.h\.' == 'G\.H\.'", second.text), "the traceback of a shown test"
    assert "a held-out test of the spec" in third.text, "what the gates found, without the test itself"
    held = [each["id"].rpartition("::")[2] for each in reply["spec"]["tests"] if each["held_out"]]
    assert held
    assert not any(name in each.text for name in held for each in (first, second, third))
    assert "word[0].upper()" in told.git("show", f"{reply['head']}:people/names.py")
    assert told.git("show", f"{reply['base']}:people/names.py") == NAMES
    assert {each["verdict"] for each in reply["gates"]} <= {"pass", "not_applicable"}


def test_who_writes_the_tests_does_not_write_the_change(scene: SetUp) -> None:
    told = scene({})
    reply = proven(told.run(change(GOOD)))
    vendors = {duty: {each.endpoint for each in told.asked(duty)} for duty in ("spec_author", "change_author", "critic")}
    assert vendors == {"spec_author": {"openai"}, "change_author": {"anthropic"}, "critic": {"openai"}}
    assert reply["authors"] == {"tests": OPENAI, "change": ANTHROPIC, "critics": [OPENAI]}
    body = Path(reply["pull_request"]).read_text(encoding="utf-8")
    assert f"| wrote the change | engine model | `{ANTHROPIC}` |" in body
    assert "another part in judging it" not in body
    assert END in told.asked("change_author")[0].text.encode().decode("unicode_escape")
