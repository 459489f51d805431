"""Stand-ins for GitHub's own actions, as far as workflows here use them: each does the real thing in the job's folder."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.github.state import GitHub
from tests.doubles.github.workflow_run import Artifact, WorkflowRun

MACHINE = Path(__file__).with_name("machine.py")


class ActionFailed(Exception):
    """What an action says when it fails the step."""


@dataclass(frozen=True)
class Scene:
    """What an action works with."""

    github: GitHub
    run: WorkflowRun
    workspace: Path
    given: Mapping[str, str]
    env: dict[str, str]
    """The job's environment from here on; actions may add to it."""
    token: str
    say: Callable[[str], None]

    def input(self, name: str, default: str = "") -> str:
        return self.given.get(name, "") or default


def setup_python(scene: Scene) -> None:
    """Put this machine's Python first on the path; another version than it is cannot be had.

    Virtual environments that are made with it are filled by :mod:`tests.doubles.github.machine`, so that nothing is downloaded.
    """
    wanted, found = scene.input("python-version"), ".".join(map(str, sys.version_info[:2]))
    if wanted not in {"", found}:
        raise ActionFailed(f"The version '{wanted}' with architecture 'x64' was not found; this machine has {found}")
    place = Path(scene.env["RUNNER_TOOL_CACHE"], "Python", found, "x64")
    (place / "bin").mkdir(parents=True)
    python = place / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -P {MACHINE} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    scene.env["PATH"] = f"{python.parent}:{scene.env['PATH']}"
    scene.env["pythonLocation"] = str(place)
    scene.say(f"Python at {place}")


def checkout(scene: Scene) -> None:
    """Fetch a commit of the repository and put its files into the workspace."""
    target = scene.workspace / scene.input("path", ".")
    target.mkdir(parents=True, exist_ok=True)
    helper = '!f() { echo username=x-access-token; echo "password=$JOB_TOKEN"; }; f'
    origin = f"{scene.run.urls.web}/{scene.input('repository', scene.run.repo.full_name)}.git"
    depth = [f"--depth={each}" for each in [scene.input("fetch-depth", "1")] if each != "0"]
    environment = {**scene.env, "JOB_TOKEN": scene.token, "GIT_TERMINAL_PROMPT": "0"}
    for command in (
        ["init", "--quiet", "."],
        ["remote", "add", "origin", origin],
        ["-c", f"credential.helper={helper}", "fetch", "--quiet", *depth, "origin", scene.input("ref", scene.run.sha)],
        ["checkout", "--quiet", "--detach", "FETCH_HEAD"],
    ):
        done = subprocess.run(["git", *command], cwd=target, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ActionFailed(done.stderr.strip())


def upload_artifact(scene: Scene) -> None:
    """Zip files of the workspace and keep them under a name that is new in this run."""
    name = scene.input("name", "artifact")
    if name in scene.run.artifacts:
        raise ActionFailed(f"Failed to CreateArtifact: an artifact with this name already exists on the workflow run: {name}")
    files = sorted(set(_files(scene)))
    if not files:
        said = f"No files were found with the provided path: {scene.input('path')}. No artifacts will be uploaded."
        if scene.input("if-no-files-found", "warn") == "error":
            raise ActionFailed(said)
        scene.say(f"Warning: {said}")
        return
    root = Path(os.path.commonpath([_searched(scene, each) for each in _patterns(scene)]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(root).as_posix())
    made = Artifact(scene.github.number(), name, packed.getvalue(), scene.github.now())
    scene.run.artifacts[name] = made
    scene.say(
        f"Artifact {name} has been successfully uploaded! Final size is {len(made.content)} bytes. Artifact ID is {made.id}"
    )


def download_artifact(scene: Scene) -> None:
    """Unpack an artifact of this run, or all of them, each into a folder of its name."""
    name = scene.input("name")
    target = scene.workspace / scene.input("path", ".")
    if name and name not in scene.run.artifacts:
        raise ActionFailed(f"Unable to download artifact(s): Artifact not found for name: {name}")
    for each in [scene.run.artifacts[name]] if name else list(scene.run.artifacts.values()):
        into = target if name else target / each.name
        into.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(io.BytesIO(each.content)) as archive:
            archive.extractall(into)
        scene.say(f"Artifact {each.name} was unpacked")


def _patterns(scene: Scene) -> list[str]:
    return [each.strip() for each in scene.input("path").split("\n") if each.strip()]


def _searched(scene: Scene, pattern: str) -> Path:
    """Return the folder that is searched for a pattern, below which an artifact names its files."""
    parts = Path(pattern).parts
    fixed = parts[: next((number for number, part in enumerate(parts) if any(one in part for one in "*?[")), len(parts))]
    place = scene.workspace.joinpath(*fixed)
    return place.parent if place.is_file() else place


def _files(scene: Scene) -> Iterator[Path]:
    for pattern in _patterns(scene):
        for found in scene.workspace.glob(pattern):
            yield from (each for each in ([found] if found.is_file() else found.rglob("*")) if each.is_file())


SHIPPED: Mapping[str, Callable[[Scene], None]] = {
    "actions/checkout": checkout,
    "actions/setup-python": setup_python,
    "actions/upload-artifact": upload_artifact,
    "actions/download-artifact": download_artifact,
}
