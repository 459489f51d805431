"""The warden's draw: fresh names, every canary demanded once, its outcome known to the warden alone."""

from __future__ import annotations

from bot.harness.inside.canary import BODIES, Draw


def ids(draw: Draw, folder: str = "tests") -> list[str]:
    return [f"{folder}/test_x.py::test_{key}" for key, _ in draw.cards]


def test_each_body_is_drawn_twice_and_no_name_tells_its_outcome() -> None:
    draw, other = Draw(), Draw()
    assert sorted(body for _, body in draw.cards) == sorted(body for _, body in BODIES * 2)
    assert not {key for key, _ in draw.cards} & {key for key, _ in other.cards}
    assert draw.found(ids(draw))
    outcomes = {body: outcome for outcome, body in BODIES}
    assert draw.expected == {f"tests/test_x.py::test_{key}": outcomes[body] for key, body in draw.cards}


def test_all_must_be_collected_once() -> None:
    draw = Draw()
    found = ids(draw)
    for spoilt in ([], found[1:], [*found, found[0]], [*found[1:], "test_x.py::test_a"], [*found, "test_x.py::test_a"]):
        assert not draw.found(spoilt)


def test_half_of_them_run_last_and_the_others_before_or_between_files() -> None:
    tests = [f"tests/test_{file}.py::test_{number}" for file in "abc" for number in range(4)]
    seen = set()
    for _ in range(20):
        draw = Draw()
        assert draw.found(ids(draw))
        queue = draw.among(tests)
        assert [each for each in queue if each in tests] == tests
        assert sorted(set(queue) - set(tests)) == sorted(draw.expected)
        assert not set(queue[-len(BODIES) :]) & set(tests)
        seen |= {queue.index(each) - tests.index(each) for each in tests[1:4]}
        assert all(queue[queue.index(each) - 1] == tests[tests.index(each) - 1] for each in tests if not each.endswith("_0"))
    assert len(seen) > 1


def test_none_runs_between_files_of_a_package_that_is_not_theirs() -> None:
    tests = ["tests/deep/test_a.py::test_1", "tests/deep/test_b.py::test_1", "other/test_c.py::test_1"]
    for _ in range(20):
        draw = Draw()
        assert draw.found(ids(draw))
        queue = draw.among(tests)
        assert queue.index(tests[1]) == queue.index(tests[0]) + 1


def test_no_tests_are_no_hindrance() -> None:
    draw = Draw()
    assert draw.found(ids(draw, "."))
    assert sorted(draw.among([])) == sorted(draw.expected)
