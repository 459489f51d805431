"""Papers and answers travel unchanged, and what is neither is refused with the field that is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, Coverage
from bot.errors import Fatal, InputError
from bot.examination.paper import MOST_BYTES, Answers, Paper, digest_of, dumped, gate_name, read_answers, read_paper, read_result
from bot.gate import Finding, GateResult, Severity, Verdict
from bot.ids import Digest, NodeId, RunId, Sha
from bot.spec.challenge import Challenge, Criticism, Dropped
from bot.spec.spec import Locked, Role, Source, Spec, SpecFile, SpecTest

texts = st.text(max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
names = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
shas = st.from_regex(r"[0-9a-f]{40}", fullmatch=True).map(Sha)
findings = st.builds(Finding, texts, st.integers(1, 9), texts, texts, st.sampled_from(Severity))
results = st.builds(
    GateResult,
    names,
    st.sampled_from(Verdict),
    texts,
    st.lists(findings, max_size=2).map(tuple),
    st.booleans(),
    st.floats(0, 1e6),
    st.dictionaries(texts, json_values, max_size=2),
)
tests = st.builds(
    SpecTest,
    texts.map(NodeId),
    st.sampled_from(Role),
    st.sampled_from(Source),
    st.booleans(),
    st.integers(0, 9),
    texts,
    st.booleans(),
    texts,
)
specs = st.builds(
    Spec,
    st.lists(tests, max_size=2).map(tuple),
    st.lists(st.builds(SpecFile, texts, texts), max_size=2).map(tuple),
    st.lists(st.builds(Locked, texts, texts.map(Digest)), max_size=2).map(tuple),
    texts.map(Digest),
    st.none() | shas,
    st.none() | st.floats(0, 1),
)
challenges = st.builds(Challenge, texts, texts, texts, st.lists(texts, max_size=2).map(tuple), texts, texts)
criticisms = st.builds(
    Criticism,
    texts,
    st.lists(challenges, max_size=2).map(tuple),
    st.lists(st.builds(Dropped, texts, texts), max_size=2).map(tuple),
    texts,
)
papers = st.builds(
    Paper,
    texts.map(RunId),
    shas,
    shas,
    texts,
    st.none() | specs,
    st.lists(names, min_size=1, max_size=3).map(tuple),
    st.none() | criticisms,
    st.sampled_from((None, Digest("sha256:" + "0" * 64))),
    st.sampled_from((None, Config(), Config(trust=3, coverage=Coverage(floor=0.3)))),
    st.sampled_from((None, {}, {".github/pawl/policies/x.rego": "package pawl.x"})),
)
SHA = Sha("a" * 40)
PAPER = Paper(RunId("01R"), SHA, SHA, "fix it", None, ("tests",))


@given(papers)
def test_a_paper_is_read_back_as_it_was_written(paper: Paper) -> None:
    assert read_paper(dumped(paper), "it") == paper
    assert digest_of(read_paper(dumped(paper).encode(), "it")) == digest_of(paper)


@given(st.lists(results, max_size=3))
def test_answers_are_read_back_as_they_were_written(given_: list[GateResult]) -> None:
    answers = Answers(digest_of(PAPER), tuple(given_))
    assert read_answers(dumped(answers), "it") == answers
    assert all(read_result(dumped(each), "it") == each for each in given_)


@given(st.recursive(json_values, lambda inner: st.lists(inner, max_size=3)).map(json.dumps) | texts)
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    for read in (read_paper, read_answers, read_result):
        with pytest.raises(InputError, match=r"^it "):
            read(text, "it")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("base", "main", "base is no full commit name"),
        ("head", "A" * 40, "head is no full commit name"),
        ("gates", [], "at least one gate"),
        ("gates", ["../etc"], "at least one gate"),
        ("gates", "tests", "gates: "),
        ("spec", {}, "spec.tests: field required"),
        ("criticism", {"challenges": [{"call": 1}]}, "criticism.challenges.0.call: input should be a valid string"),
        ("criticism", "none", "criticism: "),
    ],
)
def test_a_paper_with_a_wrong_field_is_refused(field: str, value: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_paper(json.dumps({**json.loads(dumped(PAPER)), field: value}), "it")


def test_a_paper_from_before_there_were_critics_is_read_and_keeps_its_digest() -> None:
    old = json.dumps({key: value for key, value in json.loads(dumped(PAPER)).items() if key != "criticism"})
    assert read_paper(old, "it") == PAPER
    assert "criticism" not in dumped(PAPER)
    assert digest_of(replace(PAPER, criticism=Criticism("a:model"))) != digest_of(PAPER)


def test_a_verdict_that_is_none_is_refused() -> None:
    found = json.loads(dumped(GateResult("tests", Verdict.PASS, "fine")))
    with pytest.raises(InputError, match="verdict"):
        read_result(json.dumps({**found, "verdict": "green"}), "it")
    with pytest.raises(InputError, match="no gate's name"):
        read_result(json.dumps({**found, "name": "a/b"}), "it")
    with pytest.raises(InputError, match="is not JSON"):
        read_result(json.dumps({**found, "seconds": float("nan")}), "it")


def test_size_and_nonsense_are_bounded() -> None:
    with pytest.raises(InputError, match="larger than"):
        read_paper(" " * (MOST_BYTES + 1), "it")
    with pytest.raises(InputError, match="is not JSON"):
        read_paper("[" * 100_000, "it")


def test_evidence_that_is_no_json_is_a_fault() -> None:
    with pytest.raises(Fatal, match="cannot be written"):
        dumped(GateResult("tests", Verdict.PASS, "fine", evidence={"x": object()}))


def test_a_gates_name_may_stand_in_a_path() -> None:
    assert gate_name("static_types")
    assert not any(gate_name(each) for each in ("", "A", "a" * 41, "a b", "a/b", "../a", "a\n"))


def test_a_paper_says_only_what_is_unlike_the_default_and_keeps_its_digest() -> None:
    told = json.loads(dumped(replace(PAPER, config=Config(trust=3), policies={})))
    assert told["config"] == {"trust": 3}
    assert not {"config", "policies", "criticism"} & json.loads(dumped(PAPER)).keys()
    with pytest.raises(InputError, match="config"):
        read_paper(json.dumps({**told, "config": {"unheard_of": 1}}), "it")
