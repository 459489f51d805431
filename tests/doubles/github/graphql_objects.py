"""What GraphQL can be asked about: each thing as a type's name and its fields, worked out when they are asked for.

A field that the published schema has and that stands in no table here is an error, never a null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.doubles.github.accounts import Account, at_least
from tests.doubles.github.commits import Commit, account_of, authors_of, read, verification
from tests.doubles.github.commits import Person as GitPerson
from tests.doubles.github.limits import Limits
from tests.doubles.github.mergequeue import Entry, Queues
from tests.doubles.github.pull import AutoMerge, Pull, Pulls, Review
from tests.doubles.github.pull_shapes import commits
from tests.doubles.github.repository import Issue, Repository
from tests.doubles.github.routing import Call, reachable
from tests.doubles.github.rules import rules_of
from tests.doubles.github.shapes import Shapes, name_url, stamp
from tests.doubles.github.standing import base_now, may_write, shown, writers


@dataclass(frozen=True)
class Thing:
    """An object of a GraphQL type; a field is a value, or a function of its arguments."""

    kind: str
    fields: Mapping[str, Any]


def connection(kind: str, found: Sequence[Any], shape: Callable[[Any], Thing]) -> Callable[..., Thing]:
    """Return a field that pages through what was found."""

    def page(first: int | None = None, last: int | None = None, after: str | None = None, **_: Any) -> Thing:
        start = int(after) if after else 0
        end = len(found) if first is None else min(start + first, len(found))
        start = max(start, end - last) if last is not None else start
        nodes = [shape(each) for each in found[start:end]]
        info = {"hasNextPage": end < len(found), "hasPreviousPage": start > 0, "startCursor": str(start), "endCursor": str(end)}
        return Thing(kind, {"nodes": nodes, "totalCount": len(found), "pageInfo": Thing("PageInfo", info)})

    return page


MORE: dict[str, Callable[[Things, Any], Mapping[str, Any]]] = {}
"""Further fields of a type, from the file that knows them."""


@dataclass(frozen=True)
class Things:
    """The builders, for one caller."""

    call: Call

    @property
    def shapes(self) -> Shapes:
        return self.call.shapes

    def roots(self) -> Mapping[str, Any]:
        """Return what a query can start from."""
        return {"viewer": self._viewer, "repository": self.repository_called, "node": self.node, "rateLimit": self._rate}

    def _viewer(self) -> Thing:
        return self.account(self.call.actor, "User")

    def _rate(self, **_: Any) -> Thing:
        found = self.call.github.room(Limits).headers(self.call.github, self.call.caller, "graphql")
        numbers = {name: int(found[f"X-RateLimit-{name.capitalize()}"]) for name in ("limit", "remaining", "used")}
        moment = type(self.call.github.now()).fromtimestamp(int(found["X-RateLimit-Reset"]), self.call.github.now().tzinfo)
        return Thing("RateLimit", {**numbers, "cost": 1, "nodeCount": 1, "resetAt": stamp(moment)})

    def repository_called(self, owner: str, name: str, **_: Any) -> Thing | None:
        """Return a repository that the caller may see."""
        found = self.call.github.find_repository(owner, name)
        seen = found and (not found.private or reachable(self.call, found))
        return self.repository(found) if found and seen else None

    def node(self, id: str) -> Thing | None:  # noqa: A002 -- the schema's own word
        """Return the thing with this global id."""
        pull = self.call.github.room(Pulls).by_node(id)
        if pull:
            return self.pull(pull)
        repo = next((each for each in self.call.github.repositories.values() if each.node_id == id), None)
        if repo:
            return self.repository(repo)
        issues = (issue for each in self.call.github.repositories.values() for issue in each.issues.values())
        issue = next((each for each in issues if each.node_id == id), None)
        if issue:
            return self.issue(issue)
        account = next((each for each in self.call.github.accounts.values() if each.node_id == id), None)
        return self.account(account) if account else None

    def account(self, account: Account, kind: str | None = None) -> Thing:
        """Return a user, a bot or an organisation."""
        fields = {
            "id": account.node_id,
            "databaseId": account.id,
            "login": account.login.removesuffix("[bot]") if account.kind == "Bot" and not kind else account.login,
            "name": account.name,
            "url": f"{self.shapes.urls.web}/{name_url(account.login)}",
            "resourcePath": f"/{name_url(account.login)}",
        }
        return Thing(kind or account.kind, fields)

    def repository(self, repo: Repository) -> Thing:
        """Return a repository."""
        settings, github = repo.settings, self.call.github

        def pulls() -> list[Pull]:
            return github.room(Pulls).every(repo)

        return Thing(
            "Repository",
            {
                "id": repo.node_id,
                "databaseId": repo.id,
                "name": repo.name,
                "nameWithOwner": repo.full_name,
                "owner": lambda: self.account(repo.owner),
                "url": self.shapes.urls.page(repo),
                "isPrivate": repo.private,
                "isArchived": repo.archived,
                "isFork": repo.parent is not None,
                "autoMergeAllowed": settings.allow_auto_merge,
                "mergeCommitAllowed": settings.allow_merge_commit,
                "squashMergeAllowed": settings.allow_squash_merge,
                "rebaseMergeAllowed": settings.allow_rebase_merge,
                "deleteBranchOnMerge": settings.delete_branch_on_merge,
                "viewerPermission": lambda: (
                    None
                    if self.call.caller.installation
                    else self.call.github.standard(repo, github.role(repo, self.call.actor)).upper()
                ),
                "defaultBranchRef": lambda: self.ref(repo, repo.default_branch),
                "ref": lambda qualifiedName: self.ref(repo, qualifiedName.removeprefix("refs/heads/")),  # noqa: N803
                "object": lambda **wanted: self._object(repo, **wanted),
                "pullRequest": lambda number: self._numbered(pulls(), number),
                "pullRequests": lambda **wanted: self._pulls(pulls(), **wanted),
                "issue": lambda number: self.issue(repo.issues.get(number)),
                "mergeQueue": lambda branch=None: self._queue(repo, branch or repo.default_branch),
                **MORE["Repository"](self, repo),
            },
        )

    def _numbered(self, pulls: list[Pull], number: int) -> Thing | None:
        return next((self.pull(pull) for pull in pulls if pull.number == number), None)

    def _pulls(self, pulls: list[Pull], **wanted: Any) -> Thing:
        found = [pull for pull in pulls if not wanted.get("states") or _state(pull) in wanted["states"]]
        found = [pull for pull in found if wanted.get("headRefName") in {None, pull.head_branch}]
        found = [pull for pull in found if wanted.get("baseRefName") in {None, pull.base_branch}]
        return connection("PullRequestConnection", found, self.pull)(**wanted)

    def issue(self, issue: Issue | None) -> Thing | None:
        """Return an issue, unless it is a pull request."""
        if not issue or issue.pull:
            return None
        fields = {
            "id": issue.node_id,
            "databaseId": issue.id,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body or "",
            "state": issue.state.upper(),
            **MORE["Issue"](self, issue),
        }
        return Thing("Issue", fields)

    def _object(self, repo: Repository, expression: str | None = None, oid: str | None = None) -> Thing | None:
        name = oid or (expression or "").split(":")[0]
        sha = repo.clone.resolve(name)
        return self.commit(repo, sha) if sha and ":" not in (expression or "") else None

    def ref(self, repo: Repository, branch: str) -> Thing | None:
        """Return a branch."""
        sha = repo.clone.branches().get(branch)
        if not sha:
            return None
        fields = {
            "id": f"REF_{repo.id}_{branch.encode().hex()}",
            "name": branch,
            "prefix": "refs/heads/",
            "target": lambda: self.commit(repo, sha),
        }
        return Thing("Ref", fields)

    def commit(self, repo: Repository, sha: str) -> Thing:
        """Return a commit."""
        commit = read(repo.clone, sha)
        head, _, body = commit.message.partition("\n\n")
        fields = {
            "id": f"C_{repo.id}_{sha}",
            "oid": sha,
            "abbreviatedOid": sha[:7],
            "message": commit.message.rstrip("\n"),
            "messageHeadline": head.rstrip("\n"),
            "messageBody": body.rstrip("\n"),
            "url": f"{self.shapes.urls.page(repo)}/commit/{sha}",
            "commitUrl": f"{self.shapes.urls.page(repo)}/commit/{sha}",
            "committedDate": stamp(commit.committer.at),
            "authoredDate": stamp(commit.author.at),
            "signature": lambda: self._signature(commit),
            "parents": connection("CommitConnection", commit.parents, lambda parent: self.commit(repo, parent)),
            "authors": connection("GitActorConnection", authors_of(commit), self._git_actor),
            **MORE["Commit"](self, (repo, sha)),
        }
        return Thing("Commit", fields)

    def _git_actor(self, person: GitPerson) -> Thing:
        account = account_of(self.call.github, person)
        user = self.account(account) if account and account.kind == "User" else None
        return Thing("GitActor", {"name": person.name, "email": person.email, "user": user, "date": stamp(person.at)})

    def _signature(self, commit: Commit) -> Thing | None:
        if commit.signature is None:
            return None
        said = verification(self.call.github, commit)
        state = "VALID" if said["verified"] else "UNKNOWN_KEY"
        return Thing(
            "GpgSignature",
            {"isValid": said["verified"], "state": state, "wasSignedByGitHub": said["verified"], "signature": said["signature"]},
        )

    def pull(self, pull: Pull) -> Thing:
        """Return a pull request."""
        github, issue = self.call.github, pull.issue
        return Thing(
            "PullRequest",
            {
                "id": pull.node_id,
                "databaseId": pull.id,
                "fullDatabaseId": str(pull.id),
                "number": pull.number,
                "title": issue.title,
                "body": issue.body or "",
                "state": _state(pull),
                "isDraft": issue.draft,
                "merged": pull.merged,
                "closed": not pull.open,
                **{name: stamp(getattr(issue, key)) for name, key in MOMENTS.items()},
                "url": f"{self.shapes.urls.page(pull.repo)}/pull/{pull.number}",
                "headRefOid": pull.head_sha,
                "headRefName": pull.head_branch,
                "baseRefOid": lambda: base_now(pull),
                "baseRefName": pull.base_branch,
                "isCrossRepository": pull.fork,
                "headRepository": lambda: self.repository(pull.head_repo),
                "repository": lambda: self.repository(pull.repo),
                "baseRepository": lambda: self.repository(pull.repo),
                "author": lambda: self.account(issue.user),
                "mergedBy": lambda: self.account(pull.merged_by) if pull.merged_by else None,
                "mergeCommit": lambda: self.commit(pull.repo, pull.merge_commit_sha) if pull.merge_commit_sha else None,
                "mergeable": lambda: {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}[shown(github, pull).mergeable],
                "mergeStateStatus": lambda: _word(shown(github, pull, asked=False).state),
                "reviewDecision": lambda: self._decision(pull),
                "autoMergeRequest": lambda: self._armed(pull, pull.auto_merge),
                "viewerCanEnableAutoMerge": lambda: (
                    pull.repo.settings.allow_auto_merge and may_write(github, pull, self.call.actor)
                ),
                "viewerCanDisableAutoMerge": lambda: pull.auto_merge is not None and may_write(github, pull, self.call.actor),
                "isInMergeQueue": lambda: github.room(Queues).entry(pull) is not None,
                "isMergeQueueEnabled": lambda: rules_of(github, pull.repo, pull.base_branch).queue is not None,
                "mergeQueueEntry": lambda: self.entry(github.room(Queues).entry(pull)),
                "commits": lambda **wanted: self._commits(pull, **wanted),
                "reviews": connection("PullRequestReviewConnection", pull.reviews, self.review),
                "latestOpinionatedReviews": connection("PullRequestReviewConnection", writers(github, pull), self.review),
                **MORE["PullRequest"](self, pull),
            },
        )

    def _commits(self, pull: Pull, **wanted: Any) -> Thing:
        def one(sha: str) -> Thing:
            fields = {"id": f"PRC_{pull.id}_{sha}", "commit": lambda: self.commit(pull.repo, sha)}
            return Thing("PullRequestCommit", fields)

        return connection("PullRequestCommitConnection", commits(pull), one)(**wanted)

    def review(self, review: Review) -> Thing:
        """Return a review."""
        fields = {
            "id": review.node_id,
            "databaseId": review.id,
            "state": review.state,
            "body": review.body,
            "author": lambda: self.account(review.user),
            "submittedAt": stamp(review.submitted_at),
            "commit": lambda: self.commit(review.pull.repo, review.commit_id),
        }
        return Thing("PullRequestReview", fields)

    def entry(self, entry: Entry | None) -> Thing | None:
        """Return a place in the merge queue."""
        if not entry:
            return None
        line = self.call.github.room(Queues).line(entry.pull)
        fields = {
            "id": entry.node_id,
            "position": line.index(entry) + 1 if entry in line else 0,
            "state": "AWAITING_CHECKS" if entry.head else "QUEUED",
            "enqueuedAt": stamp(entry.at),
            "enqueuer": lambda: self.account(entry.by),
            "headCommit": lambda: self.commit(entry.pull.repo, entry.head) if entry.head else None,
            "pullRequest": lambda: self.pull(entry.pull),
        }
        return Thing("MergeQueueEntry", fields)

    def _queue(self, repo: Repository, branch: str) -> Thing | None:
        if rules_of(self.call.github, repo, branch).queue is None:
            return None
        line = self.call.github.room(Queues).lines.get((repo.id, branch), [])
        entries = connection("MergeQueueEntryConnection", line, lambda each: self.entry(each) or Thing("MergeQueueEntry", {}))
        return Thing(
            "MergeQueue",
            {"id": f"MQ_{repo.id}_{branch}", "entries": entries, "url": f"{self.shapes.urls.page(repo)}/queue/{branch}"},
        )

    def _armed(self, pull: Pull, armed: AutoMerge | None) -> Thing | None:
        if not armed:
            return None
        fields = {
            "enabledAt": stamp(pull.issue.updated_at),
            "enabledBy": lambda: self.account(armed.by),
            "mergeMethod": armed.method.upper(),
            "commitHeadline": armed.title,
            "commitBody": armed.message,
            "pullRequest": lambda: self.pull(pull),
        }
        return Thing("AutoMergeRequest", fields)

    def _decision(self, pull: Pull) -> str | None:
        states = [review.state for review in writers(self.call.github, pull)]
        rules = rules_of(self.call.github, pull.repo, pull.base_branch)
        if "CHANGES_REQUESTED" in states:
            return "CHANGES_REQUESTED"
        if states.count("APPROVED") >= rules.approvals and (rules.approvals or "APPROVED" in states):
            return "APPROVED"
        return "REVIEW_REQUIRED" if rules.approvals else None


MOMENTS = {"mergedAt": "merged_at", "closedAt": "closed_at", "createdAt": "created_at", "updatedAt": "updated_at"}


def _state(pull: Pull) -> str:
    return "MERGED" if pull.merged else _word(pull.issue.state)


def _word(text: str) -> str:
    return text.upper()


def may(call: Call, repo: Repository, grants: Mapping[str, str], least: str = "write") -> bool:
    """Say whether the caller may: an installation by its token's permissions, a person by the role."""
    if not reachable(call, repo):
        return False
    token = call.caller.token
    if token and token.installation:
        return all(token.permissions.get(name) in {grade, "admin"} for name, grade in grants.items())
    return at_least(call.github.standard(repo, call.github.role(repo, call.actor)), least)
