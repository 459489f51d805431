"""Pull requests on the double: opened, followed, edited, closed and merged as on GitHub."""

from __future__ import annotations

import pytest

from tests.doubles.github.client import Refused
from tests.doubles.scene import Shop


def test_a_pull_request_is_opened_and_told(shop: Shop) -> None:
    made = shop.pull()
    assert (made["state"], made["mergeable_state"], made["commits"], made["additions"], made["deletions"]) == (
        "open",
        "clean",
        1,
        1,
        1,
    )
    assert made["head"]["label"] == f"{shop.owner.login}:two"
    assert shop.actions("pull_request") == ["opened"]
    assert shop.owner.ask("GET", f"{shop.api}/git/ref/pull/{made['number']}/head")["object"]["sha"] == made["head"]["sha"]
    assert shop.owner.ask("GET", f"{shop.api}/issues/{made['number']}")["pull_request"]["url"] == made["url"]


def test_lists_are_narrowed_by_state_head_and_base(shop: Shop) -> None:
    first, second = shop.pull(branch="one"), shop.pull(branch="two")
    shop.bob.close(shop.repo, first["number"])

    def numbers(query: str) -> list[int]:
        return [each["number"] for each in shop.call("GET", f"/pulls?{query}").body]

    assert numbers("") == [second["number"]]
    assert numbers("state=all") == [second["number"], first["number"]]
    assert numbers("state=closed") == [first["number"]]
    assert numbers(f"head={shop.owner.login}:two") == [second["number"]]
    assert numbers("base=other") == []


def test_files_and_commits_are_those_of_the_branch(shop: Shop) -> None:
    made = shop.pull(files={"shop.py": "price = 1\ntax = 2\n", "new.py": "x = 1\n", "README.md": None})
    shop.bob.pushes(shop.repo, {"other.py": "y = 1\n"})
    found = {each["filename"]: each for each in shop.call("GET", f"/pulls/{made['number']}/files").body}
    assert {name: each["status"] for name, each in found.items()} == {
        "shop.py": "modified",
        "new.py": "added",
        "README.md": "removed",
    }
    assert found["shop.py"]["patch"] == "@@ -1 +1,2 @@\n price = 1\n+tax = 2"
    commits = shop.call("GET", f"/pulls/{made['number']}/commits").body
    assert [each["sha"] for each in commits] == [made["head"]["sha"]]
    assert commits[0]["author"]["login"] == shop.bob.login


def test_a_push_moves_the_head_and_is_told(shop: Shop) -> None:
    made = shop.pull()
    moved = shop.page(f"/pulls/{made['number']}/push", shop.bob, files={"shop.py": "price = 3\n"})
    assert moved["head"]["sha"] != made["head"]["sha"]
    action, payload = shop.told("pull_request")[-1]
    assert (action, payload["before"], payload["after"]) == ("synchronize", made["head"]["sha"], moved["head"]["sha"])


def test_a_fork_s_pull_request_has_its_head_elsewhere(shop: Shop) -> None:
    fork = shop.eve.forks(shop.repo)
    made = shop.pull(shop.eve, fork=fork, branch="patch-1")
    assert made["head"]["repo"]["full_name"] == fork
    assert shop.owner.ask("GET", f"{shop.api}/git/ref/pull/{made['number']}/head")["object"]["sha"] == made["head"]["sha"]
    moved = shop.page(f"/pulls/{made['number']}/push", shop.eve, files={"shop.py": "price = 3\n"})
    assert shop.now(made["number"])["head"]["sha"] == moved["head"]["sha"]
    assert shop.check(moved["head"]["sha"])["pull_requests"] == []


def test_conflicts_make_it_dirty(shop: Shop) -> None:
    made = shop.pull()
    shop.bob.pushes(shop.repo, {"shop.py": "price = 9\n"})
    found = shop.now(made["number"])
    assert (found["mergeable"], found["mergeable_state"], found["merge_commit_sha"]) == (False, "dirty", None)
    with pytest.raises(Refused, match=r"405.*not mergeable"):
        shop.call("PUT", f"/pulls/{made['number']}/merge", {})


