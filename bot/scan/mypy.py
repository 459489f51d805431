"""Mypy on some files of a tree, with Pawl's own settings.

A project's mypy configuration may name plug-ins, which is code. So mypy is given none of it: the harmless keys are read here,
from the base. What cannot be imported counts as ``Any``, so that missing stubs are nobody's fault.
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.gate import Finding, Severity
from bot.lab import Lab
from bot.sandbox.sandbox import Completed
from bot.scan.novelty import Text
from bot.scan.tool import ask_script, broken, relative, shielded
from bot.scan.typeshed import typeshed_cache

STRICT_ONLY: Final = frozenset({"no-untyped-def", "type-arg", "redundant-cast", "comparison-overlap"})
"""Codes that mypy gives only because Pawl asks for more than its default."""

_SKIPPED: Final = frozenset({"import", "import-untyped", "import-not-found", "annotation-unchecked"})
_FLAGS: Final = (
    "--config-file=",
    "--no-site-packages",
    "--ignore-missing-imports",
    "--namespace-packages",
    "--explicit-package-bases",
    "--check-untyped-defs",
    "--disallow-untyped-defs",
    "--disallow-any-generics",
    "--strict-equality",
    "--warn-redundant-casts",
    "--output=json",
    "--no-color-output",
    "--no-error-summary",
)
_SCRIPT: Final = """
import os, shutil, sys, tempfile
from mypy.main import main
os.environ["MYPYPATH"], known, *arguments = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    cache = os.path.join(folder, "cache")
    try:
        shutil.copytree(known, cache)
    except OSError:
        shutil.rmtree(cache, ignore_errors=True)
    main(args=["--cache-dir=" + cache, *arguments], clean_exit=True)
"""
_ANSWERED: Final = {0, 1}
_VERSION: Final = re.compile(r"3\.1[0-9]\Z")
_FOLDER: Final = re.compile(r"[\w-][\w./-]*\Z")


@dataclass(frozen=True)
class Setting:
    """What of the project's own configuration is honoured."""

    search: tuple[str, ...] = ()
    """Folders that imports start from, relative to the tree."""
    version: str = ""
    checks_untyped: bool = False
    """Whether unannotated functions are checked too."""
    disabled: frozenset[str] = frozenset()
    """Codes that the project switched off."""


def setting(text: Text, *, has_src: bool) -> Setting:
    """Return the harmless part of the base's mypy configuration."""
    table = _own_table(text)
    folders = [each.strip().removeprefix("$MYPY_CONFIG_FILE_DIR/") for each in _list(table.get("mypy_path"))]
    search = [each for each in folders if _FOLDER.match(each) and ".." not in each.split("/")]
    version = str(table.get("python_version", ""))
    return Setting(
        tuple(dict.fromkeys([*(["src"] if has_src else []), *search])),
        version if _VERSION.match(version) else "",
        any(_true(table.get(key)) for key in ("strict", "check_untyped_defs", "disallow_untyped_defs")),
        frozenset(each.strip() for each in _list(table.get("disable_error_code"))),
    )


def check(lab: Lab, root: Path, paths: Iterable[str], chosen: Setting) -> tuple[Finding, ...]:
    """Return mypy's findings in the given files; all of them should parse.

    Raises:
        ToolFailed: mypy could not check them, or its answer cannot be read.
    """
    wanted = sorted(paths)
    if not wanted:
        return ()
    done = _run(lab, root, wanted, chosen, "silent")
    if done.code not in _ANSWERED:
        # A file that is imported and broken blocks mypy; without following imports it says less, but it says it.
        done = _run(lab, root, wanted, chosen, "skip")
    if done.code not in _ANSWERED:
        raise broken("mypy", done)
    try:
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        found = [_finding(each, root) for each in answers if each["severity"] == "error"]
    except (ValueError, KeyError, TypeError) as error:
        raise broken("mypy", done) from error
    return tuple(each for each in found if each.rule not in _SKIPPED | chosen.disabled)


def _run(lab: Lab, root: Path, paths: list[str], chosen: Setting, follow: str) -> Completed:
    version = [f"--python-version={chosen.version}"] if chosen.version else []
    known = typeshed_cache((*_FLAGS, "--follow-imports=silent"))
    arguments = [":".join(chosen.search), known, *_FLAGS, f"--follow-imports={follow}", *version, "--", *shielded(paths)]
    return ask_script(lab, root, _SCRIPT, arguments)


def _finding(answer: Mapping[str, Any], root: Path) -> Finding:
    return Finding(
        relative(str(answer["file"]), root),
        max(1, int(answer["line"])),
        str(answer["message"]),
        str(answer["code"]),
        Severity.ERROR,
    )


def _own_table(text: Text) -> Mapping[str, Any]:
    for place in ("mypy.ini", ".mypy.ini"):
        content = text(place)
        if content is not None:
            return _ini(content)
    try:
        found = tomllib.loads(text("pyproject.toml") or "").get("tool", {}).get("mypy")
    except (tomllib.TOMLDecodeError, AttributeError):
        found = None
    return found if isinstance(found, dict) else _ini(text("setup.cfg") or "")


def _ini(content: str) -> Mapping[str, Any]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content)
    except configparser.Error:
        return {}
    return dict(parser["mypy"]) if "mypy" in parser else {}


def _list(value: object) -> list[str]:
    if isinstance(value, str):
        return [each for each in re.split(r"[,:\n]", value) if each.strip()]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "1", "yes", "on"})
