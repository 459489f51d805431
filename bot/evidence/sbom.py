"""The software bill of materials of a project: what its manifests and lock files name, as CycloneDX 1.6."""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packageurl import PackageURL
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""RFC 9562's namespace for URLs: the serial number follows from the content alone."""


def components(root: Path) -> dict[str, str]:
    """Return the packages named at the top of a tree: canonical name -> version, or its specifier where none is pinned."""
    found: dict[str, str] = {}
    for requirement in _requirements(root):
        name = canonicalize_name(requirement.name)
        pinned = re.fullmatch(r"===?([^*,]+)", str(requirement.specifier))
        found[name] = pinned[1] if pinned else found.get(name, str(requirement.specifier))
    return dict(sorted(found.items()))


def bill(root: Path, name: str, version: str) -> dict[str, Any]:
    """Return the CycloneDX document of the tree at ``root``, the same for the same content."""
    from cyclonedx.model.bom import Bom  # noqa: PLC0415 - these take 200 ms to import, and only evidence needs them
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415
    from cyclonedx.output.json import JsonV1Dot6  # noqa: PLC0415

    main = Component(name=name, version=version, type=ComponentType.APPLICATION, bom_ref="project")
    bom = Bom()
    bom.metadata.component = main
    for package, pin in components(root).items():
        exact = pin if pin[:1].isdigit() else None
        url = PackageURL("pypi", name=package, version=exact)
        bom.components.add(Component(name=package, version=pin or None, purl=url, bom_ref=str(url)))
    bom.register_dependency(main, bom.components)
    bom.serial_number = uuid.uuid5(_SPACE, f"{name}@{version}")
    made: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    made["metadata"].pop("timestamp", None)
    return made


def summary(document: dict[str, Any]) -> str:
    """Return the bill as a Markdown table."""
    parts = document.get("components", [])
    if not parts:
        return "No third-party packages are declared.\n"
    rows = [f"| {each['name']} | {each.get('version', 'any')} |" for each in parts]
    return "\n".join(["| package | version |", "| --- | --- |", *rows]) + "\n"


def _requirements(root: Path) -> Iterator[Requirement]:
    for file in sorted(root.glob("requirements*.txt")):
        yield from _parse(line.split(" #")[0].split("--")[0].rstrip(" \\") for line in _text(file).splitlines())
    manifest = root / "pyproject.toml"
    try:
        project = tomllib.loads(_text(manifest)).get("project", {})
    except tomllib.TOMLDecodeError:
        return
    yield from _parse(_strings(project.get("dependencies")))
    for group in (project.get("optional-dependencies") or {}).values():
        yield from _parse(_strings(group))


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() and not file.is_symlink() else ""


def _parse(lines: Iterable[str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            yield Requirement(line.strip())
        except InvalidRequirement:
            continue
