"""The buttons of a question: within GitHub's limits whatever a reading gives, and understood again when pressed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Edits
from bot.engine import Question, Reading
from bot.github import checks
from bot.github.repository import Repository
from bot.ids import Sha, new_run_id
from bot.speech.buttons import CHECK, label_of, offered, show
from tests.github.hosted import Hosted, hosted, hub

__all__ = ["hosted", "hub"]


def question(*gives: str) -> Question:
    readings = tuple(Reading(label, Edits((), ""), each) for label, each in zip("ABCDEFGH", gives, strict=False))
    return Question("price(3)", readings)


@given(st.lists(st.text(), min_size=1, max_size=8))
def test_three_readings_have_buttons_whatever_they_give(gives: list[str]) -> None:
    buttons = offered(question(*gives))  # whose limits are checked where they are made
    assert [label_of(each.identifier) for each in buttons] == list("ABC")[: len(gives)]
    assert all(each.description.isprintable() for each in buttons)


def test_other_buttons_stand_for_no_reading() -> None:
    assert [label_of(each) for each in ("retry", "answer", "answer AB", "answer a", "answer A\n", " answer A")] == [None] * 6


async def head_of(repository: Repository, hosted: Hosted) -> Sha:
    return Sha(str(hosted.double.get(f"/repos/{repository.name}/branches/main")["commit"]["sha"]))


async def test_a_question_stands_on_its_commit_once_for_each_run(hosted: Hosted) -> None:
    head, asked = await head_of(hosted.repo, hosted), question("6", "9")
    run, other = new_run_id(), new_run_id()
    first = await show(hosted.repo, run, head, asked)
    assert await show(hosted.repo, run, head, asked) == first
    assert await show(hosted.repo, other, head, asked) != first
    seen = [each for each in await checks.runs(hosted.repo, head) if each.name == CHECK]
    assert {each.conclusion for each in seen} == {"action_required"}
    shown = hosted.double.get(f"/repos/{hosted.name}/check-runs/{first.rsplit('/', 1)[1]}")
    assert shown["html_url"] == first
    assert "`price(3)`" in shown["output"]["summary"]
