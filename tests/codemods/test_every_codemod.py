from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import codemods
from bot.codemod import Codemod, joined
from bot.registry import plugins
from bot.syntax.concrete import comments
from bot.syntax.tree import parse

CATALOGUE = plugins(codemods, Codemod)
FREE = [each for each in CATALOGUE.values() if not each.whole]
LIBRARY = Path(ast.__file__).parent
FILES = {
    name: (LIBRARY / name).read_text(encoding="utf-8")
    for name in (
        *("bisect.py", "colorsys.py", "keyword.py", "linecache.py", "sched.py", "shelve.py", "struct.py", "quopri.py", "copy.py"),
        *(
            "getpass.py",
            "fnmatch.py",
            "nturl2path.py",
            "stringprep.py",
            "tty.py",
            "this.py",
            "json/decoder.py",
            "html/__init__.py",
        ),
        *("email/quoprimime.py", "email/iterators.py", "logging/__init__.py", "wsgiref/util.py", "xml/dom/domreg.py"),
    )
    if (LIBRARY / name).exists() and (LIBRARY / name).stat().st_size < 14_000
}


def test_there_are_enough_and_each_is_asked_for_in_words() -> None:
    assert len(CATALOGUE) >= 12
    for each in CATALOGUE.values():
        assert each.phrases or each.name == "dependency-upgrade"
        assert all(re.compile(phrase) for phrase in each.phrases)


@pytest.mark.parametrize("codemod", FREE, ids=lambda each: each.name)
@settings(max_examples=4, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(names=st.sets(st.sampled_from(sorted(FILES)), min_size=1, max_size=2))
def test_on_real_files_it_is_idempotent_and_what_it_writes_parses(codemod: Codemod, names: set[str]) -> None:
    files = {name: FILES[name] for name in names}
    changed = codemod.transform(files, {})
    assert changed.keys() <= files.keys()
    for path, text in changed.items():
        assert parse(text) is not None
        assert codemod.name == "remove-dead-code" or not comments(files[path]) - comments(text)
    assert codemod.transform(joined(files, changed), {}) == {}


@pytest.mark.parametrize("codemod", FREE, ids=lambda each: each.name)
def test_text_that_is_no_python_stays(codemod: Codemod) -> None:
    files = {
        "a.py": "def (",
        "b.py": "x = " + "-" * 5_000 + "1",
        "c.txt": "import os\n",
        "d.py": "",
        "e.py": "\n# only a comment",
    }
    assert codemod.transform(files, {}) == {}


@pytest.mark.parametrize("codemod", FREE, ids=lambda each: each.name)
def test_windows_line_ends_and_odd_layout_stay(codemod: Codemod) -> None:
    strange = "x = ( 1,\r\n      2 )  # odd\r\n\tif_ = {  }\r\n".replace("\t", "")
    for each in codemod.examples:
        for path, text in each.before.items():
            if path.endswith(".py") and parse(text) is not None:
                files = {**each.before, path: strange + text.replace("\n", "\r\n")}
                after = joined(files, codemod.transform(files, each.arguments))[path]
                assert "x = ( 1,\r\n      2 )  # odd\r\n" in after
                assert "if_ = {  }\r\n" in after
                assert not re.search(r"[^\r]\n", after)
