"""Examinations: one per run and head, one workflow run that may answer, one answer per gate, nothing after the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.errors import InputError, Refused
from bot.examination.oidc import Caller
from bot.examination.paper import Paper
from bot.gate import Finding, GateResult, Verdict, errored, failed, passed
from bot.ids import RepoName, RunId, Sha, new_run_id
from bot.run import Instruction, Verb
from bot.store.results import Examination
from bot.store.store import Store

BASE, HEAD, OTHER, COMMIT = (Sha(each * 40) for each in "abcd")
WORKFLOW = "o/r/.github/workflows/pawl.yml@refs/heads/main"
FINE = passed("tests", "all pass", (Finding("a.py", 1, "\0 \ud800 x", "R"),), matrix={"mutants": [1, 2.5, None, "\0"]})


def caller(number: int, repository: int = 7, workflow: str = WORKFLOW, commit: Sha = COMMIT) -> Caller:
    return Caller(repository, workflow, number, commit)


@pytest.fixture
async def run(store: Store) -> RunId:
    return (await store.create(Instruction(Verb.FIX, "fix it", RepoName("o/r"), BASE), new_run_id())).id


@pytest.fixture
async def opened(store: Store, run: RunId) -> Examination:
    paper = Paper(run, BASE, HEAD, "fix it \0", None, ("lint", "tests"))
    return await store.examinations.open(Examination(paper, 7, WORKFLOW))


async def test_an_examination_is_opened_once(store: Store, run: RunId, opened: Examination) -> None:
    again = await store.examinations.open(replace(opened, workflow="another"))
    assert again == opened == await store.examinations.get(run, HEAD)
    assert opened.dispatched is None
    assert opened.paper.instruction == "fix it \0"
    with pytest.raises(InputError, match="nothing under examination"):
        await store.examinations.get(run, OTHER)


async def test_answers_come_back_as_they_were_given(store: Store, run: RunId, opened: Examination) -> None:
    assert opened.paper.gates == ("lint", "tests")
    assert await store.examinations.add(run, HEAD, FINE)
    assert not await store.examinations.add(run, HEAD, FINE), "the same answer twice is one answer"
    assert await store.examinations.answers(run, HEAD) == (FINE,)


async def test_a_second_different_answer_is_refused(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.add(run, HEAD, failed("tests", "one fails", ()))
    with pytest.raises(Refused, match="answered differently"):
        await store.examinations.add(run, HEAD, FINE)
    assert [each.verdict for each in await store.examinations.answers(run, opened.paper.head)] == [Verdict.FAIL]


@pytest.mark.parametrize(("gate", "head"), [("security", HEAD), ("tests", OTHER)])
async def test_only_what_was_asked_is_taken_in(store: Store, run: RunId, opened: Examination, gate: str, head: Sha) -> None:
    assert opened.paper.run == run
    with pytest.raises(Refused, match="was not asked"):
        await store.examinations.add(run, head, passed(gate, "fine"))


async def test_closing_completes_what_is_missing_and_ends_it(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.add(run, HEAD, FINE)
    late = (errored("lint", "no answer"), errored("tests", "no answer"))
    assert await store.examinations.close(run, HEAD, late) == (FINE, late[0])
    with pytest.raises(Refused, match="answered differently"):
        await store.examinations.add(run, HEAD, passed("lint", "clean"))
    assert (await store.examinations.get(run, HEAD)).closed
    assert not await store.examinations.add(run, HEAD, FINE), "a repeated answer is no new one"
    assert opened.closed is False


async def test_nothing_new_after_the_end(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.close(run, opened.paper.head, ())
    with pytest.raises(Refused, match="is closed"):
        await store.examinations.add(run, HEAD, FINE)


async def test_the_dispatched_workflow_run_may_answer_and_no_other(store: Store, run: RunId, opened: Examination) -> None:
    with pytest.raises(Refused, match="is not what"):
        await store.examinations.answering(run, caller(5), "")
    await store.examinations.will_dispatch(run, opened.paper.head, "secret", COMMIT)
    await store.examinations.was_dispatched(run, HEAD, 5)
    found = await store.examinations.answering(run, caller(5), "whatever")
    assert (found.workflow_run, found.paper) == (5, opened.paper)
    for number, nonce in ((6, "secret"), (6, "")):
        with pytest.raises(Refused, match="is not what"):
            await store.examinations.answering(run, caller(number), nonce)


async def test_without_a_number_the_nonce_decides_once(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.will_dispatch(run, opened.paper.head, "secret", COMMIT)
    with pytest.raises(Refused, match="is not what"):
        await store.examinations.answering(run, caller(5), "guess")
    assert (await store.examinations.answering(run, caller(5), "secret")).workflow_run == 5
    assert (await store.examinations.answering(run, caller(5), "")).workflow_run == 5
    with pytest.raises(Refused, match="is not what"):
        await store.examinations.answering(run, caller(6), "secret")


async def test_another_workflow_repository_or_commit_may_not_answer(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.will_dispatch(run, opened.paper.head, "secret", COMMIT)
    workflows = WORKFLOW.replace("main", "topic"), "o/r/.github/workflows/x.yml@main"
    for who in (caller(5, 8), caller(5, commit=OTHER), *(caller(5, 7, each) for each in workflows)):
        with pytest.raises(Refused, match="is not what"):
            await store.examinations.answering(run, who, "secret")
    assert (await store.examinations.get(run, HEAD)).workflow_run is None


async def test_a_new_dispatch_takes_the_place_of_the_old(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.will_dispatch(run, opened.paper.head, "one", COMMIT)
    await store.examinations.was_dispatched(run, HEAD, 5)
    await store.examinations.will_dispatch(run, HEAD, "two", COMMIT)
    with pytest.raises(Refused, match="is not what"):
        await store.examinations.answering(run, caller(5), "one")
    assert (await store.examinations.answering(run, caller(6), "two")).workflow_run == 6


async def test_the_end_of_a_workflow_run_is_written_where_it_belongs(store: Store, run: RunId, opened: Examination) -> None:
    await store.examinations.will_dispatch(run, opened.paper.head, "n", COMMIT)
    await store.examinations.was_dispatched(run, HEAD, 5)
    assert not await store.examinations.ended(8, 5, "failure"), "another repository's"
    assert not await store.examinations.ended(7, 6, "failure"), "another workflow run"
    assert await store.examinations.ended(7, 5, "failure")
    assert [each.ended for each in await store.examinations.of_run(run)] == ["failure"]


async def test_of_many_at_once_one_answer_stands(store: Store, run: RunId, opened: Examination) -> None:
    tried = [passed("tests", f"answer {number}") for number in range(6)]
    found = await asyncio.gather(
        *(store.examinations.add(run, opened.paper.head, each) for each in tried), return_exceptions=True
    )
    assert sum(each is True for each in found) == 1
    assert sum(isinstance(each, Refused) for each in found) == 5
    assert len(await store.examinations.answers(run, HEAD)) == 1


async def test_results_read_back_with_their_fields(store: Store, run: RunId, opened: Examination) -> None:
    result = GateResult("lint", Verdict.NOT_APPLICABLE, "no code", required=False, seconds=1.5)
    await store.examinations.add(run, opened.paper.head, result)
    assert await store.examinations.answers(run, HEAD) == (result,)
