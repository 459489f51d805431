from __future__ import annotations

import json
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import InputError
from bot.sandbox import environment
from bot.sandbox.environment import prepare, source_roots
from bot.sandbox.manifest import read_manifest
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Environment, Launch

PYPROJECT = """
[project]
name = "my-app"
version = "1.2"
dependencies = ["pawl-fake"]
[project.entry-points.pytest11]
my-plugin = "my_app.plugin"
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of one wheel and one package that would have to be built."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    about = "pawl_fake-1.0.dist-info"
    with zipfile.ZipFile(folder / "pawl_fake-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pawl_fake.py", "ANSWER = 42\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: pawl-fake\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", f"pawl_fake.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    (folder / "pawl_sdist-1.0.tar.gz").write_bytes(b"")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)


def ask(found: Environment, code: str) -> object:
    """Return what the environment's interpreter says outside the sandbox."""
    start = f"import sys, json; sys.path += {[str(each) for each in found.site]!r}; print(json.dumps({code}))"
    done = subprocess.run([str(found.python), "-I", "-c", start], capture_output=True, check=True, text=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.usefixtures("wheels")
def test_a_project_without_dependencies_needs_no_index(root: Path, cache: Path) -> None:
    found = prepare(root, cache)
    assert found.source == "no dependencies"
    assert prepare(root, cache) == found
    assert all(each.is_absolute() and each.exists() for each in (found.python, *found.read, *found.site))
    assert isinstance(ask(found, "[__import__(name).__name__ for name in ('pytest', 'hypothesis', 'coverage')]"), list)


def test_nothing_of_pawls_own_leaks_in(root: Path, cache: Path) -> None:
    found = prepare(root, cache)
    hidden = ("bot", "asyncpg", "pydantic", "libcst", "pip")
    assert ask(found, f"[name for name in {hidden} if __import__('importlib.util').util.find_spec(name)]") == []


def test_its_tests_run_in_the_sandbox(root: Path, cache: Path) -> None:
    found = prepare(root, cache)
    (root / "test_it.py").write_text("def test_it():\n    assert 1 + 1 == 2\n")
    code = f"import sys; sys.path += {[str(each) for each in found.site]!r}; import pytest; sys.exit(pytest.main(['-q']))"
    done = find_sandbox().run(Launch((str(found.python), "-c", code), root, read=found.read))
    assert done.code == 0, done.stderr + done.stdout
    assert b"1 passed" in done.stdout


@pytest.mark.usefixtures("wheels")
def test_dependencies_come_from_wheels_and_the_project_is_described(root: Path, cache: Path) -> None:
    (root / "pyproject.toml").write_text(PYPROJECT)
    heard: list[str] = []
    found = prepare(root, cache, lambda step, _fraction: heard.append(step))
    assert heard == ["installing 1 dependencies"]
    assert found.source == "pyproject.toml: 1 requirement"
    assert ask(found, "__import__('pawl_fake').ANSWER") == 42
    metadata = "__import__('importlib.metadata').metadata"
    assert ask(found, f"{metadata}.version('my-app')") == "1.2"
    assert ask(found, f"[each.value for each in {metadata}.entry_points(group='pytest11') if each.name == 'my-plugin']") == [
        "my_app.plugin"
    ]
    assert prepare(root, cache, lambda step, _fraction: heard.append(step)).digest == found.digest
    assert len(heard) == 1


@pytest.mark.usefixtures("wheels")
@pytest.mark.parametrize("package", ["pawl-sdist", "pawl-missing"])
def test_what_has_no_wheel_is_refused(root: Path, cache: Path, package: str) -> None:
    (root / "requirements.txt").write_text(f"{package}\n")
    with pytest.raises(InputError, match=rf"requirements.txt.*cannot be installed from wheels.*{package}"):
        prepare(root, cache)
    with pytest.raises(InputError, match="from wheels"):
        prepare(root, cache)


def test_installing_forever_is_refused(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_INSTALL_SECONDS", 0.001)
    (root / "requirements.txt").write_text("pawl-slow\n")
    with pytest.raises(InputError, match="took over 15 minutes"):
        prepare(root, cache)


def test_building_is_asked_for_in_so_many_words(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def install(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("bot.sandbox.environment.subprocess.run", install)
    (root / "requirements.txt").write_text("pawl-built\n")
    assert prepare(root, cache).digest != prepare(root, cache, build_sdists=True).digest
    assert [":all:" in command for command in asked] == [True, False]


def test_the_digest_follows_manifests_not_code(root: Path, cache: Path) -> None:
    before = prepare(root, cache).digest
    (root / "code.py").write_text("x = 1\n")
    assert prepare(root, cache).digest == before
    (root / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    assert prepare(root, cache).digest != before


def test_two_at_once_build_one(root: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: prepare(root, tmp_path / "fresh"), range(2)))
    assert found[0] == found[1]


@pytest.mark.parametrize(("wanted", "says"), [(">=4", "needs Python >=4"), ("soon", "cannot be read")])
def test_another_python_is_refused(root: Path, cache: Path, wanted: str, says: str) -> None:
    (root / "pyproject.toml").write_text(f'[project]\nname = "x"\nrequires-python = "{wanted}"\n')
    with pytest.raises(InputError, match=says):
        prepare(root, cache)


def test_compiled_parts_are_named(root: Path) -> None:
    (root / "pyproject.toml").write_text('[build-system]\nrequires = ["maturin"]\n[project]\nname = "x"\ndependencies = ["y"]\n')
    assert environment._source(read_manifest(root)).endswith("not built: it is built with maturin")


def test_source_roots(root: Path) -> None:
    assert source_roots(root) == (root,)
    (root / "src").mkdir()
    (root / "lib").mkdir()
    assert source_roots(root) == (root / "src", root)
    (root / "pyproject.toml").write_text(
        '[tool.setuptools.package-dir]\n"" = "lib"\n[tool.setuptools.packages.find]\nwhere = ["../.."]\n'
    )
    assert source_roots(root) == (root / "lib", root / "src", root)


def test_pip_without_a_word_is_reported_all_the_same() -> None:
    assert environment._complaint("") == "pip gave no reason"
    assert environment._complaint("noise\nERROR: first\nERROR: second\n") == "first"
    assert environment._complaint("noise\nlast words\n") == "last words"
