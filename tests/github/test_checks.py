"""Check runs: within GitHub's limits, complete only when all of them stands there, and found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Fatal
from bot.github import checks, git
from bot.github.checks import Action, Annotation, CheckRun, cut
from bot.ids import Sha
from tests.github.hosted import Hosted

LINES = st.lists(st.sampled_from(["text", "```", "```python", "````", "ünïcödé " * 9, "| a | b |", ""]), max_size=80)


@given(LINES, st.integers(100, 900))
def test_a_cut_text_fits_keeps_whole_lines_and_closes_its_code_blocks(lines: list[str], most: int) -> None:
    text = "\n".join(lines)
    short = cut(text, most)
    assert len(short.encode()) <= most
    if len(text.encode()) <= most:
        assert short == text
    else:
        kept = short.removesuffix(checks._CUT_NOTE)
        assert kept != short
        fence = ""
        for line in kept.splitlines():
            fence = checks._fence_after(line, fence)
            assert line in {*lines, "```", "````"}
        assert not fence


def test_a_text_of_one_endless_line_is_cut_too() -> None:
    assert len(cut("x" * 100_000).encode()) <= checks.MOST_TEXT


@pytest.mark.parametrize("field", ["label", "description", "identifier"])
def test_a_button_that_github_would_refuse_is_a_fault_of_ours(field: str) -> None:
    good = {"label": "Retry", "description": "Run the gates again", "identifier": "retry"}
    assert Action(**good).label == "Retry"
    for bad in ("", "x" * 41):
        with pytest.raises(Fatal, match="button"):
            Action(**{**good, field: bad})


def test_a_check_is_completed_exactly_when_it_has_a_conclusion() -> None:
    with pytest.raises(Fatal):
        CheckRun("pawl", Sha("0" * 40), "completed")
    with pytest.raises(Fatal):
        CheckRun("pawl", Sha("0" * 40), "in_progress", "success")


def remarks(number: int) -> tuple[Annotation, ...]:
    return tuple(Annotation("src/a.py", each + 1, each + 1, "failure", f"remark {each}", "lint") for each in range(number))


async def head_of(hosted: Hosted) -> Sha:
    found = await git.ref(hosted.repo, "main")
    assert found is not None
    return found


async def test_a_hundred_and_twenty_annotations_arrive_and_none_twice(hosted: Hosted) -> None:
    head = await head_of(hosted)
    check = CheckRun("pawl / lint", head, "completed", "failure", "120 findings", "See below.", annotations=remarks(120))
    made = await checks.create(hosted.repo, check)
    listed = hosted.double.get(f"/repos/{hosted.name}/check-runs/{made}/annotations?per_page=100")
    assert len(listed) == 100
    (seen,) = await checks.runs(hosted.repo, head)
    assert (seen.annotations, seen.status, seen.conclusion) == (120, "completed", "failure")
    await checks.update(hosted.repo, made, replace(check, annotations=remarks(125)))
    (seen,) = await checks.runs(hosted.repo, head)
    assert seen.annotations == 125


async def test_a_check_that_is_cut_off_in_the_middle_is_not_green(hosted: Hosted) -> None:
    head = await head_of(hosted)
    hosted.double.fault("status", status=500, path=f"/repos/{hosted.name}/check-runs/", method="PATCH", count=1)
    check = CheckRun("pawl / lint", head, "completed", "success", "fine", "fine", annotations=remarks(70))
    with pytest.raises(Exception, match="did not answer PATCH"):
        await checks.create(hosted.repo, check)
    (seen,) = await checks.runs(hosted.repo, head)
    assert (seen.status, seen.conclusion) == ("in_progress", None)
    await checks.update(hosted.repo, seen.id, check)
    (seen,) = await checks.runs(hosted.repo, head)
    assert (seen.status, seen.conclusion, seen.annotations) == ("completed", "success", 70)


async def test_a_check_is_found_by_its_commit_and_name_and_shows_its_buttons(hosted: Hosted) -> None:
    head = await head_of(hosted)
    assert await checks.find(hosted.repo, head, "pawl") is None
    buttons = (Action("Retry", "Run the gates again", "retry"),)
    check = CheckRun("pawl", head, "in_progress", summary="at work", actions=buttons, external_id="01J", text="x" * 100_000)
    made = await checks.create(hosted.repo, check)
    assert await checks.find(hosted.repo, head, "pawl") == made
    await checks.update(hosted.repo, made, replace(check, status="completed", conclusion="success"))
    (seen,) = await checks.runs(hosted.repo, head)
    assert (seen.id, seen.app_id, seen.external_id, seen.conclusion) == (made, hosted.app.id, "01J", "success")
