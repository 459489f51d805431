"""What of a project's mypy configuration is honoured."""

from __future__ import annotations

import pytest

from bot.scan.mypy import Setting, setting


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({}, Setting()),
        (
            {"mypy.ini": "[mypy]\nplugins = evil.py\nstrict = True\npython_version = 3.12\n"},
            Setting((), "3.12", checks_untyped=True),
        ),
        ({"mypy.ini": "[mypy]\npython_version = 2.7\n"}, Setting()),
        ({"setup.cfg": "[mypy]\ncheck_untyped_defs = yes\n"}, Setting(checks_untyped=True)),
        ({"setup.cfg": "[broken\n"}, Setting()),
        ({"pyproject.toml": "[broken\n"}, Setting()),
        ({"pyproject.toml": "tool = 1\n"}, Setting()),
        ({"pyproject.toml": '[tool.mypy]\nmypy_path = ["lib", "/etc", "../x"]\n'}, Setting(("lib",))),
        ({"mypy.ini": "[mypy]\nmypy_path = $MYPY_CONFIG_FILE_DIR/stubs:lib\n"}, Setting(("stubs", "lib"))),
        (
            {"mypy.ini": "[mypy]\ndisable_error_code = attr-defined, misc\n"},
            Setting(disabled=frozenset({"attr-defined", "misc"})),
        ),
        ({"mypy.ini": "[other]\n", "pyproject.toml": "[tool.mypy]\nstrict = true\n"}, Setting()),
    ],
)
def test_only_harmless_keys(files: dict[str, str], chosen: Setting) -> None:
    def text(path: str) -> str | None:
        return files.get(path)

    assert setting(text, has_src=False) == chosen


def test_src_is_searched() -> None:
    assert setting(lambda _path: None, has_src=True).search == ("src",)
