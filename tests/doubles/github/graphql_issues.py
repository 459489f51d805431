"""GraphQL for people at ``gh``: issues, comments, labels, reviews and checks, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.doubles.github import graphql_threads, review
from tests.doubles.github.check import CheckRun, Checks, CheckSuite
from tests.doubles.github.comments import comment_on, fit
from tests.doubles.github.graphql_api import Refused, mutation
from tests.doubles.github.graphql_objects import MORE, Thing, Things, connection, may
from tests.doubles.github.issues import new_issue, tell
from tests.doubles.github.pull import Pull, Pulls, close
from tests.doubles.github.pull_shapes import files
from tests.doubles.github.repository import Comment, Issue, Label, Reaction, Repository
from tests.doubles.github.routing import Call
from tests.doubles.github.shapes import stamp
from tests.doubles.github.state import GitHub

CONTENTS = {
    "+1": "THUMBS_UP",
    "-1": "THUMBS_DOWN",
    "laugh": "LAUGH",
    "hooray": "HOORAY",
    "confused": "CONFUSED",
    "heart": "HEART",
    "rocket": "ROCKET",
    "eyes": "EYES",
}


def of_repository(things: Things, repo: Repository) -> Mapping[str, Any]:
    """Return a repository's further fields."""

    def issues(**wanted: Any) -> Any:
        states = wanted.get("states") or ["OPEN", "CLOSED"]
        found = [issue for issue in reversed(repo.issues.values()) if not issue.pull and issue.state.upper() in states]
        return connection("IssueConnection", found, lambda one: things.issue(one) or Thing("Issue", {}))(**wanted)

    def either(number: int) -> Thing | None:
        pull = things.call.github.room(Pulls).get(repo, number)
        return things.pull(pull) if pull else things.issue(repo.issues.get(number))

    return {
        "hasIssuesEnabled": repo.settings.has_issues,
        "hasWikiEnabled": True,
        "description": repo.description,
        "pushedAt": stamp(repo.pushed_at),
        "createdAt": stamp(repo.created_at),
        "updatedAt": stamp(repo.updated_at),
        "sshUrl": f"git@{things.shapes.urls.web.partition('//')[2]}:{repo.full_name}.git",
        "parent": lambda: things.repository(repo.parent) if repo.parent else None,
        "isTemplate": False,
        "issues": issues,
        "issueOrPullRequest": either,
        "labels": connection("LabelConnection", list(repo.labels.values()), _label),
    }


def of_both(things: Things, issue: Issue) -> Mapping[str, Any]:
    """Return the further fields that issues and pull requests share."""
    return {
        "labels": connection("LabelConnection", issue.labels, _label),
        "assignees": connection("UserConnection", issue.assignees, things.account),
        "comments": connection("IssueCommentConnection", list(issue.comments.values()), lambda one: _comment(things, one)),
        "milestone": None,
        "projectCards": connection("ProjectCardConnection", [], lambda _one: Thing("ProjectCard", {})),
        "reactionGroups": lambda: _groups(issue.reactions),
    }


def of_issue(things: Things, issue: Issue) -> Mapping[str, Any]:
    """Return an issue's further fields."""
    return {
        **of_both(things, issue),
        "url": f"{things.shapes.urls.page(issue.repo)}/issues/{issue.number}",
        "author": lambda: things.account(issue.user),
        "createdAt": stamp(issue.created_at),
        "updatedAt": stamp(issue.updated_at),
        "closedAt": stamp(issue.closed_at),
        "closed": issue.state == "closed",
        "stateReason": issue.state_reason.upper() if issue.state_reason else None,
        "repository": lambda: things.repository(issue.repo),
    }


def of_pull(things: Things, pull: Pull) -> Mapping[str, Any]:
    """Return a pull request's further fields."""
    entries = [] if pull.merged else files(things.shapes, pull)
    return {
        **of_both(things, pull.issue),
        "headRepositoryOwner": lambda: things.account(pull.head_repo.owner),
        "additions": sum(entry["additions"] for entry in entries),
        "deletions": sum(entry["deletions"] for entry in entries),
        "changedFiles": len(entries),
        "maintainerCanModify": pull.maintainer_can_modify,
        "reviewThreads": graphql_threads.of_pull(things, pull),
        "reviewRequests": connection("ReviewRequestConnection", [], lambda _one: Thing("ReviewRequest", {})),
    }


def of_commit(things: Things, commit: tuple[Repository, str]) -> Mapping[str, Any]:
    """Return a commit's further fields: what its checks say."""
    repo, sha = commit
    suites = things.call.github.room(Checks).of_commit(repo, sha)
    runs = [run for suite in suites for run in suite.latest]

    def rollup() -> Thing | None:
        contexts = connection("StatusCheckRollupContextConnection", runs, lambda run: _check(things, run))
        return Thing("StatusCheckRollup", {"id": f"SCR_{sha}", "state": _together(runs), "contexts": contexts}) if runs else None

    return {"statusCheckRollup": rollup, "checkSuites": connection("CheckSuiteConnection", suites, _suite)}


def _together(runs: Sequence[CheckRun]) -> str:
    if any(run.conclusion in {"failure", "timed_out", "cancelled", "action_required", "stale"} for run in runs):
        return "FAILURE"
    return "SUCCESS" if all(run.conclusion for run in runs) else "PENDING"


