"""One requirement as people write it (PEP 508), moved to another version without touching the rest of its text."""

from __future__ import annotations

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.errors import Refused

_CLAUSE = re.compile(r"(?P<operator>===|==|~=|!=|<=|>=|<|>|\^|~)(?P<space>\s*)v?(?P<version>[A-Za-z0-9.*+!_-]+)")
_HEAD = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?")


def names(text: str, package: str) -> bool:
    """Return whether a text is a requirement of that package, given by version and not by URL."""
    try:
        requirement = Requirement(text.strip())
    except InvalidRequirement:
        return False
    return requirement.url is None and canonicalize_name(requirement.name) == canonicalize_name(package)


def moved(text: str, version: Version) -> str:
    """Return a requirement's text asking for ``version``; extras, markers, spacing and order stay.

    Raises:
        Refused: it excludes the version, or asks for a newer one already.
    """
    head = _HEAD.match(text)
    start = head.end() if head else 0
    middle, marker, rest = text[start:].partition(";")
    if not _CLAUSE.search(middle):
        trailing = middle[len(middle.rstrip()) :]
        return f"{text[:start].rstrip()}>={version}{trailing or ' ' * bool(marker)}{marker}{rest}"
    return text[:start] + clauses(middle, version) + marker + rest


def clauses(text: str, version: Version) -> str:
    """Return comma-separated version clauses (Poetry's ``^`` and ``~`` included) so that they admit ``version``.

    A pin moves, a lower bound rises to it, an upper bound in the way moves to the next major version.

    Raises:
        Refused: the version is excluded, or the text asks for a newer one already.
    """
    return _CLAUSE.sub(lambda match: _clause(match, version), text)


def _clause(match: re.Match[str], version: Version) -> str:
    operator, space, written = match["operator"], match["space"], match["version"]
    return f"{'>=' if operator == '>' else operator}{space}{_wanted(operator, written, version)}"


def _wanted(operator: str, written: str, version: Version) -> str:
    old = _version(written.removesuffix(".*"))
    if operator == "!=":
        _check_not_excluded(written, version)
        return written
    if operator in {"<", "<="}:
        return _upper(operator, written, old, version)
    if old > version:
        msg = f"the project asks for {operator}{written} already, which is newer than {version}: name a newer version"
        raise Refused(msg)
    if written.endswith(".*"):
        return _cut(version, written.count(".")) + ".*"
    return _cut(version, written.count(".") + 1) if operator in {"~=", "^", "~"} else str(version)


def _check_not_excluded(written: str, version: Version) -> None:
    if not SpecifierSet(f"!={written}").contains(version, prereleases=True):
        msg = f"the project excludes {written} on purpose: name another version than {version}"
        raise Refused(msg)


def _upper(operator: str, written: str, old: Version, version: Version) -> str:
    if version < old or (operator == "<=" and version == old):
        return written
    return str(version) if operator == "<=" else str(version.major + 1)


def _cut(version: Version, parts: int) -> str:
    """Return the version with as many components as were written before; a pre-release whole."""
    if version.is_prerelease:
        return str(version)
    padded = version.release + (0,) * parts
    return ".".join(map(str, padded[:parts]))


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        msg = f"{text!r} is no version that can be compared: change this requirement by hand"
        raise Refused(msg) from error
