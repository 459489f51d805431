"""The model engine on small real projects in the real sandbox; what a model would say is scripted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.change.change import Edit, Edits
from bot.engine import Workbench
from bot.engines.model import ENGINE, MOST_ATTEMPTS
from bot.errors import NoIsolation
from bot.gate import Finding
from bot.harness.harness import TestOutcome
from bot.ids import Digest, RepoName, Sha
from bot.lab import Lab
from bot.llm.asking import Ask, Duty, NoAnswer, OverBudget
from bot.run import Instruction, Verb
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.sandbox.sandbox import Environment, Sandbox
from bot.spec.spec import Locked, Role, Source, Spec, SpecFile, SpecTest
from tests.doubles.scripted_asker import Said, ScriptedAsker

Setting = Callable[..., Workbench]

BILL = '''"""Bills."""


def net(lines):
    """Sum quantity times price."""
    return sum(quantity * price for quantity, price in lines)
'''
GUARD = "from bill import net\n\n\ndef test_net():\n    assert net([(2, 5), (1, 7)]) == 17\n"
WITNESS = """from bill import gross


def test_small():
    assert gross([(1, 10)], 20) == 12.0


def test_large():
    assert gross([(10, 20)], 10) == 214.5


def test_empty():
    assert gross([], 20) == 0
"""
PROJECT = {"bill.py": BILL, "tests/test_bill.py": GUARD, "tests/test_pawl_gross.py": WITNESS}
WISH = "Add gross(lines, vat): the net sum, five percent off what is over 100, then VAT in percent on top."
GROSS = '''

def gross(lines, vat):
    """Return what is to be paid: five percent off the part over 100, then ``vat`` percent on top."""
    sum_ = net(lines)
    return (sum_ - max(0, sum_ - 100) * {rate}) * (100 + vat) / 100
'''


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
    """Lay out a project and return a workbench; its tests are witnesses or guards as they fail or pass on it."""
    labs: list[Lab] = []

    def lay(files: dict[str, str], asker: Any, capability: str = "code.generate", words: str = WISH, **more: Any) -> Workbench:
        root = tmp_path / "project"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        lab = Lab(sandbox, environment, suite_seconds=60.0)
        labs.append(lab)
        tests = tuple(
            SpecTest(each.id, Role.GUARD if each.outcome is TestOutcome.PASSED else Role.WITNESS, Source.NAMED, True, 1, "")  # noqa: FBT003 - kept
            for each in _collected(lab, root, files)
        )
        written = tuple(SpecFile(path, text) for path, text in files.items() if "test_pawl" in path)
        locked = (Locked("tests/test_bill.py", Digest("d")),) if "tests/test_bill.py" in files else ()
        spec = more.pop("spec", Spec(tests, written, locked, Digest("sha256:0")))
        verb = {"code.generate": Verb.ADD, "tests.generate": Verb.TEST, "docs.write": Verb.DOCS}.get(capability, Verb.FIX)
        instruction = Instruction(verb, words, RepoName("local"), Sha("0" * 40))
        ids = tuple(each.id for each in tests)
        return Workbench(root, lab, instruction, spec, ids, capability, {}, asker=asker, **{"seconds": 600.0, **more})

    yield lay
    for lab in labs:
        lab.close()


def _collected(lab: Lab, root: Path, files: dict[str, str]) -> list[Any]:
    """Return the results, with the spec's tests by name: a file that cannot be imported yet has none."""
    stub = "\n\ndef gross(lines, vat):\n    raise NotImplementedError\n"
    if "tests/test_pawl_gross.py" not in files:
        return list(lab.suite(root).results)
    trial = root.parent / "trial"
    for name, text in files.items():
        (trial / name).parent.mkdir(parents=True, exist_ok=True)
        (trial / name).write_text(text + stub * (name == "bill.py"), encoding="utf-8")
    return sorted(lab.suite(trial).results, key=lambda each: each.outcome is TestOutcome.PASSED)


