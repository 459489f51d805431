from __future__ import annotations

from pathlib import Path

import pytest

from bot.ids import NodeId, RepoName, RunId, Sha
from bot.run import Instruction, Run, State, Verb
from bot.spec.lock import digest_of, for_engine, hidden_paths, lock, message, render, slug_of, spec_path, verify
from bot.spec.spec import Candidate, Role, Source, Spec, SpecFile, SpecTest


def entry(name: str, role: Role = Role.WITNESS, *, kept: bool = True, held: bool = False) -> SpecTest:
    return SpecTest(NodeId(name), role, Source.EXAMPLE, kept, 3, "because", held)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_one(): pass\n")
    (tmp_path / "tests" / "conftest.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n[tool.pytest.ini_options]\naddopts = '-q'\n")
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = a\n")
    return tmp_path


@pytest.fixture
def spec(root: Path) -> Spec:
    files = (SpecFile("tests/test_pawl_a.py", "def test_x(): pass\n"), SpecFile("tests/test_pawl_a_held_out.py", "y = 1\n"))
    tests = (
        entry("tests/test_pawl_a.py::test_x"),
        entry("tests/test_pawl_a_held_out.py::test_y", held=True),
        entry("tests/test_a.py::test_one", Role.GUARD),
        entry("tests/test_gone.py::test_z", kept=False),
    )
    found = lock(root, tests, files, 0.5)
    for each in files:
        (root / each.path).write_text(each.content)
    return found


def test_an_untouched_tree_keeps_the_spec(root: Path, spec: Spec) -> None:
    assert verify(spec, root) == ()
    assert spec.digest == digest_of(spec)
    assert [each.path for each in spec.locked] == [
        "tests/test_a.py",
        "tests/conftest.py",
        "pyproject.toml#tool.pytest",
        "setup.cfg#tool:pytest",
        "tox.ini#pytest",
    ]


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("tests/test_pawl_a.py", "def test_x(): pass \n", "spec-file-changed"),
        ("tests/test_pawl_a.py", None, "spec-file-missing"),
        ("tests/test_a.py", "def test_one(): pass\n#\n", "locked-file-changed"),
        ("tests/test_a.py", None, "locked-file-missing"),
        ("tests/conftest.py", "x = 2\n", "locked-file-changed"),
        ("conftest.py", "", "test-settings-added"),
        ("deep/er/pytest.ini", "[pytest]\n", "test-settings-added"),
        ("sitecustomize.py", "", "test-settings-added"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-q --deselect x'\n", "test-settings-changed"),
        ("pyproject.toml", "[tool.pytest", "test-settings-changed"),
        ("pyproject.toml", None, "test-settings-changed"),
        ("setup.cfg", "[tool:pytest]\naddopts = -k none\n", "test-settings-changed"),
        ("tox.ini", "[pytest]\naddopts = -k none\n", "test-settings-changed"),
        ("tox.ini", "no section", "test-settings-changed"),
    ],
)
def test_any_difference_is_a_breach(root: Path, spec: Spec, path: str, text: str | None, rule: str) -> None:
    if text is None:
        (root / path).unlink()
    else:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    assert [(each.path, each.rule) for each in verify(spec, root)] == [(path, rule)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project]\nname = 'b'\n[tool.pytest.ini_options]\naddopts = '-q'\n"),
        ("setup.cfg", "[metadata]\nname = b\n"),
        ("a.py", "x = 1\n"),
    ],
)
def test_what_has_nothing_to_do_with_tests_may_change(root: Path, spec: Spec, path: str, text: str) -> None:
    (root / path).write_text(text)
    assert verify(spec, root) == ()


def test_a_link_in_place_of_a_locked_file_is_a_breach(root: Path, spec: Spec) -> None:
    (root / "copy.py").write_text("def test_x(): pass\n")
    (root / "tests/test_pawl_a.py").unlink()
    (root / "tests/test_pawl_a.py").symlink_to(root / "copy.py")
    assert [each.rule for each in verify(spec, root)] == ["spec-file-missing"]


def test_the_line_of_the_first_difference_is_told(root: Path, spec: Spec) -> None:
    (root / "tests/test_pawl_a.py").write_text("def test_x(): return\n")
    assert [each.line for each in verify(spec, root)] == [1]


def test_a_digest_that_does_not_fit_is_a_breach(root: Path, spec: Spec) -> None:
    forged = Spec(spec.tests[:1], spec.files, spec.locked, spec.digest)
    assert "spec-digest" in [each.rule for each in verify(forged, root)]


def test_an_engine_does_not_see_what_is_held_out(spec: Spec) -> None:
    shown = for_engine(spec)
    assert [each.path for each in shown.files] == ["tests/test_pawl_a.py"]
    assert not any(each.held_out for each in shown.tests)
    assert hidden_paths(spec) == ("tests/test_pawl_a_held_out.py",)
    assert len(spec.witnesses) == 2


def test_the_lock_commit_says_what_done_means_for_whom(spec: Spec) -> None:
    wish = Instruction(Verb.FIX, "f is wrong\n" * 30, RepoName("r"), Sha("0" * 40))
    text = message(spec, Run(RunId("01J"), wish, State.SPECIFYING), "Co-authored-by: mona <7+mona@example.org>")
    title, *_, run_line, spec_line, credit = text.split("\n")[:-1]
    assert title == "Lock the spec: 2 witnesses, 1 guard"
    assert (run_line, spec_line) == ("Pawl-Run: 01J", f"Pawl-Spec: {spec.digest}")
    assert credit == "Co-authored-by: mona <7+mona@example.org>"
    assert message(spec, Run(RunId("01J"), wish, State.SPECIFYING), "").endswith(f"\nPawl-Spec: {spec.digest}\n")
    assert "kill 50% of the mutants" in text
    assert max(map(len, text.splitlines())) < 120


def test_candidates_are_rendered_into_one_file() -> None:
    candidates = [
        Candidate("test_b", "def test_b():\n    assert f(1)\n", ("from a import f", "import pytest"), Source.EXAMPLE),
        Candidate("test_a", "def test_a():\n    assert g(1)\n", ("from a import g", "import math"), Source.EXAMPLE),
    ]
    text = render(candidates)
    assert "import math\n\nimport pytest\n\nfrom a import f, g\n\n\ndef test_b():\n    assert f(1)\n\n\ndef test_a():" in text
    assert text == render(candidates)
    compile(text, "x", "exec")
    compile(render(candidates[:0]), "x", "exec")


def test_generated_tests_go_beside_the_projects_own(tmp_path: Path) -> None:
    assert spec_path(tmp_path, "a") == "test_pawl_a.py"
    (tmp_path / "test").mkdir()
    assert spec_path(tmp_path, "a") == "test/test_pawl_a.py"
    (tmp_path / "test" / "test_pawl_a.py").write_text("")
    (tmp_path / "test" / "test_pawl_a_2.py").write_text("")
    assert spec_path(tmp_path, "a") == "test/test_pawl_a_3.py"
    assert slug_of("Fix `Parse` of 1.2, now!") == "fix_parse_of_1"
    assert slug_of("→") == "spec"
