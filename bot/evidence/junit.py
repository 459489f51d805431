"""Test results as JUnit's XML, which every CI reads; without durations, so that the same results give the same file."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

_FINE = frozenset({"passed", "xpassed"})
_SKIPPED = frozenset({"skipped", "xfailed"})
_FAILED = frozenset({"failed", "raised"})


def junit(name: str, outcomes: Mapping[str, str]) -> str:
    """Return the report of a suite; ``outcomes`` has each test's by its id, tests that are missing on this side included."""
    there = {test: outcome for test, outcome in sorted(outcomes.items()) if outcome != "missing"}
    counts = {
        "tests": len(there),
        "failures": sum(each in _FAILED for each in there.values()),
        "skipped": sum(each in _SKIPPED for each in there.values()),
        "errors": sum(each not in _FINE | _SKIPPED | _FAILED for each in there.values()),
    }
    suite = ET.Element("testsuite", {"name": name, **{key: str(value) for key, value in counts.items()}})
    for test, outcome in there.items():
        path, _, rest = test.partition("::")
        case = ET.SubElement(suite, "testcase", {"classname": path, "name": _clean(rest or path)})
        if outcome not in _FINE:
            kind = "skipped" if outcome in _SKIPPED else "failure" if outcome in _FAILED else "error"
            ET.SubElement(case, kind, {"message": outcome})
    ET.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """Return text without what XML cannot hold."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
