from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.codemod import Codemod
from bot.codemods.dependency_upgrade import CODEMOD
from bot.errors import Refused

WANTED = {"package": "requests", "version": "2.32.4"}


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "dev-requirements.txt",
            "# top\n-r x.txt\n  Requests == 2.0 ;python_version>'3'\n",
            "  Requests == 2.32.4 ;python_version>'3'\n",
        ),
        ("requirements/dev.in", "requests\n", "requests>=2.32.4\n"),
        ("requirements.txt", "requests!=2.1.*,>2.0\r\n", "requests!=2.1.*,>=2.32.4\r\n"),
        ("requirements.txt", "requests==2.*\n", "requests==2.*\n"),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nrequests = "2.1"\n[x]\nrequests = "1"\n',
            'requests = "2.32.4"\n[x]\nrequests = "1"\n',
        ),
        ("pyproject.toml", "[dependency-groups]\na = ['requests<2.5', 'x']\n", "a = ['requests<3', 'x']\n"),
    ],
)
def test_the_text_around_stays(path: str, before: str, after: str) -> None:
    result = {path: before, **CODEMOD.transform({path: before}, WANTED)}[path]
    assert result.endswith(after)
    assert result.startswith(before[:2])


@pytest.mark.parametrize(
    ("files", "arguments", "says"),
    [
        ({"requirements.txt": "requests==2.0\n"}, {"package": "requests"}, "network"),
        ({"requirements.txt": "requests==2.0\n"}, {"package": "requests", "version": "new"}, "no version"),
        ({"requirements.txt": "flask\n"}, WANTED, "no manifest"),
        ({"requirements.txt": "requests==3.0\n"}, WANTED, "newer"),
        ({"requirements.txt": "requests!=2.32.4\n"}, WANTED, "excludes"),
        ({"requirements.txt": "requests==2.0 \\\n  --hash=sha256:00\n"}, WANTED, "hashes"),
        ({"pyproject.toml": "= broken"}, WANTED, "no manifest"),
    ],
)
def test_what_cannot_be_done_offline_is_refused(files: dict[str, str], arguments: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        CODEMOD.transform(files, arguments)


def test_hostile_lines_take_no_time() -> None:
    hostile = {"requirements.txt": "requests==2.0\n" + "a" * 300_000 + "\n" + " " * 300_000 + "#\n"}
    assert CODEMOD.transform(hostile, WANTED)["requirements.txt"].startswith("requests==2.32.4\n")
