"""The double's own ground: who may ask what, how answers are worded and paged, what faults do."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from tests.doubles.github.client import AppFacts, Double, Refused, ask

REPO = "mona/shop"
MANIFEST = {
    "name": "Pawl",
    "default_permissions": {"contents": "write", "issues": "write", "pull_requests": "read"},
    "default_events": ["issues", "issue_comment", "push"],
}


def signed(app: AppFacts, *, issued: int = -60, expires: int = 540, key: str | None = None) -> str:
    now = int(time.time())
    claims = {"iss": str(app.id), "iat": now + issued, "exp": now + expires}
    return jwt.encode(claims, key or app.pem, "RS256")


def installed(double: Double, **token: Any) -> tuple[AppFacts, str]:
    """Return an App on mona's repository and a token of its installation, narrowed as asked."""
    double.person("mona")
    double.repository(REPO, {"a.txt": "one\n"}, private=True)
    app = double.app("mona", MANIFEST)
    made = double.install(app, "mona", [REPO])
    answer = ask("POST", f"{double.api}/app/installations/{made}/access_tokens", token, signed(app))
    secret: str = answer.body["token"]
    return app, secret


def refusal(method: str, url: str, data: Any = None, token: str | None = None, **headers: str) -> Refused:
    with pytest.raises(Refused) as caught:
        ask(method, url, data, token, **headers)
    return caught.value


def test_an_app_is_known_by_its_signature(github: Double) -> None:
    github.person("mona")
    app, other = github.app("mona", MANIFEST), github.app("mona", MANIFEST | {"name": "Other"})
    assert ask("GET", f"{github.api}/app", token=signed(app)).body["slug"] == "pawl"
    assert refusal("GET", f"{github.api}/app", token=signed(app, key=other.pem)).status == 401


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"expires": 700}, "too far in the future"),
        ({"expires": -1}, "must be a numeric value representing the future time"),
        ({"issued": 30}, "'Issued at' claim"),
    ],
)
def test_a_jwt_with_wrong_times_is_refused(github: Double, times: dict[str, Any], words: str) -> None:
    github.person("mona")
    app = github.app("mona", MANIFEST)
    said = refusal("GET", f"{github.api}/app", token=signed(app, **times))
    assert said.status == 401
    assert words in said.body["message"]


def test_nobody_and_a_wrong_secret(github: Double) -> None:
    assert refusal("GET", f"{github.api}/user").body["message"] == "Requires authentication"
    assert refusal("GET", f"{github.api}/user", token="ghp_no").body["message"] == "Bad credentials"


def test_a_token_does_only_what_it_was_narrowed_to(github: Double) -> None:
    _, secret = installed(github, permissions={"issues": "read"}, repositories=["shop"])
    url = f"{github.api}/repos/{REPO}"
    assert ask("GET", f"{url}/issues", token=secret).body == []
    said = refusal("POST", f"{url}/issues", {"title": "No"}, secret)
    assert (said.status, said.body["message"]) == (403, "Resource not accessible by integration")
    assert refusal("GET", f"{url}/contents/a.txt", token=secret).status == 403


def test_more_than_was_granted_cannot_be_had(github: Double) -> None:
    app, _ = installed(github)
    made = ask("GET", f"{github.api}/app/installations", token=signed(app)).body[0]["id"]
    url = f"{github.api}/app/installations/{made}/access_tokens"
    said = refusal("POST", url, {"permissions": {"pull_requests": "write"}}, signed(app))
    assert said.body["message"] == "The permissions requested are not granted to this installation."
    assert refusal("POST", url, {"repositories": ["elsewhere"]}, signed(app)).status == 422


def test_a_repository_that_the_installation_does_not_reach(github: Double) -> None:
    _, secret = installed(github)
    github.repository("mona/hidden", private=True)
    github.repository("mona/open")
    assert refusal("GET", f"{github.api}/repos/mona/hidden", token=secret).status == 404
    assert ask("GET", f"{github.api}/repos/mona/open", token=secret).body["full_name"] == "mona/open"
    assert refusal("POST", f"{github.api}/repos/mona/open/issues", {"title": "No"}, secret).status == 403


