"""The project's own pytest options, without those that would disturb a judge.

What changes how tests are found, imported or configured stays (``--import-mode``, ``--doctest-modules``, ``-p plugin``,
``-m``, ``-k``, ``--asyncio-mode``…); what reports, measures, repeats, stops early or spreads tests over processes goes.
"""

from __future__ import annotations

import configparser
import shlex
import tomllib
from pathlib import Path
from typing import Any

_TABLES = {"pytest.toml": ("pytest",), ".pytest.toml": ("pytest",), "pyproject.toml": ("tool", "pytest")}
_SECTIONS = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}
_ORDER = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""Where pytest looks, first match wins: https://docs.pytest.org/en/stable/reference/customize.html#configuration-file-formats"""

_WITH_VALUE = frozenset(
    {"-n", "-r", "--numprocesses", "--maxprocesses", "--dist", "--tx", "--maxfail", "--tb", "--junitxml", "--junit-xml"}
    | {"--junit-prefix", "--html", "--css", "--json-report-file", "--durations", "--durations-min", "--color", "--capture"}
    | {"--show-capture", "--reruns", "--reruns-delay", "--timeout", "--timeout-method", "--verbosity", "--log-file", "--basetemp"}
    | {"--report-log", "--resultlog", "--cov-report", "--cov-config", "--cov-context", "--cov-fail-under", "--code-highlight"}
    | {"--rootdir", "-c", "--config-file", "--lfnf", "--last-failed-no-failures", "--randomly-seed", "--count"}
)
_ALONE = frozenset(
    {"-x", "--exitfirst", "-l", "--showlocals", "--no-showlocals", "--lf", "--last-failed", "--ff", "--failed-first", "--nf"}
    | {"--new-first", "--sw", "--stepwise", "--sw-skip", "--stepwise-skip", "--pdb", "--trace", "--strict-config", "--strict"}
    | {"--self-contained-html", "--no-header", "--no-summary", "--cov", "--no-cov", "--no-cov-on-fail", "--cov-append"}
    | {"--cov-branch", "--cov-reset", "--forked", "--verbose", "--quiet", "-s", "-q", "-v", "-f", "--looponfail"}
    | {"--benchmark-skip", "--benchmark-only", "--benchmark-disable", "--benchmark-enable", "--benchmark-autosave", "--pastebin"}
    | {"--json-report", "--disable-warnings", "--disable-pytest-warnings", "--cache-clear", "--setup-show", "--full-trace"}
)
_PREFIXES = ("--cov=", "--cov-", "--benchmark-", "--html", "--json-report", "--randomly-", "--pastebin")


def judges_addopts(root: Path) -> str:
    """Return what to give pytest as ``addopts`` in place of the project's own; '' where it has none or cannot be read."""
    try:
        words = _own(root)
    except (OSError, ValueError, configparser.Error):
        return ""
    return shlex.join(keep(words))


def keep(words: list[str]) -> list[str]:
    """Return the options that stay."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
            continue
        name = word.split("=", 1)[0]
        if word in _WITH_VALUE:
            skip = True
        elif not (name in _WITH_VALUE | _ALONE or word.startswith(_PREFIXES) or _is_short(word)):
            kept.append(word)
    return kept


def _is_short(word: str) -> bool:
    """Say whether a word is made of short flags that only change output, such as ``-qq``, ``-ra``, ``-n4``."""
    if word.startswith("--") or not word.startswith("-"):
        return False
    return word[1:2] in {"r", "n"} or (len(word) > 1 and not set(word[1:]) - set("qvslx"))


def _own(root: Path) -> list[str]:
    for name in _ORDER:
        file = root / name
        if not file.is_file():
            continue
        found = _from_toml(file) if name.endswith(".toml") else _from_ini(file)
        if found is not None:
            return found
    return []


def _from_toml(file: Path) -> list[str] | None:
    table: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    for key in _TABLES[file.name]:
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return None
    options = table.get("ini_options", table)
    return _words(options.get("addopts", []) if isinstance(options, dict) else [])


def _from_ini(file: Path) -> list[str] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(file.read_text(encoding="utf-8"))
    section = _SECTIONS[file.name]
    if not parser.has_section(section):
        return [] if file.name in {"pytest.ini", ".pytest.ini"} else None
    return _words(parser.get(section, "addopts", fallback=""))


def _words(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else shlex.split(str(value), comments=True)
