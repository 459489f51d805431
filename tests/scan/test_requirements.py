"""What manifests and lock files ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scan.requirements import Dependency, Listing, newly, read

REQUIREMENTS = """# comment
--extra-index-url https://packages.example.org/simple
Requests[socks]>=2.0,<3  # why
flask==3.0.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
-e git+https://example.org/x.git#egg=X_y
lib @ https://example.org/lib.whl
./local/thing
-r other.txt
-c constraints.txt
"""
PYPROJECT = """
[build-system]
requires = ["setuptools>=77"]
[project]
dependencies = ["a>=1", "b @ git+https://example.org/b"]
optional-dependencies = {dev = ["c==1.0"]}
[dependency-groups]
test = ["d", {include-group = "dev"}]
[tool.poetry.dependencies]
python = "^3.11"
e = "^1.2"
f = {git = "https://example.org/f"}
[tool.poetry.group.dev.dependencies]
g = "*"
[[tool.poetry.source]]
name = "own"
url = "https://own.example.org"
[tool.uv.sources]
a = {path = "../a"}
"""


def found(path: str, text: str) -> dict[str, tuple[str, str]]:
    return {each.name: (each.spec, each.source) for each in read(path, text).dependencies}


def test_requirements_files() -> None:
    listing = read("requirements.txt", REQUIREMENTS)
    assert [(each.name, each.spec, each.line, each.hashed) for each in listing.dependencies] == [
        ("requests", "<3,>=2.0", 3, False),
        ("flask", "==3.0.0", 4, True),
        ("x-y", "", 7, False),
        ("lib", "", 8, False),
        ("thing", "", 9, False),
    ]
    assert [bool(each.source) for each in listing.dependencies] == [False, False, True, True, True]
    assert listing.indexes == ((2, "https://packages.example.org/simple"),)
    assert listing.dependencies[1].version == "3.0.0"


def test_pyproject() -> None:
    listing = read("sub/pyproject.toml", PYPROJECT)
    wanted = {(each.name, each.spec, each.source) for each in listing.dependencies}
    assert wanted == {
        ("setuptools", ">=77", ""),
        ("a", ">=1", ""),
        ("b", "", "git+https://example.org/b"),
        ("c", "==1.0", ""),
        ("d", "", ""),
        ("e", "^1.2", ""),
        ("f", "", "https://example.org/f"),
        ("g", "", ""),
        ("a", "", "../a"),
    }
    assert listing.indexes == ((17, "https://own.example.org"),)
    assert next(each.line for each in listing.dependencies if each.name == "c") == 6


def test_other_manifests() -> None:
    assert found("setup.cfg", "[options]\ninstall_requires =\n    a>=1\n    b\n[options.extras_require]\ndev = c\n") == {
        "a": (">=1", ""),
        "b": ("", ""),
        "c": ("", ""),
    }
    assert set(found("setup.py", "setup(install_requires=['a>=1'], extras_require={'dev': ['b']})")) == {"a", "b"}
    assert found("Pipfile", '[packages]\na = "*"\nb = {path = "x"}\n') == {"a": ("", ""), "b": ("", "x")}
    assert read("Pipfile", '[[source]]\nurl = "https://own.example.org"\n').indexes == ((2, "https://own.example.org"),)
    assert read("package.json", "{}") == Listing(())


def test_lock_files() -> None:
    poetry = '[[package]]\nname = "A_b"\nversion = "1.0"\n[[package]]\nname = "c"\nversion = "2"\n[package.source]\nurl = "https://x"\n'
    assert found("poetry.lock", poetry) == {"a-b": ("==1.0", ""), "c": ("==2", "https://x")}
    registry = '[[package]]\nname = "a"\nversion = "1"\nsource = {registry = "https://registry.example.org/simple"}\n'
    uv = registry + '[[package]]\nname = "me"\nsource = {editable = "."}\n'
    assert found("uv.lock", uv) == {"a": ("==1", ""), "me": ("", ".")}
    assert found("Pipfile.lock", '{"default": {"a": {"version": "==1.0"}}, "develop": {}}') == {"a": ("==1.0", "")}
    assert found("pylock.toml", '[[packages]]\nname = "a"\nversion = "1"\n') == {"a": ("==1", "")}
    assert read("yarn.lock", "x") == Listing((), readable=False)
    assert read("go.sum", "x") == Listing(())


@pytest.mark.parametrize("path", ["pyproject.toml", "uv.lock", "Pipfile", "Pipfile.lock", "setup.cfg"])
def test_what_cannot_be_read_says_so(path: str) -> None:
    assert not read(path, "[[[").readable
    assert not read("pyproject.toml", "project = 1\n").readable


@given(
    st.text(max_size=60),
    st.sampled_from(["pyproject.toml", "uv.lock", "Pipfile", "Pipfile.lock", "setup.cfg", "setup.py", "requirements.txt"]),
)
def test_any_text_can_be_read(text: str, path: str) -> None:
    read(path, text)


@pytest.mark.parametrize(
    ("spec", "version", "accepted"),
    [
        (">=1,<2", "1.5", True),
        (">=1,<2", "2.0", False),
        ("^1.2", "1.9", True),
        ("^1.2", "2.0", False),
        ("^0.2.1", "0.3", False),
        ("~1.2", "1.2.9", True),
        ("~1.2", "1.3", False),
        ("1.4", "1.4", True),
        ("", "9", True),
        ("nonsense", "1", True),
        (">=1", "nonsense", True),
    ],
)
def test_accepts(spec: str, version: str, *, accepted: bool) -> None:
    assert Dependency("a", spec, 1).accepts(version) == accepted


def test_exact_versions() -> None:
    assert [Dependency("a", spec, 1).version for spec in ("==1.0", "=== 1.0", "==1.*", ">=1", "==1.0,<2", "==1.0-1")] == [
        "1.0",
        "1.0",
        "",
        "",
        "",
        "1.0.post1",
    ]


def test_newly() -> None:
    old, new = [Dependency("a", "==1", 1)], [Dependency("a", "==1", 9), Dependency("a", "==2", 1), Dependency("b", "", 1)]
    assert newly(old, new) == (new[1], new[2])
