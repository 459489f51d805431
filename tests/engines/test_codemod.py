from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.change.change import Edit
from bot.codemod import Codemod, per_file
from bot.engine import Workbench
from bot.engines.codemod import ENGINE
from bot.errors import Fatal
from bot.ids import Digest, NodeId, RepoName, Sha
from bot.lab import Lab
from bot.run import Instruction, Verb
from bot.sandbox.environment import prepare
from bot.sandbox.probe import find_sandbox
from bot.spec.spec import Spec

Bench = Callable[..., Workbench]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    environment = prepare(tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("cache"))
    with Lab(find_sandbox(), environment) as found:
        yield found


@pytest.fixture
def bench(tmp_path: Path, lab: Lab) -> Bench:
    """Make a workbench over real files and the real lab."""

    def make(files: Mapping[str, str], capability: str, inputs: Mapping[str, Any], **more: Any) -> Workbench:
        root = tmp_path / "project"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        instruction = Instruction(Verb.REFACTOR, "text", RepoName("r"), Sha("0" * 40))
        spec = Spec((), (), (), Digest("sha256:0"))
        return Workbench(root, lab, instruction, spec, more.pop("tests", ()), capability, inputs, **more)

    return make


def test_it_says_what_it_cannot_do(bench: Bench) -> None:
    assert ENGINE.can(bench({}, "code.generate", {})) == "no codemod carries out code.generate"
    assert ENGINE.can(bench({}, "code.repair", {})) == "there is no test to repair by"
    assert ENGINE.can(bench({}, "code.transform", {"codemod": "sort-import"})).endswith("did you mean sort-imports?")
    assert "did you mean" not in ENGINE.can(bench({}, "code.transform", {"codemod": "###"}))
    assert "'new' is a required property" in ENGINE.can(bench({}, "code.rename", {"old": "f"}))
    assert ENGINE.can(bench({}, "code.rename", {"old": "f", "new": "g"})) == ""
    assert ENGINE.can(bench({}, "dependency.upgrade", {"package": "x", "version": "1"})) == ""
    assert ENGINE.can(bench({}, "code.repair", {}, tests=(NodeId("t"),))) == ""


def test_it_runs_the_codemod_of_the_step_on_the_files_of_the_step(bench: Bench) -> None:
    files = {
        "a.py": "import os\nx = 1\n",
        "b/c.py": "import os\nx = 1\n",
        "b/d.py": "import os\nx = 1\n",
        ".venv/e.py": "import os\n",
    }
    at = bench(
        files, "code.transform", {"codemod": "remove-unused-imports", "paths": ["b"]}, may_edit=lambda path: path != "b/d.py"
    )
    work = ENGINE.work(at)
    assert work.edits is not None
    assert work.edits.edits == (Edit("b/c.py", "x = 1\n"),)
    assert work.edits.notes == {"codemod": "remove-unused-imports", "left alone": "b/d.py"}
    assert [attempt.worked for attempt in work.attempts] == [True]
    assert (at.root / "b/c.py").read_text() == "import os\nx = 1\n", "it only proposes"


def test_it_abstains_with_a_reason(bench: Bench) -> None:
    nothing = ENGINE.work(bench({"a.py": "x = 1\n"}, "code.transform", {"codemod": "f-strings"}))
    assert nothing.edits is not None
    assert nothing.edits.edits == ()
    assert nothing.attempts[0].why == "it finds nothing to change"
    closed = ENGINE.work(
        bench({"a.py": "import os\n"}, "code.transform", {"codemod": "remove-unused-imports"}, may_edit=lambda _: False)
    )
    assert "outside a.py" in closed.abstained
    unknown = ENGINE.work(bench({"a.py": "x = 1\n"}, "code.rename", {"old": "nope", "new": "g"}))
    assert "nothing at the level of a module" in unknown.abstained
    assert not unknown.attempts[0].worked


def test_it_never_proposes_the_same_twice(bench: Bench) -> None:
    at = bench({"a.py": "import os\nx = 1\n"}, "code.transform", {"codemod": "remove-unused-imports"})
    first = ENGINE.work(at).edits
    assert first is not None
    again = ENGINE.work(bench({}, "code.transform", {"codemod": "remove-unused-imports"}, rejected=(first,)))
    assert "refused already" in again.abstained


def test_a_rename_leaves_the_old_name_for_files_that_are_closed(bench: Bench) -> None:
    files = {
        "m.py": "def old(): ...\n",
        "user.py": "from m import old\n\nold()\n",
        "tests/test_m.py": "from m import old\n\n\ndef test_it():\n    old()\n",
    }
    at = bench(files, "code.rename", {"old": "old", "new": "fresh"}, may_edit=lambda path: not path.startswith("tests/"))
    work = ENGINE.work(at)
    assert work.edits is not None
    assert {each.path: each.content for each in work.edits.edits} == {
        "m.py": "def fresh(): ...\n\n\nold = fresh\n",
        "user.py": "from m import fresh\n\nfresh()\n",
    }
    closed = ENGINE.work(bench(files, "code.rename", {"old": "old", "new": "fresh"}, may_edit=lambda path: path != "m.py"))
    assert "m.py, which this run may not edit" in closed.abstained


