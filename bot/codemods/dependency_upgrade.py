"""Ask for a newer version of a package in the manifests."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.change.requirement import clauses, moved, names
from bot.codemod import Codemod, Example, Files
from bot.errors import Refused

_REQUIREMENTS = re.compile(r"(?:.*/)?(?:[^/]*requirements[^/]*\.(?:txt|in)|requirements/[^/]+\.(?:txt|in)|constraints[^/]*\.txt)")
_POETRY = re.compile(r"\[tool\.poetry\.(?:dependencies|dev-dependencies|group\.[\w-]+\.dependencies)\]")
_ENTRY = re.compile(r"\s*[\"']?(?P<name>[\w.-]+)[\"']?\s*=\s*")
_LONGEST = 2_000
"""Characters of a line; no requirement is longer, and hostile ones make expressions slow."""


def _transform(files: Files, arguments: Mapping[str, Any]) -> dict[str, str]:
    package = str(arguments["package"])
    version = _version(package, arguments.get("version"))
    changed: dict[str, str] = {}
    found = False
    for path, text in sorted(files.items()):
        result = _in_file(path, text, package, version)
        found = found or result is not None
        if result is not None and result != text:
            changed[path] = result
    if not found:
        msg = f"no manifest of this repository asks for {package}: add it to the dependencies first"
        raise Refused(msg)
    return changed


def _version(package: str, text: object) -> Version:
    if not text:
        msg = f"{package}'s newest version cannot be looked up without the network: name one: upgrade {package} to 1.2.3"
        raise Refused(msg)
    try:
        return Version(str(text))
    except InvalidVersion as error:
        msg = f"{text!r} is no version: write it as in: upgrade {package} to 1.2.3"
        raise Refused(msg) from error


def _in_file(path: str, text: str, package: str, version: Version) -> str | None:
    """Return a manifest's text with the package moved, or None where it does not ask for it."""
    if path.rsplit("/", 1)[-1] == "pyproject.toml":
        return _in_toml(text, package, version)
    if _REQUIREMENTS.fullmatch(path):
        return _in_lines(text, package, version, path)
    if path.rsplit("/", 1)[-1] == "setup.cfg":
        return _in_lines(text, package, version, path)
    return None


def _in_lines(text: str, package: str, version: Version, path: str) -> str | None:
    lines = text.splitlines(keepends=True)
    asking = [at for at, line in enumerate(lines) if len(line) < _LONGEST and names(_parts(line)[1], package)]
    for at in asking:
        indent, body, tail = _parts(lines[at])
        if tail.strip().startswith("\\") or "--hash" in tail:
            msg = f"{path} pins {package} by hashes, and those of {version} are not known here: let your tool resolve it"
            raise Refused(msg)
        lines[at] = indent + moved(body, version) + tail
    return "".join(lines) if asking else None


def _parts(line: str) -> tuple[str, str, str]:
    """Split a line into indentation, requirement, and what follows: spaces, comment, options, continuation, line end."""
    body = line.lstrip()
    indent = line[: len(line) - len(body)]
    cuts = [at for mark in (" #", "\t#", " --", " \\") if (at := body.find(mark)) >= 0]
    kept = body[: min(cuts, default=len(body))].rstrip()
    return indent, kept, body[len(kept) :]


def _in_toml(text: str, package: str, version: Version) -> str | None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    result, found = text, False
    for old in {each for each in _strings(data) if names(each, package)}:
        for quote in "\"'":
            found = found or f"{quote}{old}{quote}" in result
            result = result.replace(f"{quote}{old}{quote}", f"{quote}{moved(old, version)}{quote}")
    poetry = _in_poetry(result, package, version)
    return poetry if found or _asks_poetry(data, package) else None


def _strings(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the requirement strings of the tables that the packaging standards name."""
    project = data.get("project", {})
    lists = [project.get("dependencies", []), data.get("build-system", {}).get("requires", [])]
    lists += [*project.get("optional-dependencies", {}).values(), *data.get("dependency-groups", {}).values()]
    for each in lists:
        yield from (entry for entry in each if isinstance(entry, str))


def _asks_poetry(data: Mapping[str, Any], package: str) -> bool:
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    return any(canonicalize_name(key) == canonicalize_name(package) for table in tables for key in table)


def _in_poetry(text: str, package: str, version: Version) -> str:
    """Move ``name = "^1.2"`` and ``name = {version = "^1.2", …}`` in Poetry's tables."""
    lines = text.splitlines(keepends=True)
    inside = False
    for at, line in enumerate(lines):
        if line.startswith("["):
            inside = _POETRY.match(line) is not None
        entry = _ENTRY.match(line) if inside and len(line) < _LONGEST else None
        if entry and canonicalize_name(entry["name"]) == canonicalize_name(package):
            lines[at] = line[: entry.end()] + _in_value(line[entry.end() :], version)
    return "".join(lines)


def _in_value(value: str, version: Version) -> str:
    where = re.search(r"version\s*=\s*[\"']([^\"']*)[\"']" if value.startswith("{") else r"\A[\"']([^\"']*)[\"']", value)
    if where is None:
        return value
    new = str(version) if re.fullmatch(r"\d[\w.]*", where[1]) else clauses(where[1], version)
    return value[: where.start(1)] + new + value[where.end(1) :]


def _example(path: str, before: str, after: str) -> Example:
    return Example({path: before}, {path: after}, {"package": "requests", "version": "2.32.4"})


CODEMOD = Codemod(
    name="dependency-upgrade",
    does="Moves a package's pins and ranges in the manifests to a version, and leaves extras, markers and comments as they are.",
    transform=_transform,
    examples=(
        _example("requirements.txt", "requests[socks]==2.1.0  # http\nflask\n", "requests[socks]==2.32.4  # http\nflask\n"),
        _example(
            "requirements.txt", "requests>=2.1,<2.20; python_version>'3.8'\n", "requests>=2.32.4,<3; python_version>'3.8'\n"
        ),
        _example(
            "pyproject.toml",
            '[project]\ndependencies = [\n  "Requests ~= 2.1",  # http\n]\n',
            '[project]\ndependencies = [\n  "Requests ~= 2.32",  # http\n]\n',
        ),
        _example(
            "pyproject.toml",
            '[tool.poetry.dependencies]\nrequests = {version = "^2.1.0", extras = ["x"]}\n',
            '[tool.poetry.dependencies]\nrequests = {version = "^2.32.4", extras = ["x"]}\n',
        ),
        _example(
            "setup.cfg",
            "[options]\ninstall_requires =\n    requests==2.1\n",
            "[options]\ninstall_requires =\n    requests==2.32.4\n",
        ),
    ),
    takes={
        "type": "object",
        "additionalProperties": False,
        "required": ["package"],
        "properties": {"package": {"type": "string", "minLength": 1}, "version": {"type": "string"}},
    },
    keeps_behaviour=False,
    whole=True,
)
