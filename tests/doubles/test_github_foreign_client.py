"""Somebody else's client, PyGithub, at work on the double: it parses every answer by its own idea of GitHub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from github import Auth, Github, GithubException, GithubIntegration, InputGitTreeElement
from github.Repository import Repository

from tests.doubles.github.client import Double
from tests.doubles.test_github_core import MANIFEST, REPO


@pytest.fixture
def app(github: Double) -> Iterator[GithubIntegration]:
    github.person("mona")
    github.repository(REPO, {"a.txt": "one\n"}, private=True)
    made = github.app("mona", MANIFEST)
    github.install(made, "mona", [REPO])
    client = GithubIntegration(auth=Auth.AppAuth(made.id, made.pem), base_url=github.api, seconds_between_requests=0)
    yield client
    client.close()


@pytest.fixture
def shop(app: GithubIntegration, github: Double) -> Iterator[Repository]:
    installation = app.get_repo_installation("mona", "shop")
    token = app.get_access_token(installation.id).token
    client = Github(auth=Auth.Token(token), base_url=github.api, retry=None, seconds_between_requests=0, seconds_between_writes=0)
    yield client.get_repo(REPO)
    client.close()


def test_an_app_finds_itself_and_where_it_is(app: GithubIntegration) -> None:
    assert app.get_app().slug == "pawl"
    assert [one.app_id for one in app.get_installations()] == [app.get_app().id]
    narrowed = app.get_access_token(app.get_repo_installation("mona", "shop").id, permissions={"issues": "read"})
    assert narrowed.permissions == {"issues": "read", "metadata": "read"}


def test_issues_comments_and_reactions(shop: Repository) -> None:
    issue = shop.create_issue("Broken", "Words", labels=["bug"])
    comment = issue.create_comment("Seen")
    assert comment.create_reaction("eyes").content == "eyes"
    comment.edit("Seen again")
    assert [one.body for one in issue.get_comments()] == ["Seen again"]
    assert issue.user.login == "pawl[bot]"
    issue.add_to_labels("pawl:fix")
    assert [label.name for label in shop.get_issue(issue.number).labels] == ["bug", "pawl:fix"]
    issue.edit(state="closed")
    assert [one.number for one in shop.get_issues(state="closed")] == [issue.number]


def test_more_than_a_page(shop: Repository) -> None:
    issue = shop.create_issue("Many")
    for number in range(35):
        issue.create_comment(str(number))
    assert [one.body for one in issue.get_comments()] == [str(number) for number in range(35)]


def test_a_commit_is_made_and_a_branch_moved(shop: Repository) -> None:
    head = shop.get_branch("main").commit
    tree = shop.create_git_tree([InputGitTreeElement("b.txt", "100644", "blob", content="two\n")], head.commit.tree)
    made = shop.create_git_commit("Two", tree, [shop.get_git_commit(head.sha)])
    ref = shop.create_git_ref("refs/heads/pawl/2-two", made.sha)
    assert made.verification.verified
    file = shop.get_contents("b.txt", "pawl/2-two")
    assert not isinstance(file, list)
    assert file.decoded_content == b"two\n"
    assert shop.compare("main", "pawl/2-two").ahead_by == 1
    ref.delete()
    with pytest.raises(GithubException) as caught:
        shop.get_git_ref("heads/pawl/2-two")
    assert caught.value.status == 404


def test_what_was_not_granted_is_refused(shop: Repository) -> None:
    with pytest.raises(GithubException, match="Resource not accessible by integration"):
        shop.add_to_collaborators("mona", "admin")
    assert shop.get_collaborator_permission("mona") == "admin"
