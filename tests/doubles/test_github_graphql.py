"""GraphQL on the double: questions on GitHub's own schema, reverts, commits, and how errors look."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop

LOOK = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    id autoMergeAllowed defaultBranchRef { name target { oid ... on Commit { messageHeadline signature { isValid } } } }
    pullRequest(number: $number) {
      id state isDraft mergeable mergeStateStatus reviewDecision headRefOid baseRefName isCrossRepository
      author { login __typename } autoMergeRequest { mergeMethod } mergeCommit { oid }
      reviews(first: 10) { totalCount nodes { state author { login } commit { oid } } pageInfo { hasNextPage } }
    }
    pullRequests(first: 5, states: [OPEN]) { nodes { number } }
  }
  rateLimit { remaining resetAt }
}"""
REVERT = """
mutation($id: ID!, $draft: Boolean, $title: String, $body: String) {
  revertPullRequest(input: {pullRequestId: $id, draft: $draft, title: $title, body: $body}) {
    pullRequest { number } revertPullRequest { number title body isDraft headRefName headRefOid }
  }
}"""
COMMIT = """
mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    commit { oid message signature { isValid wasSignedByGitHub } } ref { name target { oid } }
  }
}"""
DRAFT = "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"
READY = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"


def look(shop: Shop, number: int) -> dict[str, Any]:
    owner, _, name = shop.repo.partition("/")
    found: dict[str, Any] = shop.graphql(LOOK, owner=owner, name=name, number=number)["data"]["repository"]
    return found


def commit(shop: Shop, head: str, **changes: Any) -> dict[str, Any]:
    wanted = {
        "branch": {"repositoryNameWithOwner": shop.repo, "branchName": "two"},
        "expectedHeadOid": head,
        "message": {"headline": "Lower the price", "body": "Because."},
        "fileChanges": changes,
    }
    return shop.graphql(COMMIT, input=wanted)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def file(shop: Shop, ref: str, path: str = "shop.py") -> str:
    return base64.b64decode(shop.call("GET", f"/contents/{path}?ref={ref}").body["content"]).decode()


def test_a_repository_and_its_pull_request_are_asked_for(shop: Shop) -> None:
    shop.protect({"required_approving_review_count": 1}, checks=False)
    made = shop.pull()
    shop.owner.reviews(shop.repo, made["number"])
    found = look(shop, made["number"])
    assert found["autoMergeAllowed"] is True
    assert found["defaultBranchRef"]["name"] == "main"
    pull = found["pullRequest"]
    assert (pull["state"], pull["mergeable"], pull["mergeStateStatus"], pull["reviewDecision"]) == (
        "OPEN",
        "MERGEABLE",
        "CLEAN",
        "APPROVED",
    )
    assert (pull["id"], pull["headRefOid"]) == (made["node_id"], made["head"]["sha"])
    assert pull["author"] == {"login": shop.bob.login, "__typename": "User"}
    assert [each["state"] for each in pull["reviews"]["nodes"]] == ["APPROVED"]
    assert found["pullRequests"]["nodes"] == [{"number": made["number"]}]


def test_what_is_not_there_is_an_error_of_its_kind(shop: Shop) -> None:
    answer = shop.graphql('{ repository(owner: "no", name: "body") { id } }')
    assert (answer["data"], answer["errors"][0]["type"]) == ({"repository": None}, "NOT_FOUND")
    answer = shop.graphql('{ node(id: "PR_none") { id } }')
    assert answer["errors"][0]["message"] == "Could not resolve to a node with the global id of 'PR_none'"


@pytest.mark.parametrize("query", ["{ viewer { logn } }", "{ viewer {", "mutation { burn(input: {}) { ok } }"])
def test_what_the_schema_does_not_know_is_refused(shop: Shop, query: str) -> None:
    answer = shop.graphql(query)
    assert "data" not in answer
    assert answer["errors"][0]["message"]


def test_a_query_is_needed_and_a_token(shop: Shop) -> None:
    with pytest.raises(Refused, match="400"):
        shop.bob.ask("POST", "/graphql", {})


