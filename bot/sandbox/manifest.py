"""What a project says it needs, read from its manifests without running any of its code.

``pyproject.toml`` (``[project]``, dependency groups, Poetry), ``setup.cfg``, the literals in ``setup.py``, ``Pipfile`` and
``requirements*.txt``; lock files pin the versions. Only what tests may need is taken: the dependencies themselves, and the
extras and groups that are named after testing or development.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bot.errors import InputError
from bot.sandbox.poetry import from_poetry

_FOR_TESTS = re.compile(
    r"(unit|py)?[-_]?(tests?|testing|dev|develop|development)([-_]?(deps|dependencies|requirements))?", re.IGNORECASE
)
_REQUIREMENT_FILES = re.compile(
    r"requirements([-_.](tests?|testing|dev|develop|development|base|ci))?\.txt|(tests?|testing|dev|ci)[-_.]requirements\.txt"
)
_REQUIREMENT_FOLDER = re.compile(r"(base|main|common|prod|tests?|testing|dev|ci|requirements)\.(txt)")
_LOCK_FILES = ("poetry.lock", "uv.lock", "pdm.lock")
_MOST_INCLUDES = 50


@dataclass(frozen=True)
class Manifest:
    """Everything read from one tree."""

    requirements: tuple[str, ...] = ()
    """As pip takes them, sorted."""
    constraints: tuple[str, ...] = ()
    """``name==version`` of what a lock file pins."""
    sources: tuple[str, ...] = ()
    """The files that were read, relative to the root."""
    name: str = ""
    version: str = ""
    requires_python: str = ""
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    builds: str = ""
    """Why the project would have to be built to work in full (compiled parts); empty for plain Python."""
    roots: tuple[str, ...] = ()
    """Directories that its packages lie in, relative to the root."""


@dataclass
class _Gathered:
    requirements: dict[str, None] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    project: dict[str, Any] = field(default_factory=dict)
    builds: str = ""
    roots: list[str] = field(default_factory=list)

    def add(self, lines: Iterable[str]) -> None:
        self.requirements.update(dict.fromkeys(line.strip() for line in lines if line.strip()))


def read_manifest(root: Path) -> Manifest:
    """Read every manifest of the tree.

    Raises:
        InputError: one of them is not what it should be, or asks for something that is no package of an index.
    """
    found = _Gathered()
    _read_pyproject(root, found)
    _read_setup_cfg(root, found)
    _read_setup_py(root, found)
    _read_pipfile(root, found)
    _read_requirement_files(root, found)
    own = canonicalize_name(found.project.get("name") or "")
    requirements = sorted({str(each) for each in map(_parsed, found.requirements) if canonicalize_name(each.name) != own})
    return Manifest(
        requirements=tuple(requirements),
        constraints=tuple(_constraints(root, own)) if requirements else (),
        sources=tuple(found.sources),
        name=found.project.get("name") or "",
        version=str(found.project.get("version") or ""),
        requires_python=found.project.get("requires-python") or "",
        entry_points=found.project.get("entry-points") or {},
        builds=found.builds,
        roots=tuple(dict.fromkeys(found.roots)),
    )


def _parsed(line: str) -> Requirement:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise InputError(f"The requirement {line!r} cannot be read ({str(error).splitlines()[0]}); mend the manifest") from error
    if requirement.url:
        raise InputError(f"The requirement {line!r} is not from an index; only packages with wheels on an index can be installed")
    return requirement


def _text(root: Path, name: str) -> str:
    """Return a manifest's text, empty where there is none; a link that leads out of the project is none."""
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text") from error


