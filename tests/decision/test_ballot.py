"""The ballot against a double of GitHub: what is read there, and that arming, merging and disarming do what they say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.change.change import Edit
from bot.change.move import Move
from bot.config import Config
from bot.decision.ballot import MOST_ARMED, GitHubBallot, digest_of_configuration, own_policies
from bot.decision.ruling import rule
from bot.errors import Refused
from bot.github import activity, checks, git, merge_queue, pulls
from bot.github.checks import CheckRun
from bot.github.repository import Repository
from bot.history import History, Sealed
from bot.ids import InstallationId, Login, PullNumber, RepoName, Sha, new_run_id
from bot.policy.standing import Access, Hold, Person, Stand
from bot.run import Instruction, Origin, Reverted, Run, State, Verb
from bot.stage import Look
from bot.store.store import Store
from tests.doubles.github.client import Person as Account
from tests.doubles.proposal import PROVEN, SPEC
from tests.github.hosted import Hosted, hosted, hub
from tests.github.test_merge_queue import queued_branch

__all__ = ["hosted", "hub"]


@dataclass
class Proposal:
    """A run whose pull request is open on the double, guarded and green, and people around it."""

    hosted: Hosted
    store: Store
    run: Run
    history: History
    ballot: GitHubBallot
    head: Sha
    requester: Account
    maintainer: Account

    @property
    def number(self) -> PullNumber:
        assert self.history.sealed
        assert self.history.sealed.pull
        return self.history.sealed.pull

    async def look(self) -> Look:
        return await self.ballot.look(self.run, self.history)

    async def pull(self) -> pulls.Pull:
        return await pulls.get(self.hosted.repo, self.number)


async def settings(_repository: Repository) -> Config:
    return Config(trust=3)


def protect(found: Hosted, **but: Any) -> None:
    wanted = {
        "required_status_checks": {"strict": False, "checks": [{"context": "pawl", "app_id": found.facts.id}]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 0},
        "restrictions": None,
        **but,
    }
    found.owner.ask("PUT", f"/repos/{found.name}/branches/main/protection", wanted)


async def proposed(hosted: Hosted, store: Store) -> Proposal:
    name = hosted.name
    requester = hosted.double.person(f"asker-{hosted.owner.login}")
    maintainer = hosted.double.person(f"keeper-{hosted.owner.login}")
    hosted.double.change(
        name, collaborators={requester.login: "write", maintainer.login: "maintain"}, settings={"allow_auto_merge": True}
    )
    protect(hosted)
    base = await git.ref(hosted.repo, "main")
    assert base is not None
    run_id = new_run_id()
    message = (
        f"Mend it\n\nPawl-Run: {run_id}\nCo-authored-by: Asker <{requester.id}+{requester.login}@users.noreply.github.com>\n"
    )
    head = await git.commit_edits(hosted.repo, base, (Edit("src/a.py", "one = 2\n"),), message)
    await git.set_ref(hosted.repo, "pawl/3-mend", head)
    pull = await pulls.open(hosted.repo, "pawl/3-mend", "main", "Mend it", "the proof")
    await checks.create(hosted.repo, CheckRun("pawl", head, "completed", "success", "fine", "fine"))
    facts = await hosted.repo.facts()
    origin = Origin(InstallationId(hosted.installation), facts.id, 3, requester.id)
    wish = Instruction(Verb.FIX, "mend it", RepoName(name), base, requester=requester.login, door="github", origin=origin)
    run = Run(run_id, wish, State.AWAITING_APPROVAL)
    checked = replace(PROVEN, change=replace(PROVEN.change, base=base, head=head))
    history = History(spec=SPEC, checked=checked, sealed=Sealed("bundle", "sha256:0", "pawl/3-mend", pull.number))
    ballot = GitHubBallot(hosted.repo, store, settings)
    return Proposal(hosted, store, run, history, ballot, head, requester, maintainer)


Propose = Callable[[], Awaitable[Proposal]]


@pytest.fixture
async def proposal(hosted: Hosted, store: Store) -> Proposal:
    return await proposed(hosted, store)


def ruled(found: Proposal, look: Look) -> tuple[bool, str]:
    ruling = rule(found.run, found.history, look)
    return ruling.ready, ruling.reason


async def test_everything_is_read_from_github(proposal: Proposal) -> None:
    standing = (await proposal.look()).standing
    assert (standing.head, standing.base_branch, standing.open, standing.armed) == (proposal.head, "main", True, False)
    assert (standing.unsafe, standing.method) == ((), "merge")
    assert standing.requester == Person(proposal.requester.id, standing.requester.login) if standing.requester else False
    assert proposal.requester.id in {each.id for each in standing.authors}
    assert standing.said == ()
    ready, reason = ruled(proposal, await proposal.look())
    assert not ready
    assert "one approval by a maintainer" in reason


async def test_a_review_by_a_maintainer_makes_it_ready_and_github_is_armed(proposal: Proposal) -> None:
    proposal.maintainer.reviews(proposal.hosted.name, proposal.number, commit=proposal.head)
    look = await proposal.look()
    assert [(each.person.id, each.stand, each.head) for each in look.standing.said] == [
        (proposal.maintainer.id, Stand.APPROVED, proposal.head)
    ]
    assert look.standing.voters[proposal.maintainer.id].access is Access.MAINTAIN
    assert ruled(proposal, look) == (True, "")
    assert "is merged" in await proposal.ballot.arm(proposal.run, look.standing)
    assert (await proposal.look()).standing.merged
    assert "is merged" in await proposal.ballot.arm(proposal.run, look.standing)


async def test_what_still_waits_for_a_check_is_armed_and_can_be_disarmed(proposal: Proposal) -> None:
    protect(proposal.hosted, required_pull_request_reviews={"required_approving_review_count": 2})
    look = await proposal.look()
    for _ in range(2):
        assert "as soon as its rules are met" in await proposal.ballot.arm(proposal.run, look.standing)
    assert (await proposal.look()).standing.armed
    for _ in range(2):
        await proposal.ballot.disarm(proposal.run, look.standing, "eve holds it")
    assert not (await proposal.pull()).auto_merge
    actions = [each["action"] for each in await proposal.store.ledger(proposal.run.id)]
    assert actions.count("merge.disarmed") == 1


async def test_a_branch_with_a_queue_takes_it_in_line_and_out(proposal: Proposal) -> None:
    queued_branch(proposal.hosted)
    busy = await in_front(proposal.hosted)
    look = await proposal.look()
    assert look.standing.unsafe == (), "the classic protection binds everybody, whoever is excepted from the queue's ruleset"
    for _ in range(2):
        assert "is in the merge queue" in await proposal.ballot.arm(proposal.run, look.standing)
    assert (await proposal.look()).standing.armed
    assert not (await proposal.pull()).auto_merge, "it stands in line, and that is all that has it merged"
    for _ in range(2):
        await proposal.ballot.disarm(proposal.run, look.standing, "eve holds it")
    assert not (await proposal.look()).standing.armed
    actions = [each["action"] for each in await proposal.store.ledger(proposal.run.id)]
    assert actions.count("merge.disarmed") == 1
    assert await merge_queue.in_line(proposal.hosted.repo, busy)


async def test_that_people_vouch_for_rulesets_is_kept_where_it_counts(proposal: Proposal) -> None:
    queued_branch(proposal.hosted, "non_fast_forward")
    proposal.hosted.owner.ask("DELETE", f"/repos/{proposal.hosted.name}/branches/main/protection")
    look = await proposal.look()
    assert "merge.accept_rulesets" in look.standing.unsafe[0], "their exceptions are not shown to Pawl"

    async def vouching(_repository: Repository) -> Config:
        return Config(trust=3, merge={"accept_rulesets": True})

    ballot = GitHubBallot(proposal.hosted.repo, proposal.store, vouching)
    look = await ballot.look(proposal.run, proposal.history)
    assert look.standing.unsafe == ()
    await ballot.arm(proposal.run, look.standing)
    assert "merge.vouched" in [each["action"] for each in await proposal.store.ledger(proposal.run.id)]


async def test_what_the_queue_does_not_take_yet_is_armed(proposal: Proposal) -> None:
    queued_branch(proposal.hosted)
    protect(proposal.hosted, required_pull_request_reviews={"required_approving_review_count": 2})
    look = await proposal.look()
    assert "as soon as its rules are met" in await proposal.ballot.arm(proposal.run, look.standing)
    assert (await proposal.pull()).auto_merge


async def test_what_github_takes_back_again_and_again_is_left_to_people(proposal: Proposal) -> None:
    queued_branch(proposal.hosted)
    await in_front(proposal.hosted)
    look = await proposal.look()
    for _ in range(MOST_ARMED):
        await proposal.ballot.arm(proposal.run, look.standing)
        await merge_queue.dequeue(proposal.hosted.repo, await proposal.pull())
    with pytest.raises(Refused, match="took #"):
        await proposal.ballot.arm(proposal.run, look.standing)
    assert not (await proposal.look()).standing.armed


async def in_front(hosted: Hosted) -> pulls.Pull:
    """Put another pull request in line first, whose check nobody answers."""
    base = await git.ref(hosted.repo, "main")
    assert base is not None
    head = await git.commit_edits(hosted.repo, base, (Edit("README.md", "# First\n"),), "First")
    await git.set_ref(hosted.repo, "first", head)
    pull = await pulls.open(hosted.repo, "first", "main", "First", "")
    await merge_queue.enqueue(hosted.repo, pull, head)
    return pull


async def test_an_approval_by_command_counts_under_the_persons_present_name(proposal: Proposal) -> None:
    facts = await proposal.hosted.repo.facts()
    said_by = Person(proposal.maintainer.id, "a-former-name")  # type: ignore[arg-type]
    await proposal.store.approvals.say(facts.id, proposal.number, proposal.head, said_by, Stand.APPROVED, "d#0")
    look = await proposal.look()
    assert look.standing.said[0].person.login == proposal.maintainer.login
    assert ruled(proposal, look)[0]


async def test_holds_labels_and_brakes_are_seen(proposal: Proposal) -> None:
    facts = await proposal.hosted.repo.facts()
    maintainer = Person(proposal.maintainer.id, proposal.maintainer.login)  # type: ignore[arg-type]
    await proposal.store.holds.put(facts.id, 3, maintainer, "the release")
    proposal.maintainer.labels(proposal.hosted.name, proposal.number, "pawl:hold")
    await proposal.store.brakes.pull(proposal.hosted.installation, facts.id, maintainer, "halt")
    standing = (await proposal.look()).standing
    assert standing.holds == (Hold("the label pawl:hold"), Hold(proposal.maintainer.login, "the release"))
    assert "stopped this repository" in standing.brake


@pytest.mark.parametrize(
    ("but", "said"),
    [
        ({"enforce_admins": False}, "can be bypassed by administrators"),
        ({"required_status_checks": {"strict": False, "checks": [{"context": "pawl"}]}}, "from anybody"),
        ({"allow_force_pushes": True}, "force pushes to main are allowed"),
    ],
)
async def test_a_branch_that_is_open_is_not_safe(proposal: Proposal, but: dict[str, Any], said: str) -> None:
    protect(proposal.hosted, **but)
    (problem,) = (await proposal.look()).standing.unsafe
    assert said in problem


async def test_work_of_nobody_knows_whom_is_not_merged(proposal: Proposal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_repo: Repository, _branch: str) -> tuple[Move, ...]:
        return ()

    monkeypatch.setattr(activity, "of", nothing)
    assert (await proposal.look()).standing.unknown == "", "GitHub signed what the App made"
    who, repository = proposal.maintainer, (await proposal.hosted.repo.facts()).id
    maker = {"name": "Somebody", "email": "noreply@private.example"}
    head = Sha(who.pushes(proposal.hosted.name, {"src/a.py": "one = 3\n"}, "pawl/3-mend", maker=maker))
    look = await proposal.look()
    assert f"does not say who pushed {head[:12]} to pawl/3-mend" in look.standing.unknown
    assert look.standing.unknown in ruled(proposal, look)[1]
    await proposal.store.moves.note(repository, proposal.number, Move(proposal.head, head, who.id, Login(who.login)))
    standing = (await proposal.look()).standing
    assert standing.unknown == ""
    assert who.id in {each.id for each in standing.authors}


async def test_code_owners_policies_and_configuration_come_from_the_base(proposal: Proposal) -> None:
    rego = "package pawl.x\nimport rego.v1\ndeny := set()\nrequire := set()\nwarn := set()\n"
    before = await digest_of_configuration(proposal.hosted.repo)
    files = {".github/CODEOWNERS": "*.py @ann\n", ".github/pawl/policies/x.rego": rego, ".github/pawl.yml": "trust: 3\n"}
    proposal.hosted.double.admin(
        "POST",
        f"/repositories/{proposal.hosted.name}/commits",
        {"branch": "main", "files": files, "message": "Set up", "by": proposal.hosted.owner.login, "force": True},
    )
    look = await proposal.look()
    assert look.own_policies == {".github/pawl/policies/x.rego": rego}
    assert await own_policies(proposal.hosted.repo, "pawl/3-mend") == {}
    assert await digest_of_configuration(proposal.hosted.repo) != before
    checked = proposal.history.checked
    assert checked is not None
    files_touched = tuple(replace(each, path="src/a.py") for each in checked.change.files)
    proposal.history = replace(proposal.history, checked=replace(checked, change=replace(checked.change, files=files_touched)))
    assert [(each.path, each.owners) for each in (await proposal.look()).standing.owned] == [("src/a.py", ("@ann",))]


async def test_a_veto_takes_trust_off_once(proposal: Proposal) -> None:
    proposal.maintainer.reviews(proposal.hosted.name, proposal.number, "REQUEST_CHANGES", "no")
    look = await proposal.look()
    assert "vetoed this change" in ruled(proposal, look)[1]
    for _ in range(2):
        await proposal.ballot.vetoed(proposal.run, look.standing, proposal.maintainer.login)
    assert (await proposal.look()).standing.most_trust == 2


async def test_a_merged_revert_rolls_the_old_run_back_once(proposal: Proposal) -> None:
    wish = replace(proposal.run.instruction)
    old = await proposal.store.create(wish, new_run_id(), alone=False)
    for to in (State.CHECKING, State.PROPOSING, State.DONE):
        await proposal.store.move(old.id, to, "on", "pawl")
    revert = replace(proposal.run, instruction=replace(wish, reverts=Reverted(old.id, wish.base, proposal.head)))
    look = await proposal.look()
    for _ in range(2):
        await proposal.ballot.merged(revert, look.standing)
    assert (await proposal.store.get(old.id)).state is State.ROLLED_BACK
    assert (await proposal.look()).standing.most_trust == 2


async def test_people_who_ask_learn_who_could_approve(proposal: Proposal) -> None:
    look = await replace(proposal.ballot, with_roster=True).look(proposal.run, proposal.history)
    assert f"@{proposal.maintainer.login}" in look.standing.roster["maintainer"]
    assert f"@{proposal.hosted.owner.login}" in look.standing.roster["security"]
    ruling = rule(proposal.run, proposal.history, look)
    missing = next(each for each in ruling.missing if each.role == "maintainer")
    assert f"@{proposal.maintainer.login}" in missing.who
    assert f"@{proposal.requester.login}" not in missing.who


async def test_nothing_is_armed_once_somebody_has_stopped_it_all(proposal: Proposal) -> None:
    proposal.maintainer.reviews(proposal.hosted.name, proposal.number, commit=proposal.head)
    look = await proposal.look()
    assert ruled(proposal, look) == (True, "")
    facts, who = await proposal.hosted.repo.facts(), Person(proposal.maintainer.id, proposal.maintainer.login)  # type: ignore[arg-type]
    await proposal.store.brakes.pull(proposal.hosted.installation, facts.id, who, "halt")
    with pytest.raises(Refused, match="stopped this repository"):
        await proposal.ballot.arm(proposal.run, look.standing)
    assert not (await proposal.pull()).merged


async def test_people_who_ask_learn_what_github_waits_for(proposal: Proposal) -> None:
    protect(proposal.hosted, required_pull_request_reviews={"required_approving_review_count": 2})
    look = await replace(proposal.ballot, with_roster=True).look(proposal.run, proposal.history)
    assert any("2 approving reviews on GitHub" in each.what for each in look.standing.waits)
    assert (await proposal.look()).standing.waits == ()


@pytest.mark.parametrize("required", [True, False])
async def test_conversations_are_read_where_they_must_be_resolved(proposal: Proposal, required: bool) -> None:
    hosted, asking = proposal.hosted, replace(proposal.ballot, with_roster=True)
    protect(hosted, required_conversation_resolution=required)
    made = proposal.maintainer.remarks(hosted.name, proposal.number, "src/a.py", 1)
    before = len(hosted.double.traffic("graphql"))
    look = await asking.look(proposal.run, proposal.history)
    asked = [each for each in hosted.double.traffic("graphql")[before:] if "reviewThreads" in each["query"]]
    told = [each for each in look.standing.waits if "src/a.py, line 1, begun by" in each.what]
    assert (len(asked), len(told)) == ((1, 1) if required else (0, 0))
    if required:
        assert told[0].page == f"{hosted.double.url}/{hosted.name}/pull/{proposal.number}#discussion_r{made}"


async def test_what_services_say_is_read_where_the_app_may(proposal: Proposal) -> None:
    hosted, asking = proposal.hosted, replace(proposal.ballot, with_roster=True)
    before = len(hosted.double.traffic("rest"))

    def asked() -> list[str]:
        return [each["path"] for each in hosted.double.traffic("rest")[before:] if "/status?" in each["path"]]

    await asking.look(proposal.run, proposal.history)
    assert asked() == [], "nobody but Pawl has to say a word"
    protect(hosted, required_status_checks={"strict": False, "checks": [{"context": "ci/build"}]})
    status = f"/repos/{hosted.name}/statuses/{proposal.head}"

    async def waits() -> list[str]:
        return [
            each.what for each in (await asking.look(proposal.run, proposal.history)).standing.waits if "ci/build" in each.what
        ]

    assert "not there yet" in (await waits())[0]
    assert len(asked()) == 1
    hosted.owner.ask("POST", status, {"context": "ci/build", "state": "success"})
    assert await waits() == []
    hosted.double.fault("status", path=f"/repos/{hosted.name}/commits/{proposal.head}/status", status=403, count=1)
    assert "Pawl may not read commit statuses" in (await waits())[0]