def asker(*answers: Any, **more: Any) -> ScriptedAsker:
    return ScriptedAsker({Duty.CHANGE_AUTHOR: answers}, **more)


def answer(*blocks: dict[str, Any], why: str = "so it is") -> dict[str, Any]:
    return {"why": why, "blocks": list(blocks)}


def gross(rate: str = "0.05") -> dict[str, Any]:
    text = "    return sum(quantity * price for quantity, price in lines)\n"
    return answer({"path": "bill.py", "search": text, "replace": text + GROSS.format(rate=rate)})


RIGHT, WRONG = gross(), gross("0.5")


def told(question: Ask) -> str:
    return "\n".join(f"[{each.label}]\n{each.text}" for each in question.passages)


def test_what_only_a_model_can_write_is_written_and_proven(bench: Setting) -> None:
    asking = asker(RIGHT)
    setting = bench(PROJECT, asking)
    work = ENGINE.work(setting)
    assert work.edits is not None, work
    assert work.edits.edits == (Edit("bill.py", BILL + GROSS.format(rate="0.05")),)
    assert work.edits.why == "Add gross to bill.py"
    assert (work.author, work.edits.notes["author_says"]) == ("scripted:change_author", "so it is")
    assert [each.worked for each in work.attempts] == [True]
    (question,) = asking.questions
    assert {each.name for each in question.tools} == {"read_file", "search_code", "outline"}
    shown = told(question)
    assert "assert gross([(10, 20)], 10) == 214.5" in shown
    assert "def net(lines):" in shown
    assert f"[instruction]\n{WISH}" in shown
    assert (setting.root / "bill.py").read_text() == BILL


def test_a_wrong_first_answer_is_mended_with_the_traceback_in_the_question(bench: Setting) -> None:
    asking = asker(WRONG, RIGHT)
    work = ENGINE.work(bench(PROJECT, asking))
    assert work.edits is not None
    assert [each.worked for each in work.attempts] == [False, True]
    assert "1 of 4 shown tests do not pass, first tests/test_pawl_gross.py::test_large (failed)" in work.attempts[0].why
    again = told(asking.questions[1])
    assert "assert 165.0 == 214.5" in again
    assert "+    return (sum_ - max(0, sum_ - 100) * 0.5) * (100 + vat) / 100" in again


def test_an_answer_that_is_nowhere_found_is_mended(bench: Setting) -> None:
    lost = answer({"path": "bill.py", "search": "    return sum(lines)\n", "replace": "x"})
    work = ENGINE.work(bench(PROJECT, asker(lost, RIGHT)))
    assert work.edits is not None
    assert [each.worked for each in work.attempts] == [False, True]
    assert "the search is not found" in work.attempts[0].why


