"""Danger rules: data that becomes SQL, markup, templates, paths or addresses."""

from __future__ import annotations

import ast
import re
from typing import Final

from bot.gate import Severity
from bot.scan.rule import Names, Rule, argument, built, calls, constant, is_fixed, keyword

_SQL: Final = re.compile(
    r"\s*(select\b.+\bfrom\b|insert\s+(or\s+\w+\s+)?into\b|replace\s+into\b|update\b.+\bset\b|delete\s+from\b|drop\s+(table|database|view)\b"
    r"|truncate\s+table\b|alter\s+table\b|union\s+(all\s+)?select\b|create\s+(table|index|view)\b|with\b.+\bselect\b)",
    re.IGNORECASE | re.DOTALL,
)
_HTTP: Final = frozenset(
    {
        f"{client}.{verb}"
        for client in ("requests", "httpx")
        for verb in ("get", "post", "put", "patch", "delete", "head", "options", "request", "stream")
    }
    | {"urllib.request.urlopen", "urllib.request.Request", "urllib.request.urlretrieve"}
)
_FROM_OUTSIDE: Final = ("request.", "flask.request", "self.request", "sys.argv", "os.environ")
_XML: Final = frozenset(
    {f"xml.etree.ElementTree.{each}" for each in ("parse", "fromstring", "iterparse", "XMLParser", "XML")}
    | {f"xml.etree.cElementTree.{each}" for each in ("parse", "fromstring", "iterparse")}
    | {f"xml.dom.{each}" for each in ("minidom.parse", "minidom.parseString", "pulldom.parse", "pulldom.parseString")}
    | {"xml.sax.parse", "xml.sax.parseString", "xml.sax.make_parser", "xmlrpc.client.ServerProxy"}
)
_FIXED_HOST: Final = re.compile(r"https?://[^/{}]+[/?#]", re.IGNORECASE)


def _sql(node: ast.AST, _names: Names) -> bool:
    text = built(node) if isinstance(node, ast.JoinedStr | ast.BinOp | ast.Call) else None
    return text is not None and "{" in text and _SQL.match(text) is not None


def _outside(node: ast.AST | None, names: Names) -> bool:
    """Tell whether an expression speaks of what a stranger sends: a web request, the command line, the keyboard."""
    if node is None:
        return False
    return any(
        names.dotted(each).startswith(_FROM_OUTSIDE) or names.called(each) == "input"
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute | ast.Call)
    )


def _path(node: ast.AST, names: Names) -> bool:
    called = names.called(node)
    opens = called in {
        "open",
        "io.open",
        "os.remove",
        "os.unlink",
        "shutil.rmtree",
        "pathlib.Path",
        "os.listdir",
        "flask.send_file",
    }
    return (opens or called == "os.path.join") and isinstance(node, ast.Call) and any(_outside(each, names) for each in node.args)


def _archive(node: ast.AST, names: Names) -> bool:
    """``extractall`` without a filter writes wherever the archive says."""
    called = names.called(node)
    if not called.endswith((".extractall", ".unpack_archive")):
        return False
    return keyword(node, "filter") is None and (
        "tar" in called.lower() or called.endswith("unpack_archive") or _imports(names, "tarfile")
    )


