"""Danger rules: code, commands and objects made from data."""

from __future__ import annotations

import ast
from typing import Final

from bot.gate import Severity
from bot.scan.rule import NOT_CONSTANT, Names, Rule, argument, built, calls, constant, is_fixed, keyword

_SUBPROCESS: Final = frozenset(f"subprocess.{each}" for each in ("run", "call", "check_call", "check_output", "Popen"))
_SHELLS: Final = frozenset(
    {
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "asyncio.create_subprocess_shell",
        "commands.getoutput",
        "pty.spawn",
    }
)
_EXEC: Final = frozenset(
    {f"os.{name}" for name in ("execl", "execle", "execlp", "execlpe", "execv", "execve", "execvp", "execvpe", "startfile")}
    | {f"os.spawn{tail}" for tail in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
    | {"os.posix_spawn", "os.posix_spawnp"}
)
_UNPICKLE: Final = frozenset(
    {
        "pickle.load",
        "pickle.loads",
        "pickle.Unpickler",
        "_pickle.loads",
        "cPickle.load",
        "cPickle.loads",
        "dill.load",
        "dill.loads",
        "cloudpickle.load",
        "cloudpickle.loads",
        "marshal.load",
        "marshal.loads",
        "shelve.open",
        "jsonpickle.decode",
        "joblib.load",
        "pandas.read_pickle",
    }
)
_SAFE_LOADERS: Final = frozenset({"SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"})
_DECODERS: Final = (
    "base64.",
    "zlib.",
    "codecs.decode",
    "bytes.fromhex",
    "binascii.",
    "gzip.decompress",
    "lzma.decompress",
    "bz2.decompress",
)
_BUILTINS: Final = frozenset({"builtins", "__builtins__"})


def _runs_text(node: ast.AST, names: Names) -> bool:
    return names.called(node) in {"eval", "exec", "builtins.eval", "builtins.exec"}


def _compiles(node: ast.AST, names: Names) -> bool:
    return names.called(node) in {"compile", "builtins.compile"} and not is_fixed(argument(node))


def _decoded(node: ast.AST, names: Names) -> bool:
    """Code that is decoded and run at once: nobody can read what it does."""
    if not _runs_text(node, names) and names.called(node) not in {"compile", *_SHELLS}:
        return False
    inside = argument(node)
    return inside is not None and any(names.called(each).startswith(_DECODERS) for each in ast.walk(inside))


def _dynamic_import(node: ast.AST, names: Names) -> bool:
    return names.called(node) in {"__import__", "importlib.import_module", "importlib.__import__"} and not is_fixed(
        argument(node, 0, "name")
    )


def _reaches_builtins(node: ast.AST, names: Names) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[first, *_]):
            return names.dotted(first) in _BUILTINS
        case ast.Subscript(value=value):
            return names.dotted(value) in {"__builtins__", "builtins.__dict__"} or _vars_of_builtins(value, names)
        case _:
            return False


def _vars_of_builtins(node: ast.AST, names: Names) -> bool:
    return names.called(node) in {"vars", "globals"} and (names.dotted(argument(node) or node) in _BUILTINS)


def _shell_true(node: ast.AST, names: Names) -> bool:
    given = keyword(node, "shell")
    return given is not None and constant(given) is not False and (names.called(node) in _SUBPROCESS or constant(given) is True)


def _built_command(node: ast.AST, names: Names) -> bool:
    return names.called(node) in _SUBPROCESS and built(argument(node, 0, "args")) is not None


def _yaml(node: ast.AST, names: Names) -> bool:
    called = names.called(node)
    if called in {"yaml.unsafe_load", "yaml.unsafe_load_all", "yaml.full_load"}:
        return True
    loader = argument(node, 1, "Loader")
    return called in {"yaml.load", "yaml.load_all"} and (
        loader is None or names.dotted(loader).rsplit(".", 1)[-1] not in _SAFE_LOADERS
    )


def _array_pickle(node: ast.AST, names: Names) -> bool:
    called = names.called(node)
    if called in {"numpy.load", "np.load"}:
        return constant(keyword(node, "allow_pickle")) not in {False, NOT_CONSTANT}
    return called == "torch.load" and constant(keyword(node, "weights_only")) is not True


