"""Conversations on the lines of pull requests on the double: where they begin, where their lines go, and what they hold up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.github.client import Person, Refused, ask
from tests.doubles.scene import Shop
from tests.doubles.test_github_core import signed
from tests.doubles.test_github_protection import pull_rule, ruleset

FILES = {"shop.py": "price = 2\nname = 'tea'\n"}
THREADS = """
query($owner: String!, $name: String!, $number: Int!, $first: Int, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      mergeStateStatus
      reviewThreads(first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated path line originalLine diffSide subjectType resolvedBy { login }
          viewerCanResolve viewerCanUnresolve
          comments(first: 5) { totalCount nodes { databaseId url body author { login } } }
        }
      }
    }
  }
}"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved viewerCanUnresolve } } }"
UNRESOLVE = "mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"


def threads(shop: Shop, number: int, who: Person | None = None, **page: Any) -> dict[str, Any]:
    owner, _, name = shop.repo.partition("/")
    answer = shop.graphql(THREADS, who, owner=owner, name=name, number=number, **({"first": 10} | page))
    found: dict[str, Any] = answer["data"]["repository"]["pullRequest"]["reviewThreads"]
    return found


def narrowed(shop: Shop, **permissions: str) -> str:
    """Return a token of the App's with these permissions only."""
    own = signed(shop.app)
    installation = ask("GET", f"{shop.double.api}{shop.api}/installation", None, own).body["id"]
    at = f"{shop.double.api}/app/installations/{installation}/access_tokens"
    token: str = ask("POST", at, {"permissions": permissions}, own).body["token"]
    return token


def refusal(shop: Shop, number: int, **but: Any) -> str:
    wanted = {"body": "Why?", "commit_id": shop.now(number)["head"]["sha"], "path": "shop.py", "line": 1} | but
    with pytest.raises(Refused) as refused:
        shop.owner.ask("POST", f"{shop.api}/pulls/{number}/comments", wanted)
    return str(refused.value)


def test_a_conversation_is_begun_answered_and_told(shop: Shop) -> None:
    number = shop.pull(files=FILES)["number"]
    first = shop.owner.remarks(shop.repo, number, "shop.py", 2)
    answer = {"body": "Since tea", "commit_id": shop.now(number)["head"]["sha"], "path": "shop.py", "in_reply_to": first}
    second = shop.call("POST", f"/pulls/{number}/comments", answer).body
    assert (second["in_reply_to_id"], second["line"], second["diff_hunk"].splitlines()[-1]) == (first, 2, "+name = 'tea'")
    assert [each["id"] for each in shop.call("GET", f"/pulls/{number}/comments").body] == [first, second["id"]]
    assert shop.call("GET", f"/pulls/comments/{first}").body["body"] == "Why?"
    assert shop.now(number)["review_comments"] == 2
    (thread,) = threads(shop, number)["nodes"]
    assert (thread["path"], thread["line"], thread["diffSide"], thread["isResolved"]) == ("shop.py", 2, "RIGHT", False)
    said = thread["comments"]["nodes"]
    assert [(each["author"]["login"], each["body"]) for each in said] == [
        (shop.owner.login, "Why?"),
        (shop.app.bot.removesuffix("[bot]"), "Since tea"),
    ]
    assert said[0]["url"].endswith(f"/{shop.repo}/pull/{number}#discussion_r{first}")


def test_a_review_is_put_around_what_is_said(shop: Shop) -> None:
    number = shop.pull()["number"]
    first = shop.owner.remarks(shop.repo, number, "shop.py", 1)
    (review,) = shop.call("GET", f"/pulls/{number}/reviews").body
    assert (review["state"], review["body"], review["user"]["login"]) == ("COMMENTED", "", shop.owner.login)
    assert shop.call("GET", f"/pulls/comments/{first}").body["pull_request_review_id"] == review["id"]
    assert shop.actions("pull_request_review") == ["submitted"]