def test_a_method_of_closed_files_is_not_renamed_by_halves(bench: Bench) -> None:
    files = {"m.py": "class A:\n    def old_way(self): ...\n", "test_m.py": "from m import A\n\nA().old_way()\n"}
    at = bench(files, "code.rename", {"old": "A.old_way", "new": "new_way"}, may_edit=lambda path: path == "m.py")
    assert "test_m.py, which this run may not" in ENGINE.work(at).abstained


def make(name: str, change: Callable[[str], str]) -> Codemod:
    return Codemod(name, "Does.", per_file(change), ())


def fail(_text: str) -> str:
    raise Fatal("the tool is gone")


def sink(_text: str) -> str:
    raise RecursionError


@pytest.mark.parametrize(
    ("codemod", "says"),
    [
        (make("grow", lambda text: text + "x = 1\n"), "a second run would change a.py once more"),
        (make("break", lambda _text: "def ("), "does not parse"),
        (make("fail", fail), "it broke: the tool is gone"),
        (make("sink", sink), "nested too deeply"),
    ],
    ids=lambda each: each.name if isinstance(each, Codemod) else "",
)
def test_a_codemod_that_misbehaves_proposes_nothing(
    bench: Bench, codemod: Codemod, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engines.codemod._catalogue", lambda: {codemod.name: codemod})
    work = ENGINE.work(bench({"a.py": "y = 1\n"}, "code.transform", {"codemod": codemod.name}))
    assert work.edits is None
    assert says in work.abstained


def test_an_upgrade_edits_the_manifests(bench: Bench) -> None:
    at = bench({"requirements.txt": "flask==1.0\n"}, "dependency.upgrade", {"package": "flask", "version": "3.0.1"})
    edits = ENGINE.work(at).edits
    assert edits is not None
    assert edits.edits == (Edit("requirements.txt", "flask==3.0.1\n"),)


BROKEN = {
    "basket.py": (
        "def add(x, xs=[]):\n    xs.append(x)\n    return xs\n\n\n"
        "def unrelated(y={}):\n    return len(y)\n\n\n"
        "def kind(x):\n    return 'few' if x == 1 or 2 else 'many'\n"
    ),
    "other.py": "def f(x=[]):\n    return x\n",
    "test_basket.py": (
        "from basket import add, kind\n\n\n"
        "def test_first():\n    assert add(1) == [1]\n\n\n"
        "def test_second():\n    assert add(2) == [2]\n    assert add(3) == [3]\n\n\n"
        "def test_kind():\n    assert [kind(n) for n in (1, 2, 3)] == ['few', 'few', 'many']\n"
    ),
}
FIRST, SECOND, KIND = (NodeId(f"test_basket.py::test_{name}") for name in ("first", "second", "kind"))


def closed_tests(path: str) -> bool:
    return not path.startswith("test_")


def test_it_repairs_a_known_mistake_and_nothing_else(bench: Bench) -> None:
    work = ENGINE.work(bench(BROKEN, "code.repair", {}, tests=(KIND,), may_edit=closed_tests))
    assert work.edits is not None
    assert work.edits.edits == (Edit("basket.py", BROKEN["basket.py"].replace("x == 1 or 2", "x in (1, 2)")),)
    assert work.edits.notes["codemod"] == "or-of-constants"
    assert work.attempts[-1].worked
    assert work.attempts[-1].why == "basket.py:11"


def test_it_repairs_where_a_change_needs_several_places(bench: Bench) -> None:
    work = ENGINE.work(bench(BROKEN, "code.repair", {}, tests=(SECOND, FIRST), may_edit=closed_tests))
    assert work.edits is not None
    changed = work.edits.edits[0].content or ""
    assert "def add(x, xs=None):\n    xs = [] if xs is None else xs\n" in changed
    rejected = ENGINE.work(bench(BROKEN, "code.repair", {}, tests=(SECOND, FIRST), may_edit=closed_tests, rejected=(work.edits,)))
    assert rejected.edits != work.edits


def test_it_abstains_where_no_known_mistake_explains_the_failure(bench: Bench) -> None:
    files = {"a.py": "def f(x):\n    return x + 1\n", "test_a.py": "from a import f\n\n\ndef test_f():\n    assert f(1) == 3\n"}
    work = ENGINE.work(bench(files, "code.repair", {}, tests=(NodeId("test_a.py::test_f"),), may_edit=closed_tests))
    assert work.edits is None
    assert work.abstained == "no known mechanical mistake explains the failing tests"
