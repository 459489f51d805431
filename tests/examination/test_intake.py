"""The door for runners: only the dispatched workflow run gets its paper and hands in answers, each once."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.errors import Refused, Retryable
from bot.examination.intake import MOST_BODY, NONCE, PAPER, routes
from bot.examination.oidc import Caller, Verifier
from bot.examination.paper import Paper, digest_of, dumped, read_paper
from bot.examination.wheel import Wheel
from bot.gate import failed, passed
from bot.ids import RepoName, Sha, new_run_id
from bot.run import Instruction, Verb
from bot.store.results import Examination
from bot.store.store import Store

BASE, HEAD, COMMIT = Sha("a" * 40), Sha("b" * 40), Sha("c" * 40)
JUDGE = Wheel("pawl-1-py3-none-any.whl", b"the judge")
WORKFLOW = "o/r/.github/workflows/pawl.yml@refs/heads/main"


class Believing:
    """Believes one token for each workflow run."""

    async def caller(self, token: str) -> Caller:
        if token == "down":
            raise Retryable("the issuer does not answer")
        if not token.isdigit():
            raise Refused("the token is not to be believed")
        return Caller(7, WORKFLOW, int(token), COMMIT)


@dataclass(frozen=True)
class Place:
    client: TestClient[web.Request, web.Application]
    paper: Paper
    store: Store

    async def get(self, caller: str = "5", nonce: str = "", run: str = "", what: str = "subject") -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {caller}", NONCE: nonce}
        async with self.client.get(f"/api/v1/runs/{run or self.paper.run}/{what}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def post(self, gate: str, body: str, caller: str = "5", **headers: str) -> tuple[int, dict[str, Any]]:
        sent = {"Authorization": f"Bearer {caller}", PAPER: digest_of(self.paper), **headers}
        async with self.client.post(
            f"/api/v1/runs/{self.paper.run}/gates/{gate}", data=io.BytesIO(body.encode()), headers=sent
        ) as answer:
            text = await answer.text()
            assert not text or answer.content_type == "application/problem+json"
            return answer.status, json.loads(text or "{}")


@pytest.fixture(params=[JUDGE.digest])
async def place(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Place]:
    run = (await store.create(Instruction(Verb.FIX, "fix it", RepoName("o/r"), BASE), new_run_id())).id
    paper = Paper(run, BASE, HEAD, "fix it", None, ("lint", "tests"), judge=request.param)
    await store.examinations.open(Examination(paper, 7, WORKFLOW))
    await store.examinations.will_dispatch(run, HEAD, "secret", COMMIT)
    app = web.Application()
    app.add_routes(routes(store, cast("Verifier", Believing()), JUDGE))
    async with TestClient(TestServer(app)) as client:
        yield Place(client, paper, store)


async def test_the_paper_goes_to_who_shows_the_nonce_and_to_nobody_else_then(place: Place) -> None:
    assert (await place.get("5", "guess"))[0] == 403
    status, text = await place.get("5", "secret")
    assert status == 200
    assert read_paper(text, "it") == place.paper
    assert (await place.get("6", "secret"))[0] == 403
    assert (await place.get("5"))[0] == 200


async def test_the_judge_goes_to_who_may_have_the_paper(place: Place) -> None:
    assert (await place.get("5", "guess", what="judge"))[0] == 403
    assert await place.get("5", "secret", what="judge") == (200, "the judge")
    assert (await place.get("6", "secret", what="judge"))[0] == 403


@pytest.mark.parametrize("place", [f"sha256:{'0' * 64}", None], ids=["another", "none"], indirect=True)
async def test_no_other_judge_is_given_out_than_the_one_that_was_named(place: Place) -> None:
    status, problem = await place.get("5", "secret", what="judge")
    assert status == 503, "so that who asks comes again, perhaps to another server"
    assert "another Pawl" in problem


async def test_answers_are_taken_in_once(place: Place, store: Store) -> None:
    await place.get("5", "secret")
    body = dumped(passed("tests", "all pass"))
    assert (await place.post("tests", body))[0] == 201
    assert (await place.post("tests", body))[0] == 200
    status, problem = await place.post("tests", dumped(failed("tests", "no", ())))
    assert status == 409
    assert "answered differently" in problem["detail"]
    assert await store.examinations.answers(place.paper.run, HEAD) == (passed("tests", "all pass"),)


@pytest.mark.parametrize(
    ("gate", "body", "headers", "status"),
    [
        ("tests", "", {}, 400),
        ("tests", "{}", {}, 400),
        ("tests", dumped(passed("lint", "clean")), {}, 400),
        ("security", dumped(passed("security", "clean")), {}, 409),
        ("Tests", dumped(passed("tests", "clean")), {}, 404),
        ("tests", dumped(passed("tests", "clean")), {PAPER: "sha256:another"}, 409),
        ("tests", " " * (MOST_BODY + 1), {}, 413),
        ("tests", dumped(passed("tests", "clean")), {"Authorization": "Basic eA=="}, 401),
        ("tests", dumped(passed("tests", "clean")), {"Authorization": ""}, 401),
        ("tests", dumped(passed("tests", "clean")), {"Authorization": "Bearer made-up"}, 401),
        ("tests", dumped(passed("tests", "clean")), {"Authorization": "Bearer 6"}, 403),
        ("tests", dumped(passed("tests", "clean")), {"Authorization": "Bearer down"}, 503),
    ],
)
async def test_everything_else_is_a_problem_in_words(
    place: Place, gate: str, body: str, headers: dict[str, str], status: int
) -> None:
    await place.get("5", "secret")
    found, problem = await place.post(gate, body, **headers)
    assert found == status
    assert problem["status"] == status
    assert ": " in problem["detail"] or status == 401
    examinations = place.store.examinations
    assert await examinations.answers(place.paper.run, HEAD) == ()


async def test_nothing_is_given_out_or_taken_in_after_the_end(place: Place, store: Store) -> None:
    await place.get("5", "secret")
    await store.examinations.close(place.paper.run, HEAD, ())
    assert (await place.get("5"))[0] == 409
    assert (await place.get("5", what="judge"))[0] == 409
    assert (await place.post("tests", dumped(passed("tests", "fine"))))[0] == 409


async def test_a_run_that_is_none_is_forbidden_like_any_other(place: Place) -> None:
    assert (await place.get("5", "secret", "nosuch"))[0] == 403
    assert (await place.get("5", "secret", "%00"))[0] == 403
