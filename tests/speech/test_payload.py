"""Payloads: strangers' JSON becomes Pawl's types, or one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import Actor, Place
from bot.errors import InputError
from bot.ids import InstallationId, Login, RepoName
from bot.speech import payload

NAMES = st.sampled_from(["installation", "repository", "issue", "pull_request", "id", "number", "full_name", "login", "type"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
)
TOLD = {
    "installation": {"id": 9},
    "repository": {"id": 2, "full_name": "o/r"},
    "issue": {"number": 3},
    "pull_request": {"number": 4},
}


def test_where_and_who_are_read() -> None:
    assert payload.place(TOLD, "issue") == Place(InstallationId(9), RepoName("o/r"), 2, 3, pull=False)
    assert payload.place(TOLD, "pull_request") == Place(InstallationId(9), RepoName("o/r"), 2, 4, pull=True)
    on_pull = {**TOLD, "issue": {"number": 3, "pull_request": {"url": "…"}}}
    assert payload.place(on_pull, "issue").pull
    assert payload.actor({"login": "me", "id": 1, "type": "User"}) == Actor(Login("me"), 1, bot=False)


@pytest.mark.parametrize("kind", ["Bot", "Organization", "Mannequin", "", None])
def test_only_users_are_people(kind: str | None) -> None:
    assert payload.actor({"login": "me", "id": 1, "type": kind}).bot


@pytest.mark.parametrize("value", [None, True, "1", 1.0, []])
def test_what_is_no_number_is_said(value: Any) -> None:
    with pytest.raises(InputError, match="the payload's id is no number"):
        payload.number({"id": value}, "id")


def test_texts_may_be_null_and_commits_may_not() -> None:
    assert payload.text({"body": None}, "body") == ""
    assert payload.text({}, "body") == ""
    with pytest.raises(InputError, match="the payload's body is no text"):
        payload.text({"body": 3}, "body")
    assert payload.sha({"head": "a" * 40}, "head") == "a" * 40
    for wrong in ("", "a" * 39, "A" * 40, "g" * 40, None):
        with pytest.raises(InputError, match="is no commit"):
            payload.sha({"head": wrong}, "head")


@given(JSON)
def test_whatever_is_sent_is_read_or_refused(told: Any) -> None:
    given_ = told if isinstance(told, dict) else {"issue": told}
    for read in (lambda: payload.place(given_, "issue"), lambda: payload.actor(given_), lambda: payload.repository(given_)):
        try:
            read()
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is right
