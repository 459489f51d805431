"""What happens when somebody reviews: the rules of who may, and what a push does to approvals."""

from __future__ import annotations

from tests.doubles.github import pull_shapes
from tests.doubles.github.accounts import Account, at_least
from tests.doubles.github.events import emit
from tests.doubles.github.pull import PUSHED, Pull, Review, changed, shapes_now
from tests.doubles.github.rules import rules_of
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Unprocessable

VERDICTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
REVOCABLE = frozenset({"APPROVED", "CHANGES_REQUESTED"})


async def give(
    github: GitHub, pull: Pull, by: Account, event: str | None, *, body: str = "", commit: str | None = None
) -> Review:
    """Review a pull request; without an event the review waits to be submitted.

    Raises:
        Unprocessable: the author judges his own work, or the words are missing.
    """
    made = Review(github.number(), pull, by, "PENDING", body, commit or pull.head_sha, None)
    if event is not None:
        _check(pull, by, event, body)
    pull.reviews.append(made)
    if event is not None:
        await submit(github, made, event, body)
    return made


async def submit(github: GitHub, review: Review, event: str, body: str) -> None:
    """Submit a review that waits."""
    _check(review.pull, review.user, event, body or review.body)
    review.state, review.body = VERDICTS[event], body or review.body
    await _submitted(github, review)


async def around(github: GitHub, pull: Pull, by: Account, commit: str) -> Review:
    """Make the review, without words of its own, that GitHub puts around something said on a line."""
    made = Review(github.number(), pull, by, "COMMENTED", "", commit, None)
    pull.reviews.append(made)
    await _submitted(github, made)
    return made


async def _submitted(github: GitHub, review: Review) -> None:
    pull, review.submitted_at = review.pull, github.now()
    pull.requested = [one for one in pull.requested if one is not review.user]
    pull.issue.updated_at = github.now()
    tell(github, review, "submitted", review.user)
    await changed(github, pull)


async def dismiss(github: GitHub, review: Review, by: Account) -> None:
    """Take a deciding review's weight away."""
    if review.state not in REVOCABLE:
        raise Unprocessable(
            "Can not dismiss a commented pull request review" if review.state == "COMMENTED" else "Can not dismiss this review"
        )
    review.state = "DISMISSED"
    tell(github, review, "dismissed", by)
    await changed(github, review.pull)


def may_dismiss(github: GitHub, review: Review, by: Account) -> bool:
    """Say whether somebody may dismiss it: writers may, and Apps with the permission."""
    if any(installation.app.bot is by for installation in github.installations_on(review.pull.repo)):
        return True
    return at_least(github.standard(review.pull.repo, github.role(review.pull.repo, by)), "write")


def tell(github: GitHub, review: Review, action: str, by: Account) -> None:
    """Send ``pull_request_review``."""
    shapes = shapes_now(github)
    payload = {
        "review": pull_shapes.review(shapes, review, hook=True),
        "pull_request": pull_shapes.short(github, shapes, review.pull),
    }
    emit(github, "pull_request_review", action, payload, repo=review.pull.repo, sender=by)


async def stale(github: GitHub, pull: Pull, by: Account) -> None:
    """A push has come: approvals of what was there before go, where the base's rules say so."""
    if rules_of(github, pull.repo, pull.base_branch).dismiss_stale:
        for review in [each for each in pull.reviews if each.state == "APPROVED"]:
            review.state = "DISMISSED"
            tell(github, review, "dismissed", by)


def _check(pull: Pull, by: Account, event: str, body: str) -> None:
    if event not in VERDICTS:
        raise Unprocessable(f"Variable $event of type PullRequestReviewEvent was provided invalid value {event}")
    if by is pull.issue.user and event in {"APPROVE", "REQUEST_CHANGES"}:
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Unprocessable("Unprocessable Entity", [f"Can not {verb} your own pull request"])
    if event != "APPROVE" and not body:
        raise Unprocessable("Unprocessable Entity", ["Body can't be blank"])


PUSHED.append(stale)