def _check(things: Things, run: CheckRun) -> Thing:
    fields = {
        "id": run.node_id,
        "databaseId": run.id,
        "name": run.name,
        "status": run.status.upper(),
        "conclusion": run.conclusion.upper() if run.conclusion else None,
        "startedAt": stamp(run.started_at),
        "completedAt": stamp(run.completed_at),
        "detailsUrl": run.details_url or f"{things.shapes.urls.page(run.suite.repo)}/runs/{run.id}",
        "title": run.title,
        "summary": run.summary,
        "text": run.text,
        "checkSuite": lambda: _suite(run.suite),
        "isRequired": lambda **_: False,
    }
    return Thing("CheckRun", fields)


def _suite(suite: CheckSuite) -> Thing:
    conclusion = suite.conclusion.upper() if suite.conclusion else None
    fields = {"id": suite.node_id, "status": suite.status.upper(), "conclusion": conclusion, "workflowRun": None}
    return Thing("CheckSuite", fields)


def _label(label: Label) -> Thing:
    fields = {"id": label.node_id, "name": label.name, "color": label.color, "description": label.description}
    return Thing("Label", fields)


def _comment(things: Things, comment: Comment) -> Thing:
    repo, issue = comment.issue.repo, comment.issue
    kind = "pull" if issue.pull else "issues"
    fields = {
        "id": comment.node_id,
        "databaseId": comment.id,
        "body": comment.body,
        "author": lambda: things.account(comment.user),
        "authorAssociation": things.shapes.association(repo, comment.user),
        "createdAt": stamp(comment.created_at),
        "updatedAt": stamp(comment.updated_at),
        "includesCreatedEdit": comment.updated_at != comment.created_at,
        "isMinimized": False,
        "minimizedReason": None,
        "url": f"{things.shapes.urls.page(repo)}/{kind}/{issue.number}#issuecomment-{comment.id}",
        "reactionGroups": lambda: _groups(comment.reactions),
        "viewerDidAuthor": comment.user is things.call.caller.account,
    }
    return Thing("IssueComment", fields)


def _groups(reactions: Mapping[int, Reaction]) -> list[Thing]:
    def group(content: str, name: str) -> Thing:
        found = [reaction.user for reaction in reactions.values() if reaction.content == content]
        users = connection("ReactingUserConnection", found, lambda user: Thing("User", {"login": user.login}))
        return Thing("ReactionGroup", {"content": name, "users": users})

    return [group(content, name) for content, name in CONTENTS.items()]


def _subject(github: GitHub, node: str) -> Issue:
    for repo in github.repositories.values():
        for issue in repo.issues.values():
            if issue.node_id == node:
                return issue
    raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")


def _allowed(call: Call, repo: Repository, least: str) -> None:
    if not may(call, repo, {"issues": "write"}, least):
        raise Refused("FORBIDDEN", "Resource not accessible by integration")


@mutation("addComment")
async def add_comment(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    issue = _subject(call.github, wanted["subjectId"])
    _allowed(call, issue.repo, "read")
    made = _comment(Things(call), comment_on(call, issue, fit(wanted["body"])))
    return {"commentEdge": Thing("IssueCommentEdge", {"node": made, "cursor": str(made.fields["databaseId"])})}


@mutation("createIssue")
async def create_issue(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    repo = next((one for one in call.github.repositories.values() if one.node_id == wanted["repositoryId"]), None)
    if not repo:
        raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted['repositoryId']}'")
    _allowed(call, repo, "read")
    issue = new_issue(call.github, repo, wanted["title"], wanted.get("body"), call.actor, app=call.by_app)
    chosen = wanted.get("labelIds") or []
    issue.labels = [label for label in repo.labels.values() if label.node_id in chosen]
    await tell(call.github, issue, "opened", call.actor)
    for label in issue.labels:
        await tell(call.github, issue, "labeled", call.actor, label=call.shapes.label(repo, label))
    return {"issue": Things(call).issue(issue)}


@mutation("closeIssue")
async def close_issue(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    issue = _subject(call.github, wanted["issueId"])
    _allowed(call, issue.repo, "triage")
    issue.state, issue.closed_at, issue.closed_by = "closed", call.github.now(), call.actor
    issue.state_reason = (wanted.get("stateReason") or "COMPLETED").lower()
    await tell(call.github, issue, "closed", call.actor)
    return {"issue": Things(call).issue(issue)}


def _pull(call: Call, node: str, least: str) -> Pull:
    found = call.github.room(Pulls).by_node(node)
    if not found:
        raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
    if not may(call, found.repo, {"pull_requests": "write"}, least):
        raise Refused("FORBIDDEN", "Resource not accessible by integration")
    return found


@mutation("addPullRequestReview")
async def add_review(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], "read")
    made = await review.give(
        call.github, pull, call.actor, wanted.get("event"), body=wanted.get("body") or "", commit=wanted.get("commitOID")
    )
    return {"pullRequestReview": Things(call).review(made)}


@mutation("closePullRequest")
async def close_pull_request(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], "triage")
    await close(call.github, pull, call.actor)
    return {"pullRequest": Things(call).pull(pull)}


MORE.update({"Repository": of_repository, "Issue": of_issue, "PullRequest": of_pull, "Commit": of_commit})
