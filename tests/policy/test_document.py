"""The policies' input is a contract: what it holds, and that it always fits its schema."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.change.change import Change, FileChange, FileStatus
from bot.change.diff import compare
from bot.change.risk import assess
from bot.config import Config
from bot.gate import Finding, GateResult, Severity, Verdict, failed, passed
from bot.ids import Digest, NodeId, Sha
from bot.policy.document import SCHEMA, Approval, Circumstances, build
from bot.spec.spec import Role, Source, Spec, SpecTest

BASE, HEAD = Sha("a" * 40), Sha("b" * 40)
VALIDATOR = Draft202012Validator(SCHEMA)


def spec_of(*roles: Role) -> Spec:
    tests = tuple(
        SpecTest(NodeId(f"t.py::t{i}"), role, Source.EXAMPLE, kept=True, kills=1, reason="kept") for i, role in enumerate(roles)
    )
    return Spec(tests, (), (), Digest("sha256:" + "0" * 64), Sha("c" * 40), 0.9)


def test_what_it_holds() -> None:
    change = Change(BASE, HEAD, (compare("pkg/a.py", "x\n", "y\nz\n"), compare("pyproject.toml", "", "x\n")), "")
    finding = Finding("pkg/a.py", 1, "bad", "R1")
    gates = (
        failed("lint", "1 finding", (finding, Finding("pkg/a.py", 2, "hm", "R2", Severity.WARNING))),
        passed("tests", "fine"),
    )
    circumstances = Circumstances("upgrade", "ann", approvals=(Approval("bob", "maintainer", HEAD, "approved"),))
    document = build(change, gates, assess(change), spec_of(Role.WITNESS, Role.GUARD), Config(), "upgrade it", circumstances)
    VALIDATOR.validate(document)
    assert document["change"]["lines"] == 4
    assert [each["protected"] for each in document["change"]["files"]] == [False, False]
    assert document["gates"][0] == {
        "name": "lint",
        "verdict": "fail",
        "required": True,
        "summary": "1 finding",
        "errors": 1,
        "warnings": 1,
        "rules": ["R1", "R2"],
    }
    assert (document["spec"]["witnesses"], document["spec"]["guards"]) == (1, 1)
    assert document["config"]["trust"] == 0
    assert document["approvals"][0]["by"] == "bob"


def test_a_moved_file_is_protected_by_where_it_was() -> None:
    moved = FileChange("a.yml", FileStatus.RENAMED, old_path=".github/workflows/ci.yml")
    change = Change(BASE, HEAD, (moved,), "")
    (file,) = build(change, (), assess(change), None, Config())["change"]["files"]
    assert file["protected"]
    assert file["sensitive"] == "workflows"


FILES = st.builds(
    FileChange,
    st.text(min_size=1),
    st.sampled_from(FileStatus),
    old_path=st.none() | st.text(min_size=1),
    binary=st.booleans(),
    mode=st.none() | st.sampled_from(["100755", "120000"]),
)
RESULTS = st.builds(GateResult, st.text(), st.sampled_from(Verdict), st.text(), required=st.booleans())


@given(st.lists(FILES, max_size=4), st.lists(RESULTS, max_size=4), st.none() | st.just(spec_of(Role.GUARD)), st.text())
def test_it_always_fits_its_schema(files: list[FileChange], results: list[GateResult], spec: Spec | None, text: str) -> None:
    change = Change(BASE, HEAD, tuple(files), "")
    document = build(change, tuple(results), assess(change), spec, Config(), text)
    VALIDATOR.validate(document)
    assert document == build(change, tuple(results), assess(change), spec, Config(), text)