def test_a_token_ends_by_revocation_and_by_time(github: Double) -> None:
    app, secret = installed(github)
    ask("DELETE", f"{github.api}/installation/token", token=secret)
    assert refusal("GET", f"{github.api}/repos/{REPO}", token=secret).status == 401
    made = ask("GET", f"{github.api}/app/installations", token=signed(app)).body[0]["id"]
    fresh = ask("POST", f"{github.api}/app/installations/{made}/access_tokens", {}, signed(app)).body["token"]
    github.later(3601)
    assert refusal("GET", f"{github.api}/repos/{REPO}", token=fresh).status == 401


def test_a_suspended_installation_does_nothing(github: Double) -> None:
    app, secret = installed(github)
    made = ask("GET", f"{github.api}/repos/{REPO}/installation", token=signed(app)).body["id"]
    github.admin("PATCH", f"/installations/{made}", {"suspended": True})
    assert refusal("GET", f"{github.api}/repos/{REPO}", token=secret).body["message"] == "This installation has been suspended"
    assert refusal("POST", f"{github.api}/app/installations/{made}/access_tokens", {}, signed(app)).status == 403
    github.admin("PATCH", f"/installations/{made}", {"suspended": False})
    assert ask("GET", f"{github.api}/repos/{REPO}", token=secret).status == 200


def test_people_may_what_their_role_says(github: Double) -> None:
    mona, reader, stranger = github.person("mona"), github.person("reader"), github.person("stranger")
    github.repository(REPO, {"a.txt": "one\n"}, private=True, collaborators={"reader": "read"})
    number = reader.open_issue(REPO, "Seen", labels=["bug"])
    assert mona.ask("GET", f"/repos/{REPO}/issues/{number}")["labels"] == []
    with pytest.raises(Refused, match="403"):
        reader.labels(REPO, number, "bug")
    with pytest.raises(Refused, match="404"):
        stranger.ask("GET", f"/repos/{REPO}")


def test_the_permission_of_a_collaborator(github: Double) -> None:
    for login in ("mona", "dev", "lead", "guest"):
        github.person(login)
    github.organisation("acme", owners=["mona"], members=["dev", "lead"], base_role="read", custom_roles={"releaser": "maintain"})
    github.repository("acme/site", private=True, collaborators={"guest": "triage"})
    github.team("acme", "leads", ["lead"], {"acme/site": "releaser"})
    found = {}
    for login in ("mona", "dev", "lead", "guest"):
        one = github.get(f"/repos/acme/site/collaborators/{login}/permission")
        found[login] = (one["permission"], one["role_name"], one["user"]["permissions"]["push"])
    assert found == {
        "mona": ("admin", "admin", True),
        "dev": ("read", "read", False),
        "lead": ("write", "releaser", True),
        "guest": ("read", "triage", False),
    }
    with pytest.raises(Refused, match="404"):
        github.get("/repos/acme/site/collaborators/ghost/permission")


