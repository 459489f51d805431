"""Ruff: lint findings and formatting, with the project's own selection where it has one.

The project's files are never given to ruff as configuration: what may be honoured is read here, from the base, and handed over
as single settings. Ruff runs no code, but an ``extend`` could name any file.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from bot.gate import Finding, Severity
from bot.lab import Lab
from bot.scan.novelty import Text
from bot.scan.tool import ask, batches, broken, relative, shielded

DEFAULT_SELECT: Final = (
    "E9",  # what cannot be parsed
    "F",  # undefined and unused names, broken formats
    "B002",  # ++n does nothing
    "B003",  # assigning to os.environ
    "B005",  # strip with several characters
    "B006",  # mutable default
    "B008",  # call in a default
    "B012",  # jump out of finally
    "B015",  # comparison for nothing
    "B018",  # expression for nothing
    "B020",  # loop overwrites what it walks over
    "B021",  # f-string as docstring
    "B023",  # function made in a loop keeps the last value
    "B025",  # the same exception twice
    "B029",  # except with an empty tuple
    "B035",  # one key in a dict comprehension
    "PLE",  # what pylint calls an error
    "RUF016",  # index of the wrong type
)
"""For projects that chose nothing: mistakes, no matters of style."""

_TOLD: Final = frozenset({"F401", "F541", "F811", "F841"})
"""Untidy rather than wrong: told and not red where the project chose nothing."""

_PLACES: Final = (".ruff.toml", "ruff.toml", "pyproject.toml")
_LINT: Final = ("select", "extend-select", "ignore", "extend-ignore", "per-file-ignores")
_WHOLE: Final = ("line-length", "target-version", "indent-width")
_FORMAT: Final = ("quote-style", "indent-style", "skip-magic-trailing-comma", "line-ending")
_ANSWERED: Final = {0, 1}


@dataclass(frozen=True)
class Setting:
    """What is handed to ruff as ``--config KEY=VALUE``."""

    check: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    formats: bool = False
    """Whether the project says that a formatter keeps its layout."""
    own: bool = False
    """Whether the project chose the rules itself."""
    evidence: Mapping[str, Any] = field(default_factory=dict)


PAWLS_OWN: Final = Setting(("--config", f'lint = {{"select" = {json.dumps(DEFAULT_SELECT)}}}'))
"""For where the project's selection cannot be used."""


def setting(text: Text) -> Setting:
    """Return what the base's own files say of ruff or black; Pawl's default selection where they say nothing."""
    source, table = _own_table(text)
    black = _table(_table(_toml(text("pyproject.toml")).get("tool")).get("black"))
    whole = _some(table, _WHOLE)
    layout = _some(_table(table.get("format")), _FORMAT)
    chosen = {**_some(table, _LINT), **_some(_table(table.get("lint")), _LINT)}
    if not source:
        chosen = {"select": list(DEFAULT_SELECT)}
    if black and not source:
        whole = {"line-length": black.get("line-length", 88)}
        layout = {"quote-style": "preserve"} if black.get("skip-string-normalization") else {}
    evidence = {"settings": source or "Pawl's default selection", "select": chosen.get("select", "ruff's default")}
    formats = bool(black) or "format" in table
    return Setting(
        _arguments({**whole, "lint": chosen}), _arguments({**whole, "format": layout}), formats, bool(source), evidence
    )


def _some(table: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: table[key] for key in keys if key in table}


def check(lab: Lab, root: Path, paths: Iterable[str], arguments: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return ruff's findings on the given files of a tree.

    Raises:
        ToolFailed: ruff crashed or its answer is not JSON.
    """
    found: list[Finding] = []
    for batch in batches(paths):
        options = ["check", "--isolated", "--no-cache", "--no-fix", "--quiet", "--output-format", "json", *arguments, "--"]
        done = ask(lab, root, "ruff", [*options, *shielded(batch)])
        if done.code not in _ANSWERED:
            raise broken("ruff", done)
        try:
            found += [_finding(each, root) for each in json.loads(done.stdout)]
        except (ValueError, KeyError, TypeError) as error:
            raise broken("ruff", done) from error
    return tuple(found)


def weighed(finding: Finding, chosen: Setting) -> Finding:
    """Return a finding as an error or, where nobody chose the rule and it is about tidiness, as a warning."""
    return replace(finding, severity=Severity.WARNING) if finding.rule in _TOLD and not chosen.own else finding


def unformatted(lab: Lab, root: Path, paths: Iterable[str], arguments: tuple[str, ...]) -> frozenset[str]:
    """Return the files that ruff's formatter would lay out otherwise; files that do not parse are left out.

    Raises:
        ToolFailed: ruff crashed or its answer cannot be read.
    """
    found: set[str] = set()
    for batch in batches(paths):
        options = ["format", "--isolated", "--no-cache", "--check", "--output-format", "json", *arguments, "--"]
        done = ask(lab, root, "ruff", [*options, *shielded(batch)])
        try:
            answer = json.loads(done.stdout or b"[]")
            found |= {relative(each["filename"], root) for each in answer if each.get("code") == "unformatted"}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise broken("ruff format", done) from error
    return frozenset(found)


def _finding(found: Mapping[str, Any], root: Path) -> Finding:
    rule = str(found["code"] or "invalid-syntax")
    path, line = relative(str(found["filename"]), root), int(found["location"]["row"])
    return Finding(path, max(1, line), f"{rule} {found['message']}", rule, Severity.ERROR)


def _own_table(text: Text) -> tuple[str, dict[str, Any]]:
    """Return the first place that configures ruff, as ruff itself would look, and its table."""
    for place in _PLACES:
        content = text(place)
        if content is None:
            continue
        table = _toml(content)
        if place == "pyproject.toml":
            tools = _table(table.get("tool"))
            if "ruff" not in tools:
                continue
            table = _table(tools["ruff"])
        return place, table
    return "", {}


def _toml(content: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(content or "")
    except tomllib.TOMLDecodeError:
        return {}


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _arguments(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Write settings as TOML on the command line, each table whole, as ruff lets a later ``lint.…`` undo an earlier one."""
    return tuple(part for key, value in values.items() for part in ("--config", f"{key} = {_written(value)}"))


def _written(value: object) -> str:
    """Return a value as TOML on one line; JSON's strings, numbers and lists are TOML's too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_written(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False, default=str)
