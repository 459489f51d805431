"""What is missing, and who can supply it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.config import Approvals, Role
from bot.ids import Login, PullNumber, Sha
from bot.policy.decision import Decision
from bot.policy.document import Approval
from bot.policy.missing import Missing, missing, role_of
from bot.policy.standing import Owned, Person, Standing
from bot.policy.votes import Votes

HEAD = Sha("b" * 40)
ANN, CLEO = Person(1, Login("ann")), Person(4, Login("cleo"))
CONFIG = Approvals(roles={"data-owner": Role(users=("dan",))})
STANDING = Standing(
    PullNumber(7),
    HEAD,
    "main",
    "main",
    requester=ANN,
    authors=(CLEO,),
    strangers=("Fay <fay@users.noreply.github.com>",),
    owned=(Owned("a.py", ("@ann", "@bob", "@acme/core")),),
    roster={"maintainer": ("@Ann", "@bob", "@cleo", "@eve", "@fay", "@acme/leads"), "data-owner": ("@dan",)},
)
NO_VOTES = Votes((), ())


def test_nothing_is_missing_where_all_agree() -> None:
    assert missing(Decision(allow=True), STANDING, NO_VOTES, CONFIG) == ()


def test_denials_come_first_and_approvals_name_who_can_give_them() -> None:
    decision = Decision(allow=False, deny=("gates: tests said fail",), require=("one approval by a maintainer (risk HIGH: x)",))
    assert missing(decision, STANDING, NO_VOTES, CONFIG) == (
        Missing("gates: tests said fail"),
        Missing("one approval by a maintainer (risk HIGH: x)", ("@bob", "@eve", "@acme/leads"), "maintainer"),
    )


def test_who_approved_already_cannot_supply_another() -> None:
    votes = Votes((Approval("Bob", "maintainer", HEAD, "approved", id=2), Approval("eve", "writer", HEAD, "vetoed", id=3)), ())
    decision = Decision(allow=True, require=("two approvals by maintainers (risk CRITICAL: x)",))
    assert missing(decision, STANDING, votes, CONFIG)[0].who == ("@eve", "@acme/leads")


def test_an_owner_who_cannot_be_recognised_is_told() -> None:
    sentence = "one approval by an owner of a.py (CODEOWNERS names x@y.org @bob)"
    found = replace(STANDING, owned=(Owned("a.py", ("x@y.org", "@bob")),))
    (told,) = missing(Decision(allow=True, require=(sentence,)), found, NO_VOTES, CONFIG)
    assert told.who == ("@bob",)
    assert "no account is known under x@y.org: name it as @login in CODEOWNERS" in told.what


def test_an_owned_path_names_its_owners() -> None:
    decision = Decision(allow=True, require=("one approval by an owner of a.py (CODEOWNERS names @ann @bob @acme/core)",))
    assert missing(decision, STANDING, NO_VOTES, CONFIG)[0].who == ("@bob", "@acme/core")


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("one approval by a maintainer (no security here)", "maintainer"),
        ("one approval for security (risk CRITICAL: maintainer)", "security"),
        ("2 approvals by the role data-owner, it has 1 (approvals.need.HIGH)", "data-owner"),
        ("two approvals by maintainers (x)", "maintainer"),
        ("the moon must be full", ""),
    ],
)
def test_the_role_that_a_requirement_names(sentence: str, role: str) -> None:
    assert role_of(sentence, CONFIG) == role
