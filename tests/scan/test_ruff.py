"""What of a project's ruff or black configuration is honoured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gate import Finding, Severity
from bot.scan.ruff import PAWLS_OWN, setting, weighed

OWN = """[tool.ruff.lint]
per-file-ignores = {'a"b' = ['F']}
[tool.ruff.format]
quote-style = 'single'
"""


@pytest.mark.parametrize(
    ("files", "check", "layout", "formats", "own"),
    [
        (
            {"ruff.toml": "line-length = 99\nextend = '/etc/x'\n"},
            ["line-length = 99", "lint = {}"],
            ["line-length = 99", "format = {}"],
            False,
            True,
        ),
        ({"pyproject.toml": "[tool.ruff]\nselect = ['F']\n"}, ['lint = {"select" = ["F"]}'], ["format = {}"], False, True),
        (
            {"pyproject.toml": OWN},
            ['lint = {"per-file-ignores" = {"a\\"b" = ["F"]}}'],
            ['format = {"quote-style" = "single"}'],
            True,
            True,
        ),
        ({".ruff.toml": "", "ruff.toml": "line-length = 1\n"}, ["lint = {}"], ["format = {}"], False, True),
        ({"ruff.toml": "[[[", "pyproject.toml": "tool = 1"}, ["lint = {}"], ["format = {}"], False, True),
    ],
)
def test_only_known_keys(files: dict[str, str], check: list[str], layout: list[str], *, formats: bool, own: bool) -> None:
    def text(path: str) -> str | None:
        return files.get(path)

    found = setting(text)
    assert list(found.check[1::2]) == check
    assert list(found.format[1::2]) == layout
    assert (found.formats, found.own) == (formats, own)


def test_nothing_chosen_is_pawls_own() -> None:
    assert setting(lambda _path: None).check == PAWLS_OWN.check


def test_black() -> None:
    found = setting(lambda path: "[tool.black]\nskip-string-normalization = true\n" if path == "pyproject.toml" else None)
    assert found.format[1::2] == ("line-length = 88", 'format = {"quote-style" = "preserve"}')
    assert (found.formats, found.own) == (True, False)


def test_weighed() -> None:
    untidy, wrong = Finding("a.py", 1, "m", "F401"), Finding("a.py", 1, "m", "F821")
    assert weighed(untidy, PAWLS_OWN).severity is Severity.WARNING
    assert weighed(wrong, PAWLS_OWN).severity is Severity.ERROR
    assert weighed(untidy, setting(lambda path: "" if path == "ruff.toml" else None)).severity is Severity.ERROR


@given(st.text(max_size=50))
def test_any_text_can_be_read(text: str) -> None:
    setting(lambda _path: text)
