"""What a project depends on, read from its manifests and lock files as text; nothing is resolved or run.

Manifests: ``pyproject.toml`` (PEP 621, dependency groups, build requirements, Poetry), ``setup.cfg``, ``setup.py`` (literals
only), ``Pipfile``, requirements and constraints files. Lock files: Poetry, uv, PDM, ``pylock.toml`` and ``Pipfile.lock``.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.change.area import is_lock
from bot.change.outline import parse


@dataclass(frozen=True)
class Dependency:
    """One package as one file asks for it."""

    name: str
    """Canonical: lower case, single hyphens."""
    spec: str
    """The wanted versions, as written; '' for any."""
    line: int
    source: str = ""
    """Where it comes from when that is no index: a URL, a repository, a path."""
    hashed: bool = False
    locked: bool = False
    """Whether a tool resolved it (lock file) rather than a person asked for it."""

    @property
    def version(self) -> str:
        """The one exact version in its normal form, or '' where several would do."""
        match = re.fullmatch(r"===?\s*([0-9][A-Za-z0-9.!+_-]*)", self.spec.strip())
        try:
            return str(Version(match[1])) if match else ""
        except InvalidVersion:
            return ""

    def accepts(self, version: str) -> bool:
        """Tell whether ``version`` is one of the wanted; what cannot be read accepts anything."""
        try:
            return SpecifierSet(_pep440(self.spec)).contains(Version(version), prereleases=True)
        except (InvalidSpecifier, InvalidVersion):
            return True


@dataclass(frozen=True)
class Listing:
    """All that one file says."""

    dependencies: tuple[Dependency, ...]
    indexes: tuple[tuple[int, str], ...] = ()
    """(line, address) of package indexes other than the default, and of hosts trusted without a certificate."""
    readable: bool = True


def read(path: str, text: str) -> Listing:
    """Return what a manifest or lock file lists; an unreadable one says so."""
    try:
        return _reader(PurePosixPath(path).name, locked=is_lock(path))(text)
    except (ValueError, TypeError, AttributeError, KeyError, configparser.Error, RecursionError):
        return Listing((), readable=False)


def _reader(name: str, *, locked: bool) -> Callable[[str], Listing]:
    known = {
        "Pipfile.lock": _pipfile_lock,
        "pyproject.toml": _pyproject,
        "Pipfile": _pipfile,
        "setup.cfg": _setup_cfg,
        "setup.py": _setup_py,
    }
    if name in known:
        return known[name]
    if locked:
        return _toml_lock if name.endswith((".lock", ".toml")) else _nothing
    return _requirements if name.endswith((".txt", ".in")) else _nothing


def _nothing(_text: str) -> Listing:
    return Listing(())


def _listed(reader: Callable[[str], Iterator[Dependency]]) -> Callable[[str], Listing]:
    """Make a reader of dependencies one of whole listings."""
    return lambda text: Listing(tuple(reader(text)))


def _requirements(text: str) -> Listing:
    found: list[Dependency] = []
    indexes: list[tuple[int, str]] = []
    for number, line in _logical_lines(text):
        words = line.split()
        if re.match(r"(-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host)\b", line):
            indexes.append((number, " ".join(words[1:]) or line.partition("=")[2]))
        elif words[0] in {"-e", "--editable"} or words[0].startswith("--editable="):
            found.append(Dependency(_egg(line), "", number, line.split(None, 1)[-1]))
        elif not line.startswith("-"):
            found += _requirement(re.sub(r"\s--hash[=\s]\S+", "", line), number, hashed="--hash" in line)
    return Listing(tuple(found), tuple(indexes))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with continuations joined and comments cut, each with the number it starts on."""
    held, start = "", 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = re.sub(r"(^|\s)#.*", "", raw.rstrip("\r"))
        start = start or number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        if (held + line).strip():
            yield start, (held + line).strip()
        held, start = "", 0


def _requirement(text: str, line: int, *, hashed: bool = False) -> list[Dependency]:
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return [Dependency(_egg(text), "", line, text)]
    return [Dependency(canonicalize_name(found.name), str(found.specifier), line, found.url or "", hashed)]


def _egg(text: str) -> str:
    """Return the best guess at a name for a bare URL or path."""
    match = re.search(r"#egg=([\w.-]+)", text) or re.search(r"([\w.-]+?)(?:\.git)?(?:@[^/]*)?/?\s*\Z", text)
    return canonicalize_name(match[1]) if match else "unknown"


