from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import InputError
from bot.sandbox.manifest import Manifest, read_manifest


def plant(root: Path, **files: str) -> Manifest:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_manifest(root)


def test_no_manifest_asks_for_nothing(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == Manifest()


def test_pyproject_with_extras_and_groups_for_tests(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        pyproject_DOT_toml="""
        [project]
        name = "App"
        version = "3.1"
        requires-python = ">=3.9"
        dependencies = ["attrs>=20", "app[extra]"]
        scripts = {app = "app:main"}
        [project.optional-dependencies]
        tests = ["pytest-mock"]
        docs = ["sphinx"]
        [dependency-groups]
        dev = ["ruff", {include-group = "more"}, {unknown = "x"}]
        more = ["tox; python_version < '4'"]
        docs = ["mkdocs"]
        """,
    )
    assert found.requirements == ("attrs>=20", "pytest-mock", "ruff", 'tox; python_version < "4"')
    assert (found.name, found.version, found.requires_python, found.sources) == ("App", "3.1", ">=3.9", ("pyproject.toml",))
    assert found.entry_points == {"console_scripts": {"app": "app:main"}}


def test_a_group_that_includes_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="includes itself"):
        plant(tmp_path, pyproject_DOT_toml='[dependency-groups]\ndev = [{include-group = "dev"}]\n')


def test_poetry(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        pyproject_DOT_toml="""
        [tool.poetry]
        name = "app"
        version = "1"
        packages = [{include = "app", from = "lib"}]
        [tool.poetry.dependencies]
        python = "^3.9"
        attrs = "^20.1"
        [tool.poetry.group.test.dependencies]
        pytest-mock = "*"
        [tool.poetry.group.docs.dependencies]
        sphinx = "*"
        [tool.poetry.plugins."app.plugins"]
        one = "app.one"
        """,
    )
    assert found.requirements == ("attrs<21,>=20.1", "pytest-mock")
    assert (found.name, found.roots) == ("app", ("lib",))
    assert found.entry_points == {"app.plugins": {"one": "app.one"}}


def test_setup_cfg(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        setup_DOT_cfg="""[metadata]
name = app
version = attr: app.version
[options]
install_requires =
    attrs
    six>=1
python_requires = >=3.8
package_dir =
    = source
[options.extras_require]
test = pytest-mock
docs = sphinx
""",
    )
    assert found.requirements == ("attrs", "pytest-mock", "six>=1")
    assert (found.name, found.version, found.requires_python, found.roots) == ("app", "", ">=3.8", ("source",))


def test_setup_cfg_that_only_holds_settings_is_no_manifest(tmp_path: Path) -> None:
    assert plant(tmp_path, setup_DOT_cfg="[flake8]\nmax-line-length = 100\n").sources == ()


def test_literals_of_setup_py(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        setup_DOT_py="""
import setuptools
NEEDS = ["attrs"]
setuptools.setup(
    name="app", version=read_version(), install_requires=NEEDS, tests_require=["pytest-mock", computed()],
    extras_require={"dev": ["six"], "docs": ["sphinx"]}, package_dir={"": "src"}, python_requires=">=3.8",
    ext_modules=[Extension("x")],
)
""",
    )
    assert found.requirements == ("attrs", "pytest-mock", "six")
    assert (found.name, found.version, found.requires_python, found.roots) == ("app", "", ">=3.8", ("src",))
    assert "compiled" in found.builds


def test_setup_py_that_calls_nothing(tmp_path: Path) -> None:
    assert plant(tmp_path, setup_DOT_py="import os\n").sources == ()


def test_requirement_files_and_their_includes(tmp_path: Path) -> None:
    (tmp_path.parent / "outside.txt").write_text("stolen\n")
    found = plant(
        tmp_path,
        requirements_DOT_txt="""
attrs==23.1 \\
    --hash=sha256:aaaa
# a remark
six  # another
-r extra/more.txt
--requirement ../outside.txt
--index-url https://example.com
-e .
./local
-c constraints.txt
""",
        extra__more_DOT_txt="toml\n-r ../requirements.txt\n",
        requirements__test_DOT_txt="pytest-mock\n",
        requirements__docs_DOT_txt="sphinx\n",
        dev_requirements_DOT_txt="black\n",
        notes_DOT_txt="not a requirement\n",
    )
    assert found.requirements == ("attrs==23.1", "black", "pytest-mock", "six", "toml")
    assert found.sources == ("dev_requirements.txt", "requirements.txt", "requirements/test.txt")


def test_pipfile_and_its_lock(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        Pipfile='[packages]\nattrs = "*"\nsix = {version = ">=1", extras = ["x"]}\n[dev-packages]\npytest-mock = "==3"\n',
        Pipfile_DOT_lock='{"default": {"attrs": {"version": "==23"}, "odd": {}}, "develop": {"pytest-mock": {"version": "==3"}}}',
    )
    assert found.requirements == ("attrs", "pytest-mock==3", "six[x]>=1")
    assert found.constraints == ("attrs==23", "pytest-mock==3")


@pytest.mark.parametrize("name", ["poetry_DOT_lock", "uv_DOT_lock", "pdm_DOT_lock"])
def test_lock_files_pin(tmp_path: Path, name: str) -> None:
    lock = (
        '[[package]]\nname = "Attrs"\nversion = "23.1"\n[[package]]\nname = "six"\nversion = "1"\n'
        '[[package]]\nname = "six"\nversion = "2"\n[[package]]\nname = "app"\nversion = "0"\n'
    )
    found = plant(tmp_path, pyproject_DOT_toml='[project]\nname = "app"\ndependencies = ["attrs"]\n', **{name: lock})
    assert found.constraints == ("attrs==23.1",)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"pyproject_DOT_toml": "[project\n"}, "pyproject.toml is not valid TOML"),
        ({"setup_DOT_cfg": "no section\n"}, "setup.cfg cannot be read"),
        ({"setup_DOT_py": "def\n"}, "setup.py cannot be read"),
        ({"requirements_DOT_txt": "!!!\n"}, "requirement '!!!' cannot be read"),
        ({"requirements_DOT_txt": "x @ git+https://example.com/x\n"}, "not from an index"),
        ({"Pipfile": "[packages\n"}, "Pipfile is not valid TOML"),
        ({"requirements_DOT_txt": "x\n", "Pipfile_DOT_lock": "{"}, "Pipfile.lock is not valid JSON"),
        ({"requirements_DOT_txt": "x\n", "uv_DOT_lock": "["}, "uv.lock is not valid TOML"),
    ],
)
def test_broken_manifests_are_one_sentence(tmp_path: Path, files: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        plant(tmp_path, **files)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_manifest(tmp_path)


def test_a_manifest_that_links_out_of_the_project_is_none(tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text('[project]\nname = "stolen"\n')
    root = tmp_path / "root"
    root.mkdir()
    (root / "pyproject.toml").symlink_to(tmp_path / "outside.toml")
    (root / "requirements.txt").symlink_to(tmp_path / "outside.toml")
    assert read_manifest(root).name == ""
    assert read_manifest(root).requirements == ()


def test_strange_shapes_are_no_crash(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        pyproject_DOT_toml='project = 3\ntool = []\ndependency-groups = {dev = "x"}\n[build-system]\nrequires = "x"\n',
        poetry_DOT_lock="package = 3\n",
    )
    assert found.requirements == ()
