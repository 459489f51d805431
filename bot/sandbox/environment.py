"""A project's environment: an interpreter, its dependencies and Pawl's toolbox, cached by content.

A project that declares no dependencies gets an empty virtual environment and the toolbox, at once and offline. One that
does gets them installed from wheels; that step uses the network and runs none of the project's code: the project itself is
not installed, only described, so that its version and entry points can be looked up. Packages without a wheel would have
to be built, which is code of strangers run outside the sandbox: they are refused unless that is asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.errors import InputError
from bot.sandbox.cached import built_once
from bot.sandbox.manifest import Manifest, read_manifest
from bot.sandbox.probe import base_interpreter
from bot.sandbox.sandbox import Environment
from bot.sandbox.toolbox import toolbox

Progress = Callable[[str, float | None], None]
_LAYOUT = 1
"""Part of every key: raised when environments are laid out differently."""
_INSTALL_SECONDS = 900.0
_COMPLAINT = 300


def prepare(
    root: Path, cache: Path, progress: Progress = lambda _step, _fraction: None, *, build_sdists: bool = False
) -> Environment:
    """Return the environment for the tree at ``root``, installing its dependencies where no earlier run did.

    Args:
        root: the project's files; only read.
        cache: where environments are kept.
        progress: hears of the slow step.
        build_sdists: whether packages without a wheel may be built, outside the sandbox.

    Raises:
        InputError: a manifest cannot be read, or what it asks for cannot be installed.
    """
    manifest = read_manifest(root)
    _check_python(manifest)
    tools = toolbox(cache)
    key = _key(manifest, tools, build_sdists=build_sdists)

    def build(folder: Path) -> None:
        if manifest.requirements:
            progress(f"installing {len(manifest.requirements)} dependencies", None)
        _build(folder, manifest, build_sdists=build_sdists)

    folder = built_once(cache / "environments", key, build)
    return Environment(
        python=folder / "bin" / "python",
        read=(folder, tools, *base_interpreter()),
        site=(tools,),
        digest=f"sha256:{key}",
        source=_source(manifest),
    )


def source_roots(root: Path) -> tuple[Path, ...]:
    """Return the directories that a tree's packages are imported from, in order: ``src`` or the like, then the root."""
    named = [*read_manifest(root).roots, "src"]
    inside = [root / each for each in named if (root / each).is_dir() and (root / each).resolve().is_relative_to(root.resolve())]
    return tuple(dict.fromkeys([*inside, root]))


def _check_python(manifest: Manifest) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    try:
        fits = SpecifierSet(manifest.requires_python).contains(version, prereleases=True)
    except InvalidSpecifier as error:
        raise InputError(f"The project's requires-python {manifest.requires_python!r} cannot be read") from error
    if not fits:
        raise InputError(
            f"The project needs Python {manifest.requires_python} and Pawl runs on {version}; run Pawl with a Python that fits"
        )


def _key(manifest: Manifest, tools: Path, *, build_sdists: bool) -> str:
    parts = [
        _LAYOUT,
        sys.version,
        os.path.realpath(sys.base_prefix),
        tools.name,
        build_sdists,
        manifest.requirements,
        manifest.constraints,
        (manifest.name, manifest.version, {group: dict(points) for group, points in manifest.entry_points.items()}),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _source(manifest: Manifest) -> str:
    if not manifest.requirements:
        return "no dependencies"
    count = len(manifest.requirements)
    text = f"{', '.join(manifest.sources)}: {count} requirement{'s' * (count > 1)}"
    return f"{text}; not built: {manifest.builds}" if manifest.builds else text


def _build(folder: Path, manifest: Manifest, *, build_sdists: bool) -> None:
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    if manifest.requirements:
        _install(folder, manifest, build_sdists=build_sdists)
    if manifest.name:
        _describe(folder, manifest)


def _install(folder: Path, manifest: Manifest, *, build_sdists: bool) -> None:
    wanted, pinned = folder / "requirements.txt", folder / "constraints.txt"
    wanted.write_text("\n".join(manifest.requirements) + "\n", encoding="utf-8")
    pinned.write_text("\n".join(manifest.constraints) + "\n", encoding="utf-8")
    python = str(folder / "bin" / "python")
    command = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--quiet",
    ]
    command += ["--progress-bar", "off", "--no-warn-script-location", "--requirement", str(wanted), "--constraint", str(pinned)]
    if not build_sdists:
        command += ["--only-binary", ":all:"]
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, stdin=quiet, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            "The project's dependencies took over 15 minutes to install; look at the network or the index"
        ) from error
    if done.returncode:
        files = ", ".join(manifest.sources)
        raise InputError(f"The project's dependencies ({files}) cannot be installed from wheels: {_complaint(done.stderr)}")


def _complaint(stderr: str) -> str:
    """Return the first of pip's own error lines, clipped."""
    lines = [line.removeprefix("ERROR: ").strip() for line in stderr.splitlines()]
    errors = [line for line, raw in zip(lines, stderr.splitlines(), strict=True) if raw.startswith("ERROR:")]
    return next(iter([*errors, *lines[-1:]]), "pip gave no reason")[:_COMPLAINT]


def _describe(folder: Path, manifest: Manifest) -> None:
    """Write the metadata that an installed project would have, so that looking up its version and plug-ins works."""
    site = next((folder / "lib").glob("python*/site-packages"))
    name, version = manifest.name.replace("-", "_"), manifest.version or "0.0.0"
    about = site / f"{name}-{version}.dist-info"
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {manifest.name}\nVersion: {version}\n", encoding="utf-8")
    points = {group: [f"{name} = {at}" for name, at in each.items()] for group, each in manifest.entry_points.items()}
    groups = ["\n".join([f"[{group}]", *lines]) for group, lines in points.items()]
    (about / "entry_points.txt").write_text("\n\n".join(groups) + "\n", encoding="utf-8")
    (about / "INSTALLER").write_text("pawl\n", encoding="utf-8")