CHEAT = answer(
    {
        "path": "bill.py",
        "search": '"""Bills."""\n',
        "replace": '"""Bills."""\n\n\ndef gross(lines, vat):\n    if lines == [(1, 10)]:\n        return 12.0\n'
        "    if lines == [(10, 20)]:\n        return 214.5\n    return 0\n",
    }
)
SKIP = answer(
    {"path": "tests/test_more.py", "content": "import pytest\n\n\n@pytest.mark.skip\ndef test_x():\n    pass\n"},
    RIGHT["blocks"][0],
)
SPEC_EDIT = answer({"path": "tests/test_pawl_gross.py", "content": "def test_small():\n    pass\n"})
CONFTEST = answer({"path": "conftest.py", "content": "collect_ignore = ['tests']\n"})
WORKFLOW = answer({"path": ".github/workflows/ci.yml", "content": "on: push\n"}, RIGHT["blocks"][0])
CHEATS = {
    "knows the tests": (CHEAT, "gross knows inputs of the tests with their answers"),
    "skips": (SKIP, "no test may be skipped"),
    "edits the spec": (SPEC_EDIT, "belongs to the locked spec"),
    "edits a conftest": (CONFTEST, "can switch tests off"),
    "edits a protected file": (WORKFLOW, "is protected"),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_not_even_tried_and_told_once(bench: Setting, name: str) -> None:
    cheat, why = CHEATS[name]
    asking = asker(cheat, RIGHT)
    work = ENGINE.work(bench(PROJECT, asking, may_edit=lambda path: not path.startswith(".github/")))
    assert work.edits is not None
    assert work.edits.edits[0].path == "bill.py"
    assert why in work.attempts[0].why
    assert not work.attempts[0].worked
    assert why in told(asking.questions[1])


def test_who_cheats_again_is_not_asked_again(bench: Setting) -> None:
    asking = asker(CHEAT, SKIP, RIGHT)
    work = ENGINE.work(bench(PROJECT, asking))
    assert work.edits is None
    assert "proposed again what may not be proposed" in work.abstained
    assert len(asking.questions) == 2


def test_after_the_last_attempt_it_abstains_with_the_reason(bench: Setting) -> None:
    work = ENGINE.work(bench(PROJECT, asker(*[WRONG] * MOST_ATTEMPTS)))
    assert work.edits is None
    assert work.abstained.startswith(f"none of {MOST_ATTEMPTS} attempts held; the last one: 1 of 4 shown tests")
    assert len(work.attempts) == MOST_ATTEMPTS


NOWHERE = answer({"path": "bill.py", "search": "def nobody_wrote_this():", "replace": "pass"})


def test_who_answers_what_cannot_be_applied_is_asked_no_more(bench: Setting) -> None:
    asking = asker(*[NOWHERE] * 3)
    work = ENGINE.work(bench(PROJECT, asking))
    assert work.edits is None
    assert work.abstained.startswith("3 answers of scripted:change_author could not be applied")
    assert len(asking.questions) == 3


def test_another_model_takes_over_from_it(bench: Setting) -> None:
    asking = asker(*[NOWHERE] * 3, RIGHT, by={Duty.CHANGE_AUTHOR: ("a:1", "b:2")})
    work = ENGINE.work(bench(PROJECT, asking))
    assert (work.edits is not None, work.author) == (True, "b:2")


@pytest.mark.parametrize("authors", [("a:1", "b:2"), ("b:2", "a:1")])
def test_the_author_of_the_tests_takes_over_too_where_nobody_else_is_left(bench: Setting, authors: tuple[str, str]) -> None:
    asking = asker(*[NOWHERE] * 3, RIGHT, by={Duty.CHANGE_AUTHOR: authors})
    setting = bench(PROJECT, asking)
    work = ENGINE.work(replace(setting, spec=replace(setting.spec, author="a:1")))
    assert (work.edits is not None, work.author) == (True, "a:1")
    assert [each.avoid for each in asking.questions] == [{"a:1"}] * 3 + [{"b:2"}]


def test_when_nobody_gives_anything_usable_it_ends(bench: Setting) -> None:
    asking = asker(*[NOWHERE] * 6, by={Duty.CHANGE_AUTHOR: ("a:1", "b:2")})
    setting = bench(PROJECT, asking)
    work = ENGINE.work(replace(setting, spec=replace(setting.spec, author="a:1")))
    assert work.abstained.startswith("3 answers of a:1 could not be applied")
    assert len(asking.questions) == 6


def test_without_time_left_there_is_no_second_attempt(bench: Setting) -> None:
    asking = asker(WRONG, RIGHT)
    work = ENGINE.work(bench(PROJECT, asking, seconds=0.0))
    assert "no change held within 0 s" in work.abstained
    assert len(asking.questions) == 1


def test_what_a_model_takes_to_answer_is_not_the_engines_own_time(bench: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = 0.0
    answers = [WRONG, RIGHT]
    now = time.monotonic

    def slowly(_question: Ask) -> Said:
        nonlocal passed
        passed += 10_000.0
        return answers.pop(0)

    monkeypatch.setattr("bot.engines.model.time", SimpleNamespace(monotonic=lambda: now() + passed))
    work = ENGINE.work(bench(PROJECT, ScriptedAsker({Duty.CHANGE_AUTHOR: slowly})))
    assert work.edits is not None


@pytest.mark.parametrize("error", [OverBudget("the run may spend $2.00: allow more"), NoAnswer("openai: 503; anthropic: 529")])
def test_a_spent_budget_or_no_answer_ends_it_and_keeps_the_attempts(bench: Setting, error: Exception) -> None:
    work = ENGINE.work(bench(PROJECT, asker(WRONG, error)))
    assert (work.edits, work.abstained, len(work.attempts)) == (None, str(error), 1)


def test_the_author_of_the_tests_is_avoided_and_findings_and_the_refused_change_are_told(bench: Setting) -> None:
    refused = Edits((Edit("bill.py", BILL + GROSS.format(rate="0.05 * 1")),))
    asking = asker(RIGHT, by={Duty.CHANGE_AUTHOR: ("a:1", "b:2")})
    setting = bench(PROJECT, asking, findings=(Finding("bill.py", 9, "name it total", "N1"),), rejected=(refused,))
    work = ENGINE.work(replace(setting, spec=replace(setting.spec, author="a:1")))
    assert work.author == "b:2"
    assert asking.questions[0].avoid == {"a:1"}
    shown = told(asking.questions[0])
    assert "bill.py:9: name it total (N1)" in shown
    assert "* 0.05 * 1)" in shown


def test_the_change_that_was_refused_is_not_proposed_again(bench: Setting) -> None:
    refused = Edits((Edit("bill.py", BILL + GROSS.format(rate="0.05")),))
    work = ENGINE.work(bench(PROJECT, asker(RIGHT, RIGHT), rejected=(refused,)))
    assert work.edits is None
    assert "refused in an earlier round" in work.abstained


LONG = '''

def gross(lines, vat):
    """Return what is to be paid: five percent off the part over 100, then ``vat`` percent on top."""
    total = net(lines)
    over = total - 100
    if over > 0:
        total = total - over * {rate}
    return total * (100 + vat) / 100
'''


def longer(text: str) -> dict[str, Any]:
    return answer({"path": "bill.py", "content": BILL + text})


def test_of_several_candidates_the_smallest_is_taken_and_the_like_one_kept(bench: Setting) -> None:
    asking = asker(longer(LONG.format(rate="0.05")), RIGHT, by={Duty.CHANGE_AUTHOR: ("a:1", "b:2")})
    work = ENGINE.work(bench(PROJECT, asking, candidates=2))
    assert work.edits is not None
    assert work.edits.edits[0].content == BILL + GROSS.format(rate="0.05")
    assert work.author == "b:2"
    assert [each.edits[0].content for each in work.alternatives] == [BILL + LONG.format(rate="0.05")]
    assert asking.questions[1].avoid == {"a:1"}
    assert asking.questions[1].temperature is not None


def test_a_candidate_that_does_something_else_is_no_alternative(bench: Setting) -> None:
    odd = LONG.format(rate="0.05").replace("    if over > 0:", "    if total > 205:\n        return 1\n    if over > 0:")
    work = ENGINE.work(bench(PROJECT, asker(RIGHT, longer(odd)), candidates=2))
    assert work.edits is not None
    assert work.edits.edits[0].content == BILL + GROSS.format(rate="0.05")
    assert not work.alternatives
    assert "does something else on gross(" in work.attempts[-1].why


def test_a_new_module_can_be_added(bench: Setting) -> None:
    files = {"pkg/__init__.py": "", "tests/test_it.py": "def test_it():\n    from pkg.new import one\n    assert one() == 1\n"}
    work = ENGINE.work(bench(files, asker(answer({"path": "pkg/new.py", "content": "def one():\n    return 1"})), "code.repair"))
    assert work.edits is not None
    assert work.edits.edits == (Edit("pkg/new.py", "def one():\n    return 1\n"),)


DOCS = {"bill.py": BILL, "tests/test_bill.py": GUARD}


def documented(text: str) -> dict[str, Any]:
    return answer({"path": "bill.py", "search": '    """Sum quantity times price."""', "replace": text})


def test_documentation_may_not_touch_code_and_its_examples_run(bench: Setting) -> None:
    code = answer({"path": "bill.py", "search": "quantity * price for", "replace": "price * quantity for"})
    lie = documented('    """Sum.\n\n    >>> net([(2, 5)])\n    11\n    """')
    true = documented('    """Sum.\n\n    >>> net([(2, 5)])\n    10\n    """')
    asking = asker(code, lie, true)
    work = ENGINE.work(bench(DOCS, asking, "docs.write", "Document net"))
    assert work.edits is not None, work
    assert "    10\n" in (work.edits.edits[0].content or "")
    assert "differs in code" in work.attempts[0].why
    assert "test_examples[bill]" in work.attempts[1].why
    assert "Expected:\n" in told(asking.questions[2])


SIGN = {
    "sign.py": "def sign(x):\n    if x > 0:\n        return 1\n    if x < 0:\n        return -1\n    return 0\n",
    "tests/test_sign.py": "from sign import sign\n\n\ndef test_positive():\n    assert sign(5) == 1\n",
}
NEW_TESTS = """import math

from sign import sign


def test_negative():
    assert sign(-3) == -1


def test_zero():
    assert sign(0) == 0


def test_floor():
    assert math.floor(2.5) == 2


def test_wrong():
    assert sign(-1) == 1
"""


def test_new_tests_are_kept_where_they_kill_what_survived(bench: Setting) -> None:
    asking = asker(answer({"path": "tests/test_sign_more.py", "content": NEW_TESTS}))
    work = ENGINE.work(bench(SIGN, asking, "tests.generate", "Test sign better"))
    assert work.edits is not None, work
    assert work.edits.edits == (
        Edit("tests/test_sign_more.py", NEW_TESTS.partition("\n\n\ndef test_floor")[0].replace("import math\n\n", "") + "\n"),
    )
    assert "mutants survive all tests" in told(asking.questions[0])
    assert "test_floor is left out: kills no mutant that was alive before" in work.attempts[0].why
    assert "test_wrong is left out: failed in the files' order" in work.attempts[0].why


def test_tests_that_are_good_for_nothing_come_back_with_what_survives(bench: Setting) -> None:
    idle = answer(
        {"path": "tests/test_idle.py", "content": "from sign import sign\n\n\ndef test_again():\n    assert sign(7) == 1\n"}
    )
    code = answer({"path": "sign.py", "content": "def sign(x):\n    return 1\n"})
    asking = asker(idle, code, code)
    work = ENGINE.work(bench(SIGN, asking, "tests.generate", "Test sign better"))
    assert work.edits is None
    assert "no new test is good for anything" in work.attempts[0].why
    assert "mutants survive all tests" in told(asking.questions[1]).rpartition("[what came of attempt 1]")[2]
    assert "is no test file" in work.attempts[1].why


def test_who_can_take_what(bench: Setting) -> None:
    setting = bench(PROJECT, asker(RIGHT))
    assert not ENGINE.can(setting)
    for asking in (None, ScriptedAsker({})):
        assert "set OPENAI_API_KEY or ANTHROPIC_API_KEY" in ENGINE.can(replace(setting, asker=asking))
    assert "not asked for `dependency.upgrade`" in ENGINE.can(replace(setting, capability="dependency.upgrade"))
    assert "no test tells what done means" in ENGINE.can(replace(setting, tests=()))
    assert ENGINE.cost == 50