def test_where_github_is_slow_the_first_answer_is_unknown(shop: Shop) -> None:
    shop.double.admin("POST", f"/repositories/{shop.repo}/mergeability", {"slow": True})
    made = shop.bob.ask("GET", f"{shop.api}/pulls/{shop.pull()['number']}")
    shop.bob.pushes(shop.repo, {"other.py": "y = 1\n"})
    answers = [shop.now(made["number"]) for _ in range(2)]
    assert [(each["mergeable"], each["mergeable_state"]) for each in answers] == [(None, "unknown"), (True, "clean")]
    assert shop.told("pull_request")[0][1]["pull_request"]["mergeable_state"] == "unknown"


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_merging_moves_the_base_and_closes(shop: Shop, method: str, parents: int) -> None:
    made = shop.pull()
    shop.bob.pushes(shop.repo, {"other.py": "y = 1\n"})
    done = shop.call("PUT", f"/pulls/{made['number']}/merge", {"sha": made["head"]["sha"], "merge_method": method}).body
    found = shop.now(made["number"])
    assert (found["state"], found["merged"], found["merge_commit_sha"], found["merged_by"]["type"]) == (
        "closed",
        True,
        done["sha"],
        "Bot",
    )
    commit = shop.call("GET", f"/git/commits/{done['sha']}").body
    assert len(commit["parents"]) == parents
    assert commit["verification"]["verified"] is (method != "rebase")
    assert shop.call("GET", "/git/ref/heads/main").body["object"]["sha"] == done["sha"]
    assert shop.actions("pull_request")[-1] == "closed"
    assert shop.told("push")[-1][1]["after"] == done["sha"]


def test_another_head_than_expected_is_a_conflict(shop: Shop) -> None:
    made = shop.pull()
    shop.page(f"/pulls/{made['number']}/push", shop.bob, files={"shop.py": "price = 3\n"})
    with pytest.raises(Refused, match=r"409.*Head branch was modified"):
        shop.call("PUT", f"/pulls/{made['number']}/merge", {"sha": made["head"]["sha"]})


def test_methods_that_are_switched_off_are_refused(shop: Shop) -> None:
    made = shop.pull()
    shop.double.change(shop.repo, settings={"allow_squash_merge": False})
    with pytest.raises(Refused, match=r"405.*Squash merges are not allowed"):
        shop.call("PUT", f"/pulls/{made['number']}/merge", {"merge_method": "squash"})


def test_a_base_that_contains_the_head_means_merged(shop: Shop) -> None:
    made = shop.pull()
    shop.owner.ask("PATCH", f"{shop.api}/git/refs/heads/main", {"sha": made["head"]["sha"]})
    assert shop.now(made["number"])["merged"] is True


def test_a_head_that_is_deleted_closes_it(shop: Shop) -> None:
    made = shop.pull()
    shop.call("DELETE", "/git/refs/heads/two")
    found = shop.now(made["number"])
    assert (found["state"], found["merged"]) == ("closed", False)
    with pytest.raises(Refused, match="422"):
        shop.call("PATCH", f"/pulls/{made['number']}", {"state": "open"})


def test_closing_and_opening_again(shop: Shop) -> None:
    made = shop.pull()
    shop.call("PATCH", f"/pulls/{made['number']}", {"state": "closed"})
    shop.call("PATCH", f"/pulls/{made['number']}", {"state": "open", "title": "New", "body": "Words"})
    assert shop.actions("pull_request") == ["opened", "closed", "edited", "reopened"]
    assert shop.told("pull_request")[2][1]["changes"] == {"title": {"from": "Raise the price"}, "body": {"from": ""}}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"title": "Again"}, "already exists"),
        ({"head": "main"}, "No commits between main and main"),
        ({"head": "none"}, "'field': 'head'"),
        ({"base": "none"}, "'field': 'base'"),
        ({"title": ""}, "missing_field"),
        ({"body": "x" * 65_537}, "maximum is 65536"),
    ],
)
def test_what_github_does_not_open(shop: Shop, data: dict[str, str], why: str) -> None:
    shop.pull()
    with pytest.raises(Refused, match="422") as refused:
        shop.call("POST", "/pulls", {"title": "Two", "head": "two", "base": "main", **data})
    assert why in str(refused.value.body)
    assert len(shop.call("GET", "/pulls?state=all").body) == 1


def test_a_body_of_the_greatest_length_is_taken(shop: Shop) -> None:
    made = shop.pull()
    assert len(shop.call("PATCH", f"/pulls/{made['number']}", {"body": "x" * 65_536}).body["body"]) == 65_536


def test_a_stranger_may_not_edit_or_merge(shop: Shop) -> None:
    made = shop.pull()
    with pytest.raises(Refused, match="403"):
        shop.eve.ask("PATCH", f"{shop.api}/pulls/{made['number']}", {"title": "Mine"})
    with pytest.raises(Refused, match="403"):
        shop.eve.merges(shop.repo, made["number"])


def test_the_newer_version_of_the_api_has_no_merge_commit(shop: Shop) -> None:
    made = shop.pull()
    found = shop.call("GET", f"/pulls/{made['number']}", None, X_GitHub_Api_Version="2026-03-10").body
    assert "merge_commit_sha" not in found
    assert "assignee" not in found


def test_the_branch_is_deleted_where_the_settings_say_so(shop: Shop) -> None:
    shop.double.change(shop.repo, settings={"delete_branch_on_merge": True})
    made = shop.pull()
    shop.call("PUT", f"/pulls/{made['number']}/merge", {})
    with pytest.raises(Refused, match="404"):
        shop.call("GET", "/git/ref/heads/two")
    assert shop.now(made["number"])["merged"] is True