def test_lines_of_both_sides_and_whole_files_can_be_talked_about(shop: Shop) -> None:
    number = shop.pull(files=FILES)["number"]
    shop.owner.remarks(shop.repo, number, "shop.py", 1, side="LEFT")
    whole = {"body": "All of it", "commit_id": shop.now(number)["head"]["sha"], "path": "shop.py", "subject_type": "file"}
    assert "line" not in shop.owner.ask("POST", f"{shop.api}/pulls/{number}/comments", whole)
    found = threads(shop, number)["nodes"]
    assert [(each["diffSide"], each["line"], each["subjectType"]) for each in found] == [
        ("LEFT", 1, "LINE"),
        ("RIGHT", None, "FILE"),
    ]
    assert not any(each["isOutdated"] for each in found)


@pytest.mark.parametrize(
    ("but", "why"),
    [
        ({"line": 3}, "must be part of the diff"),
        ({"line": 2, "side": "LEFT"}, "must be part of the diff"),
        ({"path": "README.md"}, "pull_request_review_thread.path"),
        ({"commit_id": "1" * 40}, "not part of the pull request"),
        ({"line": None}, "missing_field"),
        ({"body": " "}, "blank"),
        ({"in_reply_to": 1}, "in_reply_to"),
    ],
)
def test_what_no_conversation_can_be_about(shop: Shop, but: dict[str, Any], why: str) -> None:
    found = refusal(shop, shop.pull(files=FILES)["number"], **but)
    assert found.startswith("422")
    assert why in found


def test_a_line_is_followed_until_it_is_changed(shop: Shop) -> None:
    number = shop.pull(files=FILES)["number"]
    shop.owner.remarks(shop.repo, number, "shop.py", 2)
    shop.page(f"/pulls/{number}/push", shop.bob, files={"shop.py": "# Prices\n\nprice = 3\nname = 'tea'\n"})
    (thread,) = threads(shop, number)["nodes"]
    assert (thread["line"], thread["originalLine"], thread["isOutdated"]) == (4, 2, False)
    shop.page(f"/pulls/{number}/push", shop.bob, files={"shop.py": "price = 3\nname = 'salt'\n"})
    (thread,) = threads(shop, number)["nodes"]
    assert (thread["line"], thread["originalLine"], thread["isOutdated"]) == (None, 2, True)
    assert "line" not in shop.call("GET", f"/pulls/{number}/comments").body[0]


def test_conversations_are_read_page_by_page(shop: Shop) -> None:
    number = shop.pull(files=FILES)["number"]
    for line in (1, 2):
        shop.owner.remarks(shop.repo, number, "shop.py", line)
    first = threads(shop, number, first=1)
    second = threads(shop, number, first=1, after=first["pageInfo"]["endCursor"])
    assert [page["nodes"][0]["line"] for page in (first, second)] == [1, 2]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]


@pytest.mark.parametrize("by_ruleset", [False, True])
def test_where_the_branch_says_so_an_open_conversation_holds_up_the_merge(shop: Shop, *, by_ruleset: bool) -> None:
    number = shop.pull()["number"]
    shop.owner.remarks(shop.repo, number, "shop.py", 1)
    assert shop.now(number)["mergeable_state"] == "clean"
    if by_ruleset:
        rule = pull_rule(0)
        ruleset(shop, {**rule, "parameters": rule["parameters"] | {"required_review_thread_resolution": True}})
    else:
        shop.protect(checks=False, required_conversation_resolution=True)
    assert shop.now(number)["mergeable_state"] == "blocked"
    with pytest.raises(Refused, match=r"405.*A conversation must be resolved"):
        shop.owner.merges(shop.repo, number)
    node = threads(shop, number)["nodes"][0]["id"]
    thread = shop.graphql(RESOLVE, id=node)["data"]["resolveReviewThread"]["thread"]
    assert thread == {"isResolved": True, "viewerCanUnresolve": True}
    assert shop.now(number)["mergeable_state"] == "clean"
    shop.graphql(UNRESOLVE, shop.owner, id=node)
    assert shop.now(number)["mergeable_state"] == "blocked"
    shop.graphql(RESOLVE, shop.owner, id=node)
    assert threads(shop, number)["nodes"][0]["resolvedBy"] == {"login": shop.owner.login}
    assert shop.owner.merges(shop.repo, number)


