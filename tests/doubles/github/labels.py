"""The labels of a repository."""

from __future__ import annotations

import re

from tests.doubles.github.events import emit
from tests.doubles.github.repository import Label, Repository
from tests.doubles.github.routing import NO_CONTENT, Answer, Call, route
from tests.doubles.github.shapes import Json
from tests.doubles.github.state import GitHub
from tests.doubles.github.wrong import NotFound, invalid

GREY = "ededed"
READ = ({"issues": "read"}, {"pull_requests": "read"})
WRITE = ({"issues": "write"}, {"pull_requests": "write"})


def find_or_make(github: GitHub, repo: Repository, name: str) -> Label:
    """Return the label with this name, whatever its case; an unknown one is made, as GitHub does."""
    return repo.labels.setdefault(name.lower(), Label(github.number(), name, GREY))


@route("GET", "/repos/{owner}/{repo}/labels", needs=READ)
async def labels(call: Call) -> Answer:
    return call.page(list(call.repo.labels.values()), lambda label: call.shapes.label(call.repo, label))


@route("POST", "/repos/{owner}/{repo}/labels", needs=WRITE)
async def add_label(call: Call) -> Answer:
    name = call.text("name", "Label")
    if name.lower() in call.repo.labels:
        raise invalid("Label", "name", "already_exists")
    color = str(call.data.get("color", GREY)).removeprefix("#")
    if not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color")
    label = Label(call.github.number(), name, color, call.data.get("description"))
    call.repo.labels[name.lower()] = label
    emit(call.github, "label", "created", {"label": call.shapes.label(call.repo, label)}, repo=call.repo, sender=call.actor)
    return Answer(201, call.shapes.label(call.repo, label))


@route("GET", "/repos/{owner}/{repo}/labels/{name}", needs=READ)
async def label(call: Call) -> Json:
    return call.shapes.label(call.repo, _found(call))


@route("PATCH", "/repos/{owner}/{repo}/labels/{name}", needs=WRITE)
async def change_label(call: Call) -> Json:
    found = _found(call)
    del call.repo.labels[found.name.lower()]
    found.name = call.data.get("new_name", found.name)
    found.color = call.data.get("color", found.color)
    found.description = call.data.get("description", found.description)
    call.repo.labels[found.name.lower()] = found
    return call.shapes.label(call.repo, found)


@route("DELETE", "/repos/{owner}/{repo}/labels/{name}", needs=WRITE)
async def delete_label(call: Call) -> Answer:
    found = _found(call)
    del call.repo.labels[found.name.lower()]
    for issue in call.repo.issues.values():
        issue.labels = [label for label in issue.labels if label is not found]
    return NO_CONTENT


def _found(call: Call) -> Label:
    found = call.repo.labels.get(call.match["name"].lower())
    if not found:
        raise NotFound
    return found
