"""Whose descriptor a call acts on: one that its file opened, or somebody else's."""

from __future__ import annotations

import ast

import pytest

from bot.scan.descriptors import is_foreign
from bot.scan.rule import Names


def foreign(source: str) -> bool:
    tree = ast.parse(source)
    names = Names(tree)
    return any(is_foreign(node, names) for node in ast.walk(tree))


@pytest.mark.parametrize(
    "source",
    [
        "import os\nclass A:\n    def f(self, path):\n        self.fd = os.open(path, 0)\n        os.read(self.fd, 1)\n",
        "import os, tempfile\nfd, path = tempfile.mkstemp()\nwith os.fdopen(fd) as file: ...\n",
        "import os\npair = os.pipe()\nos.write(pair[1], b'')\n",
        "import os\nif (fd := os.open('f', 0)):\n    os.read(fd, 1)\n",
        "import os, sys\nos.dup2(sys.stderr.fileno(), 1)\nos.read(os.open('f', 0), 1)\n",
    ],
)
def test_own_descriptors_are_nobodys_concern(source: str) -> None:
    assert not foreign(source)


@pytest.mark.parametrize(
    "source",
    [
        "import os\ndef f(fd):\n    os.write(fd, b'')\n",
        "import os\nwhere = {'x': 200}\nos.read(where['x'], 1)\n",
        "import os\nos.read(int('200'), 1)\n",
        "import os\nfd = os.open('f', 0)\nos.read(fd + 1, 1)\n",
        "import os\nos.fdopen(200).read()\n",
        "from os import dup as d\nd(200)\n",
        "__import__('os').write(200, b'')\n",
    ],
)
def test_others_are(source: str) -> None:
    assert foreign(source)
