"""The double's git: over HTTP with tokens, through the git data API, and the rules that both obey."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.github.client import Double, Refused, ask
from tests.doubles.test_github_core import REPO, installed, signed


def git(folder: Path, *args: str, ok: bool = True) -> str:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    names = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
    done = subprocess.run(["git", *names, *args], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is ok, done.stderr
    return done.stdout.strip() if ok else done.stderr


def with_token(double: Double, secret: str, repo: str = REPO) -> str:
    return double.url.replace("http://", f"http://x-access-token:{secret}@") + f"/{repo}.git"


def checkout(double: Double, secret: str, folder: Path) -> Path:
    git(folder, "clone", "--quiet", with_token(double, secret), "work")
    return folder / "work"


def write(work: Path, path: str, text: str) -> None:
    (work / path).parent.mkdir(parents=True, exist_ok=True)
    (work / path).write_text(text)
    git(work, "add", ".")
    git(work, "commit", "--quiet", "-m", f"Write {path}")


def test_clone_and_push_with_a_token(github: Double, tmp_path: Path) -> None:
    _, secret = installed(github)
    work = checkout(github, secret, tmp_path)
    assert (work / "a.txt").read_text() == "one\n"
    write(work, "b.txt", "two\n")
    git(work, "push", "--quiet", "origin", "HEAD:refs/heads/feature/b")
    assert github.get(f"/repos/{REPO}/git/ref/heads/feature/b")["object"]["sha"] == git(work, "rev-parse", "HEAD")


def test_a_private_repository_is_not_there_for_others(github: Double, tmp_path: Path) -> None:
    installed(github)
    stranger = github.person("stranger")
    assert "not found" in git(tmp_path, "clone", with_token(github, stranger.token), "work", ok=False)
    assert "could not read Username" in git(tmp_path, "clone", f"{github.url}/{REPO}.git", "work", ok=False)


def test_reading_is_not_writing(github: Double, tmp_path: Path) -> None:
    _, secret = installed(github, permissions={"contents": "read"})
    work = checkout(github, secret, tmp_path)
    write(work, "b.txt", "two\n")
    assert "403" in git(work, "push", "origin", "HEAD:main", ok=False)


def test_an_app_pushes_no_workflows_but_a_person_does(github: Double, tmp_path: Path) -> None:
    _, secret = installed(github)
    work = checkout(github, secret, tmp_path)
    write(work, ".github/workflows/ci.yml", "on: push\n")
    write(work, "b.txt", "two\n")
    said = git(work, "push", "origin", "HEAD:main", ok=False)
    assert "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml`" in said
    git(work, "push", "--quiet", with_token(github, github.person("mona").token), "HEAD:main")
    write(work, "c.txt", "three\n")
    git(work, "push", "--quiet", "origin", "HEAD:main")


def test_a_push_is_told(github: Double, tmp_path: Path) -> None:
    app, secret = installed(github)
    github.hook(app, "http://127.0.0.1:9/hook")
    github.order("drop")
    work = checkout(github, secret, tmp_path)
    before = git(work, "rev-parse", "HEAD")
    write(work, "b.txt", "two\n")
    git(work, "push", "--quiet", "origin", "HEAD:main")
    pushed = payloads(github, app, "push")[0]
    assert (pushed["before"], pushed["after"], pushed["forced"]) == (before, git(work, "rev-parse", "HEAD"), False)
    assert [commit["added"] for commit in pushed["commits"]] == [["b.txt"]]
    assert pushed["sender"]["login"] == "pawl[bot]"
    git(work, "push", "--quiet", "--force", "origin", f"{before}:main")
    assert payloads(github, app, "push")[0]["forced"] is True


def payloads(double: Double, app: Any, event: str) -> list[dict[str, Any]]:
    """Return the payloads of an event, newest first, from the App's own log."""
    log = ask("GET", f"{double.api}/app/hook/deliveries", token=signed(app)).body
    full = [ask("GET", f"{double.api}/app/hook/deliveries/{one['id']}", token=signed(app)).body for one in log]
    return [one["request"]["payload"] for one in full if one["event"] == event]


