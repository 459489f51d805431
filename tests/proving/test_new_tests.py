from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.change.change import Edit, Edits
from bot.ids import NodeId
from bot.lab import Lab
from bot.proving.new_tests import Aim, aim, objections, worth

if TYPE_CHECKING:
    from tests.proving.conftest import Lay

SIGN = """def sign(x):
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0


def other(x):
    return x + 1
"""
OLD = "from sign import sign\n\n\ndef test_positive():\n    assert sign(5) == 1\n"
PROJECT = {"sign.py": SIGN, "tests/test_sign.py": OLD}
GOOD = "from sign import sign\n\n\ndef test_negative():\n    assert sign(-3) == -1\n"


def one(text: str, path: str = "tests/test_new.py") -> Edits:
    return Edits((Edit(path, text),))


def aimed(lab: Lab, lay: Lay, files: dict[str, str], names: tuple[str, ...] = ("sign",)) -> Aim:
    found = aim(lab, lay(files), (), names)
    assert isinstance(found, Aim), found
    return found


def test_survivors_of_the_named_code_are_what_is_wanted(lab: Lab, lay: Lay) -> None:
    found = aimed(lab, lay, PROJECT)
    assert found.lines == {"sign.py": frozenset(range(1, 7))}
    assert "mutants survive all tests" in found.alive
    assert found.known == {"tests/test_sign.py::test_positive"}


@pytest.mark.parametrize(("paths", "lines"), [(("sign.py",), 10), (("none.py",), 10), ((), 10)])
def test_without_names_all_code_is_meant(lab: Lab, lay: Lay, paths: tuple[str, ...], lines: int) -> None:
    found = aim(lab, lay(PROJECT), paths, ())
    assert isinstance(found, Aim)
    assert [max(each) for each in found.lines.values()] == [lines + 1]


def test_where_nothing_is_left_to_kill_it_says_so(lab: Lab, lay: Lay) -> None:
    root = lay(
        {
            "one.py": "def one():\n    return 1\n",
            "test_one.py": "from one import one\n\n\ndef test_one():\n    assert one() == 1\n",
        }
    )
    assert "kill all" in str(aim(lab, root, (), ("one",)))


def test_no_code_no_aim(lab: Lab, lay: Lay) -> None:
    assert "no Python code to test" in str(aim(lab, lay({"test_a.py": "def test_a():\n    pass\n"}), (), ()))


def test_a_project_s_first_tests_count_from_nothing(lab: Lab, lay: Lay) -> None:
    files = {"sign.py": SIGN}
    wanted = aimed(lab, lay, files)
    assert wanted.before is None
    found = worth(lab, lay(files), one(GOOD, "test_new.py"), wanted, ())
    assert found.edits == one(GOOD, "test_new.py")
    assert found.kills[NodeId("test_new.py::test_negative")] > 0


def test_a_file_that_cannot_be_imported_is_told(lab: Lab, lay: Lay) -> None:
    found = worth(
        lab, lay(PROJECT), one("from nowhere import x\n\n\ndef test_x():\n    assert x\n"), aimed(lab, lay, PROJECT), ()
    )
    assert found.edits is None
    assert "No module named 'nowhere'" in found.told


def test_a_test_that_hangs_on_the_order_goes(lab: Lab, lay: Lay) -> None:
    names = [f"test_{letter}" for letter in "abcdefgh"]
    steps = "".join(
        f"\n\ndef {name}():\n    SEEN.append(1)\n    assert len(SEEN) == {number}\n" for number, name in enumerate(names, 1)
    )
    found = worth(
        lab,
        lay(PROJECT),
        one(f"from sign import sign\n\nSEEN = []\n\n\ndef test_zero():\n    assert sign(0) == 0\n{steps}"),
        aimed(lab, lay, PROJECT),
        (),
    )
    assert found.edits is not None
    assert "test_zero" in (found.edits.edits[0].content or "")
    assert any("in random order" in reason for _, reason in found.dropped)


def test_a_test_that_breaks_another_is_worth_nothing(lab: Lab, lay: Lay) -> None:
    breaking = GOOD.replace("def test_neg", "import sign as s\n\ns.sign.__code__ = (lambda x: 7).__code__\n\n\ndef test_neg")
    guard = NodeId("tests/test_sign.py::test_positive")
    found = worth(lab, lay(PROJECT), one(breaking), aimed(lab, lay, PROJECT), (guard,))
    assert found.edits is None
    assert "does not pass beside the new tests" in found.why


def test_only_test_files_and_only_additions() -> None:
    grown = OLD + "\n\ndef test_more():\n    assert sign(0) == 0\n"
    assert not objections(Edits((Edit("tests/test_sign.py", grown), Edit("tests/test_new.py", GOOD))), PROJECT.get)
    for edit, why in (
        (Edit("sign.py", SIGN + "x = 1\n"), "is no test file"),
        (Edit("tests/data.json", "{}"), "is no test file"),
        (Edit("tests/test_sign.py", None), "is no test file"),
        (Edit("tests/test_sign.py", OLD.replace("== 1", "== 2")), "changes test_positive, which is there"),
    ):
        assert why in str(objections(Edits((edit,)), PROJECT.get)[0])
