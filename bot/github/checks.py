"""Check runs: what Pawl says of a commit, one run a gate, within GitHub's limits on texts and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from bot.errors import Fatal
from bot.github.client import segment
from bot.github.repository import Repository
from bot.ids import Sha

MOST_TEXT: Final = 65_535
MOST_AT_ONCE: Final = 50
"""Annotations that one request takes."""
MOST_ANNOTATIONS: Final = 500
"""Annotations Pawl puts on one run; a reader is helped by the first ones."""
_CUT_NOTE: Final = "\n\n*cut here: the evidence has the rest*\n"

Status = Literal["queued", "in_progress", "completed"]
Conclusion = Literal["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"]


@dataclass(frozen=True)
class Annotation:
    """A remark on lines of a file; ``level`` is ``notice``, ``warning`` or ``failure``."""

    path: str
    start: int
    end: int
    level: Literal["notice", "warning", "failure"]
    message: str
    title: str = ""


@dataclass(frozen=True)
class Action:
    """A button on a check run; the click comes back as ``check_run.requested_action`` with ``identifier``."""

    label: str
    description: str
    identifier: str

    def __post_init__(self) -> None:
        for value, most in ((self.label, 20), (self.description, 40), (self.identifier, 20)):
            if not 0 < len(value) <= most:
                raise Fatal(f"a check run's button holds {value!r}: GitHub takes 1 to {most} characters there")


@dataclass(frozen=True)
class CheckRun:
    """What is to stand on a check run."""

    name: str
    head: Sha
    status: Status
    conclusion: Conclusion | None = None
    title: str = ""
    summary: str = ""
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    actions: tuple[Action, ...] = ()
    details_url: str = ""
    external_id: str = ""

    def __post_init__(self) -> None:
        if (self.status == "completed") != (self.conclusion is not None):
            raise Fatal(f"check run {self.name!r} is {self.status} with conclusion {self.conclusion}: one of them is wrong")


@dataclass(frozen=True)
class SeenCheck:
    """A check run as it stands on GitHub, whoever made it."""

    id: int
    name: str
    head: Sha
    status: str
    conclusion: str | None
    app_id: int
    external_id: str = ""
    title: str = ""
    annotations: int = 0
    details_url: str = ""


async def create(repo: Repository, check: CheckRun) -> int:
    """Make a check run and return its id; one with many annotations is completed by its last request only."""
    shown = check.annotations[:MOST_ANNOTATIONS]
    first, rest = shown[:MOST_AT_ONCE], shown[MOST_AT_ONCE:]
    opening = replace(check, status="in_progress", conclusion=None, actions=()) if rest else check
    made = await repo.post("check-runs", {"head_sha": check.head, **_body(opening, first)})
    if rest:
        await _append(repo, int(made["id"]), check, rest)
    return int(made["id"])


async def update(repo: Repository, check_id: int, check: CheckRun) -> None:
    """Make a check run say this; annotations that stand there already are not written again."""
    rest = check.annotations[:MOST_ANNOTATIONS]
    if rest:
        standing = {_known(each) async for each in repo.pages(f"check-runs/{check_id}/annotations")}
        rest = tuple(each for each in rest if _known(_annotation(each)) not in standing)
    await _append(repo, check_id, check, rest)


async def find(repo: Repository, head: Sha, name: str) -> int | None:
    """Return the id of the App's own newest check run of that name on a commit."""
    own = [each for each in await _listed(repo, head, check_name=name, app_id=repo.app.id) if each.app_id == repo.app.id]
    return max((each.id for each in own if each.name == name), default=None)


async def runs(repo: Repository, sha: Sha) -> tuple[SeenCheck, ...]:
    """Return the newest check runs on a commit, of every App."""
    return await _listed(repo, sha)


async def _listed(repo: Repository, sha: Sha, **params: Any) -> tuple[SeenCheck, ...]:
    pages = repo.pages(f"commits/{segment(sha)}/check-runs", "check_runs", filter="latest", **params)
    return tuple([check_of(each) async for each in pages])


async def _append(repo: Repository, check_id: int, check: CheckRun, annotations: tuple[Annotation, ...]) -> None:
    """Send annotations fifty at a time; only the last request completes the run, so one that is cut off is never green."""
    parts = [annotations[at : at + MOST_AT_ONCE] for at in range(0, len(annotations), MOST_AT_ONCE)] or [()]
    for part in parts[:-1]:
        open_still = replace(check, status="in_progress", conclusion=None, actions=())
        await repo.patch(f"check-runs/{check_id}", _body(open_still, part))
    await repo.patch(f"check-runs/{check_id}", _body(check, parts[-1]))


def check_of(told: Mapping[str, Any]) -> SeenCheck:
    """Return the check run in an answer or a webhook's payload."""
    output = told.get("output") or {}
    return SeenCheck(
        id=int(told["id"]),
        name=str(told["name"]),
        head=Sha(str(told["head_sha"])),
        status=str(told["status"]),
        conclusion=told.get("conclusion"),
        app_id=int((told.get("app") or {}).get("id") or 0),
        external_id=str(told.get("external_id") or ""),
        title=str(output.get("title") or ""),
        annotations=int(output.get("annotations_count") or 0),
        details_url=str(told.get("details_url") or ""),
    )


def cut(text: str, most: int = MOST_TEXT) -> str:
    """Return the text within ``most`` bytes, cut by whole lines with a note; a code block that was open is closed."""
    if len(text.encode()) <= most:
        return text
    room = most - len(_CUT_NOTE.encode()) - 16
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append(line)
        fence = _fence_after(line, fence)
    return "\n".join([*lines, *([fence] if fence else [])]) + _CUT_NOTE


def _fence_after(line: str, fence: str) -> str:
    """Return the code block's ticks that are open after a line; '' where none is."""
    stripped = line.strip()
    ticks = stripped[: len(stripped) - len(stripped.lstrip("`"))]
    if fence:
        return "" if ticks == stripped and len(ticks) >= len(fence) else fence
    return ticks[:12] if len(ticks) >= 3 else ""  # noqa: PLR2004 - as Markdown has it


def _body(check: CheckRun, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": check.name, "status": check.status}
    if check.conclusion is not None:
        told["conclusion"] = check.conclusion
    if check.details_url:
        told["details_url"] = check.details_url
    if check.external_id:
        told["external_id"] = check.external_id
    if check.title or check.summary:
        told["output"] = _output(check, annotations)
    elif annotations:
        raise Fatal(f"check run {check.name!r} has annotations and no summary: GitHub takes none without")
    if check.actions:
        told["actions"] = [
            {"label": each.label, "description": each.description, "identifier": each.identifier} for each in check.actions
        ]
    return told


def _output(check: CheckRun, annotations: tuple[Annotation, ...]) -> dict[str, Any]:
    output: dict[str, Any] = {"title": check.title or check.name, "summary": cut(check.summary)}
    if check.text:
        output["text"] = cut(check.text)
    if annotations:
        output["annotations"] = [_annotation(each) for each in annotations]
    return output


def _annotation(each: Annotation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": each.path,
        "start_line": max(1, each.start),
        "end_line": max(1, each.start, each.end),
        "annotation_level": each.level,
        "message": cut(each.message, 32_000) or "(no message)",
    }
    return told | ({"title": each.title[:255]} if each.title else {})


def _known(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what makes two annotations the same."""
    keys = ("path", "start_line", "end_line", "annotation_level", "message")
    return (*(told.get(key) for key in keys), told.get("title") or "")
