from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.change.change import Edits
from bot.engine import Workbench
from bot.engines.search import ENGINE
from bot.errors import NoIsolation
from bot.harness.harness import TestOutcome
from bot.ids import Digest, RepoName, Sha
from bot.lab import Lab
from bot.run import Instruction, Verb
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Environment, Sandbox
from bot.spec.spec import Role, Source, Spec, SpecTest

Setting = Callable[..., Workbench]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return find_sandbox()
    except NoIsolation as refusal:
        pytest.skip(str(refusal))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return prepare(tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def bench(tmp_path: Path, sandbox: Sandbox, environment: Environment) -> Iterator[Setting]:
    """Lay out a project and return a workbench whose witnesses and guards are what its tests are on the base."""
    labs: list[Lab] = []

    def lay(files: dict[str, str], words: str = "Fix it.", verb: Verb = Verb.FIX, **more: object) -> Workbench:
        for name, text in files.items():
            place = tmp_path / "project" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        root = tmp_path / "project"
        lab = Lab(sandbox, environment, suite_seconds=60.0)
        labs.append(lab)
        results = lab.suite(root).results
        tests = tuple(
            SpecTest(each.id, Role.GUARD if each.outcome is TestOutcome.PASSED else Role.WITNESS, Source.NAMED, True, 1, "")  # noqa: FBT003 - kept
            for each in sorted(results, key=lambda each: each.outcome is TestOutcome.PASSED)
        )
        spec = Spec(tests, (), (), Digest("sha256:0"))
        instruction = Instruction(verb, words, RepoName("local"), Sha("0" * 40))
        return Workbench(root, lab, instruction, spec, tuple(each.id for each in tests), "search", {}, **more)  # type: ignore[arg-type]

    yield lay
    for lab in labs:
        lab.close()


CLAMP = '''def clamp(value, low, high):
    """Keep a value between two bounds."""
    if value < low:
        return low
    if value > high:
        return low  # the upper bound
    return value
'''
CLAMP_TESTS = """from clamp import clamp

def test_low():
    assert clamp(-5, 0, 10) == 0

def test_high():
    assert clamp(15, 0, 10) == 10

def test_higher():
    assert clamp(99, 3, 20) == 20

def test_between():
    assert clamp(5, 0, 10) == 5
"""


def test_a_small_bug_is_mended_and_the_rest_kept_byte_for_byte(bench: Setting) -> None:
    heard: list[str] = []
    work = ENGINE.work(bench({"clamp.py": CLAMP, "test_clamp.py": CLAMP_TESTS}, progress=lambda text, _share: heard.append(text)))
    assert work.edits is not None, work
    (edit,) = work.edits.edits
    assert edit.path == "clamp.py"
    assert edit.content == CLAMP.replace("return low  #", "return high  #")
    assert work.edits.why == "line 6 of clamp.py: `high` instead of `low`"
    assert work.counts["tried"] > 10
    assert any(each.worked for each in work.attempts)
    assert heard


def test_what_was_rejected_is_not_proposed_again(bench: Setting) -> None:
    setting = bench({"clamp.py": CLAMP, "test_clamp.py": CLAMP_TESTS})
    first = ENGINE.work(setting)
    assert first.edits is not None
    second = ENGINE.work(bench({}, rejected=(first.edits,)))
    assert second.edits is None or second.edits.edits != first.edits.edits


def test_the_same_answer_every_time(bench: Setting) -> None:
    setting = bench({"clamp.py": CLAMP, "test_clamp.py": CLAMP_TESTS})
    one, other = ENGINE.work(setting), ENGINE.work(setting)
    assert (one.edits, one.counts) == (other.edits, other.counts)


def test_readings_that_disagree_become_a_question(bench: Setting) -> None:
    source = "def combine(a, b):\n    return a\n"
    tests = "from combine import combine\n\ndef test_it():\n    assert combine(2, 2) == 4\n"
    work = ENGINE.work(bench({"combine.py": source, "test_combine.py": tests}))
    assert work.edits is None
    assert work.question is not None, work
    assert work.question.call.startswith("combine(")
    gives = [each.gives for each in work.question.readings]
    assert len(set(gives)) == len(gives) >= 2
    assert [each.label for each in work.question.readings][:2] == ["A", "B"]
    assert all(isinstance(each.edits, Edits) for each in work.question.readings)


def test_two_edits_where_one_does_not_do(bench: Setting) -> None:
    source = "def area(width, height):\n    if width < 0:\n        return 1\n    return width + height\n"
    tests = """from area import area

def test_negative():
    assert area(-3, 7) == 0

def test_area():
    assert area(3, 7) == 21

def test_other():
    assert area(5, 8) == 40
"""
    work = ENGINE.work(bench({"area.py": source, "test_area.py": tests}))
    assert work.counts["edits"] == 2
    proposed = [work.edits] if work.edits else [each.edits for each in work.question.readings] if work.question else []
    assert source.replace("return 1", "return 0").replace("+", "*") in {each.edits[0].content for each in proposed}


def test_it_abstains_with_a_reason(bench: Setting) -> None:
    source = "def answer(x):\n    return x\n"
    tests = "from answer import answer\n\ndef test_it():\n    assert answer('q') == 'an entirely different text'\n"
    work = ENGINE.work(bench({"answer.py": source, "test_answer.py": tests}))
    assert (work.edits, work.question) == (None, None)
    assert "edits makes the failing tests pass" in work.abstained


def test_files_that_may_not_be_edited_are_left_alone(bench: Setting) -> None:
    work = ENGINE.work(bench({"clamp.py": CLAMP, "test_clamp.py": CLAMP_TESTS}, may_edit=lambda path: path != "clamp.py"))
    assert work.abstained == "the failing tests run no Python file that may be edited"


def test_no_failing_test_no_search(bench: Setting) -> None:
    passing = bench({"test_fine.py": "def test_fine():\n    pass\n"})
    assert "needs a test that fails" in ENGINE.can(passing)
    assert "none of the shown tests fails" in ENGINE.work(passing).abstained


def test_what_it_can(bench: Setting) -> None:
    files = {"clamp.py": CLAMP, "test_clamp.py": CLAMP_TESTS}
    assert ENGINE.can(bench(files)) == ""
    assert "asks for something else" in ENGINE.can(bench(files, verb=Verb.DOCS))


def test_packages_under_src_are_found(bench: Setting) -> None:
    files = {
        "src/shop/__init__.py": "",
        "src/shop/clamp.py": CLAMP,
        "tests/test_clamp.py": CLAMP_TESTS.replace("from clamp", "from shop.clamp"),
        "conftest.py": "import pathlib, sys\nsys.path.insert(0, str(pathlib.Path(__file__).parent / 'src'))\n",
    }
    work = ENGINE.work(bench(files))
    assert work.edits is not None, work
    assert work.edits.edits[0].path == "src/shop/clamp.py"