def test_what_is_armed_merges_with_the_last_conversation_resolved(shop: Shop) -> None:
    shop.protect(checks=False, required_conversation_resolution=True)
    made = shop.pull(files=FILES)
    for line in (1, 2):
        shop.owner.remarks(shop.repo, made["number"], "shop.py", line)
    arm = "mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { number } } }"
    assert "errors" not in shop.graphql(arm, id=made["node_id"])
    for thread in threads(shop, made["number"])["nodes"]:
        assert not shop.now(made["number"])["merged"]
        shop.graphql(RESOLVE, shop.bob, id=thread["id"])
    assert shop.now(made["number"])["merged"]


def test_who_may_resolve_a_conversation(shop: Shop) -> None:
    eves, bobs = shop.pull(shop.eve)["number"], shop.pull(branch="three")["number"]
    for number in (eves, bobs):
        shop.eve.remarks(shop.repo, number, "shop.py", 1)
    (mine,), (not_mine,) = threads(shop, eves, shop.eve)["nodes"], threads(shop, bobs, shop.eve)["nodes"]
    assert (mine["viewerCanResolve"], not_mine["viewerCanResolve"]) == (True, False)
    (error,) = shop.graphql(RESOLVE, shop.eve, id=not_mine["id"])["errors"]
    assert error["type"] == "FORBIDDEN", "who began it may not, unless the pull request is his or he may write"
    for who, node in ((shop.eve, mine["id"]), (shop.bob, not_mine["id"])):
        assert shop.graphql(RESOLVE, who, id=node)["data"]["resolveReviewThread"]["thread"]["isResolved"] is True
    assert shop.graphql(RESOLVE, id="PRRT_none")["errors"][0]["type"] == "NOT_FOUND"


def test_an_app_needs_the_permissions(shop: Shop) -> None:
    shop.double.change(shop.repo, private=True)
    number = shop.pull()["number"]
    shop.owner.remarks(shop.repo, number, "shop.py", 1)
    node = threads(shop, number)["nodes"][0]["id"]
    reads, blind = narrowed(shop, contents="read", pull_requests="read"), narrowed(shop, contents="read")
    owner, _, name = shop.repo.partition("/")
    asked = {"query": THREADS, "variables": {"owner": owner, "name": name, "number": number, "first": 1}}
    answers = [ask("POST", f"{shop.double.url}/api/graphql", asked, token).body for token in (reads, blind)]
    assert "errors" not in answers[0]
    assert answers[1]["errors"][0]["type"] == "FORBIDDEN"
    wanted = {"query": RESOLVE, "variables": {"id": node}}
    assert ask("POST", f"{shop.double.url}/api/graphql", wanted, reads).body["errors"][0]["type"] == "FORBIDDEN"
    with pytest.raises(Refused, match="403"):
        ask("GET", f"{shop.double.api}{shop.api}/pulls/{number}/comments", None, blind)
    said = {"body": "Why?", "commit_id": shop.now(number)["head"]["sha"], "path": "shop.py", "line": 1}
    with pytest.raises(Refused, match="403"):
        ask("POST", f"{shop.double.api}{shop.api}/pulls/{number}/comments", said, reads)


def test_conversations_are_told_to_who_asked(shop: Shop) -> None:
    number = shop.pull()["number"]
    shop.owner.remarks(shop.repo, number, "shop.py", 1)
    node = threads(shop, number)["nodes"][0]["id"]
    for change in (RESOLVE, RESOLVE, UNRESOLVE):
        shop.graphql(change, id=node)
    assert shop.actions("pull_request_review_comment") == ["created"]
    told = shop.told("pull_request_review_thread")
    assert [action for action, _ in told] == ["resolved", "unresolved"]
    assert told[0][1]["thread"]["node_id"] == node
