"""The bill of materials reads manifests and is the same for the same content."""

from __future__ import annotations

from pathlib import Path

from bot.evidence.sbom import bill, components, summary


def test_pins_win_over_ranges_and_junk_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "Attrs==1.2 \\\n    --hash=sha256:aa\n-r other.txt\n# remark\nhttpx>=0.2 # why\n???\n"
    )
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["attrs>=1", 7]\n[project.optional-dependencies]\ntest = ["pytest"]\n'
    )
    assert components(tmp_path) == {"attrs": "1.2", "httpx": ">=0.2", "pytest": ""}


def test_the_bill_is_cyclonedx_and_repeats_itself(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("attrs==1.2\n")
    first, second = bill(tmp_path, "shop", "abc"), bill(tmp_path, "shop", "abc")
    assert first == second
    assert first["bomFormat"] == "CycloneDX"
    assert first["components"][0]["purl"] == "pkg:pypi/attrs@1.2"
    assert summary(first).splitlines()[-1] == "| attrs | 1.2 |"


def test_no_packages_and_a_broken_manifest_are_fine(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("not toml [")
    assert components(tmp_path) == {}
    assert "No third-party packages" in summary(bill(tmp_path, "x", "y"))
