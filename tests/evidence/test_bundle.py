"""A bundle is laid down whole, stands in nobody's way, and shows every later change."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import Hindered, InputError
from bot.evidence.bundle import SEAL, contents, lay_down, problems, require_free
from bot.evidence.publish import write
from bot.evidence.record import Record
from bot.evidence.statement import load_seal, unseal
from bot.gate import GateResult, Verdict


def timed(record: Record) -> Record:
    """The same run, its tests told of one by one."""
    assert record.history.checked is not None
    told = {"results": {"t.py::test_a": ["failed", "passed"], "odd": 1}, "performance": {"base": {"suite_seconds": 1.5}}}
    gates = (GateResult("tests", Verdict.PASS, "1 test", evidence=told), *record.history.checked.gates[1:])
    checked = replace(record.history.checked, gates=gates)
    return replace(record, history=replace(record.history, checked=checked))


def test_durations_stay_out_so_that_evidence_repeats(record: Record) -> None:
    assert "seconds" not in json.loads(contents(record)["evidence/gates.json"])[0]
    files = contents(timed(record))
    assert json.loads(files["evidence/gates.json"])[0]["evidence"] == {}
    assert json.loads(files["evidence/performance.json"]) == {"base": {"suite_seconds": 1.5}}


def test_each_test_is_reported_before_and_after(record: Record) -> None:
    files = contents(timed(record))
    assert 'name="test_a"' in files["reports/tests_before.xml"]
    assert '<failure message="failed" />' in files["reports/tests_before.xml"]
    assert "failure " not in files["reports/tests_after.xml"]
    assert "reports/tests_after.xml" not in contents(record)


def test_a_whole_bundle_verifies_and_the_seal_is_over_its_files(record: Record, tmp_path: Path) -> None:
    key = load_seal(tmp_path / "key.pem")
    write(record, tmp_path / "bundle", key)
    assert problems(tmp_path / "bundle") == []
    statement = unseal(json.loads((tmp_path / "bundle" / SEAL).read_text()), key.public)
    assert statement["subject"][0]["digest"]["gitCommit"] == "a" * 40
    assert {each["name"] for each in statement["subject"]} >= {"reports/report.html", "evidence/gates.json"}


def test_an_edit_a_loss_an_addition_and_a_link_all_show(record: Record, tmp_path: Path) -> None:
    bundle = write(record, tmp_path / "bundle", load_seal(tmp_path / "key.pem")).directory
    (bundle / "evidence/risk.json").write_text("{}")
    (bundle / "evidence/debt.json").unlink()
    (bundle / "extra").write_text("")
    text = (bundle / "evidence/config.json").read_text()
    (tmp_path / "elsewhere").write_text(text)
    (bundle / "evidence/config.json").unlink()
    (bundle / "evidence/config.json").symlink_to(tmp_path / "elsewhere")
    assert problems(bundle) == [
        "evidence/debt.json is missing",
        "extra was added",
        "evidence/config.json was changed",
        "evidence/risk.json was changed",
    ]


def test_a_directory_without_sums_is_no_bundle(tmp_path: Path) -> None:
    assert "no evidence bundle" in problems(tmp_path)[0]


def test_what_lies_in_the_way_is_left_alone(record: Record, tmp_path: Path) -> None:
    place = tmp_path / "bundle"
    place.mkdir()
    (place / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        write(record, place, load_seal(tmp_path / "key.pem"))
    assert [each.name for each in place.iterdir()] == ["mine.txt"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="in the way"):
        require_free(tmp_path / "file", record.run.id)


def test_a_runs_own_earlier_bundle_is_replaced(record: Record, tmp_path: Path) -> None:
    key = load_seal(tmp_path / "key.pem")
    first = write(record, tmp_path / "bundle", key)
    assert write(record, tmp_path / "bundle", key).digest == first.digest


def test_no_room_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    def full(_sums: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Hindered, match=r"\(No space left on device\): make room"):
        lay_down({"a": "b"}, tmp_path / "bundle", "run", full)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["/proc/x/y", "/proc/version/y"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(place: str) -> None:
    with pytest.raises(InputError, match="name another place with --out"):
        require_free(Path(place), "run")


def test_nothing_can_be_moved_onto_a_mount_point() -> None:
    with pytest.raises(InputError, match=r"/proc is a mount point, .* name a directory in it with --out"):
        require_free(Path("/proc"), "run")


def test_asking_whether_a_place_is_free_leaves_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for each in ("there", "new", "new/deep/down"):
        require_free(tmp_path / each, "run")
    assert [each.name for each in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize("target", ["elsewhere", "nowhere", "sbom"])
def test_an_added_link_shows_whatever_it_leads_to(target: str, record: Record, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    bundle = write(record, tmp_path / "bundle", load_seal(tmp_path / "key.pem")).directory
    (bundle / "more").symlink_to(tmp_path / target if target != "sbom" else target)
    assert problems(bundle) == ["more was added"]