def test_a_commit_by_the_api_is_signed_unless_it_names_an_author(github: Double) -> None:
    _, secret = installed(github)
    url = f"{github.api}/repos/{REPO}/git"
    head = ask("GET", f"{url}/ref/heads/main", token=secret).body["object"]["sha"]
    base = ask("GET", f"{url}/commits/{head}", token=secret).body["tree"]["sha"]
    blob = ask("POST", f"{url}/blobs", {"content": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"}, secret).body[
        "sha"
    ]
    entries = [
        {"path": "bin/data", "mode": "100644", "type": "blob", "sha": blob},
        {"path": "a.txt", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = ask("POST", f"{url}/trees", {"base_tree": base, "tree": entries}, secret).body["sha"]
    found = ask("GET", f"{url}/trees/{tree}?recursive=1", token=secret).body["tree"]
    assert [(one["path"], one["type"]) for one in found] == [("bin", "tree"), ("bin/data", "blob")]
    wanted = {"message": "By Pawl", "tree": tree, "parents": [head]}
    made = ask("POST", f"{url}/commits", wanted, secret).body
    assert made["verification"]["verified"] is True
    assert (made["author"]["name"], made["committer"]["email"]) == ("pawl[bot]", "noreply@github.com")
    named = ask("POST", f"{url}/commits", wanted | {"author": {"name": "X", "email": "x@example.com"}}, secret).body
    assert (named["verification"]["verified"], named["verification"]["reason"]) == (False, "unsigned")
    commit = ask("GET", f"{github.api}/repos/{REPO}/commits/{made['sha']}", token=secret).body
    assert (commit["author"]["login"], commit["committer"]["login"]) == ("pawl[bot]", "web-flow")
    assert {file["filename"]: file["status"] for file in commit["files"]} == {"a.txt": "removed", "bin/data": "added"}


def test_a_signature_does_not_survive_being_copied_to_other_words(github: Double, tmp_path: Path) -> None:
    _, secret = installed(github)
    url = f"{github.api}/repos/{REPO}/git"
    head = ask("GET", f"{url}/ref/heads/main", token=secret).body["object"]["sha"]
    tree = ask("GET", f"{url}/commits/{head}", token=secret).body["tree"]["sha"]
    made = ask("POST", f"{url}/commits", {"message": "True", "tree": tree, "parents": [head]}, secret).body["sha"]
    ask("POST", f"{url}/refs", {"ref": "refs/heads/signed", "sha": made}, secret)
    work = checkout(github, secret, tmp_path)
    raw = git(work, "cat-file", "commit", made).replace("True", "Forged")
    (work / "raw").write_text(raw)
    forged = git(work, "hash-object", "-t", "commit", "-w", "raw")
    git(work, "push", "--quiet", "origin", f"{forged}:refs/heads/forged")
    found = ask("GET", f"{url}/commits/{forged}", token=secret).body["verification"]
    assert (found["verified"], found["reason"]) == (False, "unknown_key")


def test_refs_move_as_github_lets_them(github: Double) -> None:
    _, secret = installed(github)
    mona = github.person("mona")
    first = github.get(f"/repos/{REPO}/git/ref/heads/main")["object"]["sha"]
    second = mona.pushes(REPO, {"b.txt": "two\n"})
    refs = f"{github.api}/repos/{REPO}/git/refs"

    def said(method: str, path: str, data: Any = None) -> str:
        with pytest.raises(Refused) as caught:
            ask(method, refs + path, data, secret)
        assert caught.value.status == 422
        words: str = caught.value.body["message"]
        return words

    ask("POST", refs, {"ref": "refs/heads/pawl/1-x", "sha": second}, secret)
    assert said("POST", "", {"ref": "refs/heads/pawl/1-x", "sha": second}) == "Reference already exists"
    assert said("POST", "", {"ref": "refs/heads/y", "sha": "0" * 40}) == "Object does not exist"
    assert said("POST", "", {"ref": "heads/y", "sha": second}) == "Reference name must start with 'refs/'."
    assert said("PATCH", "/heads/pawl/1-x", {"sha": first}) == "Update is not a fast forward"
    assert ask("PATCH", f"{refs}/heads/pawl/1-x", {"sha": first, "force": True}, secret).body["object"]["sha"] == first
    assert said("PATCH", "/heads/none", {"sha": first}) == "Reference does not exist"
    assert ask("DELETE", f"{refs}/heads/pawl/1-x", token=secret).status == 204
    assert said("DELETE", "/heads/pawl/1-x") == "Reference does not exist"
    with pytest.raises(Refused, match="404"):
        github.get(f"/repos/{REPO}/git/ref/heads/pawl/1-x")


def test_files_are_read_and_written_one_at_a_time(github: Double) -> None:
    _, secret = installed(github)
    url = f"{github.api}/repos/{REPO}/contents"
    text = {"message": "New", "content": base64.b64encode("Grüße\n".encode()).decode()}
    made = ask("PUT", f"{url}/docs/hello.md", text, secret)
    assert (made.status, made.body["commit"]["verification"]["verified"]) == (201, True)
    found = ask("GET", f"{url}/docs/hello.md", token=secret).body
    assert base64.b64decode(found["content"]).decode() == "Grüße\n"
    with pytest.raises(Refused, match="422"):
        ask("PUT", f"{url}/docs/hello.md", text, secret)
    with pytest.raises(Refused, match="409"):
        ask("PUT", f"{url}/docs/hello.md", text | {"sha": "0" * 40}, secret)
    assert ask("PUT", f"{url}/docs/hello.md", text | {"sha": found["sha"]}, secret).status == 200
    assert [one["path"] for one in ask("GET", url, token=secret).body] == ["a.txt", "docs"]
    assert ask("DELETE", f"{url}/docs/hello.md", {"message": "Gone", "sha": found["sha"]}, secret).body["content"] is None


def test_two_revisions_are_compared(github: Double) -> None:
    installed(github)
    mona = github.person("mona")
    mona.pushes(REPO, {"b.txt": "two\n"}, "topic")
    mona.pushes(REPO, {"c.txt": "three\n"})
    found = github.get(f"/repos/{REPO}/compare/main...topic")
    assert (found["status"], found["ahead_by"], found["behind_by"]) == ("diverged", 1, 1)
    assert [file["filename"] for file in found["files"]] == ["b.txt"]
    assert [one["name"] for one in github.get(f"/repos/{REPO}/branches")] == ["main", "topic"]
