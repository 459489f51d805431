"""Danger rules: telling all settings at once, and fetching code while the program runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from bot.scan.rule import Names, Rule

_TELLING: Final = frozenset(
    {"print", "pprint.pprint", "pprint.pp", "json.dump", "json.dumps", "yaml.dump", "pickle.dumps"}
    | {"urllib.parse.urlencode", "urllib.request.urlopen"}
)
_TELLING_METHODS: Final = frozenset(
    {"debug", "info", "warning", "error", "critical", "exception", "log", "write", "writelines", "write_text", "send", "sendall"}
    | {"post", "put", "patch", "request", "publish", "capture_message"}
)
_WHOLE: Final = frozenset({"items", "values", "copy", "__str__", "__repr__"})
_RUNNING: Final = re.compile(
    r"(?:subprocess\.\w+|os\.(?:system|popen|exec\w+|spawn\w+|posix_spawnp?)|asyncio\.create_subprocess_\w+|pty\.spawn)\Z"
)
_INSTALLING: Final = re.compile(
    r"\b(?:pip3?|uv|pipx|poetry|conda|mamba|easy_install|npm|pnpm|yarn|apt|apt-get|apk|dnf|yum|brew|gem|cargo)\b"
    r".*\b(?:install|add)\b",
    re.DOTALL,
)


def _tells_environment(node: ast.AST, names: Names) -> bool:
    if not isinstance(node, ast.Call):
        return False
    method = isinstance(node.func, ast.Attribute) and node.func.attr in _TELLING_METHODS
    if names.called(node) not in _TELLING and not method:
        return False
    given = [*node.args, *(each.value for each in node.keywords if each.arg != "env")]
    return any(_is_whole_environment(each, names) for argument in given for each in _values(argument))


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, without what is only one part of something: ``x[...]`` and ``x.get(...)``."""
    if isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr not in _WHOLE):
        yield node
        return
    yield node
    for each in ast.iter_child_nodes(node):
        yield from _values(each)


def _is_whole_environment(node: ast.AST, names: Names) -> bool:
    return names.dotted(node) in {"os.environ", "os.environb"}


def _installs(node: ast.AST, names: Names) -> bool:
    called = names.called(node)
    if called in {"pip.main", "pip._internal.main", "pip._internal.cli.main.main"}:
        return True
    if not isinstance(node, ast.Call) or not _RUNNING.match(called):
        return False
    words = [each.value for given in node.args for each in ast.walk(given) if isinstance(each, ast.Constant)]
    return bool(_INSTALLING.search(" ".join(each for each in words if isinstance(each, str))))


RULES: Final = (
    Rule(
        "environment-told",
        "the environment holds keys and passwords, and this gives all of it away: tell only the one setting that is needed",
        _tells_environment,
        (
            "import os\nprint(os.environ)",
            "import os\nprint(f'{dict(os.environ)}')",
            "import json, os\njson.dumps(dict(os.environ))",
            "import os, logging\nlogging.getLogger().info('env %s', os.environ.copy())",
            "from os import environ\nclient.post(url, json=dict(environ))",
            "import os, urllib.parse\nurllib.parse.urlencode(list(os.environ.items()))",
        ),
        (
            "import os\nprint(os.environ['HOME'], os.environ.get('LANG'))",
            "import os\nenv = {**os.environ, 'LANG': 'C'}",
            "import os, subprocess\nsubprocess.run(['ls'], env=dict(os.environ), check=True)",
            "import os\nprint(len(sys.argv))",
        ),
    ),
    Rule(
        "installs-packages",
        "it fetches and runs code that nobody has looked at: name the package in the project's requirements instead",
        _installs,
        (
            "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'], check=True)",
            "import os\nos.system('pip install x')",
            "import subprocess\nsubprocess.check_call('apt-get install -y x', shell=True)",
            "from pip._internal import main\nmain(['install', 'x'])",
        ),
        (
            "import subprocess\nsubprocess.run(['git', 'add', 'install.txt'], check=True)",
            "import subprocess\nsubprocess.run(['pip', '--version'], check=True)",
            "text = 'pip install pawl'",
        ),
    ),
)
