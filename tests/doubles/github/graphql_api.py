"""GraphQL on GitHub's published schema: questions, and the changes that REST cannot make.

Whatever goes wrong after the request was understood is an HTTP 200 with ``errors``, each with GitHub's ``type``.
"""

from __future__ import annotations

import base64
import binascii
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    OverlappingFieldsCanBeMergedRule,
    execute,
    parse,
    specified_rules,
    validate,
)

from tests.doubles.github.automerge import Unarmed, Way, arm, disarm, merge_now
from tests.doubles.github.commits import edited
from tests.doubles.github.graphql_objects import Thing, Things, may
from tests.doubles.github.mergequeue import dequeue, enqueue
from tests.doubles.github.merging import Conflicts, Wanted, reverted, write
from tests.doubles.github.pull import Proposal, Pull, Pulls, changed, propose, tell
from tests.doubles.github.refs import move
from tests.doubles.github.repository import Repository
from tests.doubles.github.routing import Call, route
from tests.doubles.github.standing import base_now
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import Wrong
from tests.doubles.published import graphql_schema

PULLS = {"pull_requests": "write"}
CONTENTS = {"contents": "write"}
Mutation = Callable[[Call, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
MUTATIONS: dict[str, Mutation] = {}
RULES = tuple(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule)
"""GitHub answers ``state`` of an issue or a pull request asked for in one breath, as ``gh`` does, though the types differ."""


class Refused(GraphQLError):
    """An error with GitHub's ``type``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def mutation(name: str) -> Callable[[Mutation], Mutation]:
    """Register what a mutation does; it returns the fields of its payload."""

    def register(does: Mutation) -> Mutation:
        MUTATIONS[name] = does
        return does

    return register


@route("POST", "/graphql", who="token")
async def answer(call: Call) -> Any:
    query = call.data.get("query") if isinstance(call.data, dict) else None
    if not isinstance(query, str):
        raise Wrong("A query attribute must be specified and must be a string.", status=400)
    try:
        document = parse(query)
    except GraphQLError as wrong:
        return {"errors": [_error(wrong)]}
    unaskable = validate(graphql_schema(), document, RULES)
    if unaskable:
        return {"errors": [_error(wrong) for wrong in unaskable]}
    result = execute(
        graphql_schema(),
        document,
        Thing("Query", Things(call).roots()),
        call,
        call.data.get("variables") or {},
        call.data.get("operationName"),
        field_resolver=_field,
        type_resolver=lambda value, _info, _kind: value.kind,
    )
    done = result if isinstance(result, ExecutionResult) else await result
    errors = {"errors": [_error(wrong) for wrong in done.errors]} if done.errors else {}
    return (
        {} if done.data is None and errors and not any(wrong.path for wrong in done.errors or []) else {"data": done.data}
    ) | errors


async def _field(source: Thing, info: GraphQLResolveInfo[Call], **arguments: Any) -> Any:
    if info.parent_type.name == "Mutation":
        does = MUTATIONS.get(info.field_name)
        if not does:
            raise Refused("NOT_IMPLEMENTED", f"The double knows no mutation {info.field_name}")
        return await _changed(info.context, does, info.field_name, arguments["input"])
    if info.field_name not in source.fields:
        raise Refused("NOT_IMPLEMENTED", f"The double knows no field {info.parent_type.name}.{info.field_name}")
    found = source.fields[info.field_name]
    value = found(**arguments) if callable(found) else found
    if value is None and info.parent_type.name == "Query":
        raise Refused("NOT_FOUND", _unresolved(info.field_name, arguments))
    return await value if inspect.isawaitable(value) else value


async def _changed(call: Call, does: Mutation, name: str, wanted: Mapping[str, Any]) -> Thing:
    try:
        fields = await does(call, wanted)
    except Unarmed as wrong:
        raise Refused("UNPROCESSABLE", str(wrong)) from None
    except Wrong as wrong:
        raise Refused("FORBIDDEN" if wrong.status == 403 else "UNPROCESSABLE", wrong.message) from None
    return Thing(f"{name[0].upper()}{name[1:]}Payload", {"clientMutationId": wanted.get("clientMutationId"), **fields})


def _unresolved(field: str, arguments: Mapping[str, Any]) -> str:
    if field == "repository":
        return f"Could not resolve to a Repository with the name '{arguments['owner']}/{arguments['name']}'."
    return f"Could not resolve to a node with the global id of '{arguments.get('id')}'"


def _error(wrong: GraphQLError) -> dict[str, Any]:
    kind = getattr(wrong.original_error or wrong, "kind", None)
    found: dict[str, Any] = {"type": kind} if kind else {}
    if wrong.path:
        found["path"] = list(wrong.path)
    if wrong.locations:
        found["locations"] = [{"line": place.line, "column": place.column} for place in wrong.locations]
    return found | {"message": wrong.message}


def _pull(call: Call, node: str, *grants: Mapping[str, str], least: str = "write") -> Pull:
    found = call.github.room(Pulls).by_node(node)
    if not found:
        raise Refused("NOT_FOUND", _unresolved("node", {"id": node}))
    _allow(call, found.repo, {name: grade for each in grants for name, grade in each.items()}, least)
    return found


def _allow(call: Call, repo: Repository, grants: Mapping[str, str], least: str = "write") -> None:
    if not may(call, repo, grants, least):
        message = (
            "Resource not accessible by integration"
            if call.caller.installation
            else f"{call.actor.login} does not have the correct permissions to execute this"
        )
        raise Refused("FORBIDDEN", message)


def _way(wanted: Mapping[str, Any]) -> Way:
    return Way((wanted.get("mergeMethod") or "MERGE").lower(), wanted.get("commitHeadline"), wanted.get("commitBody"))


@mutation("enablePullRequestAutoMerge")
async def enable_auto_merge(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], PULLS, CONTENTS)
    arm(call.github, pull, call.actor, _way(wanted), wanted.get("expectedHeadOid"))
    await changed(call.github, pull)
    return {"pullRequest": Things(call).pull(pull), "actor": Things(call).account(call.actor)}


@mutation("disablePullRequestAutoMerge")
async def disable_auto_merge(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], PULLS)
    disarm(call.github, pull, call.actor)
    return {"pullRequest": Things(call).pull(pull), "actor": Things(call).account(call.actor)}


@mutation("mergePullRequest")
async def merge_pull_request(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], CONTENTS)
    if not pull.open:
        raise Unarmed("Pull Request is not mergeable")
    await merge_now(call.github, pull, call.actor, _way(wanted), wanted.get("expectedHeadOid"))
    return {"pullRequest": Things(call).pull(pull), "actor": Things(call).account(call.actor)}


@mutation("enqueuePullRequest")
async def enqueue_pull_request(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], PULLS, CONTENTS)
    entry = await enqueue(call.github, pull, call.actor, wanted.get("expectedHeadOid"))
    return {"mergeQueueEntry": Things(call).entry(entry)}


@mutation("dequeuePullRequest")
async def dequeue_pull_request(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["id"], PULLS, CONTENTS)
    return {"mergeQueueEntry": Things(call).entry(await dequeue(call.github, pull, call.actor))}


@mutation("markPullRequestReadyForReview")
async def ready_for_review(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], PULLS)
    return await _draft(call, pull, draft=False)


@mutation("convertPullRequestToDraft")
async def to_draft(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], PULLS)
    return await _draft(call, pull, draft=True)


async def _draft(call: Call, pull: Pull, *, draft: bool) -> Mapping[str, Any]:
    if pull.issue.draft != draft:
        pull.issue.draft = draft
        tell(call.github, pull, "converted_to_draft" if draft else "ready_for_review", call.actor)
        await changed(call.github, pull)
    return {"pullRequest": Things(call).pull(pull)}


@mutation("revertPullRequest")
async def revert(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    pull = _pull(call, wanted["pullRequestId"], PULLS, CONTENTS)
    if not pull.merge_commit_sha or not pull.merged_onto:
        raise Unarmed("Pull request is not merged")
    title = wanted.get("title") or f'Revert "{pull.issue.title}"'
    body = wanted.get("body") if wanted.get("body") is not None else f"Reverts {pull.repo.full_name}#{pull.number}"
    branch = _free(pull.repo, f"revert-{pull.number}-{pull.head_branch}")
    how = Wanted(base_now(pull), "", call.actor, f"{title}\n\nThis reverts commit {pull.merge_commit_sha}.")
    try:
        sha = reverted(call.github, pull.repo.clone, pull.merged_onto, pull.merge_commit_sha, how)
    except Conflicts:
        raise Unarmed("This pull request cannot be reverted automatically: there are conflicts with later changes") from None
    await move(call.github, pull.repo, f"refs/heads/{branch}", sha, call.actor, ruled=False)
    proposal = Proposal(title, body, pull.base_branch, pull.repo, branch, bool(wanted.get("draft")))
    made = await propose(call.github, pull.repo, proposal, call.actor, call.by_app)
    return {"pullRequest": Things(call).pull(pull), "revertPullRequest": Things(call).pull(made)}


def _free(repo: Repository, name: str) -> str:
    taken = repo.clone.branches()
    numbers = iter(range(1, len(taken) + 2))
    found = name
    while found in taken:
        found = f"{name}-{next(numbers)}"
    return found


@mutation("createCommitOnBranch")
async def create_commit(call: Call, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    repo, branch = _branch(call.github, wanted["branch"])
    _allow(call, repo, CONTENTS)
    head = repo.clone.branches().get(branch)
    if not head:
        raise Refused("NOT_FOUND", f"Ref refs/heads/{branch} not found.")
    if head != wanted["expectedHeadOid"]:
        raise Refused(
            "STALE_DATA", f'Expected branch to point to "{wanted["expectedHeadOid"]}" but it did not. Pull and try again.'
        )
    tree = edited(repo.clone, head, _edits(repo, head, wanted.get("fileChanges") or {}))
    message = wanted["message"]["headline"] + (f"\n\n{wanted['message']['body']}" if wanted["message"].get("body") else "")
    sha = write(call.github, repo.clone, tree, [head], message=message, by=call.actor)
    await move(call.github, repo, f"refs/heads/{branch}", sha, call.actor, token=call.caller.token)
    return {"commit": Things(call).commit(repo, sha), "ref": Things(call).ref(repo, branch)}


def _branch(github: GitHub, wanted: Mapping[str, Any]) -> tuple[Repository, str]:
    """Return what ``CommittableBranch`` names: a ref's id, or a repository and a branch."""
    if wanted.get("id"):
        _, number, name = str(wanted["id"]).split("_", 2)
        return github.repositories[int(number)], bytes.fromhex(name).decode()
    owner, _, name = str(wanted.get("repositoryNameWithOwner") or "").partition("/")
    found = github.find_repository(owner, name)
    if not found:
        raise Refused("NOT_FOUND", _unresolved("repository", {"owner": owner, "name": name}))
    return found, str(wanted["branchName"]).removeprefix("refs/heads/")


def _edits(repo: Repository, head: str, changes: Mapping[str, Any]) -> dict[str, bytes | None]:
    edits: dict[str, bytes | None] = {}
    for gone in changes.get("deletions") or []:
        if not repo.clone.find(head, gone["path"]):
            raise Refused("UNPROCESSABLE", f"A path was requested for deletion which does not exist: {gone['path']}")
        edits[gone["path"]] = None
    for added in changes.get("additions") or []:
        try:
            edits[added["path"]] = base64.b64decode(added["contents"], validate=True)
        except binascii.Error:
            raise Refused("UNPROCESSABLE", f"The contents of {added['path']} are no Base64") from None
    return edits
