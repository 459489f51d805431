"""Poetry's own way to write dependencies, turned into requirements.

``^1.2`` is ``>=1.2,<2``, ``~1.2`` is ``>=1.2,<1.3``, a bare version is exact and ``*`` is any (Poetry, "Dependency
specification"). What a version range cannot say (alternatives with ``||``, several constraints by platform) becomes "any".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.errors import InputError

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)")


def from_poetry(section: Mapping[str, Any], for_tests: re.Pattern[str]) -> Iterator[str]:
    """Yield the requirements of a ``[tool.poetry]`` table: its dependencies, and the groups whose names match ``for_tests``."""
    yield from _requirements(section.get("dependencies"))
    yield from _requirements(section.get("dev-dependencies"))
    groups = section.get("group")
    for name, group in groups.items() if isinstance(groups, dict) else ():
        if for_tests.fullmatch(name) and isinstance(group, dict):
            yield from _requirements(group.get("dependencies"))


def _requirements(table: object) -> Iterator[str]:
    for name, wanted in table.items() if isinstance(table, dict) else ():
        if name != "python":
            requirement = _requirement(name, wanted)
            if requirement:
                yield requirement


def _requirement(name: str, wanted: object) -> str:
    if isinstance(wanted, str):
        return f"{name}{version_range(wanted)}"
    if not isinstance(wanted, dict):
        return name
    if wanted.get("optional"):
        return ""
    if not wanted.keys().isdisjoint({"git", "url", "path", "file"}):
        raise InputError(f"pyproject.toml: {name} is not from an index; only packages with wheels on an index can be installed")
    extras = ",".join(each for each in wanted.get("extras") or () if isinstance(each, str))
    marker = wanted.get("markers")
    version = wanted.get("version", "*")
    text = f"{name}{f'[{extras}]' if extras else ''}{version_range(version if isinstance(version, str) else '*')}"
    return f"{text} ; {marker}" if isinstance(marker, str) else text


def version_range(wanted: str) -> str:
    """Return a Poetry constraint as a PEP 440 specifier, empty for "any"."""
    if "|" in wanted:
        return ""
    return ",".join(filter(None, (_part(each.strip()) for each in wanted.split(","))))


def _part(wanted: str) -> str:
    if wanted in {"", "*"}:
        return ""
    if wanted[0] in "^~" and not wanted.startswith("~="):
        return _compatible(wanted[0], wanted[1:].strip())
    if wanted[0].isdigit():
        return f"=={wanted}"
    return wanted.replace(" ", "")


def _compatible(sign: str, version: str) -> str:
    match = _VERSION.fullmatch(version)
    if match is None:
        raise InputError(f"pyproject.toml: the version {sign}{version} cannot be read")
    numbers = [int(each) for each in match.groups()[:3] if each is not None]
    first = next((at + 1 for at, number in enumerate(numbers) if number), len(numbers))
    keep = min(len(numbers), 2) if sign == "~" else first
    above = [*numbers[: keep - 1], numbers[keep - 1] + 1]
    return f">={version},<{'.'.join(map(str, above))}"