def test_people_and_apps_are_viewers(shop: Shop) -> None:
    assert shop.graphql("{ viewer { login databaseId } }", shop.bob)["data"]["viewer"] == {
        "login": shop.bob.login,
        "databaseId": shop.bob.id,
    }
    assert shop.graphql("{ viewer { login } }")["data"]["viewer"]["login"] == shop.app.bot


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_merged_change_is_taken_back(shop: Shop, method: str) -> None:
    made = shop.pull()
    shop.page(f"/pulls/{made['number']}/push", shop.bob, files={"more.py": "m = 1\n"})
    shop.owner.merges(shop.repo, made["number"], method)
    shop.owner.pushes(shop.repo, {"later.py": "l = 1\n"})
    answer = shop.graphql(REVERT, id=made["node_id"], draft=True)["data"]["revertPullRequest"]
    back = answer["revertPullRequest"]
    assert (back["title"], back["body"]) == ('Revert "Raise the price"', f"Reverts {shop.repo}#{made['number']}")
    assert (back["isDraft"], back["headRefName"]) == (True, f"revert-{made['number']}-two")
    assert file(shop, back["headRefOid"]) == "price = 1\n"
    assert file(shop, back["headRefOid"], "later.py") == "l = 1\n"
    with pytest.raises(Refused, match="404"):
        file(shop, back["headRefOid"], "more.py")
    assert shop.call("GET", f"/git/commits/{back['headRefOid']}").body["verification"]["verified"] is True
    with pytest.raises(Refused, match=r"405.*draft"):
        shop.owner.merges(shop.repo, back["number"])


def test_what_does_not_revert_cleanly_is_refused(shop: Shop) -> None:
    made = shop.pull()
    assert shop.graphql(REVERT, id=made["node_id"])["errors"][0]["message"] == "Pull request is not merged"
    shop.owner.merges(shop.repo, made["number"])
    shop.owner.pushes(shop.repo, {"shop.py": "price = 99\n"})
    (error,) = shop.graphql(REVERT, id=made["node_id"])["errors"]
    assert (error["type"], "conflicts" in error["message"]) == ("UNPROCESSABLE", True)


def test_commits_made_so_are_signed_by_github(shop: Shop) -> None:
    made = shop.pull()
    additions = [{"path": "shop.py", "contents": encoded("price = 0\n")}, {"path": "sub/new.py", "contents": encoded("n = 1\n")}]
    found = commit(shop, made["head"]["sha"], additions=additions, deletions=[{"path": "README.md"}])["data"][
        "createCommitOnBranch"
    ]
    assert found["commit"]["message"] == "Lower the price\n\nBecause."
    assert found["commit"]["signature"] == {"isValid": True, "wasSignedByGitHub": True}
    assert found["ref"]["target"]["oid"] == found["commit"]["oid"] == shop.now(made["number"])["head"]["sha"]
    assert file(shop, "two") == "price = 0\n"
    assert shop.actions("pull_request")[-1] == "synchronize"
    plain = shop.call("GET", f"/git/commits/{found['commit']['oid']}").body
    assert (plain["author"]["name"], plain["committer"]["name"]) == (shop.app.bot, "GitHub")


def test_a_branch_that_moved_takes_no_commit(shop: Shop) -> None:
    shop.pull()
    (error,) = commit(shop, "0" * 40, additions=[])["errors"]
    assert (error["type"], "but it did not" in error["message"]) == ("STALE_DATA", True)


def test_a_deletion_of_nothing_is_refused(shop: Shop) -> None:
    made = shop.pull()
    assert commit(shop, made["head"]["sha"], deletions=[{"path": "none.py"}])["errors"][0]["type"] == "UNPROCESSABLE"


def test_workflows_are_not_touched_without_permission(shop: Shop) -> None:
    made = shop.pull()
    additions = [{"path": ".github/workflows/x.yml", "contents": encoded("on: push\n")}]
    (error,) = commit(shop, made["head"]["sha"], additions=additions)["errors"]
    assert "without `workflows` permission" in error["message"]
    assert shop.now(made["number"])["head"]["sha"] == made["head"]["sha"]


def test_drafts_come_and_go(shop: Shop) -> None:
    made = shop.pull()
    assert shop.graphql(DRAFT, id=made["node_id"])["data"]["convertPullRequestToDraft"]["pullRequest"]["isDraft"] is True
    assert shop.now(made["number"])["mergeable_state"] == "draft"
    assert shop.graphql(READY, id=made["node_id"])["data"]["markPullRequestReadyForReview"]["pullRequest"]["isDraft"] is False
    assert shop.actions("pull_request") == ["opened", "converted_to_draft", "ready_for_review"]


def test_a_token_narrowed_to_reading_changes_nothing(shop: Shop) -> None:
    made = shop.pull()
    (error,) = shop.graphql(DRAFT, shop.eve, id=made["node_id"])["errors"]
    assert error["type"] == "FORBIDDEN"
    assert shop.now(made["number"])["draft"] is False
