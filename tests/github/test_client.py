"""The client against a server that answers as GitHub's documentation says: limits, repetitions, refusals, pages."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.errors import Fatal, Retryable
from bot.github.client import Client, segment
from bot.github.errors import Forbidden, LimitReached, NotFound, Unprocessable
from bot.github.wire import VERSION, Line
from tests.github.conftest import Answering, Clock, told
from tests.github.hosted import Hosted


async def test_every_request_names_the_version_the_agent_and_the_token(client: Client, server: Answering) -> None:
    server.answers = [told({"id": 1})]
    assert await client.get("/repos/o/r", page=2, deep=True, absent=None) == {"id": 1}
    method, path, headers, _ = server.asked[0]
    assert (method, path) == ("GET", "/api/v3/repos/o/r?page=2&deep=true")
    assert headers["X-GitHub-Api-Version"] == VERSION
    assert headers["User-Agent"] == "pawl"
    assert headers["Authorization"] == "token first"


async def test_an_answer_that_has_not_changed_is_asked_for_by_its_tag_and_taken_from_memory(
    client: Client, server: Answering
) -> None:
    server.answers = [told([1, 2], ETag='"a"'), web.Response(status=304, headers={"ETag": '"a"'}), told([3], ETag='"b"')]
    assert await client.get("/x") == [1, 2]
    assert await client.get("/x") == [1, 2]
    assert await client.get("/x") == [3]
    assert [each[2].get("If-None-Match") for each in server.asked] == [None, '"a"', '"a"']


async def test_what_one_was_told_is_not_what_another_is_told(
    server: Answering, session: aiohttp.ClientSession, clock: Clock
) -> None:
    line = Line(session, server.url, patience=clock.patience())

    async def nobody(_fresh: bool) -> None:
        return None

    server.answers = [told(["private"], ETag='"a"'), told([], ETag='"b"')]
    assert await Client(line, nobody).get("/x") == ["private"]
    assert await Client(line, nobody).get("/x") == []
    assert "If-None-Match" not in server.asked[1][2]


async def test_an_allowance_that_is_used_up_is_waited_for(client: Client, server: Answering, clock: Clock) -> None:
    reset = str(int(1_700_000_000 + clock.now) + 60)
    empty = told({"message": "API rate limit exceeded for installation"}, 403, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    empty.headers["Date"] = "Tue, 14 Nov 2023 22:30:00 GMT"  # 1700001000, the clock's own time
    server.answers = [empty, told({"id": 1})]
    assert await client.get("/x") == {"id": 1}
    assert sum(clock.slept) >= 60


@pytest.mark.parametrize("status", [403, 429])
async def test_a_secondary_limit_is_waited_for_even_by_a_request_that_makes_something(
    client: Client, server: Answering, clock: Clock, status: int
) -> None:
    slow = told({"message": "You have exceeded a secondary rate limit."}, status, Retry_After="7")
    server.answers = [slow, slow, told({"id": 5}, 201)]
    assert await client.post("/repos/o/r/issues/1/comments", {"body": "x"}) == {"id": 5}
    assert len(server.asked) == 3
    assert sum(clock.slept) >= 14


async def test_a_secondary_limit_without_a_time_doubles_the_pause_and_ends_in_words(
    client: Client, server: Answering, clock: Clock
) -> None:
    server.answers = [told({"message": "You have exceeded a secondary rate limit."}, 403)]
    with pytest.raises(LimitReached, match="leave no room") as caught:
        await client.get("/x")
    assert isinstance(caught.value, Retryable)
    assert caught.value.after > 60
    assert len(server.asked) == 2
    assert 60 <= sum(clock.slept) < 70
    clock.slept.clear()
    with pytest.raises(LimitReached):
        await client.get("/other")
    assert clock.slept[0] >= 119, "while GitHub wants silence nothing is sent"


async def test_comments_are_spread_over_the_minute(client: Client, server: Answering, clock: Clock) -> None:
    server.answers = [told({"id": 5}, 201)]
    await asyncio.gather(*(client.post("/repos/o/r/issues/1/comments", {"body": "x"}) for _ in range(80)))
    assert clock.slept == []
    await client.post("/repos/o/r/issues/1/comments", {"body": "x"})
    assert sum(clock.slept) >= 60


async def test_a_read_is_repeated_when_github_breaks(client: Client, server: Answering) -> None:
    server.answers = [web.Response(status=502, body=b"<html>"), web.Response(status=503), told({"id": 1})]
    assert await client.get("/x") == {"id": 1}


async def test_what_makes_something_is_never_repeated_blindly(client: Client, server: Answering) -> None:
    server.answers = [web.Response(status=502), told({"id": 1}, 201)]
    with pytest.raises(Retryable, match="HTTP 502"):
        await client.post("/repos/o/r/issues/1/comments", {"body": "x"})
    assert len(server.asked) == 1


async def test_a_connection_that_breaks_after_sending_is_not_tried_again_for_a_comment(client: Client, server: Answering) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    server.answers = [hang_up]
    with pytest.raises(Retryable):
        await client.post("/repos/o/r/pulls", {})
    assert len(server.asked) == 1


async def test_a_server_that_is_not_there_is_tried_a_few_times(
    session: aiohttp.ClientSession, clock: Clock, unused_tcp_port: int
) -> None:
    async def authorize(_fresh: bool) -> str:
        return "token s3cret"

    client = Client(Line(session, f"http://127.0.0.1:{unused_tcp_port}", patience=clock.patience()), authorize)
    with pytest.raises(Retryable, match="did not answer POST /x") as caught:
        await client.post("/x", {})
    assert "s3cret" not in repr(caught.value)


async def test_an_answer_that_never_comes_is_given_up(server: Answering, session: aiohttp.ClientSession, clock: Clock) -> None:
    async def for_ever(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    async def authorize(_fresh: bool) -> None:
        return None

    server.answers = [for_ever]
    client = Client(Line(session, server.url, patience=clock.patience(answer=0.05, repetitions=2)), authorize)
    with pytest.raises(Retryable, match="TimeoutError"):
        await client.get("/x")
    assert len(server.asked) == 2
    assert "Authorization" not in server.asked[0][2]


async def test_a_token_that_github_does_not_know_is_replaced_once(client: Client, server: Answering) -> None:
    server.answers = [told({"message": "Bad credentials"}, 401), told({"id": 1})]
    assert await client.get("/x") == {"id": 1}
    assert [each[2]["Authorization"] for each in server.asked] == ["token first", "token second"]
    server.asked.clear()
    server.answers = [told({"message": "Bad credentials"}, 401)]
    with pytest.raises(Forbidden, match="Bad credentials") as caught:
        await client.get("/x")
    assert caught.value.status == 401
    assert len(server.asked) == 2
    assert "token second" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error", "match"),
    [
        (404, {"message": "Not Found"}, NotFound, "nothing for GET /x"),
        (410, {"message": "This issue was deleted"}, NotFound, "deleted"),
        (403, {"message": "Resource not accessible by integration"}, Forbidden, "permissions"),
        (451, {"message": "blocked"}, Forbidden, "blocked"),
        (409, {"message": "Git Repository is empty."}, Unprocessable, "empty"),
        (
            422,
            {"message": "Validation Failed", "errors": [{"message": "No commits between a and b"}]},
            Unprocessable,
            "No commits",
        ),
        (422, {"message": "Reference already exists"}, Unprocessable, "already exists"),
        (
            422,
            {"message": "Validation Failed", "errors": [{"code": "custom", "field": "x", "message": "odd"}]},
            Unprocessable,
            "odd",
        ),
        (405, {"message": "Pull Request is not mergeable"}, Unprocessable, "not mergeable"),
        (400, {"message": "Problems parsing JSON"}, Unprocessable, "parsing"),
        (413, "too large", Unprocessable, "GET /x"),
    ],
)
async def test_each_refusal_is_an_error_of_its_own_kind_with_githubs_words(  # noqa: PLR0917 - fixtures and a table
    client: Client, server: Answering, status: int, body: Any, error: type[NotFound], match: str
) -> None:
    server.answers = [told(body, status)]
    with pytest.raises(error, match=match) as caught:
        await client.get("/x")
    assert caught.value.status == status
    assert "\n" not in str(caught.value)


async def test_hostile_words_of_an_answer_stay_on_one_short_line(client: Client, server: Answering) -> None:
    server.answers = [told({"message": "a\nb\x1b[31m\u202e" + "c" * 5000}, 404)]
    with pytest.raises(NotFound) as caught:
        await client.get("/x")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


async def test_pages_follow_the_link_wherever_in_the_api_it_leads(client: Client, server: Answering) -> None:
    following = f'<{server.url}/api/v3/repositories/7/issues?page=2>; rel="next", <{server.url}/z>; rel="last"'
    server.answers = [told([1, 2], Link=following), told({"check_runs": [3], "total_count": 1})]
    assert [each async for each in client.pages("/repos/o/r/issues", "check_runs")] == [1, 2, 3]
    assert [each[1] for each in server.asked] == ["/api/v3/repos/o/r/issues?per_page=100", "/api/v3/repositories/7/issues?page=2"]


async def test_a_link_to_another_host_never_gets_the_token(client: Client, server: Answering) -> None:
    server.answers = [told([1], Link='<https://evil.example/x>; rel="next"')]
    with pytest.raises(Fatal, match=r"evil\.example"):
        _ = [each async for each in client.pages("/x")]
    assert len(server.asked) == 1


async def test_a_redirect_is_followed_with_method_and_body_inside_the_api(client: Client, server: Answering) -> None:
    moved = web.Response(status=307, headers={"Location": f"{server.url}/api/v3/repositories/7/issues"})
    server.answers = [moved, told({"number": 1}, 201)]
    assert await client.post("/repos/old/name/issues", {"title": "t"}) == {"number": 1}
    method, path, headers, body = server.asked[1]
    assert (method, path, json.loads(body)) == ("POST", "/api/v3/repositories/7/issues", {"title": "t"})
    assert headers["Authorization"] == "token first"


async def test_a_redirect_to_another_host_is_refused(client: Client, server: Answering) -> None:
    server.answers = [web.Response(status=302, headers={"Location": "https://evil.example/x"})]
    with pytest.raises(Unprocessable) as caught:
        await client.get("/x")
    assert caught.value.status == 302
    assert len(server.asked) == 1


async def test_graphql_goes_beside_the_rest_api_and_its_errors_tell_their_type(client: Client, server: Answering) -> None:
    server.answers = [told({"data": {"viewer": {"login": "pawl"}}})]
    assert await client.graphql("query Q($n: Int) { viewer { login } }", n=3) == {"viewer": {"login": "pawl"}}
    _, path, headers, body = server.asked[0]
    assert path == "/api/graphql"
    assert json.loads(body)["variables"] == {"n": 3}
    assert headers["Authorization"] == "token first"
    server.answers = [told({"data": None, "errors": [{"type": "UNPROCESSABLE", "message": "Pull request is in clean status"}]})]
    with pytest.raises(Unprocessable, match="clean status") as caught:
        await client.graphql("mutation M { x }")
    assert caught.value.kind == "UNPROCESSABLE"


async def test_a_graphql_limit_is_a_limit(client: Client, server: Answering) -> None:
    server.answers = [told({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})]
    with pytest.raises(LimitReached):
        await client.graphql("query { x }")


async def test_an_answer_that_is_no_json_is_worth_another_try(client: Client, server: Answering) -> None:
    server.answers = [web.Response(body=b"{", content_type="application/json")]
    with pytest.raises(Retryable, match="no answer"):
        await client.get("/x")


async def test_a_graphql_refusal_without_words_is_worth_another_try(client: Client, server: Answering) -> None:
    server.answers = [told({"unexpected": True}, 400)]
    with pytest.raises(Retryable):
        await client.graphql("query { x }")


async def test_names_from_strangers_stay_one_segment(client: Client, server: Answering) -> None:
    server.answers = [told({})]
    await client.get(f"/repos/o/r/labels/{segment('a/../b {c} ?x#y%2e')}")
    assert server.asked[0][1] == "/api/v3/repos/o/r/labels/a%2F..%2Fb%20%7Bc%7D%20%3Fx%23y%252e"


async def test_nothing_that_is_logged_holds_the_token(
    client: Client, server: Answering, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers = [told({"message": "secondary rate limit"}, 429, Retry_After="1"), web.Response(status=500), told({})]
    await client.get("/x")
    assert "first" not in caplog.text


async def test_a_limit_of_a_real_server_is_waited_for_and_the_work_is_done_once(hosted: Hosted) -> None:
    number = hosted.owner.open_issue(hosted.name, "Broken")
    hosted.double.fault("secondary", path=f"/repos/{hosted.name}/issues/{number}/comments$", count=1, retry_after=1)
    await hosted.repo.post(f"issues/{number}/comments", {"body": "once"})
    assert hosted.double.said(hosted.name, number) == ["once"]