def _toml(root: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(root, name))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not valid TOML: {error}") from error


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _tables(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _read_pyproject(root: Path, found: _Gathered) -> None:
    content = _toml(root, "pyproject.toml")
    if not content:
        return
    found.sources.append("pyproject.toml")
    project, tool = _table(content.get("project")), _table(content.get("tool"))
    found.add(_strings(project.get("dependencies")))
    for name, lines in _table(project.get("optional-dependencies")).items():
        if _FOR_TESTS.fullmatch(name):
            found.add(_strings(lines))
    groups = _table(content.get("dependency-groups"))
    for name in groups:
        if _FOR_TESTS.fullmatch(name):
            found.add(_group(groups, name, ()))
    found.add(from_poetry(_table(tool.get("poetry")), _FOR_TESTS))
    found.project = {**_table(tool.get("poetry")), **project}
    found.project["entry-points"] = _entry_points(project, _table(tool.get("poetry")))
    found.builds = _builds(_table(content.get("build-system")))
    found.roots += _roots(tool)


def _group(groups: Mapping[str, Any], name: str, path: tuple[str, ...]) -> Iterator[str]:
    """Yield a dependency group's requirements, includes followed (PEP 735)."""
    if name in path or len(path) > _MOST_INCLUDES:
        raise InputError(f"pyproject.toml: the dependency group {name!r} includes itself")
    yield from _strings(groups.get(name))
    for each in _tables(groups.get(name)):
        if isinstance(each.get("include-group"), str):
            yield from _group(groups, each["include-group"], (*path, name))


def _entry_points(project: Mapping[str, Any], poetry: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    groups = {**_table(poetry.get("plugins")), **_table(project.get("entry-points"))}
    scripts = {**_table(poetry.get("scripts")), **_table(project.get("scripts"))}
    if scripts:
        groups["console_scripts"] = scripts
    return {group: {name: at for name, at in _table(points).items() if isinstance(at, str)} for group, points in groups.items()}


_COMPILING = (
    "maturin",
    "scikit-build",
    "scikit_build",
    "mesonpy",
    "meson-python",
    "setuptools-rust",
    "cython",
    "cffi",
    "pybind11",
    "nanobind",
)


def _builds(build_system: Mapping[str, Any]) -> str:
    wanted = " ".join([*_strings(build_system.get("requires")), str(build_system.get("build-backend", ""))]).lower()
    tool = next((each for each in _COMPILING if each in wanted), None)
    return f"it is built with {tool}" if tool else ""


def _roots(tool: Mapping[str, Any]) -> Iterator[str]:
    setuptools = _table(tool.get("setuptools"))
    top = _table(setuptools.get("package-dir")).get("")
    if isinstance(top, str):
        yield top
    yield from _strings(_table(_table(setuptools.get("packages")).get("find")).get("where"))
    for each in _tables(_table(tool.get("poetry")).get("packages")):
        if isinstance(each.get("from"), str):
            yield each["from"]


def _read_setup_cfg(root: Path, found: _Gathered) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_text(root, "setup.cfg"))
    except configparser.Error as error:
        raise InputError(f"setup.cfg cannot be read: {str(error).splitlines()[0]}") from error
    if not (parser.has_section("options") or parser.has_section("metadata") or parser.has_section("options.extras_require")):
        return
    found.sources.append("setup.cfg")
    found.add(parser.get("options", "install_requires", fallback="").splitlines())
    found.add(parser.get("options", "tests_require", fallback="").splitlines())
    if parser.has_section("options.extras_require"):
        for name, lines in parser.items("options.extras_require"):
            if _FOR_TESTS.fullmatch(name):
                found.add(lines.splitlines())
    for key, option in (("name", "name"), ("version", "version")):
        value = parser.get("metadata", option, fallback="")
        if value and not value.startswith(("attr:", "file:")):
            found.project.setdefault(key, value)
    found.project.setdefault("requires-python", parser.get("options", "python_requires", fallback=""))
    where = parser.get("options.packages.find", "where", fallback="") or _top_directory(
        parser.get("options", "package_dir", fallback="")
    )
    if where:
        found.roots.append(where)


def _top_directory(package_dir: str) -> str:
    pairs = [line.split("=", 1) for line in package_dir.splitlines() if "=" in line]
    return next((place.strip() for name, place in pairs if not name.strip()), "")


def _read_setup_py(root: Path, found: _Gathered) -> None:
    """Take the literals out of the ``setup()`` call; what is computed stays unknown."""
    try:
        tree = ast.parse(_text(root, "setup.py"))
    except (SyntaxError, ValueError) as error:
        raise InputError(f"setup.py cannot be read: {error}") from error
    given = _setup_arguments(tree)
    if given is None:
        return
    found.sources.append("setup.py")
    found.add(_strings(given.get("install_requires")))
    found.add(_strings(given.get("tests_require")))
    for name, lines in _table(given.get("extras_require")).items():
        if _FOR_TESTS.fullmatch(str(name)):
            found.add(_strings(lines))
    for key, argument in (("name", "name"), ("version", "version"), ("requires-python", "python_requires")):
        if isinstance(given.get(argument), str):
            found.project.setdefault(key, given[argument])
    if isinstance(_table(given.get("package_dir")).get(""), str):
        found.roots.append(given["package_dir"][""])
    if "ext_modules" in given:
        found.builds = found.builds or "setup.py names compiled extensions"


def _setup_arguments(tree: ast.Module) -> dict[str, Any] | None:
    """Return the keywords of the module's ``setup()`` call, with the values that are plain literals or names of such."""
    known = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup":
            return {each.arg: _literal(each.value, known) for each in node.keywords if each.arg}
    return None


def _literal(node: ast.expr, known: Mapping[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name):
        node = known.get(node.id, node)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if isinstance(node, ast.List | ast.Tuple):
            return [each.value for each in node.elts if isinstance(each, ast.Constant)]
        return None


def _read_pipfile(root: Path, found: _Gathered) -> None:
    content = _toml(root, "Pipfile")
    if not content:
        return
    found.sources.append("Pipfile")
    for section in ("packages", "dev-packages"):
        for name, wanted in _table(content.get(section)).items():
            version = wanted if isinstance(wanted, str) else _table(wanted).get("version", "*")
            extras = ",".join(_strings(_table(wanted).get("extras")))
            found.add([f"{name}{f'[{extras}]' if extras else ''}{'' if version == '*' else version}"])


def _read_requirement_files(root: Path, found: _Gathered) -> None:
    files = sorted(each for each in root.glob("*.txt") if _REQUIREMENT_FILES.fullmatch(each.name))
    files += sorted(each for each in root.glob("requirements/*.txt") if _REQUIREMENT_FOLDER.fullmatch(each.name))
    seen: set[Path] = set()
    for path in files:
        if path.is_file():
            found.add(_requirement_lines(root.resolve(), path.resolve(), seen))
            found.sources.append(path.relative_to(root).as_posix())


def _requirement_lines(root: Path, path: Path, seen: set[Path]) -> Iterator[str]:
    """Yield a requirement file's requirements, its includes followed as far as they lie in the project.

    Options, hashes and the project itself are left out: which index to use is for whoever runs Pawl to say.
    """
    if path in seen or not path.is_relative_to(root) or not path.is_file() or len(seen) > _MOST_INCLUDES:
        return
    seen.add(path)
    text = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
    for raw in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        include = re.match(r"(?:-r|--requirement)[ =]?\s*(\S+)", line)
        if include:
            yield from _requirement_lines(root, (path.parent / include[1]).resolve(), seen)
        elif line and not line.startswith(("-", ".", "/")):
            yield line.split(" --", 1)[0]


def _constraints(root: Path, own: str) -> Iterator[str]:
    """Yield the pins of the lock files; a package locked in several versions is left to the resolver."""
    pins: dict[str, set[str]] = {}
    for name in _LOCK_FILES:
        for each in _tables(_toml(root, name).get("package")):
            if isinstance(each.get("name"), str) and isinstance(each.get("version"), str):
                pins.setdefault(canonicalize_name(each["name"]), set()).add(f"=={each['version']}")
    for name, version in _pipfile_lock(root):
        pins.setdefault(name, set()).add(version)
    for name, versions in sorted(pins.items()):
        if len(versions) == 1 and name != own:
            yield f"{name}{versions.pop()}"


def _pipfile_lock(root: Path) -> Iterator[tuple[str, str]]:
    try:
        content = json.loads(_text(root, "Pipfile.lock") or "{}")
    except ValueError as error:
        raise InputError(f"Pipfile.lock is not valid JSON: {error}") from error
    for section in ("default", "develop"):
        for name, pin in _table(_table(content).get(section)).items():
            if isinstance(_table(pin).get("version"), str):
                yield canonicalize_name(name), pin["version"]
