from __future__ import annotations

import pytest

from bot.spec.definitions import Index, build_index
from bot.spec.draft import Draft, Kind, Unusable
from bot.spec.names import Resolver
from bot.spec.tracebacks import draft_reproducers, read_reports

REPORT = """Traceback (most recent call last):
  File "/home/me/run.py", line 3, in <module>
    f([])
  File "/home/me/solution.py", line 2, in f
    return x[0]
IndexError: list index out of range
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    root = tmp_path_factory.mktemp("project")
    (root / "solution.py").write_text("def f(x):\n    return x[0]\n")
    return build_index(root, lambda _: True)


def test_a_report_is_read_with_its_frames() -> None:
    (report,) = read_reports(REPORT)
    assert (report.error, report.message) == ("IndexError", "list index out of range")
    assert report.frames[1] == ("/home/me/solution.py", 2, "f")


def test_a_traceback_without_frames_is_an_expectation_and_no_report() -> None:
    assert read_reports("Traceback (most recent call last):\n    ...\nValueError: bad\n") == ()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (
            f"It crashes:\n```python\nfrom solution import f\ndata = []\nf(data)\n```\n```\n{REPORT}```\n",
            "    data = []\n    f(data)\n",
        ),
        (f"```\n>>> data = []\n>>> print(f(data))\n{REPORT}```\n", "    data = []\n    f(data)\n"),
        (REPORT, "    f([])\n"),
        (f"```python\ny = f([])\n```\n{REPORT}", "    f([])\n"),
    ],
)
def test_code_that_goes_with_a_report_must_run(index: Index, text: str, source: str) -> None:
    found = [each for each in draft_reproducers(text, Resolver(index, text)) if isinstance(each, Draft)]
    assert found
    assert found[0].claim.kind is Kind.RUNS
    assert found[0].candidate.source.endswith(f"():\n{source}")


def test_a_report_without_code_says_so(index: Index) -> None:
    (found,) = draft_reproducers(REPORT.replace("    f([])\n", ""), Resolver(index, ""))
    assert isinstance(found, Unusable)
    assert "without code that reproduces it" in found.reason


def test_without_a_report_there_is_nothing(index: Index) -> None:
    assert draft_reproducers("```python\nf([])\n```", Resolver(index, "")) == []
