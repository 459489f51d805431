"""Danger rules: weak cryptography, unchecked connections, open doors."""

from __future__ import annotations

import ast
import re
from typing import Final

from bot.gate import Severity
from bot.scan.rule import Names, Rule, argument, calls, constant, keyword

_WEAK: Final = frozenset({"md5", "sha1", "md4", "md2", "ripemd160"})
_CIPHERS: Final = frozenset({"DES", "DES3", "ARC2", "ARC4", "Blowfish", "CAST", "XOR", "TripleDES", "IDEA", "SEED"})
_OLD_TLS: Final = frozenset(
    f"ssl.{each}" for each in ("PROTOCOL_SSLv2", "PROTOCOL_SSLv3", "PROTOCOL_SSLv23", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1")
)
_ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - the rule that looks for it
_GUARDS: Final = re.compile(r"auth|permission|is_admin|is_staff|superuser|login|allowed|token|secret|role", re.IGNORECASE)
_WORLD: Final = 0o002


def _hash(node: ast.AST, names: Names) -> bool:
    called = names.called(node)
    name = (
        str(constant(argument(node, 0, "name"))).lower().replace("-", "")
        if called == "hashlib.new"
        else called.removeprefix("hashlib.")
    )
    return called.startswith("hashlib.") and name in _WEAK and constant(keyword(node, "usedforsecurity")) is not False


def _cipher(node: ast.AST, names: Names) -> bool:
    match node:
        case ast.Call():
            parts = names.called(node).split(".")
            return ("Cipher" in parts or "algorithms" in parts) and not _CIPHERS.isdisjoint(parts)
        case ast.Attribute(attr="MODE_ECB"):
            return True
        case _:
            return names.called(node).endswith(".modes.ECB")


def _unverified(node: ast.AST, names: Names) -> bool:
    match node:
        case ast.Call():
            off = constant(keyword(node, "verify")) is False or constant(keyword(node, "check_hostname")) is False
            return off or names.called(node) in {
                "ssl._create_unverified_context",
                "paramiko.AutoAddPolicy",
                "paramiko.WarningPolicy",
            }
        case ast.Assign(targets=[ast.Attribute(attr="check_hostname" | "verify"), *_], value=ast.Constant(value=False)):
            return True
        case ast.Attribute(attr="_create_unverified_context", ctx=ast.Load()):
            return True
        case ast.Assign(targets=[ast.Attribute(attr="verify_mode"), *_], value=value):
            return names.dotted(value) == "ssl.CERT_NONE"
        case _:
            return False


def _everywhere(node: ast.AST, _names: Names) -> bool:
    if not isinstance(node, ast.Call):
        return False
    binds = isinstance(node.func, ast.Attribute) and node.func.attr in {"bind", "create_server"}
    first = node.args[0] if node.args else None
    if binds and isinstance(first, ast.Tuple) and first.elts and constant(first.elts[0]) in {*_ANYWHERE, ""}:
        return True
    return constant(keyword(node, "host")) in _ANYWHERE


def _guard(node: ast.AST, _names: Names) -> bool:
    return isinstance(node, ast.Assert) and any(
        _GUARDS.search(each.id if isinstance(each, ast.Name) else each.attr)
        for each in ast.walk(node.test)
        if isinstance(each, ast.Name | ast.Attribute)
    )


def _world(node: ast.AST, names: Names) -> bool:
    mode = constant(argument(node, 1, "mode"))
    return names.called(node) in {"os.chmod", "os.makedirs", "os.mkdir"} and isinstance(mode, int) and bool(mode & _WORLD)


def _debug(node: ast.AST, names: Names) -> bool:
    return names.called(node).endswith(".run") and constant(keyword(node, "debug")) is True


RULES: Final = (
    Rule(
        "weak-hash",
        "MD5 and SHA-1 can be forged: use SHA-256, or say usedforsecurity=False where nothing depends on it",
        _hash,
        ("import hashlib\nhashlib.md5(x)", "from hashlib import sha1\nsha1(x)", "import hashlib\nhashlib.new('MD5', x)"),
        ("import hashlib\nhashlib.sha256(x)", "import hashlib\nhashlib.md5(x, usedforsecurity=False)"),
        in_tests=False,
    ),
    Rule(
        "weak-cipher",
        "the cipher or its mode is broken: use AES in GCM, or Fernet",
        _cipher,
        ("from Crypto.Cipher import DES\nDES.new(k)", "from Crypto.Cipher import AES\nAES.new(k, AES.MODE_ECB)"),
        ("from Crypto.Cipher import AES\nAES.new(k, AES.MODE_GCM)", "DES.new(k)"),
        nodes=(ast.Call, ast.Attribute),
    ),
    Rule(
        "old-tls",
        "this protocol is broken: use ssl.create_default_context()",
        lambda node, names: isinstance(node, ast.Attribute) and names.dotted(node) in _OLD_TLS,
        ("import ssl\nssl.SSLContext(ssl.PROTOCOL_TLSv1)",),
        ("import ssl\nssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",),
        nodes=(ast.Attribute,),
    ),
    Rule(
        "unverified",
        "the other side is not checked, so anybody can stand in for it: leave verification on",
        _unverified,
        (
            "import requests\nrequests.get(u, verify=False)",
            "import ssl\nssl._create_unverified_context()",
            "c.check_hostname = False",
            "import ssl\nc.verify_mode = ssl.CERT_NONE",
            "import ssl\nssl._create_default_https_context = ssl._create_unverified_context",
            "import paramiko\nc.set_missing_host_key_policy(paramiko.AutoAddPolicy())",
        ),
        (
            "import requests\nrequests.get(u, verify=True)",
            "import ssl\nc.verify_mode = ssl.CERT_REQUIRED",
            "check_hostname = False",
        ),
        nodes=(ast.Call, ast.Assign, ast.Attribute),
    ),
    Rule(
        "listens-everywhere",
        "it answers everybody on every network: bind to 127.0.0.1, or let the settings say where",
        _everywhere,
        ("s.bind(('0.0.0.0', 80))", "app.run(host='0.0.0.0')", "s.bind(('', 80))"),
        ("s.bind(('127.0.0.1', 80))", "app.run(host='localhost')", "s.bind(address)"),
        in_tests=False,
    ),
    Rule(
        "temporary-name",
        "somebody else can take the name before it is opened: use tempfile.mkstemp or NamedTemporaryFile",
        calls("tempfile.mktemp", "os.tempnam", "os.tmpnam"),
        ("import tempfile\ntempfile.mktemp()",),
        ("import tempfile\ntempfile.mkstemp()",),
    ),
    Rule(
        "assert-guard",
        "python -O removes asserts, and the check with them: raise an error",
        _guard,
        ("assert user.is_admin", "assert check_permission(user)", "assert token == expected"),
        ("assert x > 0", "if not user.is_admin:\n    raise PermissionError"),
        in_tests=False,
        nodes=(ast.Assert,),
    ),
    Rule(
        "world-writable",
        "everybody on the machine may write there: 0o755 or less",
        _world,
        ("import os\nos.chmod(p, 0o777)",),
        ("import os\nos.chmod(p, 0o644)", "import os\nos.chmod(p, mode)"),
    ),
    Rule(
        "debugger",
        "the debugger lets visitors run code: leave debug out",
        _debug,
        ("app.run(debug=True)",),
        ("app.run()", "app.run(debug=flag)"),
    ),
    Rule(
        "plain-text-protocol",
        "what is sent can be read on the way: use SSH or TLS",
        calls("telnetlib.Telnet", "ftplib.FTP"),
        ("import ftplib\nftplib.FTP(h)",),
        ("import ftplib\nftplib.FTP_TLS(h)",),
        Severity.WARNING,
    ),
)