def _pyproject(text: str) -> Listing:
    table = tomllib.loads(text)
    project, tool = table.get("project", {}), table.get("tool", {})
    wanted: list[str] = [*project.get("dependencies", []), *table.get("build-system", {}).get("requires", [])]
    for group in (*project.get("optional-dependencies", {}).values(), *table.get("dependency-groups", {}).values()):
        wanted += [each for each in group if isinstance(each, str)]
    wanted += tool.get("uv", {}).get("dev-dependencies", [])
    lines = _Places(text)
    found = [each for one in wanted for each in _requirement(one, lines.of(one))]
    poetry = tool.get("poetry", {})
    for group in (poetry, *poetry.get("group", {}).values()):
        for key in ("dependencies", "dev-dependencies"):
            found += _poetry(group.get(key, {}), lines)
    sources = [*poetry.get("source", []), *tool.get("uv", {}).get("index", []), *tool.get("pdm", {}).get("source", [])]
    indexes = [(lines.of(str(each.get("url", ""))), str(each.get("url", ""))) for each in sources]
    for name, source in tool.get("uv", {}).get("sources", {}).items():
        found.append(Dependency(canonicalize_name(name), "", lines.of(name), _elsewhere(source)))
    return Listing(tuple(found), tuple(indexes))


def _pipfile(text: str) -> Listing:
    table, lines = tomllib.loads(text), _Places(text)
    found = [*_poetry(table.get("packages", {}), lines), *_poetry(table.get("dev-packages", {}), lines)]
    urls = [str(each.get("url", "")) for each in table.get("source", [])]
    return Listing(tuple(found), tuple((lines.of(url), url) for url in urls))


def _poetry(table: Mapping[str, Any], lines: _Places) -> list[Dependency]:
    found = []
    for name, value in table.items():
        if name != "python":
            spec = value if isinstance(value, str) else str(value.get("version", "")) if isinstance(value, dict) else ""
            found.append(Dependency(canonicalize_name(name), "" if spec == "*" else spec, lines.of(name), _elsewhere(value)))
    return found


def _elsewhere(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    return next((str(value[key]) for key in ("git", "url", "path", "file", "hg", "svn") if key in value), "")


@_listed
def _setup_cfg(text: str) -> Iterator[Dependency]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    lines = _Places(text)
    options = dict(parser["options"]) if "options" in parser else {}
    extras = list(dict(parser["options.extras_require"]).values()) if "options.extras_require" in parser else []
    for block in (options.get("install_requires", ""), options.get("setup_requires", ""), *extras):
        for line in filter(None, (each.strip() for each in re.split(r"[\n]", block))):
            yield from _requirement(line, lines.of(line))


@_listed
def _setup_py(text: str) -> Iterator[Dependency]:
    tree = parse(text)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.keyword) and node.arg in {
            "install_requires",
            "setup_requires",
            "extras_require",
            "tests_require",
        }:
            for each in ast.walk(node.value):
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and not _is_key(each, node.value):
                    yield from _requirement(each.value, each.lineno)


def _is_key(node: ast.Constant, value: ast.expr) -> bool:
    return isinstance(value, ast.Dict) and node in value.keys


@_listed
def _toml_lock(text: str) -> Iterator[Dependency]:
    table, lines = tomllib.loads(text), _Places(text)
    for each in table.get("package", table.get("packages", [])):
        source = each.get("source", {})
        elsewhere = (
            "" if not isinstance(source, dict) else _elsewhere(source) or str(source.get("editable", source.get("virtual", "")))
        )
        version, name = str(each.get("version", "")), str(each["name"])
        yield Dependency(
            canonicalize_name(name), f"=={version}" if version else "", lines.of(f'"{name}"'), elsewhere, locked=True
        )


@_listed
def _pipfile_lock(text: str) -> Iterator[Dependency]:
    table, lines = json.loads(text), _Places(text)
    for section in ("default", "develop"):
        for name, each in table.get(section, {}).items():
            yield Dependency(
                canonicalize_name(name), str(each.get("version", "")), lines.of(f'"{name}"'), _elsewhere(each), locked=True
            )


class _Places:
    """Finds the line on which something is first spoken of."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")

    def of(self, what: str) -> int:
        return next((number for number, line in enumerate(self._lines, 1) if what and what in line), 1)


def _pep440(spec: str) -> str:
    """Turn Poetry's caret and tilde into PEP 440, as far as the upper bound can be told."""
    parts = []
    for part in filter(None, (each.strip() for each in spec.split(","))):
        match = re.fullmatch(r"([\^~])\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?.*", part)
        parts.append(_bounds(match) if match else part if re.match(r"[=<>!~]", part) else f"=={part}")
    return ",".join(parts)


_CARET: Final = "^"


def _bounds(match: re.Match[str]) -> str:
    numbers = [int(each) for each in match.groups()[1:] if each is not None]
    low = ".".join(map(str, numbers))
    if match[1] == _CARET:
        at = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
    else:
        at = min(1, len(numbers) - 1)
    high = ".".join(map(str, [*numbers[:at], numbers[at] + 1]))
    return f">={low},<{high}"


def newly(base: Iterable[Dependency], head: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Return the head's dependencies that the base does not list in just that way."""
    before = {(each.name, each.spec, each.source, each.hashed) for each in base}
    return tuple(each for each in head if (each.name, each.spec, each.source, each.hashed) not in before)
