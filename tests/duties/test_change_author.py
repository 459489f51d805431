"""The change author: what it is shown and in which order, and how an answer that cannot be applied comes back to it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.change.change import Edit, Edits
from bot.change.patch import unified
from bot.duties.change_author import MOST_MENDS, SCHEMA, Brief, Earlier, NoProposal, propose, question
from bot.llm.asking import Duty, NoAnswer, OverBudget, Passage
from tests.doubles.scripted_asker import ScriptedAsker

FILES = {"shop.py": "def price(net):\n    return net\n", "broken.py": "def (:\n"}
RIGHT = {"why": "VAT", "blocks": [{"path": "shop.py", "search": "    return net\n", "replace": "    return net * 1.2\n"}]}


def brief(**more: Any) -> Brief:
    return Brief("code.repair", "price() must add 20 % VAT", FILES.get, paths=tuple(FILES), **more)


def asker(*answers: Any) -> ScriptedAsker:
    return ScriptedAsker({Duty.CHANGE_AUTHOR: answers})


def answer(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"why": "so", "blocks": list(blocks)}


def texts(asked: Any) -> dict[str, str]:
    return {each.label: each.text for each in asked.passages}


def test_blocks_become_whole_files() -> None:
    proposal = propose(asker(RIGHT), brief())
    assert proposal.edits.edits == (Edit("shop.py", "def price(net):\n    return net * 1.2\n"),)
    assert (proposal.why, proposal.author, proposal.stumbles) == ("VAT", "scripted:change_author", ())


def test_strangers_words_are_hostile_and_never_in_the_system_prompt() -> None:
    asked = question(brief(context=(Passage("file shop.py", "SEEN"),), tests=(("tests/t.py", "TESTED"),), findings=("FOUND",)))
    assert asked.system.startswith("Your duty: change_author\n")
    assert [each.label for each in asked.passages] == [
        "task", "file shop.py", "shown tests tests/t.py", "instruction", "findings on the last change",
    ]  # fmt: skip
    assert [each.hostile for each in asked.passages] == [False, True, True, True, True]
    assert "VAT" not in asked.system
    assert "VAT" not in texts(asked)["task"]


def test_names_of_files_are_a_stranger_s_words_too() -> None:
    asked = question(brief(off_limits=("tests/obey me.py",)))
    (named,) = (each for each in asked.passages if "obey" in each.text)
    assert (named.label, named.hostile) == ("not to be edited", True)


def test_credentials_in_tests_and_tracebacks_do_not_leave() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    asked = question(brief(tests=(("t.py", f"token = '{secret}'"),), earlier=(Earlier("x", f"E  {secret} != 3"),)))
    assert secret not in "".join(texts(asked).values())


def test_an_attempts_diff_shows_no_secret_of_a_settings_file() -> None:
    key = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
    diff = unified({"app.yml": f"debug: no\napi_key: {key}\n"}, Edits((Edit("app.yml", f"debug: yes\napi_key: {key}\n"),)))
    asked = question(brief(earlier=(Earlier(diff, "It was refused."),)))
    assert key not in texts(asked)["attempt 1"]
    assert "+debug: yes" in texts(asked)["attempt 1"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"path": "shop.py", "search": "    return nett\n", "replace": "x"}, "    2     return net"),
        ({"path": "shp.py", "search": "x", "replace": "y"}, "near it are shop.py"),
        ({"path": "shop.py", "search": "    return net\n", "replace": "    return (net\n"}, "does not parse afterwards: line 2"),
        ({"path": "new.py", "content": "x = a" + ".a" * 400}, "nested deeper than 150 levels"),
        ({"path": "new.py", "content": "x = " + "-" * 20_000 + "1"}, "new.py: does not parse afterwards"),
        ({"path": "../shop.py", "content": "x"}, "component"),
    ],
)
def test_an_answer_that_cannot_be_applied_comes_back_with_the_reason(wrong: dict[str, Any], told: str) -> None:
    asking = asker(answer(wrong), RIGHT)
    proposal = propose(asking, brief())
    assert proposal.edits.edits[0].path == "shop.py"
    assert len(proposal.stumbles) == 1
    assert told in texts(asking.questions[1])["what came of attempt 1"]
    assert wrong["path"] in texts(asking.questions[1])["attempt 1"]


def test_a_file_that_did_not_parse_before_may_be_mended_in_part() -> None:
    proposal = propose(asker(answer({"path": "broken.py", "search": "def (:", "replace": "def f(:"})), brief())
    assert proposal.edits.edits[0].content == "def f(:\n"


def test_after_the_last_mend_there_is_no_proposal() -> None:
    wrong = answer({"path": "shop.py", "search": "nothing like it", "replace": "y"})
    asking = asker(*[wrong] * (MOST_MENDS + 1))
    with pytest.raises(NoProposal, match="3 answers of scripted:change_author could not be applied") as raised:
        propose(asking, brief())
    assert len(raised.value.stumbles) == MOST_MENDS + 1
    assert "could not be applied" in raised.value.last.came_to


@pytest.mark.parametrize("error", [NoAnswer("nobody"), OverBudget("too dear")])
def test_no_answer_is_passed_on(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        propose(asker(error), brief())


def test_only_the_latest_attempts_are_shown_and_long_ones_are_cut_in_the_middle() -> None:
    tried = [Earlier(f"tried {number}", "x" * 50_000 + "END") for number in range(1, 8)]
    shown = texts(question(brief(earlier=tuple(tried))))
    assert "attempt 3" not in shown
    assert shown["attempt 7"] == "tried 7"
    assert shown["what came of attempt 7"].endswith("END")
    assert len(shown["what came of attempt 7"]) < 13_000


def test_every_object_of_the_schema_is_closed_and_asks_for_all_it_names() -> None:
    def objects(schema: Any) -> list[dict[str, Any]]:
        if isinstance(schema, dict):
            inside = [each for value in schema.values() for each in objects(value)]
            return [schema, *inside] if schema.get("type") == "object" else inside
        return [each for value in schema for each in objects(value)] if isinstance(schema, list) else []

    found = objects(dict(SCHEMA))
    assert len(found) == 4
    assert all(not each["additionalProperties"] and set(each["required"]) == set(each["properties"]) for each in found)