def _imports(names: Names, module: str) -> bool:
    return any(
        (isinstance(node, ast.Import) and any(each.name == module for each in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == module)
        for node in names.tree.body
    )


def _request(node: ast.AST, names: Names) -> bool:
    """The host of a request comes from data."""
    if names.called(node) not in _HTTP:
        return False
    index = 1 if names.called(node).endswith((".request", ".stream")) else 0
    url = argument(node, index, "url")
    text = built(url)
    return _outside(url, names) or (text is not None and _FIXED_HOST.match(text) is None)


def _requests_variable(node: ast.AST, names: Names) -> bool:
    url = argument(node, 0, "url")
    return (
        names.called(node).startswith("urllib.request.")
        and names.called(node) in _HTTP
        and isinstance(url, ast.Name | ast.Attribute)
    )


def _lxml(node: ast.AST, names: Names) -> bool:
    if names.called(node) not in {"lxml.etree.XMLParser", "etree.XMLParser"}:
        return False
    return constant(keyword(node, "resolve_entities")) is True or constant(keyword(node, "no_network")) is False


def _entities(node: ast.AST, names: Names) -> bool:
    feature = argument(node, 0)
    if not (isinstance(node, ast.Call) and names.dotted(node.func).endswith(".setFeature")) or feature is None:
        return False
    return "external" in ast.unparse(feature) and constant(argument(node, 1)) is not False


def _autoescape(node: ast.AST, names: Names) -> bool:
    if names.called(node) not in {"jinja2.Environment", "jinja2.environment.Environment", "jinja2.sandbox.SandboxedEnvironment"}:
        return False
    given = keyword(node, "autoescape")
    return given is None or constant(given) is False


def _template(node: ast.AST, names: Names) -> bool:
    called = names.called(node)
    known = called in {"jinja2.Template", "flask.render_template_string", "mako.template.Template", "django.template.Template"}
    return (known or (called.endswith(".from_string") and _imports(names, "jinja2"))) and not is_fixed(argument(node))


def _safe_mark(node: ast.AST, names: Names) -> bool:
    return names.called(node) in {"django.utils.safestring.mark_safe", "markupsafe.Markup", "flask.Markup"} and not is_fixed(
        argument(node)
    )


RULES: Final = (
    Rule(
        "built-sql",
        "data becomes part of the SQL: pass it as a parameter",
        _sql,
        (
            "cur.execute(f'SELECT * FROM t WHERE id = {x}')",
            "q = 'SELECT * FROM t WHERE id = ' + x",
            "q = 'DELETE FROM t WHERE id = %s' % x",
            "q = 'UPDATE t SET a = {}'.format(x)",
        ),
        (
            "cur.execute('SELECT * FROM t WHERE id = %s', (x,))",
            "f'select {x} please'",
            "q = 'SELECT a ' + 'FROM t'",
            "'Update {}'.format(x)",
        ),
        nodes=(ast.JoinedStr, ast.BinOp, ast.Call),
        in_tests=False,
    ),
    Rule(
        "path-from-outside",
        "a stranger chooses the path and may climb out with ..: resolve it and check that it stays below its folder",
        _path,
        ("open(request.args['f'])", "import os\nos.path.join(BASE, request.form.get('n'))", "open(input())"),
        ("open(path)", "import os\nos.path.join(BASE, 'a')"),
    ),
    Rule(
        "archive",
        "members of an archive may climb out with ..: pass filter='data'",
        _archive,
        (
            "import tarfile\ntarfile.open(x).extractall()",
            "import tarfile\nt.extractall(p)",
            "import shutil\nshutil.unpack_archive(x)",
        ),
        ("import tarfile\nt.extractall(p, filter='data')", "import zipfile\nz.extractall(p)"),
    ),
    Rule(
        "request-to-anywhere",
        "data chooses the host that is spoken to, which may be an inner one: fix the host or check it against a list",
        _request,
        (
            "import requests\nrequests.get(f'http://{host}/x')",
            "import requests\nrequests.get(request.args['u'])",
            "import httpx\nhttpx.request('GET', base + '/x')",
        ),
        (
            "import requests\nrequests.get(f'https://api.example.org/{x}')",
            "import requests\nrequests.get(URL)",
            "requests.get('http://a/' + x)",
        ),
    ),
    Rule(
        "urlopen-variable",
        "urlopen also opens file: and other schemes: check that the address starts with https",
        _requests_variable,
        ("import urllib.request\nurllib.request.urlopen(url)",),
        ("import urllib.request\nurllib.request.urlopen('https://example.org')",),
        Severity.WARNING,
        in_tests=False,
    ),
    Rule(
        "xml-entities",
        "entities in the document can read files and eat all memory: use defusedxml",
        calls(*_XML),
        (
            "import xml.etree.ElementTree as ET\nET.parse(f)",
            "from xml.dom import minidom\nminidom.parseString(x)",
            "import xml.sax\nxml.sax.make_parser()",
        ),
        ("import defusedxml.ElementTree as ET\nET.parse(f)", "import xml.etree.ElementTree as ET\nET.Element('a')"),
        in_tests=False,
    ),
    Rule(
        "xml-parser",
        "the parser resolves what the document points to: leave entities and the network off",
        lambda node, names: _lxml(node, names) or _entities(node, names),
        ("from lxml import etree\netree.XMLParser(resolve_entities=True)", "p.setFeature(feature_external_ges, True)"),
        ("from lxml import etree\netree.XMLParser()", "p.setFeature(feature_external_ges, False)"),
    ),
    Rule(
        "autoescape",
        "what goes into the page is not escaped: autoescape=True, or select_autoescape()",
        _autoescape,
        ("import jinja2\njinja2.Environment()", "from jinja2 import Environment\nEnvironment(autoescape=False)"),
        (
            "import jinja2\njinja2.Environment(autoescape=True)",
            "import jinja2\njinja2.Environment(autoescape=jinja2.select_autoescape())",
        ),
    ),
    Rule(
        "template-from-data",
        "data becomes the template, which can run code: keep templates fixed and pass the data in",
        _template,
        (
            "import jinja2\njinja2.Template(x)",
            "from flask import render_template_string\nrender_template_string(f'a {x}')",
            "import jinja2\nenv.from_string(x)",
        ),
        ("import jinja2\njinja2.Template('a')", "m.from_string(x)"),
    ),
    Rule(
        "mark-safe",
        "data is declared to be safe markup: let the template escape it",
        _safe_mark,
        ("from django.utils.safestring import mark_safe\nmark_safe(x)",),
        ("from markupsafe import Markup\nMarkup('<br>')",),
    ),
)
