"""Risk: named factors, the levels of the specification, and never less for more."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.change.change import Change, FileChange, FileStatus, Hunk
from bot.change.diff import compare
from bot.change.risk import THRESHOLDS, Facts, Risk, RiskLevel, assess, level_of
from bot.ids import Sha


def change(*files: FileChange) -> Change:
    return Change(Sha("0" * 40), Sha("1" * 40), files, "")


def edited(path: str, lines: int = 1) -> FileChange:
    return FileChange(path, FileStatus.MODIFIED, (Hunk(1, lines, 1, lines, ("-a",) * lines + ("+b",) * lines),))


def names(risk: Risk) -> set[str]:
    return {each.name for each in risk.factors}


def test_an_empty_change_is_safe() -> None:
    assert assess(change()) == Risk(RiskLevel.SAFE, 0, ())


def test_docs_are_safe_and_tests_are_low() -> None:
    assert assess(change(edited("README.md", 300))).level is RiskLevel.SAFE
    assert assess(change(compare("tests/test_a.py", None, "x\n" * 500))).level is RiskLevel.LOW
    assert names(assess(change(edited("tests/test_a.py")))) == {"tests", "tests rewritten"}


def test_an_edited_body_is_medium_and_a_comment_is_low() -> None:
    one = change(edited("pkg/a.py"))
    assert assess(one).level is RiskLevel.MEDIUM
    assert assess(one, Facts(cosmetic=frozenset({"pkg/a.py"}))).level is RiskLevel.LOW


def test_interface_and_large_diffs_are_high() -> None:
    assert assess(change(edited("pkg/a.py")), Facts(breaking=("pkg.a.f",))).level is RiskLevel.HIGH
    assert assess(change(edited("pkg/a.py", 250))).level is RiskLevel.HIGH
    assert assess(change(*(edited(f"pkg/a{i}.py") for i in range(21)))).level is RiskLevel.HIGH
    assert assess(change(edited("pkg/a.py", 100))).level is RiskLevel.MEDIUM


def test_sensitive_paths_are_critical_even_when_moved_away() -> None:
    assert assess(change(edited("app/auth/login.py"))).level is RiskLevel.CRITICAL
    moved = FileChange("app/plain.py", FileStatus.RENAMED, old_path="app/auth/login.py")
    assert assess(change(moved)).level is RiskLevel.CRITICAL


def test_product_code_that_looks_like_a_test_is_code() -> None:
    touched = change(edited("pkg/test/client.py"))
    assert names(assess(touched)) >= {"tests"}
    assert names(assess(touched, Facts(product=frozenset({"pkg/test/client.py"})))) == {"body edited"}


def test_weak_tests_and_many_callers_make_an_edit_high() -> None:
    weak = Facts(fan_in=40, churn=30, coverage=0.5, kill_rate=0.5)
    risk = assess(change(edited("pkg/a.py")), weak)
    assert risk.level is RiskLevel.HIGH
    assert names(risk) == {"body edited", "fan-in", "churn", "coverage", "mutation strength"}
    good = Facts(coverage=0.9, kill_rate=0.9)
    assert assess(change(edited("pkg/a.py")), good).score == 30


def test_odd_files_are_named() -> None:
    binary = FileChange("a.png", FileStatus.ADDED, binary=True, mode="100644")
    link = FileChange("b.py", FileStatus.ADDED, mode="120000")
    gone = FileChange("c.py", FileStatus.DELETED)
    assert {"binary files", "file modes", "code deleted"} <= names(assess(change(binary, link, gone)))


def test_long_lists_are_cut() -> None:
    risk = assess(change(*(edited(f"pkg/a{i}.py") for i in range(5))))
    assert risk.factors[0].why == "code changed: pkg/a0.py, pkg/a1.py, pkg/a2.py and 2 more"


PATHS = st.sampled_from(["a.py", "b.md", "tests/test_c.py", "auth/d.py", "pyproject.toml", "e.bin", "f.yml"])
FILES = st.builds(edited, PATHS, st.integers(1, 300))
CHANGES = st.lists(FILES, max_size=5).map(lambda files: change(*files))
FACTS = st.builds(
    Facts,
    breaking=st.lists(st.just("m.f"), max_size=2).map(tuple),
    widened=st.lists(st.just("m.g"), max_size=2).map(tuple),
    fan_in=st.integers(0, 50),
    churn=st.integers(0, 50),
    coverage=st.none() | st.floats(0, 1),
    kill_rate=st.none() | st.floats(0, 1),
)


@given(CHANGES, FACTS)
def test_the_score_is_the_bounded_sum_of_its_factors(one: Change, facts: Facts) -> None:
    risk = assess(one, facts)
    assert risk == assess(one, facts)
    assert risk.score == min(100, sum(each.points for each in risk.factors))
    assert risk.level is level_of(risk.score)
    assert all(each.points >= 0 and each.why for each in risk.factors)


@given(CHANGES, FACTS, FILES)
def test_another_file_never_lowers_it(one: Change, facts: Facts, more: FileChange) -> None:
    assert assess(replace(one, files=(*one.files, more)), facts).score >= assess(one, facts).score


@given(CHANGES, FACTS, st.integers(0, 9), st.floats(0, 1))
def test_worse_facts_never_lower_it(one: Change, facts: Facts, more: int, share: float) -> None:
    worse = replace(
        facts,
        breaking=(*facts.breaking, "m.h"),
        fan_in=facts.fan_in + more,
        churn=facts.churn + more,
        coverage=min(facts.coverage if facts.coverage is not None else 1.0, share),
        kill_rate=min(facts.kill_rate if facts.kill_rate is not None else 1.0, share),
    )
    assert assess(one, worse).score >= assess(one, facts).score


def test_levels_rise_with_the_score() -> None:
    order = list(RiskLevel)
    levels = [order.index(level_of(score)) for score in range(101)]
    assert levels == sorted(levels)
    assert {level for _, level in THRESHOLDS} == set(RiskLevel)
