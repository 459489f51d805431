"""Test results as JUnit's XML, which every CI reads; without durations, so that the same results give the same file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from xml.etree import ElementTree as ET

_FINE = frozenset({"passed", "xpassed"})
_SKIPPED = frozenset({"skipped", "xfailed"})
_FAILED = frozenset({"failed", "raised"})


def junit(name: str, outcomes: Mapping[str, str]) -> str:
    """Return the report of a suite; ``outcomes`` has each test's by its id, tests that are missing on this side included."""
    there = {test: outcome for test, outcome in sorted(outcomes.items()) if outcome != "missing"}
    kinds = Counter(_kind(outcome) for outcome in there.values())
    counts = {"tests": len(there), "failures": kinds["failure"], "skipped": kinds["skipped"], "errors": kinds["error"]}
    suite = ET.Element("testsuite", {"name": name, **{key: str(value) for key, value in counts.items()}})
    for test, outcome in there.items():
        path, _, rest = test.partition("::")
        case = ET.SubElement(suite, "testcase", {"classname": path, "name": _clean(rest or path)})
        kind = _kind(outcome)
        if kind:
            ET.SubElement(case, kind, {"message": outcome})
    ET.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _kind(outcome: str) -> str:
    """Return the element in which a test case says what was amiss; '' where all was fine."""
    if outcome in _FINE:
        return ""
    if outcome in _SKIPPED:
        return "skipped"
    return "failure" if outcome in _FAILED else "error"


def _clean(text: str) -> str:
    """Return text without what XML cannot hold."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
