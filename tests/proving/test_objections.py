"""What may not be proposed: every way to reach the spec, the runner or the tests is named with its place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.change.change import Edit, Edits
from bot.ids import Digest
from bot.proving.objections import Rules, objections
from bot.spec.spec import Locked, Spec, SpecFile

FILES = {
    "shop.py": "def f(x):\n    return x\n",
    "tests/test_shop.py": "def test_a():\n    assert 1\n\ndef test_b():\n    assert 2\n",
    "tests/test_spec.py": "from shop import f\n\ndef test_f():\n    assert f(17) == 34\n",
}
SPEC = Spec(
    (),
    (SpecFile("tests/test_spec.py", "x"),),
    (Locked("tests/test_shop2.py", Digest("d")), Locked("setup.cfg#tool:pytest", Digest("d"))),
    Digest("d"),
)


def said(edits: Mapping[str, str | None], wish: str = "double it") -> str:
    rules = Rules(FILES.get, lambda path: not path.startswith(".github/"), SPEC, (FILES["tests/test_spec.py"],), wish)
    return "\n".join(map(str, objections(Edits(tuple(Edit(*each) for each in edits.items())), rules)))


def test_an_honest_change_meets_no_objection() -> None:
    added = FILES["tests/test_shop.py"] + "\ndef test_c():\n    assert 3\n"
    assert not said({"shop.py": "def f(x):\n    return x * 2\n", "tests/test_shop.py": added, "new.md": "skip"})


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("tests/test_spec.py", "def test_f(): pass\n", "belongs to the locked spec"),
        ("tests/test_spec.py", None, "belongs to the locked spec"),
        ("tests/TEST_spec.py", "", "belongs to the locked spec"),
        ("tests/test_shop2.py", "x = 1\n", "belongs to the locked spec"),
        ("deep/conftest.py", "", "can switch tests off"),
        ("pytest.ini", "", "can switch tests off"),
        (".env", "A=1", "is there to keep secrets"),
        (".github/workflows/ci.yml", "on: push", "is protected"),
        ("tests/test_shop.py", "def test_a():\n    assert 1\n", "takes the test test_b away"),
        ("tests/test_shop.py", None, "takes the test test_a away"),
        ("tests/test_shop.py", FILES["tests/test_shop.py"].replace("assert 2", "pass"), "lets test_b check less than before"),
        (
            "shop.py",
            "import sys\ndef f(x):\n    return sys._getframe(1)\n",
            "shop.py:3: brings in `sys._getframe`: it looks at its callers; do without",
        ),
        (
            "shop.py",
            "import os\ndef f(x):\n    return os.environ.get('PYTEST_CURRENT_TEST')\n",
            "it asks whether it is being tested",
        ),
        (
            "shop.py",
            "def f(x):\n    if x == 17:\n        return 34\n    return x\n",
            "shop.py:2: f knows inputs of the tests with their answers (17 -> 34)",
        ),
    ],
)
def test_what_may_not_be_is_named(path: str, text: str | None, why: str) -> None:
    assert why in said({path: text})


@pytest.mark.parametrize(
    "line",
    [
        "import pytest\n@pytest.mark.skip\ndef test_c(): pass\n",
        "import pytest\n@pytest.mark.skipif(True, reason='x')\ndef test_c(): pass\n",
        "import pytest\n@pytest.mark.xfail\ndef test_c(): pass\n",
        "import pytest\npytestmark = pytest.mark.skip\n",
        "from pytest import skip\n",
        "import pytest as p\n@p.mark.skip\ndef test_c(): pass\n",
        "import pytest as p\n@p.mark.xfail(strict=False)\ndef test_c(): pass\n",
        "import pytest\nnumpy = pytest.importorskip('numpy')\n",
        "import unittest\n@unittest.expectedFailure\ndef test_c(): pass\n",
        "class T:\n    def test_c(self):\n        self.skipTest('x')\n",
        "__test__ = False\n",
        "collect_ignore = ['test_b.py']\n",
    ],
)
def test_no_test_is_skipped_excused_or_hidden(line: str) -> None:
    assert "no test may be skipped or switched off" in said({"tests/test_shop.py": FILES["tests/test_shop.py"] + "\n" + line})


def test_skips_that_were_there_stay() -> None:
    skipping = "import pytest\n\n@pytest.mark.skip\ndef test_a(): pass\n"
    rules = Rules({"tests/t.py": skipping}.get, lambda _: True, SPEC, (), "")
    assert not objections(Edits((Edit("tests/t.py", skipping + "\ndef test_b(): pass\n"),)), rules)
    assert objections(Edits((Edit("tests/t.py", skipping + "\n@pytest.mark.skip\ndef test_b(): pass\n"),)), rules)


@pytest.mark.parametrize(
    "text",
    [
        "def test_a():\n    assert 1\n    assert 3\n\ndef test_b():\n    assert 5\n",
        "import pytest\n\ndef test_a():\n    with pytest.raises(ValueError):\n        int('x')\n\ndef test_b():\n    assert 2\n",
    ],
)
def test_a_test_may_check_as_much_or_more(text: str) -> None:
    assert not said({"tests/test_shop.py": text})


def test_a_name_that_only_looks_like_a_skip_is_fine() -> None:
    assert not said({"shop.py": "def f(x):\n    return x.skip(2)\n"})
