"""Bandit on some files of a tree. It ends with code 0 on files it cannot parse, so its own list of errors is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from bot.gate import Finding, Severity
from bot.lab import Lab
from bot.scan.tool import ask, batches, broken, relative, shielded

_ANSWERED: Final = {0, 1}
_SEVERITIES: Final = {"LOW": Severity.WARNING, "MEDIUM": Severity.ERROR, "HIGH": Severity.ERROR}
_OWN_RULES_KNOW: Final = "B101,B105,B106,B107,B404"
"""Asserts, hard-coded passwords (the secrets gate looks for those) and the mere import of subprocess."""


def check(lab: Lab, root: Path, paths: Iterable[str]) -> tuple[Finding, ...]:
    """Return bandit's findings in the given files, comments that silence it notwithstanding; all of them should parse.

    Raises:
        ToolFailed: bandit could not read a file, or its answer cannot be read.
    """
    found: list[Finding] = []
    for batch in batches(paths):
        done = ask(lab, root, "bandit", ["-q", "-f", "json", "--ignore-nosec", "-s", _OWN_RULES_KNOW, *shielded(batch)])
        try:
            answer = json.loads(done.stdout) if done.code in _ANSWERED else None
            if answer is None or answer["errors"]:
                raise broken("bandit", done)
            found += [_finding(each, root) for each in answer["results"]]
        except (ValueError, KeyError, TypeError) as error:
            raise broken("bandit", done) from error
    return tuple(found)


def _finding(found: Mapping[str, Any], root: Path) -> Finding:
    severity = _SEVERITIES[found["issue_severity"]]
    message = f"{found['test_id']} {found['issue_text']}"
    return Finding(relative(str(found["filename"]), root), int(found["line_number"]), message, str(found["test_id"]), severity)
