"""The doctor of an installation: sound where everything is right, and one line with the setting for each thing that is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InputError
from bot.examination.workflow import PLACE, machines, workflow
from bot.ids import RepoName
from bot.inspection import compared, inspect, looked_at
from bot.installation.setup import manifest
from bot.settings import Settings
from tests.github.hosted import Hosted, hosted, hosted_on, hub
from tests.github.test_merge_queue import queued_branch

__all__ = ["hosted", "hub"]

FOUND = Settings(PAWL_PUBLIC_URL="https://pawl.example", PAWL_RUNS_ON="self-hosted linux")


def lines(report: object) -> dict[str, tuple[bool, str]]:
    return {name: (good, said) for name, good, said in report.lines}  # type: ignore[attr-defined]


async def test_a_bare_repository_is_told_everything_that_is_missing(hosted: Hosted) -> None:
    hosted.owner.pushes(hosted.name, {"CODEOWNERS": "*.py @ann\n!x @bob\n"})
    report = await looked_at(hosted.app, RepoName(hosted.name), FOUND)
    found = lines(report)
    assert found["App"][0]
    assert found["tokens"][0], found["tokens"]
    assert "is not on the default branch" in found["workflow"][1]
    assert "auto-merge is off" in found["auto-merge"][1]
    assert "is not protected" in found["protection"][1]
    assert "lines 2 cannot be read" in found["CODEOWNERS"][1]
    assert found["webhooks"][0]
    lacking = {said.partition(":")[0] for name, good, said in report.lines if name == "permissions" and not good}
    assert lacking == {"merge_queues"}


async def test_a_safe_installation_is_sound(hosted: Hosted) -> None:
    pasted = "\n".join(line for line in workflow(machines(FOUND)).splitlines() if not line.startswith("#"))
    hosted.owner.pushes(hosted.name, {PLACE: pasted, ".github/pawl.yml": "trust: 1\n"})
    hosted.double.change(hosted.name, settings={"allow_auto_merge": True})
    wanted = {
        "required_status_checks": {"strict": False, "checks": [{"context": "pawl", "app_id": hosted.facts.id}]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 0},
        "restrictions": None,
    }
    hosted.owner.ask("PUT", f"/repos/{hosted.name}/branches/main/protection", wanted)
    report = await looked_at(hosted.app, RepoName(hosted.name), FOUND)
    wrong = {name: said for name, good, said in report.lines if not good}
    assert set(wrong) <= {"permissions"}
    assert "trust level 1" in lines(report)["configuration"][1]


async def test_a_workflow_that_does_something_else_is_seen_and_where_the_right_one_is(hosted: Hosted) -> None:
    hosted.owner.pushes(hosted.name, {PLACE: workflow(machines(FOUND)).replace("contents: read", "contents: write")})
    good, said = lines(await looked_at(hosted.app, RepoName(hosted.name), FOUND))["workflow"]
    assert not good
    assert "https://pawl.example/pawl.yml" in said


@pytest.mark.parametrize(
    ("config", "good", "said"),
    [
        ("trust: 0\n", False, "or vouch for the rulesets by `merge.accept_rulesets: true`"),
        ("merge: {accept_rulesets: true}\n", True, "as far as its people vouch for its rulesets"),
    ],
)
async def test_rulesets_alone_are_as_good_as_whoever_vouches_for_them(hosted: Hosted, config: str, good: bool, said: str) -> None:
    hosted.owner.pushes(hosted.name, {".github/pawl.yml": config})
    queued_branch(hosted, "non_fast_forward")
    found = lines(await looked_at(hosted.app, RepoName(hosted.name), FOUND))["protection"]
    assert found[0] is good
    assert said in found[1]


async def test_a_wrong_configuration_is_a_line_and_not_the_end(hosted: Hosted) -> None:
    hosted.owner.pushes(hosted.name, {".github/pawl.yml": "trsut: 1\n"})
    good, said = lines(await looked_at(hosted.app, RepoName(hosted.name), FOUND))["configuration"]
    assert not good
    assert said.startswith(".github/pawl.yml:1: trsut: there is no such key")


async def test_without_an_app_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PAWL_HOME", str(tmp_path))
    with pytest.raises(InputError, match="open /setup"):
        await inspect(RepoName("o/r"))


async def test_an_app_that_is_not_installed_there(hosted: Hosted) -> None:
    async with hosted_on(hosted.double) as other:
        with pytest.raises(InputError):
            await looked_at(hosted.app, RepoName(other.name), FOUND)


PERMISSIONS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["read", "write", "admin"]))


@given(PERMISSIONS, PERMISSIONS)
def test_lacking_and_extra_are_told_apart(needed: dict[str, str], held: dict[str, str]) -> None:
    lacking, extra = compared(needed, held)
    assert {each.partition(":")[0] for each in lacking}.isdisjoint(each.partition(":")[0] for each in extra)
    assert compared(needed, needed) == ((), ())
    assert (not lacking and not extra) == (needed == held)


def test_workflows_are_more_than_is_needed() -> None:
    needed = manifest()["default_permissions"]
    assert compared(needed, {**needed, "workflows": "write"}) == ((), ("workflows: write",))