RULES: Final = (
    Rule(
        "eval",
        "it runs text as code: use ast.literal_eval, a table of functions, or plain code",
        _runs_text,
        ("eval(x)", "exec('a = 1')", "import builtins\nbuiltins.eval(x)"),
        ("ast.literal_eval(x)", "model.eval()", "cursor.exec(x)", "def eval(): ..."),
        in_tests=False,
    ),
    Rule(
        "compile",
        "it turns data into code: write the code itself",
        _compiles,
        ("compile(x, 'f', 'exec')",),
        ("re.compile(x)", "compile('1', 'f', 'eval')"),
        in_tests=False,
    ),
    Rule(
        "decoded-code",
        "it runs code that nobody can read before it is decoded: write it in the open",
        _decoded,
        ("import base64\nexec(base64.b64decode(b'eA=='))", "import zlib, os\nos.system(zlib.decompress(x).decode())"),
        ("import base64\nbase64.b64decode(x)", "exec('a')"),
    ),
    Rule(
        "dynamic-import",
        "what it imports depends on data: choose from a fixed table of modules",
        _dynamic_import,
        ("__import__(name)", "import importlib\nimportlib.import_module('a.' + name)"),
        ("__import__('json')", "import importlib\nimportlib.import_module('json')"),
        in_tests=False,
    ),
    Rule(
        "builtins-by-name",
        "it reaches round the language's own doors: call what is meant by its name",
        _reaches_builtins,
        ("getattr(__builtins__, 'ev' + 'al')", "__builtins__['eval']", "import builtins\nvars(builtins)['eval']"),
        ("getattr(x, 'y')", "x['eval']"),
        nodes=(ast.Call, ast.Subscript),
    ),
    Rule(
        "shell",
        "a shell reads the command, and its special characters with it: use subprocess.run with a list",
        lambda node, names: names.called(node) in _SHELLS,
        ("import os\nos.system('ls')", "from os import popen as p\np(x)", "import subprocess as sp\nsp.getoutput('ls')"),
        ("import os\nos.getcwd()", "import platform\nplatform.system()"),
    ),
    Rule(
        "shell-true",
        "a shell reads the command, and its special characters with it: pass a list and leave shell out",
        _shell_true,
        (
            "import subprocess\nsubprocess.run(x, shell=True)",
            "import subprocess\nsubprocess.Popen(x, shell=flag)",
            "run(x, shell=True)",
        ),
        ("import subprocess\nsubprocess.run(x, shell=False)", "import subprocess\nsubprocess.run(x)", "f(shell='bash')"),
    ),
    Rule(
        "built-command",
        "a command put together as text splits at spaces that came with the data: pass a list",
        _built_command,
        ("import subprocess\nsubprocess.run(f'rm {x}')", "import subprocess\nsubprocess.check_call('rm ' + x)"),
        ("import subprocess\nsubprocess.run(['rm', x])", "import subprocess\nsubprocess.run('ls')"),
    ),
    Rule(
        "exec-program",
        "it replaces or starts a process without the checks of subprocess: use subprocess.run with a list",
        calls(*_EXEC),
        ("import os\nos.execv('/bin/sh', x)", "import os\nos.spawnl(0, x)"),
        ("import os\nos.path.join(x)",),
        in_tests=False,
    ),
    Rule(
        "unpickle",
        "whoever wrote the data runs code here: use json or another format without code",
        calls(*_UNPICKLE),
        (
            "import pickle\npickle.loads(x)",
            "from pickle import load\nload(f)",
            "import shelve\nshelve.open(x)",
            "import marshal\nmarshal.loads(x)",
        ),
        ("import json\njson.loads(x)", "import pickle\npickle.dumps(x)"),
        in_tests=False,
    ),
    Rule(
        "unpickle-array",
        "the file may hold pickled code: allow_pickle=False, or weights_only=True",
        _array_pickle,
        ("import numpy as np\nnp.load(x, allow_pickle=True)", "import torch\ntorch.load(x)"),
        ("import numpy as np\nnp.load(x)", "import torch\ntorch.load(x, weights_only=True)"),
    ),
    Rule(
        "yaml-load",
        "YAML tags can make any object: use yaml.safe_load",
        _yaml,
        ("import yaml\nyaml.load(x)", "import yaml\nyaml.load(x, Loader=yaml.Loader)", "import yaml\nyaml.unsafe_load(x)"),
        (
            "import yaml\nyaml.safe_load(x)",
            "import yaml\nyaml.load(x, Loader=yaml.CSafeLoader)",
            "import yaml\nyaml.load(x, yaml.SafeLoader)",
        ),
    ),
    Rule(
        "native-code",
        "it loads machine code that no gate can read: ask for it by itself",
        lambda node, names: names.called(node) in {"ctypes.CDLL", "ctypes.PyDLL", "ctypes.cdll.LoadLibrary", "cffi.FFI"},
        ("import ctypes\nctypes.CDLL(x)",),
        ("import ctypes\nctypes.c_int(1)",),
        Severity.WARNING,
    ),
)
