"""GitHub's descriptions: there for whoever asks, and one clear sentence where they cannot be had."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.doubles.published import FILES, ROOT, Unpublished, folder, graphql_schema, recorded_webhooks, rest


def test_the_descriptions_are_there() -> None:
    assert all((folder() / each).is_file() for each in FILES)
    assert "/repos/{owner}/{repo}/check-runs" in rest()["paths"]
    assert "pull-request-opened" in rest()["x-webhooks"]
    assert graphql_schema().get_type("EnablePullRequestAutoMergeInput")
    assert {each.event for each in recorded_webhooks()} > {"issue_comment", "pull_request", "check_run", "installation"}


def test_null_is_spelled_as_a_type() -> None:
    conclusion = rest()["components"]["schemas"]["check-run"]["properties"]["conclusion"]
    assert conclusion["type"] == ["string", "null"]
    assert None in conclusion["enum"]


def test_without_npm_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "env", "dirname"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("PAWL_SCHEMAS", str(tmp_path / "schemas"))
    with pytest.raises(Unpublished, match=r"npm is missing.*install it .*run \.ci/schemas again"):
        folder()


def test_no_registry_is_named_and_no_lock_file_is_made() -> None:
    script = (ROOT / ".ci" / "schemas").read_text()
    assert "--no-package-lock" in script
    assert "http" not in script
    assert "registry" not in script
