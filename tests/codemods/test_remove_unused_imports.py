from __future__ import annotations

from collections.abc import Callable

from bot.codemod import Codemod
from bot.codemods.remove_unused_imports import CODEMOD


def test_its_examples(shows: Callable[[Codemod], None]) -> None:
    shows(CODEMOD)


def test_names_that_others_patch_or_reach_through_stay() -> None:
    files = {"pkg/a.py": "import os\nimport sys\nimport re\n", "t.py": "from pkg import a\n\nprint(a.os)\nx = 'pkg.a.sys'\n"}
    assert CODEMOD.transform(files, {}) == {"pkg/a.py": "import os\nimport sys\n"}


def test_packages_and_conftests_hand_their_imports_on() -> None:
    files = {"pkg/__init__.py": "import os\n", "tests/conftest.py": "import os\n"}
    assert CODEMOD.transform(files, {}) == {}


def test_a_file_without_a_last_line_end_stays_without_one() -> None:
    assert CODEMOD.transform({"a.py": "import os\nx = 1"}, {}) == {"a.py": "x = 1"}


def test_noqa_and_type_checking_are_respected() -> None:
    assert CODEMOD.transform({"a.py": "import os  # noqa: F401\n"}, {}) == {}


def test_paths_that_lead_outside_are_never_written() -> None:
    assert CODEMOD.transform({"../a.py": "import os\n", "/tmp/b.py": "import os\n"}, {}) == {}
