"""Test reports that any CI can read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from bot.evidence.junit import junit

ENDS = {
    "a.py::T::test_1": "passed",
    "a.py::test_2": "failed",
    "a.py::test_3": "skipped",
    "b.py": "broken",
    "a.py::test_4[\x1b<&]": "xpassed",
    "a.py::gone": "missing",
}


def test_each_test_with_its_outcome() -> None:
    suite = ET.fromstring(junit("after", ENDS))  # noqa: S314 - our own text
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "skipped", "errors")} == {
        "name": "after",
        "tests": "5",
        "failures": "1",
        "skipped": "1",
        "errors": "1",
    }
    cases = {each.get("name"): [child.tag for child in each] for each in suite}
    assert cases["T::test_1"] == []
    assert (cases["test_2"], cases["test_3"], cases["b.py"]) == (["failure"], ["skipped"], ["error"])
    assert "gone" not in cases


def test_the_same_results_give_the_same_text() -> None:
    assert junit("x", ENDS) == junit("x", dict(reversed(ENDS.items())))