def test_pages_are_linked_by_the_repository_id(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    for number in range(5):
        mona.open_issue(REPO, f"Issue {number}")
    first = ask("GET", f"{github.api}/repos/{REPO}/issues?per_page=2", token=mona.token)
    links = {part.split("; ")[1]: part.split("; ")[0].strip("<>") for part in first.headers["link"].split(", ")}
    following = links['rel="next"']
    assert "/repositories/" in following
    second = ask("GET", following, token=mona.token)
    assert [issue["number"] for issue in first.body + second.body] == [5, 4, 3, 2]
    last = ask("GET", links['rel="last"'], token=mona.token)
    assert [issue["number"] for issue in last.body] == [1]
    assert 'rel="next"' not in last.headers["link"]


def test_what_has_not_changed_is_not_sent_again_and_costs_nothing(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    url = f"{github.api}/repos/{REPO}"
    first = ask("GET", url, token=mona.token)
    again = refusal("GET", url, token=mona.token, If_None_Match=first.headers["etag"])
    assert again.status == 304
    rate = ask("GET", f"{github.api}/rate_limit", token=mona.token).body["rate"]
    assert rate["used"] == 1
    github.change(REPO, private=True)
    assert ask("GET", url, token=mona.token, If_None_Match=first.headers["etag"]).body["private"] is True


def test_the_version_is_checked_and_said(github: Double) -> None:
    mona = github.person("mona")
    found = ask("GET", f"{github.api}/user", token=mona.token, X_GitHub_Api_Version="2026-03-10")
    assert found.headers["x-github-api-version-selected"] == "2026-03-10"
    assert found.headers["x-github-request-id"]
    assert refusal("GET", f"{github.api}/user", token=mona.token, X_GitHub_Api_Version="1999-01-01").status == 400


def test_urls_are_built_from_the_host_that_was_asked(github: Double) -> None:
    github.person("mona")
    github.repository(REPO)
    found = ask("GET", f"{github.api}/repos/{REPO}", Host="recorder.test:99").body
    assert found["url"] == f"http://recorder.test:99/api/v3/repos/{REPO}"
    assert found["clone_url"] == f"http://recorder.test:99/{REPO}.git"
    found = ask("GET", f"{github.url}/repos/{REPO}", Host="api.github.localhost").body
    assert found["url"] == f"http://api.github.localhost/repos/{REPO}"
    assert found["html_url"] == f"http://github.localhost/{REPO}"


def test_a_text_that_is_too_long_is_refused_whole(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    number = mona.open_issue(REPO, "Long")
    mona.comments(REPO, number, "a" * 65_536)
    with pytest.raises(Refused) as caught:
        mona.comments(REPO, number, "a" * 65_537)
    assert caught.value.status == 422
    assert caught.value.body["errors"][0]["message"] == "Body is too long (maximum is 65536 characters)"
    assert len(github.said(REPO, number)) == 1


def test_reactions_are_one_of_a_kind(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    comment = mona.comments(REPO, mona.open_issue(REPO, "React"), "Hello")
    assert mona.reacts(REPO, comment, "eyes") == mona.reacts(REPO, comment, "eyes")
    assert github.get(f"/repos/{REPO}/issues/comments/{comment}")["reactions"]["eyes"] == 1
    with pytest.raises(Refused, match="422"):
        mona.reacts(REPO, comment, "shrug")


def test_primary_limit(github: Double) -> None:
    mona = github.person("mona")
    github.admin("PATCH", "/limits", {"primary": 2})
    left = [ask("GET", f"{github.api}/user", token=mona.token).headers["x-ratelimit-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    said = refusal("GET", f"{github.api}/user", token=mona.token)
    assert said.status == 403
    assert "rate limit exceeded" in said.body["message"]
    github.later(3601)
    assert ask("GET", f"{github.api}/user", token=mona.token).status == 200


def test_too_many_comments_a_minute(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    number = mona.open_issue(REPO, "Fast")
    github.admin("PATCH", "/limits", {"creations_a_minute": 3, "retry_after": 7})
    for _ in range(2):
        mona.comments(REPO, number, "again")
    with pytest.raises(Refused, match="secondary rate limit"):
        mona.comments(REPO, number, "again")
    github.later(61)
    mona.comments(REPO, number, "again")


def test_faults_strike_the_requests_that_are_named(github: Double) -> None:
    mona = github.person("mona")
    github.fault("status", path="/user$", status=503, count=1)
    github.fault("secondary", path="/user$", retry_after=2, count=1)
    assert refusal("GET", f"{github.api}/user", token=mona.token).status == 503
    assert refusal("GET", f"{github.api}/user", token=mona.token).status == 403
    assert ask("GET", f"{github.api}/user", token=mona.token).status == 200
    github.fault("reset", path="/user$")
    with pytest.raises(OSError):  # noqa: PT011 - a cut connection comes as one of several
        ask("GET", f"{github.api}/user", token=mona.token)
    github.no_faults()
    assert ask("GET", f"{github.api}/user", token=mona.token).status == 200


def test_an_answer_that_is_lost_was_acted_on(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    number = mona.open_issue(REPO, "Lost")
    github.fault("lost", path="/comments$", count=1)
    with pytest.raises(OSError):  # noqa: PT011 - a cut connection comes as one of several
        mona.comments(REPO, number, "Said, unheard")
    assert github.said(REPO, number) == ["Said, unheard"]


def test_everything_is_recorded(github: Double) -> None:
    mona = github.person("mona")
    github.repository(REPO)
    mona.open_issue(REPO, "Recorded")
    line = github.traffic("rest")[-1]
    assert (line["method"], line["template"], line["status"]) == ("POST", "/repos/{owner}/{repo}/issues", 201)
    assert line["request"]["title"] == line["response"]["title"] == "Recorded"
