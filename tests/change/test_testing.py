"""What belongs to the tests is told by names, and by what files really are."""

from __future__ import annotations

import pytest

from bot.change.testing import by_texts, disguised, is_aside, is_test

TEST = "def test_x():\n    assert True\n"
UNITTEST = """\
import unittest
from pkg.test.client import get

class T(unittest.TestCase):
    def test_get(self):
        get(1)
"""


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("tests/helper.py", True),
        ("pkg/test/data.json", True),
        ("test_x.py", True),
        ("pkg/x_test.py", True),
        ("django_app/tests.py", True),
        ("conftest.py", True),
        ("pkg/testing/tools.py", False),
        ("pkg/contest.py", False),
        ("pkg/testimony.py", False),
        ("latest.py", False),
        ("test_notes.md", False),
    ],
)
def test_names(path: str, answer: bool) -> None:
    assert is_test(path) is answer


@pytest.mark.parametrize(
    ("files", "product"),
    [
        ({"pkg/__init__.py": "", "pkg/test/__init__.py": "", "pkg/test/client.py": "", "tests.py": UNITTEST}, "client __init__"),
        ({"tests/test_a.py": TEST, "tests/helper.py": "", "tests/deep/data.py": "", "tests/__init__.py": ""}, ""),
        ({"tests/conftest.py": "", "tests/plug.py": ""}, ""),
        ({"pkg/core.py": "from .test import client\n", "pkg/test/client.py": "", "pkg/test/test_client.py": TEST}, "client"),
        ({"core.py": "from test_utils import f\n", "test_utils.py": TEST}, "test_utils"),
        ({"core.py": "import x\n", "test_utils.py": "", "test_a.py": "from test_utils import f\n" + TEST}, ""),
        ({"core.py": "import x\n", "pkg/test_client.py": "def connect(): ...\n"}, "test_client"),
        ({"pkg/a.py": "import pkg.tests.b\n", "pkg/tests/b.py": "from . import c\n", "pkg/tests/c.py": TEST}, "b c"),
        ({"benchmarks/run.py": "from tests.doubles import f\n", "tests/doubles.py": "", "tests/test_a.py": TEST}, ""),
        ({"a.py": "import tests\n(", "tests.py": TEST}, ""),
        ({"a.py": "x = 1\n"}, ""),
    ],
)
def test_what_is_no_test_whatever_its_name(files: dict[str, str], product: str) -> None:
    found = disguised(files)
    assert {path.rpartition("/")[2].removesuffix(".py") for path in found} == set(product.split())
    assert all(by_texts(files)(path) is (is_test(path) and path not in found) for path in files)


def test_what_stands_beside_the_product() -> None:
    assert is_aside("docs/conf.py")
    assert is_aside("setup.py")
    assert not is_aside("tools.py")
    assert not is_aside("pkg/docs/render.py")
