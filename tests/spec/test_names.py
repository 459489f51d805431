from __future__ import annotations

from pathlib import Path

import pytest

from bot.spec.definitions import Index, build_index
from bot.spec.draft import Claim, Draft, Kind, Unusable
from bot.spec.names import Explicit, Resolver
from bot.spec.vetting import parse_expression

FILES = {
    "pkg/__init__.py": "from pkg.api import get\n",
    "pkg/api.py": "import os\n\ndef get(url): pass\n\nclass Client:\n    def send(self): pass\n    def both(self): pass\n\n"
    "def max(x): pass\n",
    "pkg/other.py": "class Other:\n    def both(self): pass\n",
}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return build_index(tmp_path, lambda _: True)


def look_up(index: Index, source: str, explicit: dict[str, Explicit] | None = None) -> Draft | Unusable:
    expression = parse_expression(source)
    assert expression is not None
    resolver = Resolver(index, source, may_be_missing=True, explicit=explicit or {})
    found = resolver.draft(Claim(Kind.HOLDS, expression))
    assert found is not None
    assert resolver.draft(Claim(Kind.HOLDS, expression)) is None or isinstance(found, Unusable)
    return found


@pytest.mark.parametrize(
    ("source", "imports", "targets"),
    [
        ("get('x')", ("from pkg.api import get",), ["get"]),
        ("pkg.api.get('x')", ("import pkg.api",), ["get"]),
        ("pkg.get('x')", ("import pkg",), []),
        ("Client().send()", ("from pkg.api import Client",), ["Client.send", "Client"]),
        ("Client().both()", ("from pkg.api import Client",), ["Client.both", "Client"]),
        ("Client.both(1)", ("from pkg.api import Client",), ["Client.both"]),
        ("max(get(1))", ("from pkg.api import get", "from pkg.api import max"), ["max", "get"]),
        ("get(math.pi)", ("from pkg.api import get", "import math"), ["get"]),
    ],
)
def test_names_lead_to_imports_and_functions(index: Index, source: str, imports: tuple[str, ...], targets: list[str]) -> None:
    found = look_up(index, source)
    if not targets:
        assert isinstance(found, Unusable)
        return
    assert isinstance(found, Draft)
    assert found.candidate.imports == imports
    assert [each.qualname for each in found.targets] == targets


@pytest.mark.parametrize(
    ("source", "explicit", "line"),
    [
        ("api.get(1)", Explicit("from pkg import api", module="pkg.api"), "from pkg import api"),
        ("fetch(1)", Explicit("from pkg.api import get as fetch", original="get"), "from pkg.api import get as fetch"),
    ],
)
def test_the_texts_own_imports_come_first(index: Index, source: str, explicit: Explicit, line: str) -> None:
    found = look_up(index, source, {source.partition("(")[0].partition(".")[0]: explicit})
    assert isinstance(found, Draft)
    assert found.candidate.imports == (line,)
    assert [each.qualname for each in found.targets] == ["get"]


@pytest.mark.parametrize(
    ("source", "explicit", "why"),
    [
        ("pkg.api.os.remove('x')", {}, "defines no `os`"),
        ("api.os.remove('x')", {"api": Explicit("from pkg import api", module="pkg.api")}, "defines no `os`"),
        ("pkg.gone.f(1)", {}, "defines no `gone`"),
        ("new(1)", {}, "does not say in which file"),
        ("both()", {}, "is a method of `Client`"),
        ("os.remove('x')", {}, "`os` is not defined in the repository"),
    ],
)
def test_what_leads_nowhere_says_why(index: Index, source: str, explicit: dict[str, Explicit], why: str) -> None:
    found = look_up(index, source, explicit)
    assert isinstance(found, Unusable)
    assert why in found.reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("get(json)", "hands on the module `json`"),
        ("get([json][0].codecs)", "hands on the module `json`"),
        ("get(pkg.api.os.system('id'))", "defines no `os`"),
    ],
)
def test_no_example_reaches_another_module(index: Index, source: str, reason: str) -> None:
    found = look_up(index, source)
    assert isinstance(found, Unusable)
    assert reason in found.reason
