"""Asks the OSV database, by pip-audit, whether exact versions have known vulnerabilities.

pip-audit's own default service answers "nothing known" when it cannot be reached, and its exit code 1 means "vulnerable" or
"crashed". So only JSON that names every package asked for, none of them skipped, is an answer. The list it gets is written here,
name by name, so nothing a repository says reaches its command line; no other question of a gate goes over the network.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name

from bot.scan.tool import ToolFailed

_SECONDS: Final = 120.0
_OPTIONS: Final = (
    "--no-deps",
    "--disable-pip",
    "--strict",
    "-s",
    "osv",
    "-f",
    "json",
    "--progress-spinner",
    "off",
    "--timeout",
    "15",
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_VERSION: Final = re.compile(r"[0-9][A-Za-z0-9.!+_-]*\Z")
_SHOWN: Final = 200


@dataclass(frozen=True)
class Vulnerability:
    """A known weakness of one version of one package."""

    package: str
    version: str
    id: str
    fixed_in: tuple[str, ...]
    about: str


def audit(pins: Iterable[tuple[str, str]], osv_url: str = "") -> tuple[Vulnerability, ...]:
    """Return what is known against the given (canonical name, version) pairs.

    ``osv_url`` asks another server that speaks OSV's query; by default pip-audit's choice (``PIP_AUDIT_OSV_URL``, else OSV).

    Raises:
        ToolFailed: the database could not be asked, or its answer is not about all of them.
    """
    wanted = sorted(set(pins))
    if not wanted:
        return ()
    odd = ["==".join(pin) for pin in wanted if not (_NAME.match(pin[0]) and _VERSION.match(pin[1]))]
    if odd:
        raise ToolFailed(
            f"the vulnerability database cannot be asked about {', '.join(odd)}; name packages and versions as PyPI does"
        )
    with tempfile.TemporaryDirectory(prefix="pawl-audit-") as folder:
        listing = Path(folder) / "requirements.txt"
        listing.write_text("".join(f"{name}=={version}\n" for name, version in wanted), encoding="utf-8")
        server = ["--osv-url", osv_url] if osv_url else []
        command = [
            sys.executable,
            "-I",
            "-m",
            "pip_audit",
            "-r",
            str(listing),
            "--cache-dir",
            f"{folder}/cache",
            *_OPTIONS,
            *server,
        ]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise ToolFailed(f"the vulnerability database gave no answer within {_SECONDS:.0f} s; try again later") from None
    return _answer(done.stdout, done.stderr, wanted)


def _answer(stdout: str, stderr: str, wanted: list[tuple[str, str]]) -> tuple[Vulnerability, ...]:
    try:
        answered = [_one(each) for each in json.loads(stdout)["dependencies"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        last = (stderr.strip().splitlines() or ["pip-audit said nothing"])[-1][:_SHOWN]
        raise ToolFailed(f"could not ask the vulnerability database: {last}; it needs the network") from None
    missing = sorted(set(wanted) - {pin for pin, _found in answered})
    if missing:
        raise ToolFailed(f"the vulnerability database did not answer about {', '.join('=='.join(pin) for pin in missing)}")
    return tuple(each for _pin, found in answered for each in found)


def _one(answer: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[Vulnerability, ...]]:
    """Read one package's answer; a skipped one names a version that nobody asked for."""
    name, version = canonicalize_name(str(answer["name"])), str(answer.get("version", ""))
    found = tuple(
        Vulnerability(
            name, version, str(each["id"]), tuple(map(str, each["fix_versions"])), str(each.get("description", ""))[:_SHOWN]
        )
        for each in answer.get("vulns", [])
    )
    return (name, "" if "skip_reason" in answer or "vulns" not in answer else version), found
